"""What a customer says: answers and their boxes, comments, reviews. No rule is computed here anew."""

from datetime import date

from pipeline.commands.explain.page import FROM, Grid, Section, count, grid, text
from pipeline.commands.explain.published_rows import Row, Rows

SHOWN_TEXT = 240


def attitude(rows: Rows, day: date, *, has_scores: bool = True) -> Section:
    """Answers and reviews up to a day, with boxes and classes where the file has them for that day."""
    sci = rows.one("marts.customer_sci") if has_scores else None
    lines = [_sci_line(sci), _nps_line(rows.one("marts.customer_nps"))] if has_scores else []
    grids = []
    answers = rows.of(
        """select answers.*, responses.local_date from marts.fct_survey_answers as answers
        join marts.fct_survey_responses as responses using (response_id)
        where responses.customer_id = ? and responses.local_date <= ?
        order by responses.local_date desc, answers.response_id, answers.role nulls last, answers.item_id""",
        rows.customer,
        day,
    )
    if answers:
        origins = rows.origins("survey_answers", (f"{row['response_id']} {row['item_id']}" for row in answers))
        table = [
            (
                row["response_id"],
                row["local_date"],
                row["item_id"],
                _about(row),
                f"{text(row['value'])} of {row['scale_min']} to {row['scale_max']}"
                f"{', reversed' if row['is_reversed'] else ''}",
                sci[f"{row['role']}_box"] if sci and row["role"] and sci["response_id"] == row["response_id"] else None,
                origins[f"{row['response_id']} {row['item_id']}"],
            )
            for row in answers
        ]
        header = ("response", "date", "question", "about", "answer", "box", FROM)
        grids.append(grid("Survey answers, newest first", header, table, numbers=["box"]))
    grids += _texts(rows, day)
    if not has_scores and not grids:
        lines.append(f"No answer and no review up to {day}.")
    return Section("What the customer says", lines, grids)


def _about(row: Row) -> str | None:
    """What a question asks: its role in the index, the Net Promoter question, or its construct."""
    asks = [f"SCI {row['role']}"] if row["role"] else []
    asks += ["Net Promoter"] if row["is_nps"] else []
    return ", ".join(asks) or row["construct"]


def _sci_line(sci: Row | None) -> str:
    if sci is None:
        return "No answer to the questions of the Secure Customer Index."
    boxes = [f"{name} {text(sci[f'{name}_box'])}" for name in ("satisfaction", "repurchase", "recommend")]
    lowest = f"the lowest, {sci['sci_box']}, decides" if sci["sci_box"] is not None else "a box is missing"
    return (
        f"Secure Customer Index: {sci['sci_class']}, by response {text(sci['response_id'])} of {sci['responded_date']}, "
        f"{count(sci['age_days'], 'day')} ago. Boxes of 0 to 3: {', '.join(boxes)}; {lowest}."
    )


def _nps_line(nps: Row | None) -> str:
    if nps is None:
        return "No Net Promoter answer that counts."
    return (
        f"Net Promoter answer {text(nps['nps_score'])} of 10 in response {text(nps['response_id'])} ({nps['survey_type']}), "
        f"{nps['responded_date']}, {count(nps['age_days'], 'day')} ago: {nps['nps_class']}."
    )


def _texts(rows: Rows, day: date) -> list[Grid]:
    until = f"local_date <= date '{day}'"
    comments = rows.theirs(
        "marts.fct_survey_responses", order="local_date desc, response_id", where=f"{until} and comment is not null"
    )
    reviews = rows.theirs("marts.fct_reviews", order="local_date desc, review_id", where=until)
    grids = []
    if comments:
        origins = rows.origins("survey_responses", (row["response_id"] for row in comments))
        table = [
            (
                row["response_id"],
                row["local_date"],
                row["order_id"],
                _short(row["comment"]),
                origins[row["response_id"]],
            )
            for row in comments
        ]
        grids.append(grid("Open answers", ("response", "date", "about order", "text", FROM), table))
    if reviews:
        origins = rows.origins("reviews", (row["review_id"] for row in reviews))
        written = [
            (
                row["review_id"],
                row["local_date"],
                row["order_id"],
                f"{text(row['rating'])} of {row['rating_min']} to {row['rating_max']}",
                _short(": ".join(filter(None, (row["title"], row["body"])))),
                row["replied_date"],
                origins[row["review_id"]],
            )
            for row in reviews
        ]
        grids.append(grid("Reviews", ("review", "date", "about order", "rating", "text", "replied", FROM), written))
    return grids


def _short(words: str | None) -> str | None:
    return f"{words[:SHOWN_TEXT]} …" if words and len(words) > SHOWN_TEXT else words
