"""Answers of survey tools, which name their question by a number, as columns by the question's text. Requests do not belong here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]

STARTS_WITH_NUMBER = re.compile(r"(\d+)(?!\w)\D*")
EMAIL = "Email Address"
"""The column of an address, as Google's export calls it."""


@dataclass(frozen=True)
class Form:
    """The questions of a form."""

    titles: list[str]
    """What each asks, as an export's header has it; one that is there twice counts twice."""
    answers: Callable[[Row], Row]
    """What a response answers, a column each."""
    fields: Callable[[Row], Row]
    """What it has beside answers, such as hidden fields, a column each."""
    hidden: tuple[str, ...] = ()
    """The names of these, as far as the form tells them."""

    def used_twice(self, columns: Iterable[str]) -> str | None:
        """The first title that another question, a field or one of the `columns` has, in any case: one would stand for the other."""
        taken = {name.lower() for name in (*columns, *self.hidden)}
        for title in self.titles:
            if title.lower() in taken:
                return title
            taken.add(title.lower())
        return None

    def columns_of(self, response: Row, columns: Iterable[str]) -> Row:
        """What is added to the `columns` of a response. A field that is called as one of them, or as a question, is not:
        it stands in the response's own column of all fields."""
        taken = {name.lower() for name in (*columns, *self.titles)}
        fields = dict.fromkeys(self.hidden) | self.fields(response)
        kept = {name: value for name, value in fields.items() if name.lower() not in taken}
        return kept | dict.fromkeys(self.titles) | self.answers(response)


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
        return found

    return Form(list(titles.values()), answers, lambda row: row.get("hidden") or {}, tuple(form.get("hidden") or []))


def _typeform_titles(fields: list[Row]) -> Iterator[tuple[str, str]]:
    """Id of each question -> its text; questions of a group are questions of their own."""
    for one in fields:
        yield one["id"], _squeezed(one["title"])
        yield from _typeform_titles((one.get("properties") or {}).get("fields") or [])


def _typeform_value(answer: Row) -> Any:
    kind = answer["type"]
    # A video or sound stands under a name of its own, and is nothing to count.
    value: Any = answer.get(kind)
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "choice":
        return value.get("label") or value.get("other")
    if kind == "choices":
        return " / ".join([*(value.get("labels") or []), *filter(None, [value.get("other")])])
    return value


def _google(form: Row) -> Form:
    titles = dict(_google_titles(form.get("items") or []))
    # A form that collects no addresses can ask for one itself.
    own = [] if EMAIL.lower() in {title.lower() for title in titles.values()} else [EMAIL]

    def answers(row: Row) -> Row:
        found = {
            titles[number]: ";".join(one.get("value", "") for one in told["textAnswers"]["answers"])
            for number, told in (row.get("answers") or {}).items()
            if number in titles and told.get("textAnswers")
        }
        return found

    return Form(list(titles.values()), answers, lambda row: dict.fromkeys(own, row.get("respondentEmail")), tuple(own))


def _google_titles(items: list[Row]) -> Iterator[tuple[str, str]]:
    for one in items:
        title = _squeezed(one.get("title", ""))
        if "questionItem" in one:
            yield one["questionItem"]["question"]["questionId"], title
        for row in one.get("questionGroupItem", {}).get("questions", []):
            yield row["questionId"], f"{title} [{_squeezed(row['rowQuestion']['title'])}]"


def _surveymonkey(form: Row) -> Form:
    titles: dict[str, str] = {}
    numbers: dict[str, str | None] = {}
    for question in (one for page in form["pages"] for one in page["questions"]):
        # Of a picture there is no text, and a question is still told from the others.
        text = next((str(one["heading"]) for one in question.get("headings") or [] if one.get("heading")), "")
        heading = _squeezed(re.sub(r"<[^>]+>", " ", text)) or f"question {question['id']}"
        told = question.get("answers") or {}
        choices = told.get("choices") or []
        numbers |= _numbers(choices)
        parts = choices if question["family"] == "multiple_choice" else told.get("rows") or []
        labels = {part["id"]: _squeezed(part.get("text") or "") for part in parts}
        if len(parts) > 1 or question["family"] == "multiple_choice":
            # Pictures: each has its place.
            labels = {key: label or str(place) for place, (key, label) in enumerate(labels.items(), start=1)}
        titles |= {f"{question['id']} {part}": f"{heading} / {label}" for part, label in labels.items() if label}
        if not any(labels.values()) and question["family"] != "presentation":
            titles[question["id"]] = heading

    def answers(row: Row) -> Row:
        found = {}
        for question in (one for page in row.get("pages") or [] for one in page["questions"]):
            for answer in question["answers"]:
                part = answer.get("row_id") or answer.get("choice_id")
                title = titles.get(f"{question['id']} {part}") or titles.get(question["id"])
                if title and "other_id" not in answer and "col_id" not in answer:
                    found[title] = numbers.get(answer["choice_id"]) if "choice_id" in answer else answer.get("text")
        return found

    return Form(
        list(titles.values()),
        answers,
        lambda row: row.get("custom_variables") or {},
        tuple(form.get("custom_variables") or {}),
    )


def _numbers(choices: list[Row]) -> dict[str, str | None]:
    """Id of each choice of a question -> its number, by one rule for all of them; what does not apply has none.

    That is the number that each is called by. Where some are called by words alone, such as the ends of 0 to 10, the others tell
    from where and in which direction the places count; where they do not, it is the place.
    """
    counted = [
        (choice["id"], int(choice["position"]), _number_of(choice)) for choice in choices if not choice.get("is_na")
    ]
    called = [(place, number) for _, place, number in counted if number is not None]
    starts = {number - place for place, number in called}
    ends = {number + place for place, number in called}
    if len(called) == len(counted) and len({number for _, number in called}) == len(called):
        found = {key: number for key, _, number in counted}
    elif len(called) > 1 and len(starts) == 1:
        found = {key: place + min(starts) for key, place, _ in counted}
    elif len(called) > 1 and len(ends) == 1:
        found = {key: min(ends) - place for key, place, _ in counted}
    else:
        found = {key: place for key, place, _ in counted}
    return {choice["id"]: None if choice.get("is_na") else str(found[choice["id"]]) for choice in choices}


def _number_of(choice: Row) -> int | None:
    """The number that a choice begins with, as `10 - extremely likely`; no part of a range, of an amount or of a word."""
    match = STARTS_WITH_NUMBER.fullmatch(_squeezed(choice.get("text") or ""))
    return int(match[1]) if match else None


FORMS: Mapping[str, tuple[str, Callable[[Row], Form]]] = {
    "typeform": ("forms/{form}", _typeform),
    "google_forms": ("forms/{form}", _google),
    "surveymonkey": ("surveys/{form}/details", _surveymonkey),
}
"""Tool -> where it tells of a form, and what is made of that."""
