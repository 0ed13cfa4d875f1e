"""What the pages in `docs` say of the code holds: sections, keys with their defaults, tables and columns, links."""

import re
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/definitions.md").read_text(encoding="utf-8")
CITING = ("pipeline", "schemas", "dbt_project/models", "tests")
CITATION = re.compile(
    r"\bdefinitions(?: give them)?,? \(?sections? (\d+(?:\.\d+)?(?:(?:, | and |, and )\d+(?:\.\d+)?)*)", re.I
)
DEFAULT = re.compile(r"`([a-z_]+(?:\.[a-z_0-9]+)+)`(?:\s=\s+(\[[^\]]*\]|`\w+`|\d[\d,.]*(?:e-\d+)?%?|true|false))?")


def cited_sections(text: str) -> list[str]:
    """The numbers of all sections that comments and docstrings cite, also over the end of a line."""
    on_one_line = re.sub(r"\s+(?:(?:#|--)\s+)?", " ", text)
    return [number for found in CITATION.findall(on_one_line) for number in re.findall(r"\d+(?:\.\d+)?", found)]


def citations() -> list[tuple[str, str]]:
    files = [file for folder in CITING for file in sorted((ROOT / folder).rglob("*.*")) if file != Path(__file__)]
    return [
        (file.relative_to(ROOT).as_posix(), number)
        for file in files
        if file.suffix in (".py", ".sql", ".yml")
        for number in cited_sections(file.read_text(encoding="utf-8"))
    ]


def columns_of_tables() -> dict[str, set[str]]:
    models = [
        model
        for file in (ROOT / "dbt_project/models").rglob("*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    ]
    return {model["name"]: {column["name"] for column in model.get("columns", [])} for model in models}


def as_number(text: str) -> float:
    number = float(text.rstrip(",.%").replace(",", ""))
    return number / 100 if text.endswith("%") else number


def agree(said: str, default: Any) -> bool:
    """Whether a default as the page writes it is the one of the settings."""
    if isinstance(default, bool):
        return said == str(default).lower()
    if isinstance(default, (int, float)):
        return as_number(said) == pytest.approx(default)
    return bool(yaml.safe_load(said.strip("`")) == default)


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_section_that_the_code_cites_is_in_the_definitions() -> None:
    sections = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", PAGE, re.M))
    found = citations()
    assert len({file for file, _ in found}) >= 25
    assert [(file, number) for file, number in found if number not in sections] == []


def test_a_citation_is_found_over_lines_and_with_several_sections() -> None:
    text = '"""Null. Definitions,\n    sections 3, 4 and 6.2.\n"""\n# as the definitions\n# give them (section 1)'
    assert cited_sections(text) == ["3", "4", "6.2", "1"]


def test_every_key_in_the_definitions_exists_and_has_the_default_that_stands_beside_it() -> None:
    tables, wrong, n_defaults = columns_of_tables(), [], 0
    for name, said in DEFAULT.findall(PAGE):
        section, *rest = name.split(".")
        if section in Settings.model_fields:
            field = Settings.model_fields[section]
            if field.is_required():
                assert field.annotation is not None
                assert rest[0] in field.annotation.model_fields, name
                continue
            default = reduce(getattr, rest, field.default)
            n_defaults += bool(said)
            if said and not agree(said, default):
                wrong.append(f"{name}: the page says {said}, the settings say {default}")
        elif section == "marts":
            assert rest[0] in tables, name
        elif (section, *rest) != ("definitions", "md"):
            assert rest[0] in tables[section], name
    assert wrong == []
    assert n_defaults > 50


def test_every_mart_is_in_the_definitions() -> None:
    marts = {file.stem for file in (ROOT / "dbt_project/models/marts").glob("*.sql")}
    facts = {"fct_order_lines", "fct_touchpoints"}
    assert {mart for mart in marts - facts if not re.search(rf"`{mart}[`.]", PAGE)} == set()


@pytest.mark.parametrize(
    "name", ["docs/bi.md", "docs/definitions.md", "docs/glossary.md", "docs/operations.md", "README.md"]
)
def test_every_link_leads_somewhere(name: str) -> None:
    file = ROOT / name
    for target in re.findall(r"\]\(([^)]+)\)", file.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (file.parent / path).resolve() if path else file
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), target
