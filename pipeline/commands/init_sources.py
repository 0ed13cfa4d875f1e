"""The sources that `init` makes of recognised exports. Which exports they are is found in `recognise`."""

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.sources.export_files import Export
from pipeline.sources.export_questions import Question, find_questions
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
        return [export for exports in self.found.inputs.values() for export in exports]


def name_sources(found: list[Found], folder: Path, relative_to: Path) -> list[InitSource]:
    """The sources, each with a name of its own; none for surveys without an item, or for invitations to one of several."""
    path = Path(os.path.relpath(folder, relative_to))
    sources: list[InitSource] = []
    for one in sorted(found, key=lambda one: ENTITIES.index(one.entity)):
        questions = _questions(one) if is_survey(one) else []
        surveys = [source.name for source in sources if is_survey(source.found)]
        if is_survey(one) and not any(question.is_item for question in questions):
            continue
        if one.entity == INVITATIONS and len(surveys) != 1:
            continue
        name = f"{one.preset}_{one.entity}"
        number = 1 + sum((source.found.preset, source.found.entity) == (one.preset, one.entity) for source in sources)
        name = name if number == 1 else f"{name}_{number}"
        places = {input_name: input_of(exports, path) for input_name, exports in one.inputs.items()}
        survey = name if is_survey(one) else surveys[0] if one.entity == INVITATIONS else None
        sources.append(InitSource(name, one, places, questions, survey))
    return sources


def _questions(survey: Found) -> list[Question]:
    ((name, exports),) = survey.inputs.items()
    return find_questions(exports, load_preset(survey.preset).inputs[name])


def is_survey(found: Found) -> bool:
    """Whether these are responses to a survey."""
    return found.entity == "surveys"
