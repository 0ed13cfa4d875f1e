"""What a preset says of the exports it maps: `preset.yaml` beside its mapping SELECTs. Reading the exports does not belong here."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from pipeline.core.options import Section

PRESETS = Path(__file__).parent / "presets"


class PresetInput(Section):
    """The columns of one input, by their names in the export; they are matched in any order and case."""

    required: list[str]
    """Without one of them the file is refused."""
    optional: list[str] = []
    """The mapping uses them too; one that is missing is null."""
    personal: list[str] = []
    """Columns with personal data: in quarantine their values are pseudonyms."""
    item_names: Literal["import_id", "sub_label"] | None = None
    """Extra header rows that also name a survey's items: Qualtrics' ImportId, or SurveyMonkey's sub-labels."""
    items: list[str] = []
    """Required columns that are a survey's items, where every export has the same."""
    nps: str | None = None
    """The column with answers to the Net Promoter question, where no wording tells it and they go from 0 to 10."""


class Preset(Section):
    """One kind of export."""

    system: str
    export: str
    """How to get the export."""
    times: str
    """In which zone its times are."""
    currency: str
    """In which currency its amounts are."""
    stands_for: dict[str, list[str]] = {}
    """Preset -> its entities that this export tells more of: where both are there, `init` leaves those out."""
    inputs: dict[str, PresetInput]


@cache
def load_preset(name: str) -> Preset:
    """The description of a shipped preset."""
    return Preset.model_validate(yaml.safe_load((PRESETS / name / "preset.yaml").read_text(encoding="utf-8")))


def list_presets() -> dict[str, list[str]]:
    """Every shipped preset and the entities that it maps."""
    folders = sorted(file.parent for file in PRESETS.glob("*/preset.yaml"))
    return {folder.name: sorted(file.stem for file in folder.glob("*.sql")) for folder in folders}


def stood_for(presets: Iterable[str]) -> set[tuple[str, str]]:
    """The presets and entities of which others that are there tell more."""
    told = [load_preset(name).stands_for for name in presets]
    return {(preset, entity) for better in told for preset, entities in better.items() for entity in entities}
