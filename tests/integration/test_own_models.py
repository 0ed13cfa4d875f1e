"""Models of the user's own, built with ours: published, tested, refused where they do not fit; no night is run for it."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from pipeline.assets.marts import why_failed
from pipeline.commands.add_models import add_models
from pipeline.commands.check import check_models
from pipeline.configuration import load_settings
from pipeline.errors import ConfigError
from pipeline.settings import DbtSettings
from pipeline.warehouse import own_models
from pipeline.warehouse.dbt import DBT_PROJECT, Dbt, Project, parse
from pipeline.warehouse.editions import Concern, concern_of, continue_edition, list_editions, write_without
from pipeline.warehouse.own_models import prepare_project
from tests.integration.conftest import DAY
from tests.scenario import Shop, make_shop, order_lines

REGULARS = "select customer_id, monetary from {{ ref('customer_rfm') }} where customer_id in ('c1', 'c2')"
REGULARS_YML = """
models:
  - name: regulars
    description: Two customers.
    columns:
      - {name: customer_id, description: Who., data_tests: [unique]}
"""
TWINS = "select 1 as number union all select 1"
TWINS_YML = "models: [{name: twins, columns: [{name: number, data_tests: [{unique: {config: {severity: warn}}}]}]}]"
EXTRA = "select customer_id, 'Anna''s' as manager, 2.5::decimal(4, 1) as rank from {{ ref('customer_rfm') }} where customer_id = 'c1'"
EXTRA_YML = """
models:
  - name: customer_360_extra
    columns:
      - {name: manager, description: Who keeps the customer's account.}
"""
FAULTY = {
    "broken.sql": "select nothing from {{ ref('customer_rfm') }}",
    "no_table.sql": "select * from edition.marts.not_there",
    "failing.sql": "select null as customer_id",
    "failing.yml": "models: [{name: failing, columns: [{name: customer_id, data_tests: [not_null]}]}]",
    "customer_360_extra.sql": "select customer_id, 1 as Country from {{ ref('customer_rfm') }}, range(2) where customer_id = 'c1'",
}


def configured(shop: Shop, models: dict[str, str]) -> None:
    """The shop with these files as its own models."""
    folder = shop.folder / "my_models"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in models.items():
        (folder / name).write_text(text)
    tree = yaml.safe_load(shop.config.read_text())
    shop.config.write_text(yaml.safe_dump(tree | {"dbt": {"models": "my_models"}, "engine": {"memory": "700MB"}}))


def project_of(tmp_path: Path, **models: str) -> Project:
    folder = tmp_path / "my_models"
    folder.mkdir()
    for name, text in models.items():
        (folder / f"{name}.sql").write_text(text)
    return prepare_project(DbtSettings(models=folder), tmp_path / "home")


@pytest.fixture(scope="module")
def built(night: Shop) -> dg.ExecuteInProcessResult:
    """The steps of a night that the user's own models change."""
    models = {
        "regulars.sql": REGULARS,
        "regulars.yml": REGULARS_YML,
        "twins.sql": TWINS,
        "twins.yml": TWINS_YML,
        "customer_360_extra.sql": EXTRA,
        "x.yml": EXTRA_YML,
        "held.sql": "select current_setting('memory_limit') as memory",
    }
    configured(night, models)
    before = night.query("select * from marts.customer_360 order by customer_id")
    own = [f"custom/{name}" for name in ("regulars", "twins", "customer_360_extra", "held")]
    result = night.build(DAY, *own, "marts/customer_360", "publish/warehouse")
    after = night.query("select * exclude (manager, rank) from marts.customer_360 order by customer_id")
    assert after == before
    assert len(after) == 50
    return result


def test_own_models_are_published_in_their_schema_with_comments(night: Shop, built: dg.ExecuteInProcessResult) -> None:
    assert built.success
    assert night.query("select customer_id from custom.regulars order by 1") == [("c1",), ("c2",)]
    assert night.query("select comment from duckdb_tables() where table_name = 'regulars'") == [("Two customers.",)]
    comment = "select comment from duckdb_columns() where table_name = 'regulars' and column_name = 'customer_id'"
    assert night.query(comment) == [("Who.",)]


@pytest.mark.usefixtures("built")
def test_the_marts_are_built_in_the_memory_that_the_configuration_gives(night: Shop) -> None:
    assert night.query("select memory from custom.held") == [("667.5 MiB",)]


def test_own_models_are_assets_with_their_tests_as_checks(built: dg.ExecuteInProcessResult) -> None:
    made = {event.asset_key.to_user_string() for event in built.get_asset_materialization_events() if event.asset_key}
    assert {"custom/regulars", "custom/customer_360_extra"} <= made
    checks = {(check.asset_key.to_user_string(), check.passed) for check in built.get_asset_check_evaluations()}
    assert {("custom/regulars", True), ("custom/customer_360_extra", True), ("marts/customer_360", True)} <= checks


def test_a_test_of_ones_own_that_only_warns_is_published_and_says_how_many_rows(
    built: dg.ExecuteInProcessResult,
) -> None:
    (warning,) = (one for one in built.get_asset_check_evaluations() if one.asset_key.path[-1] == "twins")
    assert built.success
    assert (warning.passed, warning.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert warning.metadata["failed_rows"].value == 1


@pytest.mark.usefixtures("built")
def test_columns_of_ones_own_stand_in_customer_360_and_its_constraints_stay(
    night: Shop,
) -> None:
    rows = night.query("select manager, rank::varchar, count(*) from marts.customer_360 group by all order by 3")
    assert rows == [("Anna's", "2.5", 1), (None, None, 49)]
    kept = night.query(
        "select column_name, is_nullable, comment from duckdb_columns() where table_name = 'customer_360' "
        "and column_name in ('customer_id', 'n_orders', 'manager') order by column_name"
    )
    assert [row[:2] for row in kept] == [("customer_id", False), ("manager", True), ("n_orders", False)]
    assert kept[1][2] == "Who keeps the customer's account."
    key = "select constraint_column_names from duckdb_constraints() where table_name = 'customer_360' and constraint_type = 'PRIMARY KEY'"
    assert night.query(key) == [(["customer_id"],)]


@pytest.mark.usefixtures("built")
def test_a_renamed_column_of_customer_360_keeps_its_former_name_beside_columns_of_ones_own(
    night: Shop, tmp_path: Path
) -> None:
    project = project_of(tmp_path, customer_360_extra=EXTRA)
    (contract,) = project.folder.glob("models/**/customer_360.yml")
    tree = yaml.safe_load(contract.read_text())
    (column,) = (one for one in tree["models"][0]["columns"] if one["name"] == "n_orders")
    column["config"] = {"meta": {"former_name": "orders", "goes_with": "0.4.0"}}
    contract.write_text(yaml.safe_dump(tree))
    parse(project)
    edition = tmp_path / "edition.duckdb"
    shutil.copyfile(night.warehouse, edition)
    names = {"customer_360", "customer_360_extra"}
    _, failure = Dbt(project=str(project.folder)).build(night.home / "work" / "build.duckdb", edition, names)
    assert failure is None
    with duckdb.connect(str(edition), read_only=True) as connection:
        found = connection.execute(
            "select count(*), count(manager), bool_and(orders = n_orders) from marts.customer_360"
        )
        assert found.fetchall() == [(50, 1, True)]
        told = connection.execute("select comment from duckdb_columns() where column_name = 'orders'")
        assert told.fetchall() == [("The former name of n_orders; goes with 0.4.0.",)]


@pytest.mark.usefixtures("built")
def test_an_erased_person_leaves_own_models_whatever_their_columns_are_called(night: Shop, tmp_path: Path) -> None:
    edition = shutil.copyfile(list_editions(night.home / "editions")[-1], tmp_path / "edition.duckdb")
    with duckdb.connect(str(edition)) as connection:
        connection.execute("alter table custom.regulars rename customer_id to client")
    write_without(edition, tmp_path / "new.duckdb", {"customer_id": ["c1"], "order_id": ["o2"]})
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        assert connection.execute("select client from custom.regulars").fetchall() == [("c2",)]


@pytest.mark.usefixtures("built")
def test_a_column_of_an_own_model_with_a_name_of_ours_holds_what_ours_does(night: Shop, tmp_path: Path) -> None:
    edition = shutil.copyfile(list_editions(night.home / "editions")[-1], tmp_path / "edition.duckdb")
    with duckdb.connect(str(edition)) as connection:
        connection.execute("alter table custom.regulars add column product_id varchar default 'o2'")
    # An order of the other's number, and a product of the order's: neither names the person.
    write_without(edition, tmp_path / "new.duckdb", {"customer_id": ["c1"], "order_id": ["c2", "o2"]})
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        assert connection.execute("select customer_id from custom.regulars").fetchall() == [("c2",)]


@pytest.mark.parametrize(
    ("theirs", "of_another"),
    [
        ("['c2', 'c1']", "['c2', 'c10']"),
        ("{'first': 'c1', 'n': 1}", "{'first': 'c12', 'n': 1}"),
        ("map {'c1': 3}", "map {'c3': 1}"),
        ("""'{"who": ["c1"]}'::json""", """'{"who": ["c11"]}'::json"""),
        ("'c1'::enum('c1', 'c2')", "'c2'::enum('c1', 'c2')"),
    ],
)
@pytest.mark.usefixtures("built")
def test_an_erased_person_leaves_lists_structures_and_json_of_own_models_too(
    night: Shop, tmp_path: Path, theirs: str, of_another: str
) -> None:
    edition = shutil.copyfile(list_editions(night.home / "editions")[-1], tmp_path / "edition.duckdb")
    with duckdb.connect(str(edition)) as connection:
        connection.execute(
            f"create table custom.groups as select {theirs} as held, 1 as n union all select {of_another}, 2"
        )
    write_without(edition, tmp_path / "new.duckdb", {"customer_id": ["c1"], "order_id": []})
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        assert connection.execute("select n from custom.groups").fetchall() == [(2,)]


@pytest.mark.usefixtures("built")
def test_an_erased_person_leaves_the_columns_of_ones_own_in_the_customer_360_of_somebody_else(
    night: Shop, tmp_path: Path
) -> None:
    edition = shutil.copyfile(list_editions(night.home / "editions")[-1], tmp_path / "edition.duckdb")
    with duckdb.connect(str(edition)) as connection:
        # c1 has c3 as its manager: the row is of c1.
        for table in ("marts.customer_360", "custom.customer_360_extra"):
            connection.execute(f"update {table} set manager = 'c3' where customer_id = 'c1'")
        connection.execute("delete from marts.customer_360 where customer_id = 'c3'")
    names = {"customer_id": ["c3"]}
    assert concern_of(edition, names) is Concern.NAMES
    write_without(edition, tmp_path / "new.duckdb", names)
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        found = connection.execute("select manager, rank::double from marts.customer_360 where customer_id = 'c1'")
        assert found.fetchall() == [(None, 2.5)]
        assert connection.execute("from custom.customer_360_extra").fetchall() == []
    assert concern_of(tmp_path / "new.duckdb", names) is Concern.NONE


@pytest.mark.usefixtures("built")
def test_a_number_counts_in_a_column_of_own_models_with_a_name_of_ours_and_in_no_other(
    night: Shop, tmp_path: Path
) -> None:
    edition = shutil.copyfile(list_editions(night.home / "editions")[-1], tmp_path / "edition.duckdb")
    with duckdb.connect(str(edition)) as connection:
        connection.execute("create table custom.counted as select 7 as customer_id, 8 as visits union all select 8, 7")
    write_without(edition, tmp_path / "new.duckdb", {"customer_id": ["7"], "order_id": []})
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        assert connection.execute("from custom.counted").fetchall() == [(8, 7)]


@pytest.mark.usefixtures("built")
def test_an_own_model_with_a_quote_in_the_name_of_a_column_is_no_damaged_edition(night: Shop, tmp_path: Path) -> None:
    edition = shutil.copyfile(list_editions(night.home / "editions")[-1], tmp_path / "edition.duckdb")
    with duckdb.connect(str(edition)) as connection:
        connection.execute("""create table custom.screens as select 'c1' as "screen ("")" union all select 'c2'""")
        connection.execute("""comment on column custom.screens."screen ("")" is 'In inches.'""")
    names = {"customer_id": ["c1"]}
    assert concern_of(edition, names) is Concern.NAMES
    write_without(edition, tmp_path / "new.duckdb", names)
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        assert connection.execute("from custom.screens").fetchall() == [("c2",)]
        told = "select comment from duckdb_columns() where table_name = 'screens'"
        assert connection.execute(told).fetchall() == [("In inches.",)]


@pytest.mark.usefixtures("built")
def test_a_model_that_is_no_more_is_in_no_later_edition(night: Shop) -> None:
    configured(night, {"regulars.sql": REGULARS, "regulars.yml": REGULARS_YML})
    night.build(DAY, "custom/regulars", "publish/warehouse")
    assert night.query("select table_name from duckdb_tables() where schema_name = 'custom'") == [("regulars",)]


def test_check_parses_own_models_and_says_in_one_line_why_a_run_would_refuse_them(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, order_lines(20))
    configured(shop, {"regulars.sql": "select {{ ref('customer_rfm' }}"})
    refused = shop.loyalty("check")
    assert refused.exit_code == 1
    assert "Compilation Error in model regulars (models/custom/regulars.sql)" in " ".join(refused.output.split())
    assert refused.output.splitlines()[-1] == "a run would fail: look at own models"
    assert not (shop.home / "work").exists()
    configured(shop, {"regulars.sql": REGULARS, "regulars.yml": REGULARS_YML})
    (fact,) = check_models(DbtSettings(models=shop.folder / "my_models"), tmp_path / "tried").facts
    assert (fact.mark, fact.words) == ("ok", "1 parsed, not built: regulars")


@pytest.mark.usefixtures("built")
def test_a_model_or_test_that_fails_is_named_in_one_line(night: Shop, tmp_path: Path) -> None:
    configured(night, FAULTY)
    settings = load_settings(night.config, home=night.home)
    project = prepare_project(settings.dbt, settings.home)
    edition = tmp_path / "edition.duckdb"
    assert continue_edition(edition, night.home / "editions", date.fromisoformat(DAY))
    dbt = Dbt(project=str(project.folder))

    def line(*names: str) -> str:
        events, failure = dbt.build(night.home / "work" / "build.duckdb", edition, names)
        assert failure is not None
        found = why_failed(events)
        assert "\n" not in found
        return found

    assert re.search(r'in model broken .*"nothing" not found', line("broken"))
    assert re.search("in model no_table .*not_there", line("no_table"))
    assert "not_null_failing_customer_id" in line("failing", "not_null_failing_customer_id")
    once = "customer_360_extra_has_one_row_per_customer"
    assert once in line("customer_360_extra", once)
    assert line("customer_360").endswith(
        "customer_360_extra: column Country is in customer_360 already; give it another name"
    )


@pytest.mark.usefixtures("built")
def test_dbt_by_hand_reads_what_the_last_night_has_read(night: Shop) -> None:
    project = night.home / "work" / "dbt_projects" / "newest"
    files = {"LOYALTY_BUILD_FILE": "work/build.duckdb", "LOYALTY_WAREHOUSE": "warehouse.duckdb"}
    for folder, home in ((project.resolve(), night.home), (DBT_PROJECT, DBT_PROJECT.parent / ".loyalty")):
        defaults = {
            name: "/".join(re.findall(r"'(.*?)'", parts))
            for name, parts in re.findall(r"'(LOYALTY_\w+)', \[(.*?)\]", (folder / "profiles.yml").read_text())
        }
        assert {name: (folder / defaults[name]).resolve() for name in files} == {
            name: (home / file).resolve() for name, file in files.items()
        }


def test_a_model_that_reads_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^dbt\.models .*my_models: .*'nowhere' which was not found") as caught:
        project_of(tmp_path, lost="select * from {{ ref('nowhere') }}")
    assert "\n" not in str(caught.value)
    assert [path.name for path in (tmp_path / "home" / "work" / "dbt_projects").iterdir()] == []


@pytest.mark.parametrize(
    ("models", "circle"),
    [
        (
            {"customer_360_extra": "select customer_id, 1 as n from {{ ref('customer_360') }}"},
            r"customer_360(_extra)? reads customer_360(_extra)? reads customer_360(_extra)?",
        ),
        (
            {
                "a": "{{ config(materialized='ephemeral') }} select * from {{ ref('b') }}",
                "b": "select * from {{ ref('a') }}",
            },
            "(a reads b reads a|b reads a reads b)",
        ),
    ],
)
def test_models_that_read_each_other_are_refused_before_a_night(
    tmp_path: Path, models: dict[str, str], circle: str
) -> None:
    with pytest.raises(ConfigError, match=rf"my_models: models read each other in a circle: {circle}$"):
        project_of(tmp_path, **models)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customer_rfm", "customer_rfm.sql is named like a model of ours; give it another name"),
        ("My mart", "My mart.sql is not named like a table"),
        ("notes.md", "no model is there, a file that ends in .sql"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(tmp_path: Path, name: str, words: str) -> None:
    file = tmp_path / (name if "." in name else f"{name}.sql")
    file.write_text("select 1 as one")
    with pytest.raises(ConfigError, match=words):
        prepare_project(DbtSettings(models=tmp_path), tmp_path / "home")


def test_a_folder_that_is_not_there_is_a_fault_of_the_configuration(night: Shop, tmp_path: Path) -> None:
    tree = yaml.safe_load(night.config.read_text()) | {"dbt": {"models": "nowhere"}}
    shutil.copytree(night.folder, tmp_path / "shop", ignore=shutil.ignore_patterns("home"))
    config = tmp_path / "shop" / "loyalty.yaml"
    config.write_text(yaml.safe_dump(tree))
    with pytest.raises(
        ConfigError, match=r"dbt\.models: there is no folder .*nowhere; make it with `loyalty add-models`"
    ):
        load_settings(config, home=tmp_path)


def test_a_model_stays_a_table_of_the_published_file(tmp_path: Path) -> None:
    node = {
        "resource_type": "model", "path": "custom/x.sql", "name": "x", "schema": "custom", "database": "edition",
        "alias": "x", "config": {"materialized": "table"},
    }  # fmt: skip
    project = Project(tmp_path)
    project.target.mkdir()

    def faults(**changes: object) -> list[str]:
        project.manifest.write_text(json.dumps({"nodes": {"x": node | changes}}))
        return list(own_models.faults_of_places(project))

    assert faults() == faults(config={"materialized": "ephemeral"}) == []
    assert faults(path="marts/x.sql", schema="marts") == []
    assert faults(config={"materialized": "view"}) == [
        "model x is materialized as view; a table of the published file is a table in it: leave the setting out"
    ]
    assert faults(name="customer_360_extra", alias="customer_360_extra", config={"materialized": "ephemeral"}) == [
        "model customer_360_extra is ephemeral, and customer_360 takes its columns from its table: leave the setting out"
    ]
    assert faults(schema="marts") == ["model x sets its schema to marts; leave the setting out"]


def test_a_folder_with_a_first_model_is_made_and_one_that_holds_something_is_left(tmp_path: Path) -> None:
    made = add_models(tmp_path / "my_models")
    assert [file.name for file in made] == ["value_at_risk_by_tier.sql", "value_at_risk_by_tier.yml"]
    with pytest.raises(ConfigError, match="my_models is not empty; name a new folder"):
        add_models(tmp_path / "my_models")
