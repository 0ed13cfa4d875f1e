"""Typeform's answers, which name their question by an id, as columns by the question's text. Requests do not belong here."""

from collections.abc import Iterable, Iterator
from typing import Any

Row = dict[str, Any]


def titles_of(fields: list[Row]) -> Iterator[tuple[str, str]]:
    """Id of each question -> its text, as an export's header has it; questions of a group are questions of their own."""
    for one in fields:
        yield one["id"], " ".join(str(one["title"]).split())
        yield from titles_of((one.get("properties") or {}).get("fields") or [])


def answers_by_title(row: Row, titles: dict[str, str]) -> Row:
    """What a response answers, and its hidden fields, a column each."""
    hidden = row.get("hidden") or {}
    return hidden | {
        titles[answer["field"]["id"]]: _value(answer)
        for answer in row.get("answers") or []
        if answer["field"]["id"] in titles
    }


def _value(answer: Row) -> Any:
    kind = answer["type"]
    value = answer[kind]
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "choice":
        return value.get("label") or value.get("other")
    if kind == "choices":
        return " / ".join([*(value.get("labels") or []), *filter(None, [value.get("other")])])
    return value


def used_twice(titles: Iterable[str], columns: Iterable[str]) -> str | None:
    """The first title that another question or one of the `columns` has, in any case: one answer would stand for the other."""
    taken = {name.lower() for name in columns}
    for title in titles:
        if title.lower() in taken:
            return title
        taken.add(title.lower())
    return None
