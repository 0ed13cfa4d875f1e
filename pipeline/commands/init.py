"""A first configuration for the exports in a folder, with comments. Which exports they are is found in `recognise`."""

import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from pipeline.commands.init_apis import sample_apis
from pipeline.commands.init_sources import INVITATIONS, InitSource, name_sources
from pipeline.commands.init_survey import ITEMS, survey_section
from pipeline.commands.init_texts import clean, comment, quoted, some
from pipeline.commands.init_unknown import in_words, unknown_exports, unread_files
from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.notices import survey_gaps
from pipeline.core.options import time_zones
from pipeline.errors import ConfigError
from pipeline.sources.export_files import Export, read_files
from pipeline.sources.notation_guess import notation_lines
from pipeline.sources.parts import READABLE, address_of, file_format
from pipeline.sources.preset import PRESETS, list_presets, load_preset
from pipeline.sources.recognise import Found, recognise
from pipeline.sources.settings import FileInput
from pipeline.sources.time_zones import country_of, guess_clock

DEFAULT_ZONE, DEFAULT_CURRENCY = "UTC", "EUR"
OWN_MAPPING = "Any export can be read with your own mapping; see 'Your own data' in the README."
EFFECTS = """
# To see what actions bring, keep a random tenth of their customers uncontacted: marts.action_effects compares the two.
# actions: {control_share: 0.1}
"""
NO_ORDERS = """\
  # A source of orders is needed, but no file is a known export of orders. Write a mapping, and remove the # here:
  # - name: my_orders
  #   entity: orders
  #   mapping: orders.sql
  #   inputs: {orders: orders.csv}
"""


@dataclass(frozen=True)
class _Guess:
    value: str
    why: str
    kind: str | None = None
    """How uncertain it is: a guess or a default."""


def write_from_apis(tools: list[str], keys: Mapping[str, str | None], output: Path, work: Path) -> list[str]:
    """Write a configuration that reads these tools by their APIs; returns what to tell of it. `keys`: shop and form.

    The first page of each is asked for and looked at as an export of the tool would be.

    Raises:
        ConfigError: a tool that is not known, a key or a token that is missing, or a file where it should be written.
        SourceShapeError: an API does not give its first page.
    """
    _refuse_existing(output)
    places = sample_apis(tools, keys, work / "pages")
    exports = read_files(sorted(places), work / "rows")
    sources = name_sources(recognise(exports), work / "pages", output.parent)
    apis = {file.name: place for file, place in places.items()}
    return _write(sources, keys.get("shop") or "My shop", [], output, apis)


def write_configuration(folder: Path, output: Path, work: Path) -> list[str]:
    """Write a configuration for the exports right in `folder`; returns what to say of it. `work` takes copies of rows.

    Raises:
        ConfigError: there is no such folder, no known export in it, or already a file where it should be written.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder; name the one with the exports")
    _refuse_existing(output)
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    exports = read_files([file for file in files if file_format(file)], work)
    unread = list(unread_files([file.name for file in files if not file_format(file)]))
    others = f". Not read: {some(unread, '; ')}" if unread else ""
    if not exports:
        raise ConfigError(
            f"no file in {folder.resolve()} ends in {READABLE}; name the folder with the exports{clean(others)}"
        )
    sources = name_sources(recognise(exports), folder, output.parent)
    unknown = unknown_exports(exports, sources)
    unknown += unread
    if not sources:
        raise ConfigError(
            f"no file in {folder.resolve()} is a known export: {some(unknown, '; ')}. "
            f"Known are {'; '.join(dict.fromkeys(load_preset(name).system for name in list_presets()))}. {OWN_MAPPING}"
        )
    return _write(sources, folder.resolve().name, unknown, output, {})


def _refuse_existing(output: Path) -> None:
    if output.exists():
        raise ConfigError(f"{output} already exists and stays as it is; name another file with --output")


def _write(
    sources: list[InitSource], name: str, unknown: list[str], output: Path, apis: Mapping[str, str]
) -> list[str]:
    """Write the file; `apis`: name of a file -> the API that it is a page of, as YAML."""
    zone, currency = _guess_zone(sources), _guess_currency(sources)
    country = country_of(sum((export.countries for export in _of_orders(sources)), Counter[str]()))
    text = "".join(_configuration(name, sources, unknown, zone, currency, country, apis))
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}") from None
    return list(_words(output, sources, unknown, {"time_zone": zone, "currency": currency}))


def _guess_zone(sources: list[InitSource]) -> _Guess:
    zones = Counter(zone for source in sources if (zone := _zone_of(source.found.preset)))
    if zones:
        return _Guess(zones.most_common(1)[0][0], "the zone of the exports' times")
    exports = _of_orders(sources)
    moments = sum((export.moments for export in exports), Counter[datetime]())
    countries = sum((export.countries for export in exports), Counter[str]())
    if clock := guess_clock(moments, countries):
        return _Guess(clock.zone, f"guessed: {clock.why}", "guess")
    return _Guess(DEFAULT_ZONE, "no file says it: set the shop's own, such as Europe/Amsterdam", "default")


def _of_orders(sources: list[InitSource]) -> Collection[Export]:
    """The exports with orders, each once; all exports where there are no orders."""
    ordering = [source for source in sources if source.found.entity == "orders"] or sources
    return {
        export.key: export for source in ordering for exports in source.found.inputs.values() for export in exports
    }.values()


def _zone_of(preset: str) -> str | None:
    """The time zone of all exports of a kind, where its description names one."""
    words = re.findall(r"[A-Z]\w+/\w+", load_preset(preset).times)
    return next((word for word in words if word in time_zones()), None)


def _guess_currency(sources: list[InitSource]) -> _Guess:
    found: Counter[str] = Counter()
    for source in sources:
        for exports in source.found.inputs.values():
            for export in exports:
                found.update(export.currencies)
        found.update(re.findall(r"Always ([A-Z]{3})\b", load_preset(source.found.preset).currency))
    if not found:
        return _Guess(DEFAULT_CURRENCY, "no file says it: set the shop's own", "default")
    (value, _), *others = found.most_common()
    more = f"; rows in {', '.join(code for code, _ in others)} have no value without currency.rates" if others else ""
    return _Guess(value, f"the currency of the exports{more}")


def _configuration(
    folder: str,
    sources: list[InitSource],
    unknown: list[str],
    zone: _Guess,
    currency: _Guess,
    country: tuple[str, float] | None,
    apis: Mapping[str, str],
) -> Iterator[str]:
    name = folder.replace("_", " ").replace("-", " ").strip().capitalize()
    made_from = "first pages of APIs" if apis else "the files of a folder"
    yield f"# Made from {made_from}. Paths are relative to this file; ${{NAME}} is read from the environment. Keys\n"
    yield "# left out have their defaults; the bundled loyalty.yaml shows every section.\n\n"
    yield f"shop:\n  name: {quoted(name or 'My shop')}\n"
    yield f"  time_zone: {zone.value} # {zone.why}; every date in the warehouse is a date in this zone\n"
    yield f"  currency: {currency.value} # {currency.why}\n"
    if country:
        code, share = country
        yield f"  country: {code} # that of {share:.0%} of the addresses; phone numbers without a country code are read as its own\n"
    yield "\nsources:\n"
    if all(source.found.entity != "orders" for source in sources):
        yield NO_ORDERS
    for source in sources:
        others = [load_preset(name).system for name in source.found.others]
        doubt = f"; could be {', '.join(others)} as well" if others else ""
        yield f"  # {source.system}, {source.found.entity}{doubt}\n"
        yield f"  - name: {source.name}\n    entity: {source.found.entity}\n    preset: {source.found.preset}\n"
        if source.survey:
            only = " # the only survey there is" if source.found.entity == INVITATIONS else ""
            yield f"    survey: {source.survey}{only}\n"
        if own_zone := _zone_of(source.found.preset):
            yield f"    time_zone: {own_zone}\n"
        notations = sum((export.notations for export in source.exports), Counter[str]())
        yield from (f"    {line}\n" for line in notation_lines(notations))
        yield "    inputs:\n"
        yield from (f"      {name}: {_place(place, apis)}\n" for name, place in source.places.items())
    if unknown:
        yield comment(f"\nRead by no source. {OWN_MAPPING}")
        yield from (comment(f"- {words}") for words in unknown)
    if surveys := [source for source in sources if source.items]:
        yield f"\n{comment(ITEMS)}surveys:\n"
        for source in surveys:
            yield from survey_section(source)
    yield EFFECTS


def _place(place: FileInput, apis: Mapping[str, str]) -> str:
    """An input as YAML writes it: an API, or only its path where there is nothing else to say."""
    if api := apis.get(Path(place.path).name):
        return api
    told = place.model_dump(exclude_none=True)
    if len(told) == 1:
        return quoted(place.path)
    return "{" + ", ".join(f"{key}: {quoted(value)}" for key, value in told.items()) + "}"


def _words(output: Path, sources: list[InitSource], unknown: list[str], guesses: dict[str, _Guess]) -> Iterator[str]:
    yield f"wrote {output}"
    for source in sources:
        others = [load_preset(name).system for name in source.found.others]
        doubt = f"; could be {', '.join(others)} as well" if others else ""
        yield "  " + clean(
            f"{source.name}: {source.system}, {some([address_of(Path(place.path).name, place.member, place.sheet) for place in source.places.values()])}{doubt}"
        )
    if unknown:
        yield f"read by no source ({OWN_MAPPING[:-1]}):"
        yield from (f"  {words}" for words in unknown)
    if todo := list(_todo(sources, guesses)):
        yield "look at:"
        yield from (f"  {words}" for words in todo)
    yield f"then: loyalty check --config {shlex.quote(str(output))}"


def _todo(sources: list[InitSource], guesses: dict[str, _Guess]) -> Iterator[str]:
    for key, guess in guesses.items():
        if guess.kind:
            yield f"shop.{key}: {guess.value} is a {guess.kind}; {guess.why.removeprefix('guessed: ')}"
    if all(source.found.entity != "orders" for source in sources):
        yield "sources: there are no orders, and nothing runs without them; write a mapping for them"
    if parts := [source for source in sources if source.is_part]:
        files = [
            address_of(Path(place.path).name, place.member, place.sheet)
            for one in parts
            for place in one.places.values()
        ]
        yield clean(
            f"sources: {some(files)} ask different things, so each is a source, and those that ask the same share a survey; "
            "a file that comes later needs a source too"
        )
    for source in sources:
        if source.items:
            yield f"surveys.{source.name}: which columns are items, their scales and what they measure"
            survey = SurveySettings.model_validate(yaml.safe_load("".join(survey_section(source)))[source.name])
            yield from (f"surveys.{source.name}: {gap}" for gap in survey_gaps(survey).values())
            numeric = load_preset(source.found.preset).numeric
            worded = [question for question in source.questions if question.unknown]
            yield from (clean(f"surveys.{source.name}: {in_words(question, numeric)}") for question in worded)
    if any(_maps_addresses(source.found) for source in sources):
        yield "LOYALTY_PII_KEY: set it to a long secret text and keep it; the exports name persons"


def _maps_addresses(found: Found) -> bool:
    mapping = (PRESETS / found.preset / f"{found.entity}.sql").read_text(encoding="utf-8")
    return re.search(r"\b(email|phone|person_name)\b", mapping) is not None
