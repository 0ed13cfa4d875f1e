"""The faults of a configuration in words, all at once: each with its key, its value and the way out.

The settings decide what is wrong; `configuration` reads the file.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipeline.core.options import NAME_PATTERN, Fault, SectionError, did_you_mean, not_one_of
from pipeline.settings import BETWEEN_SECTIONS, MEMORY, WEB_ADDRESS, Settings
from pipeline.sources.settings import DATABASE_PATTERN
from schemas.types import CURRENCY_PATTERN

FROM_ENVIRONMENT = {"home": "LOYALTY_HOME", "pii_key": "LOYALTY_PII_KEY"}
"""Settings that no file may hold -> the variable that does."""
LONGEST_VALUE = 60
PATTERNS = {
    NAME_PATTERN: "is not a name: use lower-case letters, digits and _, a letter first",
    CURRENCY_PATTERN: "is not a currency code such as EUR",
    WEB_ADDRESS: "is not the address of a page: https://name, without user and password",
    MEMORY: "is no amount of memory; write it as 25% of this machine's, or as 4 GB",
    DATABASE_PATTERN: "is not the address of a database: postgresql://, mysql://, sqlite:/// or duckdb:///",
}
KINDS = {
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "dataclass_type": "a mapping of keys",
    "dict_type": "a mapping of keys",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "a text",
}


def explain(error: ValidationError, written: Mapping[str, Any], tree: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong, key by key, and then between sections without faults of their own.

    `written`: the keys as in the file, so that no secret of the environment is shown; `tree`: the validated keys.
    """
    unsound = set()
    for fault in error.errors(include_url=False):
        place, value = _locate(fault, written)
        unsound.add(place[0] if place else None)
        if fault["type"] == "extra_forbidden" and len(place) == 1:
            # What a misspelt section means is not known.
            unsound |= {name for name in Settings.model_fields if f"'{name}'" in _words(fault, place, value)}
        found = fault.get("ctx", {}).get("error")
        told = found.found if isinstance(found, SectionError) else [("", _words(fault, place, value))]
        for key, words in told:
            yield ".".join(filter(None, [*map(str, place), key])), words
    if None not in unsound:
        for check, names in BETWEEN_SECTIONS.items():
            if unsound.isdisjoint(names):
                yield from check(*(_section(name, tree) for name in names))


def _section(name: str, tree: Mapping[str, Any]) -> Any:
    field = Settings.model_fields[name]
    if name not in tree:
        return field.get_default(call_default_factory=True)
    return TypeAdapter(field.rebuild_annotation()).validate_python(tree[name])


def _locate(fault: Mapping[str, Any], written: Any) -> tuple[list[str | int], Any]:
    """The keys that lead to a fault, without what pydantic adds for the forms a value can have; and the value."""
    place: list[str | int] = []
    value = written
    for part in fault["loc"]:
        keys: Any = value if isinstance(value, Mapping) else range(len(value)) if isinstance(value, list) else ()
        if part == "[key]":
            return place[:-1], place[-1]
        if part in keys:
            value = value[part]
        elif fault["type"] == "missing" and part == fault["loc"][-1]:
            value = None
        elif part in FROM_ENVIRONMENT:
            return [FROM_ENVIRONMENT[str(part)]], None
        else:
            continue
        place.append(part)
    return place, value


def _words(fault: Mapping[str, Any], place: list[str | int], value: Any) -> str:
    context = fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden" | "invalid_key" | "unexpected_keyword_argument":
            known = _known_keys(place[:-1])
            return f"unknown key{did_you_mean(place[-1], known) or '; known here: ' + ', '.join(known)}"
        case "missing":
            return "is missing"
        case "literal_error":
            return not_one_of(value, re.findall(r"'([^']*)'", context["expected"]))
        case "string_pattern_mismatch" if context["pattern"] in PATTERNS:
            return f"{_shown(value)} {PATTERNS[context['pattern']]}"
        case "value_error":
            return str(fault["msg"]).removeprefix("Value error, ")
        case kind if kind in KINDS:
            return f"{_shown(value)} is not {KINDS[kind]}"
    wanted = fault["msg"].partition(" should ")[2].replace(" after validation", "").split(", unable to")[0]
    if not wanted:
        return f"{_shown(value)}: {fault['msg']}"
    return f"should {wanted}" if isinstance(value, Mapping | list) else f"{_shown(value)} should {wanted}"


def _shown(value: Any) -> str:
    """A value as written, shortened, and without the password of an address."""
    text = "null" if value is None else f"'{value}'" if isinstance(value, str) else str(value)
    text = re.sub(r"://[^/@\s]*@", "://…@", text)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _known_keys(place: list[str | int]) -> list[str]:
    """The keys that may stand at a place, in the order of the settings."""
    schema = _schema()
    forms = [schema]
    for part in place:
        forms = [below for form in forms for below in _below(form, part, schema["$defs"])]
    keys = dict.fromkeys(key for form in forms for key in form.get("properties", {}))
    return [key for key in keys if key not in FROM_ENVIRONMENT]


@cache
def _schema() -> dict[str, Any]:
    """The settings in JSON Schema: made once, as every fault needs it and it takes a while."""
    return Settings.model_json_schema()


def _below(form: dict[str, Any], part: str | int, named: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of what is under a key or number of something with the schema `form`."""
    if isinstance(part, int):
        below = form.get("items")
    else:
        below = form.get("properties", {}).get(part) or form.get("additionalProperties")
        below = below or next(iter(form.get("patternProperties", {}).values()), None)
    if isinstance(below, dict):
        for one in below.get("anyOf") or below.get("oneOf") or below.get("allOf") or [below]:
            yield named[one["$ref"].rsplit("/", 1)[-1]] if "$ref" in one else one
