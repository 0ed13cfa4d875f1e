"""A survey in the configuration that `init` writes, with a reason beside every guess. What wordings mean belongs to `questions`."""

from collections.abc import Iterator

from pipeline.commands.init_sources import InitSource
from pipeline.commands.init_texts import clean, comment, quoted, some
from pipeline.sources.export_questions import Question
from pipeline.sources.questions import NPS_SCALE, TEN, Scale, is_about_a_part, is_about_the_whole, role_of, scale_of

ASKED = {
    "satisfaction": "asks whether customers are satisfied",
    "repurchase": "asks whether they will buy again",
    "recommend": "asks whether they would recommend the shop",
}
ORDER_SHARE = 0.5
"""Share of responses naming an order from which a survey is taken to be about orders."""
ITEMS = (
    "What the columns of a survey seem to ask, by their wording and the answers seen; the reason stands beside each. Take "
    "out what is not a question, and correct wrong guesses. role: satisfaction, repurchase or recommend are the three "
    "questions of the Secure Customer Index, one each; nps: true is the Net Promoter question; labels say which answer of "
    "the scale words stand for. Add where it fits: construct: a name, for questions that measure one thing together; "
    "reversed: true, where a high answer is a bad one."
)


def survey_section(source: InitSource) -> Iterator[str]:
    """A survey as the configuration has it, every guess with its reason."""
    is_about_orders, why = _type_of(source)
    yield f"  {source.name}:\n    type: {'transactional' if is_about_orders else 'relational'} # {why}\n"
    if missing := dict.fromkeys(code for item in source.items if item.labels for code in item.labels.missing):
        yield f"    missing_codes: [{', '.join(map(quoted, missing))}] # treated as no answer\n"
    if comments := [question for question in source.questions if question.is_open]:
        yield f"    comments: [{', '.join(quoted(question.name) for question in comments)}]"
        yield " # open questions: their texts are the comment of a response\n"
    yield "    items:\n"
    roles = _roles(source)
    for item in source.items:
        yield from _item(item, source, roles)
    for question in source.questions:
        if question.unknown:
            yield comment(
                f"{quoted(question.name)} {ASKED[str(role_of(question.wording))]}, and is answered in words that are not known: "
                f"{some(list(question.unknown))}; make it an item with labels, such as labels: {{{quoted(question.unknown[0])}: 1}}",
                indent="      ",
            )


def _type_of(source: InitSource) -> tuple[bool, str]:
    """Whether a survey is about single orders, and why."""
    columns = [column for exports in source.found.inputs.values() for export in exports for column in export.columns]
    n_responses = sum(column.n for column in columns if column.name.lower() == source.told.required[0].lower())
    orders = [name.lower() for name in source.told.optional if "order" in name.lower()]
    n_orders = sum(column.n for column in columns if column.name.lower() in orders)
    if n_responses and n_orders >= ORDER_SHARE * n_responses:
        return (
            True,
            f"{n_orders / n_responses:.0%} of the responses name an order; relational, where it asks about the shop",
        )
    return False, "or transactional, where it asks about one order"


def _roles(source: InitSource) -> dict[str, Question]:
    """Role -> the item that has it: the one about the shop as a whole, else the first that is not about a part of it."""
    asked: dict[str, list[Question]] = {}
    for item in source.items:
        role = (
            "recommend"
            if item.name == source.told.nps and _scale(item, source.items) == NPS_SCALE
            else role_of(item.wording)
        )
        if role and not (role == "satisfaction" and is_about_a_part(item.wording)):
            asked.setdefault(role, []).append(item)
    return {
        role: max(
            items,
            key=lambda item: (
                _scale(item, source.items) == NPS_SCALE and role == "recommend",
                is_about_the_whole(item.wording),
            ),
        )
        for role, items in asked.items()
    }


def _item(item: Question, source: InitSource, roles: dict[str, Question]) -> Iterator[str]:
    role = next((role for role, taken in roles.items() if taken is item), None)
    scale = _scale(item, source.items)
    is_nps = role == "recommend" and scale == NPS_SCALE
    settings = [*([f"role: {role}"] if role else []), f"scale: {list(scale)}", *(["nps: true"] if is_nps else [])]
    why = [
        f"answers from {item.lowest} to {item.highest}"
        if item.labels is None
        else "answers in words, their order guessed"
    ]
    asked = role or role_of(item.wording)
    if asked:
        why.append(ASKED[asked])
    if asked and not role:
        other = roles.get(asked)
        why.append(f"{quoted(other.name)} has the role" if other else "about a part of the shop, so it has no role")
    if role == "recommend" and not is_nps:
        why.append("were the scale 0 to 10, it would be nps: true")
    if is_nps and item.labels is None and item.lowest == 1:
        why.append(
            f"no {NPS_SCALE[0]} seen: if the scale begins at 1, make it [1, 10]; then it is not the Net Promoter question"
        )
    words = clean("; ".join(why))
    if item.labels is None:
        yield f"      {quoted(item.name)}: {{{', '.join(settings)}}} # {words}\n"
        return
    yield f"      {quoted(item.name)}: # {words}\n"
    yield from (f"        {setting}\n" for setting in settings)
    yield "        labels:\n"
    by_answer = sorted(item.labels.values.items(), key=lambda pair: pair[1])
    yield from (f"          {quoted(label)}: {answer}\n" for label, answer in by_answer)


def _scale(item: Question, items: list[Question]) -> Scale:
    """The scale of one of a survey's items: that of its answers, or 1 to 10 where others have that and nobody answered 0."""
    if item.labels is not None:
        return item.labels.scale
    assert item.lowest is not None
    assert item.highest is not None
    scale = scale_of(item.lowest, item.highest, item.wording)
    others = [(other.lowest, other.highest) for other in items if other.labels is None]
    is_from_one = TEN in others and all(lowest for lowest, _ in others)
    return TEN if scale == NPS_SCALE and is_from_one and role_of(item.wording) != "recommend" else scale
