"""Answers of survey tools, which name their question by a number, as columns by the question's text. Requests do not belong here."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """The questions of a form."""

    titles: list[str]
    """What each asks, as an export's header has it; one that is there twice counts twice."""
    answers: Callable[[Row], Row]
    """What a response answers, a column each."""
    hidden: tuple[str, ...] = ()
    """Columns beside the questions that responses can have."""

    def used_twice(self, columns: Iterable[str]) -> str | None:
        """The first title that another question or one of the `columns` has, in any case: one would stand for the other."""
        taken = {name.lower() for name in columns}
        for title in self.titles:
            if title.lower() in taken:
                return title
            taken.add(title.lower())
        return None


def _squeezed(text: object) -> str:
    return " ".join(str(text).split())


def _typeform(form: Row) -> Form:
    titles = dict(_typeform_titles(form["fields"]))

    def answers(row: Row) -> Row:
        found = {
            titles[answer["field"]["id"]]: _typeform_value(answer)
            for answer in row.get("answers") or []
            if answer["field"]["id"] in titles
        }
        return (row.get("hidden") or {}) | found

    return Form(list(titles.values()), answers, tuple(form.get("hidden") or []))


def _typeform_titles(fields: list[Row]) -> Iterator[tuple[str, str]]:
    """Id of each question -> its text; questions of a group are questions of their own."""
    for one in fields:
        yield one["id"], _squeezed(one["title"])
        yield from _typeform_titles((one.get("properties") or {}).get("fields") or [])


def _typeform_value(answer: Row) -> Any:
    kind = answer["type"]
    value = answer[kind]
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "choice":
        return value.get("label") or value.get("other")
    if kind == "choices":
        return " / ".join([*(value.get("labels") or []), *filter(None, [value.get("other")])])
    return value


FORMS: Mapping[str, tuple[str, Callable[[Row], Form]]] = {
    "typeform": ("forms/{form}", _typeform),
}
"""Tool -> where it tells of a form, and what is made of that."""
