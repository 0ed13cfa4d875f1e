"""What a survey's export asks: its questions, and the answers seen. What wordings mean belongs to `questions`."""

import re
from collections import Counter
from dataclasses import dataclass

from pipeline.core.ingest.personal import is_personal
from pipeline.sources.export_files import MOST_WORDS, Column, Export
from pipeline.sources.preset import PresetInput
from pipeline.sources.questions import Labels, is_open, labels_of, role_of
from pipeline.sources.survey_headers import HEADER_ROWS
from schemas.registry import ENTITIES

ANSWER_SHARE = 0.75
"""Share of whole numbers up to 10 from which on a column holds answers: exports have texts and slips among them."""
OPEN_SHARE, FEWEST_TEXTS = 0.5, 3
"""Share of long and of different answers from which on a column holds texts, when there are so many."""
COMPUTED = re.compile(
    r"_NPS_GROUP$|^(points|feedback) - | \[(score|commentaires)\]$|"
    r"^(interviewtime|\w+(?-i:Time))\. |^time taken to complete|^seq[.,] number$",
    re.IGNORECASE,
)
"""Columns that a survey tool computes from an answer, or gives marks to it in."""


@dataclass(frozen=True)
class Question:
    """A column of a survey that could be an item, or an open question."""

    name: str
    """What the settings can call it."""
    wording: str
    lowest: int | None = None
    highest: int | None = None
    """Lowest and highest answer seen that is a number of itself."""
    labels: Labels | None = None
    """What its answers in words stand for."""
    is_open: bool = False
    unknown: tuple[str, ...] = ()
    """Its answers, where they are words of which nothing tells what they stand for."""

    @property
    def is_item(self) -> bool:
        """Whether its answers have numbers."""
        return self.labels is not None or self.highest is not None


def find_questions(exports: list[Export], told: PresetInput) -> list[Question]:
    """The columns of a survey export that could be items or open questions, beside those the preset has another use for.

    An item has whole numbers up to 10, or words of which it is known which numbers they stand for.
    """
    known = {name.lower() for name in (*told.required, *told.optional, *told.of_api, *told.personal)}
    known -= {name.lower() for name in told.items}
    found: dict[str, list[Column]] = {}
    for export in exports:
        for column in export.columns:
            name = _item_name(column.name, export.names)
            if told.column_of(column.name).lower() in known or is_personal(column.name) or COMPUTED.search(column.name):
                continue
            # No question can be called as a column of responses is.
            if name is None or name in ENTITIES["survey_responses"].polars_schema or name.startswith("_"):
                continue
            found.setdefault(name, []).append(column)
    n_header = HEADER_ROWS if told.item_names else 0
    questions = [_question(name, columns, n_header) for name, columns in found.items()]
    return [question for question in questions if question is not None]


def item_names(export: Export) -> set[str]:
    """What the settings can call the columns of an export."""
    return {name for column in export.columns if (name := _item_name(column.name, export.names)) is not None}


def _question(name: str, columns: list[Column], n_header: int) -> Question | None:
    """What the columns of one name ask, if anything."""
    wording = columns[0].wording or name
    texts = sum((column.texts for column in columns), Counter[str]())
    is_few = all(column.texts or not column.n for column in columns) and len(texts) <= MOST_WORDS
    if labels := labels_of(texts, wording) if is_few else None:
        return Question(name, wording, labels=labels)
    numbers = [
        column
        for column in columns
        if column.n_answers >= max(ANSWER_SHARE * (column.n - n_header), 1) and (column.highest or 0) > 1
    ]
    if numbers:
        lowest = min(column.lowest for column in numbers if column.lowest is not None)
        return Question(name, wording, lowest, max(column.highest for column in numbers if column.highest is not None))
    n = sum(column.n for column in columns) - n_header
    n_long, n_different = sum(column.n_long for column in columns), sum(column.n_different for column in columns)
    is_text = n >= FEWEST_TEXTS and n_long >= OPEN_SHARE * n and n_different >= OPEN_SHARE * n
    if is_text or (is_open(wording) and any(column.n_wordy for column in columns)):
        return Question(name, wording, is_open=True)
    if is_few and texts and role_of(wording):
        return Question(name, wording, unknown=tuple(texts))
    return None


def _item_name(column: str, names: dict[str, list[str]]) -> str | None:
    """What the settings can call a column: its own name, else the longest that no other column has."""
    own = " ".join(column.split())
    alone = [name for name, named in names.items() if named == [column]]
    if not names or (own in alone and not re.fullmatch(r"column_\d+", own)):
        return own
    return max(alone, key=len, default=None)
