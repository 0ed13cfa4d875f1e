"""A first configuration for the exports in a folder, with comments. Which exports they are is found in `recognise`."""

import json
import os
import re
import shlex
import textwrap
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

import yaml

from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.ingest.personal import ADDRESS, HIDDEN
from pipeline.core.notices import survey_gaps
from pipeline.errors import ConfigError
from pipeline.sources.notation_guess import notation_lines
from pipeline.sources.parts import READABLE, address_of, file_format
from pipeline.sources.preset import PRESETS, PresetInput, list_presets, load_preset
from pipeline.sources.questions import NPS_SCALE, TEN, Scale, is_about_a_part, is_about_the_whole, role_of, scale_of
from pipeline.sources.recognise import (
    ANSWER_SHARE,
    Export,
    Found,
    Question,
    find_questions,
    input_of,
    inputs_of,
    nearest,
    read_files,
    recognise,
)
from pipeline.sources.settings import FileInput
from pipeline.sources.time_zones import country_of, guess_clock
from pipeline.sources.unreadable import UNKNOWN_KIND, why_unread

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
"""In the order in which a person looks for them."""
INVITATIONS = "survey_invitations"
"""No file says which survey they are to."""
DEFAULT_ZONE, DEFAULT_CURRENCY = "UTC", "EUR"
ASKED = {
    "satisfaction": "asks whether customers are satisfied",
    "repurchase": "asks whether they will buy again",
    "recommend": "asks whether they would recommend the shop",
}
SURVEY_SHARE = 0.5
"""Share of columns with whole numbers up to 10 from which on a file that is not known could be a survey."""
ORDER_SHARE = 0.5
"""Share of responses that name an order from which on a survey is taken to be about one."""
NAMED = 5
"""How many of many things are named."""
WIDTH = 112

ITEMS = (
    "What the columns of a survey seem to ask, by their wording and the answers seen; why stands beside each. Take out what "
    "is no question and correct what is guessed wrongly. role: satisfaction, repurchase or recommend are the three questions "
    "of the Secure Customer Index, one each; nps: true is the Net Promoter question; labels say which answer of the scale "
    "words stand for. To add where it fits: construct: a name, for questions that measure one thing together; reversed: "
    "true, where a high answer is a bad one."
)
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
class _Source:
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
        return load_preset(self.found.preset).system

    @property
    def exports(self) -> list[Export]:
        return [export for exports in self.found.inputs.values() for export in exports]


@dataclass(frozen=True)
class _Guess:
    value: str
    why: str
    kind: str | None = None
    """What it is where it is not certain: a guess or a default."""


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
    unread = list(_unread([file.name for file in files if not file_format(file)]))
    others = f". Not read: {_some(unread, '; ')}" if unread else ""
    if not exports:
        raise ConfigError(
            f"no file in {folder.resolve()} ends in {READABLE}; name the folder with the exports{_clean(others)}"
        )
    sources = _name_sources(recognise(exports), folder, output.parent)
    unknown = _unknown(exports, sources)
    unknown += unread
    if not sources:
        raise ConfigError(
            f"no file in {folder.resolve()} is a known export: {_some(unknown, '; ')}. "
            f"Known are {', '.join(load_preset(name).system for name in list_presets())}. {OWN_MAPPING}"
        )
    zone, currency = _guess_zone(sources), _guess_currency(sources)
    country = country_of(sum((export.countries for export in _of_orders(sources)), Counter[str]()))
    text = "".join(_configuration(folder, sources, unknown, zone, currency, country))
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}") from None
    return list(_words(output, sources, unknown, {"time_zone": zone, "currency": currency}))


def _name_sources(found: list[Found], folder: Path, relative_to: Path) -> list[_Source]:
    """The sources, each with a name of its own; surveys without an item are none, nor are invitations to one of several."""
    path = Path(os.path.relpath(folder, relative_to))
    sources: list[_Source] = []
    for one in sorted(found, key=lambda one: ENTITIES.index(one.entity)):
        questions = _questions(one) if _is_survey(one) else []
        surveys = [source.name for source in sources if _is_survey(source.found)]
        if _is_survey(one) and not any(question.is_item for question in questions):
            continue
        if one.entity == INVITATIONS and len(surveys) != 1:
            continue
        name = f"{one.preset}_{one.entity}"
        number = 1 + sum((source.found.preset, source.found.entity) == (one.preset, one.entity) for source in sources)
        name = name if number == 1 else f"{name}_{number}"
        places = {input_name: input_of(exports, path) for input_name, exports in one.inputs.items()}
        survey = name if _is_survey(one) else surveys[0] if one.entity == INVITATIONS else None
        sources.append(_Source(name, one, places, questions, survey))
    return sources


def _questions(survey: Found) -> list[Question]:
    ((name, exports),) = survey.inputs.items()
    return find_questions(exports, load_preset(survey.preset).inputs[name])


def _is_survey(found: Found) -> bool:
    return found.entity == "surveys"


def _unknown(exports: list[Export], sources: list[_Source]) -> list[str]:
    """Why each file is read by no source."""
    used = {export.key for source in sources for export in source.exports}
    return [_clean(f"{export.name}: {_why(export, exports)}") for export in exports if export.key not in used]


def _unread(names: list[str]) -> Iterator[str]:
    """Why each file is not looked at: what it is and the way out, or that its kind is not known."""
    unknown = [name for name in names if why_unread(name) is None]
    yield from (_clean(f"{name}: {why}") for name in names if (why := why_unread(name)))
    if unknown:
        yield _clean(f"{_some(unknown)}: {UNKNOWN_KIND if len(unknown) == 1 else UNKNOWN_KIND.replace('is', 'are', 1)}")


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
            worded = [one for one in find_questions([export], best.told) if one.unknown]
            if worded:
                return f"looks like {system}, but {_in_words(worded[0], load_preset(best.preset).numeric)}"
            return f"looks like {system}, but has no column of whole numbers up to 10 that could be an item"
        there = {match.input for one in exports for match in one.matches if match.preset == best.preset}
        needed = dict.fromkeys(name for names in entities if best.input in names for name in names if name not in there)
        if needed:
            return f"looks like {system}, {best.input}; it also needs {', '.join(needed)}"
        return f"looks like another export of {system}, {best.input}; give it sources of its own"
    answered = [column for column in export.columns if column.n_answers >= max(ANSWER_SHARE * column.n, 1)]
    n_answers = sum((column.highest or 0) > 1 for column in answered)
    if n_answers >= SURVEY_SHARE * len(export.columns):
        return (
            f"could be a survey, {n_answers} of its {len(export.columns)} columns hold whole numbers up to 10; call the column "
            "of the response's number response_id and that of its time submitted_at, and it is read as one"
        )
    if near := nearest(export):
        return f"is closest to {near[0]}, but lacks {', '.join(near[1])}"
    return f"is not a known export; it has {_some([column.name for column in export.columns])}"


def _in_words(question: Question, numeric: str | None) -> str:
    """That a question is answered in words of which nothing tells what they stand for, and the way out."""
    way = f"export numeric values ({numeric})" if numeric else "say in its labels which numbers they stand for"
    return f"{_quoted(question.name)} is answered in words that are not known, such as '{question.unknown[0]}'; {way}"


def _guess_zone(sources: list[_Source]) -> _Guess:
    zones = Counter(zone for source in sources if (zone := _zone_of(source.found.preset)))
    if zones:
        return _Guess(zones.most_common(1)[0][0], "the zone of the exports' times")
    exports = _of_orders(sources)
    moments = sum((export.moments for export in exports), Counter[datetime]())
    countries = sum((export.countries for export in exports), Counter[str]())
    if clock := guess_clock(moments, countries):
        return _Guess(clock.zone, f"guessed: {clock.why}", "guess")
    return _Guess(DEFAULT_ZONE, "no file says it: set the shop's own, such as Europe/Amsterdam", "default")


def _of_orders(sources: list[_Source]) -> Collection[Export]:
    """The exports with orders, each once; all exports where there are no orders."""
    ordering = [source for source in sources if source.found.entity == "orders"] or sources
    return {
        export.key: export for source in ordering for exports in source.found.inputs.values() for export in exports
    }.values()


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
        return _Guess(DEFAULT_CURRENCY, "no file says it: set the shop's own", "default")
    (value, _), *others = found.most_common()
    more = f"; rows in {', '.join(code for code, _ in others)} have no value without currency.rates" if others else ""
    return _Guess(value, f"the currency of the exports{more}")


def _configuration(
    folder: Path,
    sources: list[_Source],
    unknown: list[str],
    zone: _Guess,
    currency: _Guess,
    country: tuple[str, float] | None,
) -> Iterator[str]:
    name = folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize()
    yield "# Made from the files of a folder. Paths are relative to this file; ${NAME} is read from the environment. Keys\n"
    yield "# left out have their defaults; the bundled loyalty.yaml shows every section.\n\n"
    yield f"shop:\n  name: {_quoted(name or 'My shop')}\n"
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
        yield from (f"      {name}: {_place(place)}\n" for name, place in source.places.items())
    if unknown:
        yield _comment(f"\nRead by no source. {OWN_MAPPING}")
        yield from (_comment(f"- {words}") for words in unknown)
    if surveys := [source for source in sources if source.items]:
        yield f"\n{_comment(ITEMS)}surveys:\n"
        for source in surveys:
            yield from _survey(source)
    yield EFFECTS


def _place(place: FileInput) -> str:
    """An input as YAML writes it: its path alone where nothing else is to be said."""
    told = place.model_dump(exclude_none=True)
    if len(told) == 1:
        return _quoted(place.path)
    return "{" + ", ".join(f"{key}: {_quoted(value)}" for key, value in told.items()) + "}"


def _survey(source: _Source) -> Iterator[str]:
    """A survey as the configuration has it, every guess with its reason."""
    is_about_orders, why = _type_of(source)
    yield f"  {source.name}:\n    type: {'transactional' if is_about_orders else 'relational'} # {why}\n"
    if missing := dict.fromkeys(code for item in source.items if item.labels for code in item.labels.missing):
        yield f"    missing_codes: [{', '.join(map(_quoted, missing))}] # taken for no answer\n"
    if comments := [question for question in source.questions if question.is_open]:
        yield f"    comments: [{', '.join(_quoted(question.name) for question in comments)}]"
        yield " # open questions: their texts are the comment of a response\n"
    yield "    items:\n"
    roles = _roles(source)
    for item in source.items:
        yield from _item(item, source, roles)
    for question in source.questions:
        if question.unknown:
            yield _comment(
                f"{_quoted(question.name)} {ASKED[str(role_of(question.wording))]}, and is answered in words that are not known: "
                f"{_some(list(question.unknown))}; make it an item with labels, such as labels: {{{_quoted(question.unknown[0])}: 1}}",
                indent="      ",
            )


def _type_of(source: _Source) -> tuple[bool, str]:
    """Whether a survey is about single orders, and why."""
    columns = [column for exports in source.found.inputs.values() for export in exports for column in export.columns]
    n_responses = sum(column.n for column in columns if column.name.lower() == source.told.required[0].lower())
    orders = [name.lower() for name in source.told.optional if "order" in name.lower()]
    n_orders = sum(column.n for column in columns if column.name.lower() in orders)
    if n_responses and n_orders >= ORDER_SHARE * n_responses:
        return (
            True,
            f"{n_orders / n_responses:.0%} of the responses name an order; relational, where it asks about the shop",
        )
    return False, "or transactional, where it asks about one order"


def _roles(source: _Source) -> dict[str, Question]:
    """Role -> the item that has it: the one about the shop as a whole, else the first that is not about a part of it."""
    asked: dict[str, list[Question]] = {}
    for item in source.items:
        role = (
            "recommend"
            if item.name == source.told.nps and _scale(item, source.items) == NPS_SCALE
            else role_of(item.wording)
        )
        if role and not (role == "satisfaction" and is_about_a_part(item.wording)):
            asked.setdefault(role, []).append(item)
    return {
        role: max(
            items,
            key=lambda item: (
                _scale(item, source.items) == NPS_SCALE and role == "recommend",
                is_about_the_whole(item.wording),
            ),
        )
        for role, items in asked.items()
    }


def _item(item: Question, source: _Source, roles: dict[str, Question]) -> Iterator[str]:
    role = next((role for role, taken in roles.items() if taken is item), None)
    scale = _scale(item, source.items)
    is_nps = role == "recommend" and scale == NPS_SCALE
    settings = [*([f"role: {role}"] if role else []), f"scale: {list(scale)}", *(["nps: true"] if is_nps else [])]
    why = [
        f"answers from {item.lowest} to {item.highest}"
        if item.labels is None
        else "answers in words, their order guessed"
    ]
    asked = role or role_of(item.wording)
    if asked:
        why.append(ASKED[asked])
    if asked and not role:
        other = roles.get(asked)
        why.append(f"{_quoted(other.name)} has the role" if other else "of a part of the shop, so it has no role")
    if role == "recommend" and not is_nps:
        why.append("were the scale 0 to 10, it would be nps: true")
    if is_nps and item.labels is None and item.lowest == 1:
        why.append(f"no {NPS_SCALE[0]} seen: where the scale begins at 1, it is [1, 10] and no Net Promoter question")
    words = _clean("; ".join(why))
    if item.labels is None:
        yield f"      {_quoted(item.name)}: {{{', '.join(settings)}}} # {words}\n"
        return
    yield f"      {_quoted(item.name)}: # {words}\n"
    yield from (f"        {setting}\n" for setting in settings)
    yield "        labels:\n"
    by_answer = sorted(item.labels.values.items(), key=lambda pair: pair[1])
    yield from (f"          {_quoted(label)}: {answer}\n" for label, answer in by_answer)


def _scale(item: Question, items: list[Question]) -> Scale:
    """The scale of one of a survey's items: that of its answers, and from 1 to 10 where others are and nobody answered 0."""
    if item.labels is not None:
        return item.labels.scale
    assert item.lowest is not None
    assert item.highest is not None
    scale = scale_of(item.lowest, item.highest, item.wording)
    others = [(other.lowest, other.highest) for other in items if other.labels is None]
    is_from_one = TEN in others and all(lowest for lowest, _ in others)
    return TEN if scale == NPS_SCALE and is_from_one and role_of(item.wording) != "recommend" else scale


def _words(output: Path, sources: list[_Source], unknown: list[str], guesses: dict[str, _Guess]) -> Iterator[str]:
    yield f"wrote {output}"
    for source in sources:
        others = [load_preset(name).system for name in source.found.others]
        doubt = f"; could be {', '.join(others)} as well" if others else ""
        yield "  " + _clean(
            f"{source.name}: {source.system}, {_some([address_of(Path(place.path).name, place.member, place.sheet) for place in source.places.values()])}{doubt}"
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
        if guess.kind:
            yield f"shop.{key}: {guess.value} is a {guess.kind}; {guess.why.removeprefix('guessed: ')}"
    if all(source.found.entity != "orders" for source in sources):
        yield "sources: there are no orders, and nothing runs without them; write a mapping for them"
    for source in sources:
        if source.items:
            yield f"surveys.{source.name}: which columns are items, their scales and what they measure"
            survey = SurveySettings.model_validate(yaml.safe_load("".join(_survey(source)))[source.name])
            yield from (f"surveys.{source.name}: {gap}" for gap in survey_gaps(survey).values())
            numeric = load_preset(source.found.preset).numeric
            worded = [question for question in source.questions if question.unknown]
            yield from (_clean(f"surveys.{source.name}: {_in_words(question, numeric)}") for question in worded)
    if any(_maps_addresses(source.found) for source in sources):
        yield "LOYALTY_PII_KEY: set it to a long secret text and keep it; the exports name persons"


def _maps_addresses(found: Found) -> bool:
    mapping = (PRESETS / found.preset / f"{found.entity}.sql").read_text(encoding="utf-8")
    return re.search(r"\b(email|phone|person_name)\b", mapping) is not None


def _some(words: list[str], separator: str = ", ") -> str:
    return separator.join([*words[:NAMED], *(["…"] if len(words) > NAMED else [])])


def _comment(text: str, indent: str = "") -> str:
    lines = textwrap.wrap(
        _clean(text), WIDTH, break_on_hyphens=False, subsequent_indent="  " if text.startswith("- ") else ""
    )
    return ("\n" if text.startswith("\n") else "") + "".join(f"{indent}# {line}\n" for line in lines)


def _clean(text: str) -> str:
    """One line without e-mail addresses: what is taken for a header may be none."""
    return re.sub(ADDRESS, HIDDEN, " ".join(text.split()))


def _quoted(text: str | int) -> str:
    """Any text as YAML writes it."""
    return json.dumps(text, ensure_ascii=False)
