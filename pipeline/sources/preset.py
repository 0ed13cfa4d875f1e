"""What a preset says of the exports it maps: `preset.yaml` beside its mapping SELECTs. Reading the exports does not belong here."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import yaml

from pipeline.core.options import Section

PRESETS = Path(__file__).parent / "presets"


class PresetInput(Section):
    """The columns of one input, by their names in the export; they are matched in any order and case."""

    required: list[str]
    """Without one of them the file is refused."""
    first: str | None = None
    """The column that must come first, where the required ones alone are in many other files."""
    optional: list[str] = []
    """The mapping uses them too; one that is missing is null."""
    of_api: list[str] = []
    """Optional columns that only the system's API gives: no export has them."""
    personal: list[str] = []
    """Columns with personal data: in quarantine their values are pseudonyms."""
    item_names: Literal["import_id", "sub_label"] | None = None
    """Extra header rows that also name a survey's items: Qualtrics' ImportId, or SurveyMonkey's sub-labels."""
    items: list[str] = []
    """Required columns that are a survey's items, where every export has the same."""
    headers: dict[str, list[str]] = {}
    """Column -> what it is called in other languages and versions."""
    is_coded: bool = False
    """Whether a header can be the column's name, a point and a text in any language: `submitdate. Date submitted`."""
    words: dict[str, dict[str, list[str]]] = {}
    """Column -> word of the system -> the same in other languages."""
    words_of: dict[str, str] = {}
    """Column -> another preset of the same system, whose words for a status are this column's too."""
    statuses: list[str] = []
    """Columns whose words for a status the configuration can give another meaning."""
    amounts: list[str] = []
    """Columns with an amount, which can have a decimal comma; one that ends in * stands for all that begin so."""
    packed: list[str] = []
    """Columns with several values in one text, some of them amounts; * as in `amounts`."""
    dates: list[str] = []
    """Columns with a time, in which the day or the month can come first."""
    nps: str | None = None
    """The column with answers to the Net Promoter question, where no wording tells it and they go from 0 to 10."""

    def column_of(self, header: str) -> str:
        """The column that a header stands for: by its own name, in any case, or by one of `headers`; else the header."""
        name = " ".join(header.lower().split())
        code = name.partition(". ")[0] if self.is_coded else name
        return self._columns.get(name) or self._columns.get(code, header)

    def among(self, headers: Iterable[str]) -> set[str]:
        """The columns of this input that headers stand for."""
        return {self.column_of(header) for header in headers} & set(self._columns.values())

    @cached_property
    def _columns(self) -> dict[str, str]:
        own = {name.lower(): name for name in (*self.required, *self.optional, *self.of_api, *self.personal)}
        others = {other.lower(): name for name, names in self.headers.items() for other in names}
        return others | own

    @property
    def personal_headers(self) -> list[str]:
        """Every header of a column with personal data."""
        return [header for name in self.personal for header in (name, *self.headers.get(name, []))]

    def is_amount(self, column: str) -> bool:
        """Whether a column holds an amount."""
        return _is_among(column, self.amounts)

    def is_packed(self, column: str) -> bool:
        """Whether a column holds several values."""
        return _is_among(column, self.packed)


def _is_among(column: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(column.lower(), pattern.lower()) for pattern in patterns)


class Preset(Section):
    """One kind of export."""

    system: str
    export: str
    """How to get the export."""
    times: str
    """In which zone its times are."""
    currency: str
    """In which currency its amounts are."""
    numeric: str | None = None
    """What to choose so that a survey's answers are exported as numbers, in a tool that can also export their words."""
    stands_for: dict[str, list[str]] = {}
    """Preset -> its entities that this export tells more of: where both are there, `init` leaves those out."""
    inputs: dict[str, PresetInput]


@cache
def load_preset(name: str) -> Preset:
    """The description of a shipped preset, with the words that it has from others."""
    tree = yaml.safe_load((PRESETS / name / "preset.yaml").read_text(encoding="utf-8"))
    for told in tree["inputs"].values():
        for column, other in told.get("words_of", {}).items():
            words = [
                one.words[status] for one in load_preset(other).inputs.values() for status in one.statuses if one.words
            ]
            told.setdefault("words", {})[column] = words[0]
    return Preset.model_validate(tree)


@cache
def shape_of(preset: str, name: str) -> str | None:
    """The SELECT that makes the columns of a preset's export of what an API `delivered`; null where they are the API's own."""
    file = PRESETS / preset / "api" / f"{name}.sql"
    return file.read_text(encoding="utf-8").strip().rstrip(";") if file.exists() else None


def list_presets() -> dict[str, list[str]]:
    """Every shipped preset and the entities that it maps."""
    folders = sorted(file.parent for file in PRESETS.glob("*/preset.yaml"))
    return {folder.name: sorted(file.stem for file in folder.glob("*.sql")) for folder in folders}


def stood_for(presets: Iterable[str]) -> set[tuple[str, str]]:
    """The presets and entities of which others that are there tell more."""
    told = [load_preset(name).stands_for for name in presets]
    return {(preset, entity) for better in told for preset, entities in better.items() for entity in entities}
