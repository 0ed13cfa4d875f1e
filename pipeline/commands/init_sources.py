"""The sources that `init` makes of recognised exports. Which exports they are is found in `recognise`."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.sources.export_files import Export
from pipeline.sources.export_questions import Question, find_questions, item_names
from pipeline.sources.preset import PresetInput, load_preset
from pipeline.sources.recognise import Found, input_of
from pipeline.sources.settings import FileInput

ENTITIES = (
    "orders",
    "order_lines",
    "customers",
    "reviews",
    "surveys",
    "touchpoints",
    "survey_invitations",
    "loyalty_events",
    "referrals",
    "products",
)
"""In the order in which a reader looks for them."""
INVITATIONS = "survey_invitations"
"""No file says which survey they belong to."""


@dataclass(frozen=True)
class InitSource:
    """A source as `init` writes it."""

    name: str
    found: Found
    places: dict[str, FileInput]
    questions: list[Question]
    """What a survey asks."""
    survey: str | None = None
    """The survey that it is about."""
    is_part: bool = False
    """Whether it has only some of the files whose names differ in their numbers, as others ask something else."""

    @property
    def items(self) -> list[Question]:
        """The questions that can be answered with a number."""
        return [question for question in self.questions if question.is_item]

    @property
    def told(self) -> PresetInput:
        """What the preset says of the only input of a survey."""
        (name,) = self.found.inputs
        return load_preset(self.found.preset).inputs[name]

    @property
    def system(self) -> str:
        """What its export comes from, in words."""
        return load_preset(self.found.preset).system

    @property
    def exports(self) -> list[Export]:
        """All files of its inputs."""
        return self.found.exports


def name_sources(found: list[Found], folder: Path, relative_to: Path) -> list[InitSource]:
    """The sources, each with a name of its own; none for surveys without an item, or for invitations to one of several."""
    path = Path(os.path.relpath(folder, relative_to))
    sources: list[InitSource] = []
    for one in sorted(found, key=lambda one: ENTITIES.index(one.entity)):
        surveys = dict.fromkeys(source.survey for source in sources if is_survey(source.found))
        if one.entity == INVITATIONS and len(surveys) != 1:
            continue
        for alike in _asking_alike(one) if is_survey(one) else [[one]]:
            questions = _questions(alike) if is_survey(one) else []
            if is_survey(one) and not any(question.is_item for question in questions):
                continue
            (survey,) = surveys if one.entity == INVITATIONS else [None]
            for part in alike:
                name = _free_name(part, sources)
                survey = survey or (name if is_survey(one) else None)
                places = {input_name: input_of(exports, path) for input_name, exports in part.inputs.items()}
                is_part = len(part.exports) < len(one.exports)
                # The first of those that ask the same has what they ask.
                sources.append(InitSource(name, part, places, questions, survey, is_part=is_part))
                questions = []
    return sources


def _free_name(found: Found, sources: list[InitSource]) -> str:
    name = f"{found.preset}_{found.entity}"
    number = 1 + sum((source.found.preset, source.found.entity) == (found.preset, found.entity) for source in sources)
    return name if number == 1 else f"{name}_{number}"


def _asking_alike(survey: Found) -> list[list[Found]]:
    """A survey in parts that ask the same: all of it together, or where its files ask different things each file by itself.

    A pattern of names could not tell those that ask one thing from the others.
    """
    ((name, exports),) = survey.inputs.items()
    asked = {question.name for question in _questions([survey])}
    groups: dict[frozenset[str], list[Found]] = {}
    for export in exports:
        alone = replace(survey, inputs={name: [export]})
        groups.setdefault(frozenset(asked & item_names(export)), []).append(alone)
    return list(groups.values()) if len(groups) > 1 else [[survey]]


def _questions(alike: list[Found]) -> list[Question]:
    ((name, _),) = alike[0].inputs.items()
    exports = [export for survey in alike for export in survey.inputs[name]]
    return find_questions(exports, load_preset(alike[0].preset).inputs[name])


def is_survey(found: Found) -> bool:
    """Whether these are responses to a survey."""
    return found.entity == "surveys"
