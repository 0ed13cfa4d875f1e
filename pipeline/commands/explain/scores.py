"""How a customer is scored: recency, frequency and money, and the risk to leave. No rule is computed here anew."""

from datetime import date
from math import exp
from typing import Any

from pipeline.commands.explain.page import NOTHING, Section, count, grid, money, percent, text
from pipeline.commands.explain.published_rows import Row, Rows
from schemas.churn import HOLDING_REASONS, RISK_REASONS

NO_SINGLE_REASON = "no_single_reason"


def rfm(rows: Rows) -> Section:
    """Recency, frequency and money with the cut points, and the cell of the map."""
    title = "Recency, frequency, money"
    row = rows.one("marts.customer_rfm")
    if row is None:
        return Section(title, ["Not among the customers that RFM knows on this date."])
    day, window = row["as_of_date"], rows.setting("rfm.window_days")
    span = f"the {window} days up to {day}" if window else f"all days up to {day}"
    if row["state"] != "scored":
        why = {"lapsed": f"no valid order in {span}", "prospect": "no valid order ever"}[row["state"]]
        return Section(title, [f"Segment {row['segment']}: {why}, so there are no scores."])
    values = (
        ("recency", "r_score", f"{row['recency_days']:,} days since {row['last_order_date']}"),
        ("frequency", "f_score", count(row["frequency"], "valid order")),
        ("monetary", "m_score", money(row["monetary"], row["currency"])),
    )
    table = [(name, value, *_cut(rows, day, name, row[score])) for name, score, value in values]
    lines = [
        f"Frequency and money are of {span}; recency of the last valid order ever.",
        "A score's bin takes in the values from its lower edge up to, but not including, its upper edge; recency counts the "
        "other way: fewer days, higher score.",
        _cell(rows, row),
    ]
    header = ("dimension", "value", "score", "bin from", "to below", "customers in the bin", "scored by")
    numbers = ["score", "bin from", "to below", "customers in the bin"]
    return Section(title, lines, [grid("Scores and cut points", header, table, numbers=numbers)])


def _cut(rows: Rows, day: date, dimension: str, score: int) -> tuple[Any, ...]:
    cuts = rows.of(
        "select * from marts.rfm_cut_points where as_of_date = ? and dimension = ? and bin = ?", day, dimension, score
    )
    (cut,) = cuts or [dict.fromkeys(("lower", "upper", "n_customers", "method", "currency"))]
    edges = [cut["lower"], cut["upper"]]
    if dimension == "monetary":
        edges = [money(edge, cut["currency"]) for edge in edges]
    return score, *edges, cut["n_customers"], cut["method"]


def _cell(rows: Rows, row: Row) -> str:
    scores = [row[name] for name in ("r_score", "f_score", "m_score", "fm_score")]
    cells = rows.of(
        """select code from marts.segment_map where as_of_date = ? and r_score = ? and (f_score is null or f_score = ?)
        and (m_score is null or m_score = ?) and (fm_score is null or fm_score = ?)""",
        row["as_of_date"],
        *scores,
    )
    r, f, m, fm = scores
    cell = f"cell {cells[0]['code']} of map {row['segment_map']}" if cells else f"map {row['segment_map']}"
    return f"R {r}, F {f}, M {m} (F and M together: {fm}) are {cell}: segment {row['segment']}."


def churn(rows: Rows) -> Section:
    """The churn score as a sum."""
    row = rows.one("marts.customer_churn_risk")
    if row is None:
        return Section("Churn risk", ["No valid order, so there is no churn risk."])
    is_model = row["method"] == "model"
    has_card = is_model or row["churn_probability"] is not None
    lines = [_band_line(row), *(_card_lines(rows, row) if has_card else [])]
    # Of one that is the same for all (base_rate) the score, by days, is no log-odds.
    shown = is_model and row["churn_probability"] is not None
    score = row["churn_score"]

    def line(name: str, part: float, *, is_apart: bool = True) -> tuple[Any, ...]:
        without = percent(_probability(score - part)) if shown and is_apart else NOTHING
        return name, f"{part:+.4f}", without

    parts = [
        line(
            words[row[f"{kind}_reason_{place}"]],
            row[f"{kind}_contribution_{place}"],
            is_apart=row[f"{kind}_reason_{place}"] != NO_SINGLE_REASON,
        )
        for kind, words, n in (("risk", RISK_REASONS, 3), ("holding", HOLDING_REASONS, 2))
        for place in range(1, n + 1)
        if row[f"{kind}_reason_{place}"] is not None
    ]
    base = percent(_probability(row["score_base"])) if shown else NOTHING
    is_unexplained = row["risk_reason_1"] == NO_SINGLE_REASON
    start = "where at_risk begins" if is_unexplained else "the typical customer"
    if not is_model:
        start = "where the first band ends"
    table = [
        (f"starts from {start}", f"{row['score_base']:+.4f}", base),
        *parts,
        line("all else", row["other_contribution"], is_apart=not is_unexplained),
        ("churn score: the sum", f"{score:+.4f}", percent(row["churn_probability"]) if shown else NOTHING),
    ]
    if shown:
        lines.append(
            "The score is the log-odds of no valid order in the horizon: probability = 1 / (1 + e^-score). The last column says "
            "what the probability would be if only this were as for the typical customer of the cohort; the first row has "
            + (
                "the probability from which the band is at_risk"
                if is_unexplained
                else "that customer's own probability"
            )
            + ", the last row this customer's."
        )
    header = ("what", "adds to the score", "probability if as for the typical customer")
    return Section("Churn risk", lines, [grid("Churn score as a sum", header, table, numbers=header[1:])])


def _probability(score: float) -> float:
    return 1 / (1 + exp(-score))


def _band_line(row: Row) -> str:
    silent = f"{count(row['days_since_last_order'], 'day')} since the last valid order"
    gap = f", usual gap {text(row['typical_gap_days'])} days" if row["typical_gap_days"] is not None else ""
    held = "; it would be worse, but the next order is not overdue yet" if row["is_held_by_rhythm"] else ""
    if row["method"] != "model":
        what = {"rhythm_rule": "those days against the usual gap", "one_time_rule": "those days alone"}[row["method"]]
        model = "without a model"
        if row["churn_probability"] is not None:
            model = (
                "as no model is better than the base rate, which gives everyone the same churn probability, "
                f"{percent(row['churn_probability'])}"
            )
        return f"Band {row['churn_band']}{held}, by the rule of days, {model}: {silent}{gap}; the score is {what}."
    stake = f"value at risk {money(row['value_at_risk'], row['currency'])}"
    known = percent(row["churn_probability"])
    if row["churn_probability"] is None:
        known = "not published, as the probabilities of the model did not hold in the backtest"
    return f"Band {row['churn_band']}{held}; churn probability {known}; {silent}{gap}; {stake}."


def _card_lines(rows: Rows, row: Row) -> list[str]:
    cards = rows.of(
        """select * from marts.churn_model_card where as_of_date = ? and chosen and cohort = 'all'
        order by cut_date desc limit 1""",
        row["as_of_date"],
    )
    return [
        f"Model {card['model']}, trained {card['trained_at']}, horizon {card['horizon_days']} days. In the backtest of "
        f"{card['cut_date']}, n = {card['n']:,} customers: {percent(card['base_rate'])} left, AUC {text(card['auc'])}, "
        f"calibration error {text(card['ece'])}."
        # What is published was decided over all cuts, not by this one alone.
        + (f" Only bands are published: {text(card['publishes_why'])}." if card["publishes"] == "bands" else "")
        for card in cards
    ]
