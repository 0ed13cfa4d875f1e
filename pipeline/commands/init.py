"""A first configuration for the exports in a folder, with comments. Which exports they are is found in `recognise`."""

import json
import os
import re
import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from pipeline.core.ingest.personal import ADDRESS, HIDDEN
from pipeline.errors import ConfigError
from pipeline.sources.parts import FORMATS, file_format
from pipeline.sources.preset import PRESETS, list_presets, load_preset
from pipeline.sources.recognise import Export, Found, find_items, inputs_of, nearest, place_of, read_files, recognise

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
)
"""In the order in which a person looks for them."""
INVITATIONS = "survey_invitations"
"""No file says which survey they are to."""
DEFAULT_ZONE, DEFAULT_CURRENCY = "UTC", "EUR"
SCALES = ((1, 5), (1, 7), (0, 10))
"""The first that holds all answers seen is taken."""
NAMED = 5
"""How many of many things are named."""
WIDTH = 112

ITEMS = (
    "All columns with whole numbers up to 10. Remove those that are not questions, and check the scales, which are guesses from "
    "the answers. Say what an item measures: role: satisfaction, repurchase or recommend, the three of the Secure Customer "
    "Index; nps: true, the Net Promoter question; construct: a name; reversed: true, if a high answer is a bad one."
)
OWN_MAPPING = "Any export can be read with your own mapping; see 'Your own data' in the README."
NO_ORDERS = """\
  # A source of orders is needed, but no file is a known export of orders. Write a mapping, and remove the # here:
  # - name: my_orders
  #   entity: orders
  #   mapping: orders.sql
  #   inputs: {orders: orders.csv}
"""


@dataclass(frozen=True)
class _Source:
    name: str
    found: Found
    places: dict[str, str]
    items: dict[str, tuple[int, int]]

    @property
    def system(self) -> str:
        return load_preset(self.found.preset).system

    @property
    def files(self) -> list[Path]:
        return [export.file for exports in self.found.inputs.values() for export in exports]


@dataclass(frozen=True)
class _Guess:
    value: str
    why: str
    is_certain: bool


def write_configuration(folder: Path, output: Path, work: Path) -> list[str]:
    """Write a configuration for the exports right in `folder`; returns what to tell of it. `work` takes copies of first rows.

    Raises:
        ConfigError: there is no such folder, no export that is known, or a file where it should be written.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder; name the one with the exports")
    if output.exists():
        raise ConfigError(f"{output} already exists and stays as it is; name another file with --output")
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    exports = read_files([file for file in files if file_format(file)], work)
    if not exports:
        raise ConfigError(
            f"no file in {folder.resolve()} ends in {', '.join(FORMATS)}, also with .gz or .zst; name the folder with the exports"
        )
    sources = _name_sources(recognise(exports), folder, output.parent)
    unknown = _unknown(exports, sources)
    if others := [file.name for file in files if not file_format(file)]:
        unknown.append(f"{_some(others)}: {'is' if len(others) == 1 else 'are'} neither CSV, JSON lines nor Parquet")
    if not sources:
        raise ConfigError(
            f"no file in {folder.resolve()} is a known export: {_some(unknown, '; ')}. "
            f"Known are {', '.join(load_preset(name).system for name in list_presets())}. {OWN_MAPPING}"
        )
    zone, currency = _guess_zone(sources), _guess_currency(sources)
    text = "".join(_configuration(folder, sources, unknown, zone, currency))
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}") from None
    return list(_words(output, sources, unknown, {"time_zone": zone, "currency": currency}))


def _name_sources(found: list[Found], folder: Path, relative_to: Path) -> list[_Source]:
    """The sources, each with a name of its own; surveys without an item are none, nor are invitations."""
    path = Path(os.path.relpath(folder, relative_to))
    sources: list[_Source] = []
    for one in sorted(found, key=lambda one: ENTITIES.index(one.entity)):
        items = _items(one) if _is_survey(one) else {}
        if one.entity == INVITATIONS or (_is_survey(one) and not items):
            continue
        name = f"{one.preset}_{one.entity}"
        number = 1 + sum((source.found.preset, source.found.entity) == (one.preset, one.entity) for source in sources)
        places = {
            input_name: (path / place_of([export.file for export in exports])).as_posix()
            for input_name, exports in one.inputs.items()
        }
        sources.append(_Source(name if number == 1 else f"{name}_{number}", one, places, items))
    return sources


def _items(survey: Found) -> dict[str, tuple[int, int]]:
    ((name, exports),) = survey.inputs.items()
    return find_items(exports, load_preset(survey.preset).inputs[name])


def _is_survey(found: Found) -> bool:
    return found.entity == "surveys"


def _unknown(exports: list[Export], sources: list[_Source]) -> list[str]:
    """Why each file is read by no source."""
    used = {file for source in sources for file in source.files}
    return [_clean(f"{export.file.name}: {_why(export, exports)}") for export in exports if export.file not in used]


def _why(export: Export, exports: list[Export]) -> str:
    if export.fault is not None:
        return export.fault
    if export.matches:
        best = export.matches[0]
        system = load_preset(best.preset).system
        mapped = {entity: inputs_of(best.preset, entity) for entity in list_presets()[best.preset]}
        entities = mapped.values()
        if mapped.get(INVITATIONS) == [best.input]:
            return f"looks like {system}, {best.input}; give it a source of its own that names its survey"
        if [best.input] in entities:
            return f"looks like {system}, but has no column of whole numbers up to 10 that could be an item"
        there = {match.input for one in exports for match in one.matches if match.preset == best.preset}
        needed = dict.fromkeys(name for names in entities if best.input in names for name in names if name not in there)
        if needed:
            return f"looks like {system}, {best.input}; it also needs {', '.join(needed)}"
        return f"looks like another export of {system}, {best.input}; give it sources of its own"
    if near := nearest(export):
        return f"is closest to {near[0]}, but lacks {', '.join(near[1])}"
    return f"is not a known export; it has {_some([column.name for column in export.columns])}"


def _guess_zone(sources: list[_Source]) -> _Guess:
    zones = Counter(zone for source in sources if (zone := _zone_of(source.found.preset)))
    if zones:
        return _Guess(zones.most_common(1)[0][0], "the zone of the exports' times", True)
    return _Guess(DEFAULT_ZONE, "no file says it: set the shop's own, such as Europe/Amsterdam", False)


def _zone_of(preset: str) -> str | None:
    """The zone in which all exports of a kind have their times, where its description names one."""
    words = re.findall(r"[A-Z]\w+/\w+", load_preset(preset).times)
    return next((word for word in words if word in available_timezones()), None)


def _guess_currency(sources: list[_Source]) -> _Guess:
    found: Counter[str] = Counter()
    for source in sources:
        for exports in source.found.inputs.values():
            for export in exports:
                found.update(export.currencies)
        found.update(re.findall(r"Always ([A-Z]{3})\b", load_preset(source.found.preset).currency))
    if not found:
        return _Guess(DEFAULT_CURRENCY, "no file says it: set the shop's own", False)
    (value, _), *others = found.most_common()
    more = f"; rows in {', '.join(code for code, _ in others)} will be rejected" if others else ""
    return _Guess(value, f"the currency of the exports{more}", True)


def _configuration(
    folder: Path, sources: list[_Source], unknown: list[str], zone: _Guess, currency: _Guess
) -> Iterator[str]:
    name = folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize()
    yield "# Made from the files of a folder. Paths are relative to this file; ${NAME} is read from the environment. Keys\n"
    yield "# left out have their defaults; the bundled loyalty.yaml shows every section.\n\n"
    yield f"shop:\n  name: {_quoted(name or 'My shop')}\n"
    yield f"  time_zone: {zone.value} # {zone.why}; every date in the warehouse is a date in this zone\n"
    yield f"  currency: {currency.value} # {currency.why}\n\nsources:\n"
    if all(source.found.entity != "orders" for source in sources):
        yield NO_ORDERS
    for source in sources:
        others = [load_preset(name).system for name in source.found.others]
        doubt = f"; could be {', '.join(others)} as well" if others else ""
        yield f"  # {source.system}, {source.found.entity}{doubt}\n"
        yield f"  - name: {source.name}\n    entity: {source.found.entity}\n    preset: {source.found.preset}\n"
        if source.items:
            yield f"    survey: {source.name}\n"
        if own_zone := _zone_of(source.found.preset):
            yield f"    time_zone: {own_zone}\n"
        yield "    inputs:\n"
        yield from (f"      {name}: {_quoted(place)}\n" for name, place in source.places.items())
    if unknown:
        yield _comment(f"\nRead by no source. {OWN_MAPPING}")
        yield from (_comment(f"- {words}") for words in unknown)
    if surveys := [source for source in sources if source.items]:
        yield f"\n{_comment(ITEMS)}surveys:\n"
        for source in surveys:
            yield f"  {source.name}:\n    type: relational # or transactional, where it asks about one order\n    items:\n"
            for item, (low, high) in source.items.items():
                yield f"      {_quoted(item)}: {{scale: {list(_scale(low, high))}}} # answers from {low} to {high}\n"


def _scale(low: int, high: int) -> tuple[int, int]:
    return next(scale for scale in SCALES if scale[0] <= low and high <= scale[1])


def _words(output: Path, sources: list[_Source], unknown: list[str], guesses: dict[str, _Guess]) -> Iterator[str]:
    yield f"wrote {output}"
    for source in sources:
        others = [load_preset(name).system for name in source.found.others]
        doubt = f"; could be {', '.join(others)} as well" if others else ""
        yield "  " + _clean(
            f"{source.name}: {source.system}, {_some([Path(place).name for place in source.places.values()])}{doubt}"
        )
    if unknown:
        yield f"read by no source ({OWN_MAPPING[:-1]}):"
        yield from (f"  {words}" for words in unknown)
    if todo := list(_todo(sources, guesses)):
        yield "look at:"
        yield from (f"  {words}" for words in todo)
    yield f"then: loyalty check --config {shlex.quote(str(output))}"


def _todo(sources: list[_Source], guesses: dict[str, _Guess]) -> Iterator[str]:
    for key, guess in guesses.items():
        if not guess.is_certain:
            yield f"shop.{key}: {guess.value} is a default; {guess.why}"
    if all(source.found.entity != "orders" for source in sources):
        yield "sources: there are no orders, and nothing runs without them; write a mapping for them"
    if any(source.items for source in sources):
        yield "surveys: which columns are items, their scales and what they measure"
    if any(_maps_addresses(source.found) for source in sources):
        yield "LOYALTY_PII_KEY: set it to a long secret text and keep it; the exports hold e-mail addresses"


def _maps_addresses(found: Found) -> bool:
    mapping = (PRESETS / found.preset / f"{found.entity}.sql").read_text(encoding="utf-8")
    return re.search(r"\bemail\b", mapping) is not None


def _some(words: list[str], separator: str = ", ") -> str:
    return separator.join([*words[:NAMED], *(["…"] if len(words) > NAMED else [])])


def _comment(text: str) -> str:
    lines = textwrap.wrap(
        text.strip(), WIDTH, break_on_hyphens=False, subsequent_indent="  " if text.startswith("- ") else ""
    )
    return ("\n" if text.startswith("\n") else "") + "".join(f"# {line}\n" for line in lines)


def _clean(text: str) -> str:
    """One line without e-mail addresses: what is taken for a header may be none."""
    return re.sub(ADDRESS, HIDDEN, " ".join(text.split()))


def _quoted(text: str) -> str:
    """Any text as YAML writes it."""
    return json.dumps(text, ensure_ascii=False)
