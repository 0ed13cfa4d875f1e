from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.configuration import load_settings
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.spark import Spark
from tests.scenario import make_shop

ROOT = Path(__file__).parents[2]

CONFIG = """
shop: {name: Test, time_zone: Europe/Amsterdam, currency: EUR}
sources:
  - {name: web, entity: orders, mapping: sql/own.sql, inputs: {orders: exports/orders.csv}}
  - {name: care, entity: surveys, survey: care, mapping: sql/care.sql, inputs: {answers: /data/care.csv}}
surveys:
  care: {type: relational, items: {q1: {scale: [1, 5], role: satisfaction}}}
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOYALTY_CONFIG", "LOYALTY_HOME", "LOYALTY_PII_KEY", "OLIST_DIR", "ECSI_DIR", "ONLINE_RETAIL_DIR"):
        monkeypatch.delenv(name, raising=False)


def load(folder: Path, text: str = CONFIG) -> Settings:
    (folder / "own.yaml").write_text(text)
    return load_settings(folder / "own.yaml", home=folder / "home")


def change(path: str, value: Any) -> str:
    """The configuration with one key, given by its path, set to another value."""
    tree = yaml.safe_load(CONFIG)
    keys: list[Any] = [int(part) if part.isdigit() else part for part in path.split(".")]
    *parents, last = keys
    node: Any = tree
    for part in parents:
        node = node[part] if isinstance(node, list) else node.setdefault(part, {})
    node[last] = value
    return yaml.safe_dump(tree)


def fault(folder: Path, text: str) -> str:
    """The one line with which a configuration is refused, without its file."""
    with pytest.raises(ConfigError) as raised:
        load(folder, text)
    message = str(raised.value)
    assert "\n" not in message
    return message.removeprefix("configuration ").removeprefix(str(folder / "own.yaml")).removeprefix(": ").strip()


# What is good


def test_the_bundled_configuration_loads_with_the_demo_shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    settings = load_settings(ROOT / "loyalty.yaml")
    assert settings.home == tmp_path
    assert settings.demo is not None
    assert settings.sources[0].inputs == {"orders": f"{tmp_path}/demo/orders_*.csv"}
    assert [source.entity for source in settings.sources] == [
        "orders",
        "order_lines",
        "customers",
        "reviews",
        "surveys",
        "survey_invitations",
        "touchpoints",
        "loyalty_events",
        "referrals",
        "products",
    ]


@pytest.mark.parametrize("name", sorted(file.name for file in (ROOT / "examples").glob("*.yaml")))
def test_every_example_loads_when_its_folders_are_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("OLIST_DIR", "ECSI_DIR", "ONLINE_RETAIL_DIR"):
        monkeypatch.setenv(folder, "/data")
    settings = load_settings(ROOT / "examples" / name)
    assert settings.sources
    for source in settings.sources:
        assert source.mapping_file.is_file()
        assert all(place.startswith("/data/") for place in source.inputs.values())


def test_without_arguments_the_environment_names_the_configuration_and_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.yaml").write_text(CONFIG)
    monkeypatch.setenv("LOYALTY_CONFIG", str(tmp_path / "own.yaml"))
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path / "home"))
    settings = load_settings()
    assert (settings.shop.name, settings.home) == ("Test", tmp_path / "home")


def test_without_an_environment_both_are_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loyalty.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    assert load_settings().home == tmp_path / ".loyalty"


@pytest.mark.parametrize("place", ["lake", "home"])
def test_a_home_or_lake_that_would_be_a_column_and_its_value_is_refused(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "currency=USD" / place
    (tmp_path / "loyalty.yaml").write_text(f"{CONFIG}\nlake: '{folder}'\n" if place == "lake" else CONFIG)
    with pytest.raises(ConfigError) as raised:
        load_settings(tmp_path / "loyalty.yaml", home=folder if place == "home" else tmp_path / "home")
    assert str(raised.value).endswith(
        f": '{folder}' has a = in it, and would be taken for a column and its value; choose a folder without"
    )


@pytest.mark.parametrize("place", ["lake", "home"])
@pytest.mark.parametrize(("name", "found"), [("my%20shop", "%20"), ("my\\shop", "\\"), ("100% shop #1 ä", None)])
def test_a_home_or_lake_in_which_no_table_could_be_kept_is_refused(
    tmp_path: Path, place: str, name: str, found: str | None
) -> None:
    folder = tmp_path / name
    (tmp_path / "loyalty.yaml").write_text(f"{CONFIG}\nlake: '{folder}'\n" if place == "lake" else CONFIG)
    home = folder if place == "home" else tmp_path / "home"
    if found is None:
        assert load_settings(tmp_path / "loyalty.yaml", home=home).lake_root.startswith(str(folder))
        return
    with pytest.raises(ConfigError) as raised:
        load_settings(tmp_path / "loyalty.yaml", home=home)
    assert str(raised.value).endswith(
        f"{str(folder)!r} has {found!r} in it, and no table of the lake can be kept there; choose a folder without"
    )


@pytest.mark.parametrize("name", ["shop [nl]", "shop*", "shop?"])
def test_a_home_or_lake_that_would_be_a_pattern_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    words = "has a bracket, * or ? in it, and its files could not be told from others; choose a folder without"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "loyalty.yaml").write_text(CONFIG)
    monkeypatch.chdir(folder)
    with pytest.raises(ConfigError) as raised:
        load_settings()
    assert str(raised.value) == (
        f"configuration {folder / 'loyalty.yaml'}: LOYALTY_HOME: '{folder / '.loyalty'}' {words}"
    )
    assert load_settings(home=tmp_path / "home").home == tmp_path / "home"
    (folder / "loyalty.yaml").write_text(f"{CONFIG}\nlake: 'lake [1]'\n")
    with pytest.raises(ConfigError) as raised:
        load_settings(home=tmp_path / "home")
    assert str(raised.value) == f"configuration {folder / 'loyalty.yaml'}: lake: '{folder / 'lake [1]'}' {words}"
    (folder / "loyalty.yaml").write_text(f"{CONFIG}\nlake: 's3://bucket/lake [1]'\n")
    assert load_settings(home=tmp_path / "home").lake_root == "s3://bucket/lake [1]"


def make_home(folder: Path, *sources: str) -> Path:
    """A home in which sources have been staged."""
    home = folder / ".loyalty"
    for source in sources or ("",):
        (home / "work" / "staged" / source).mkdir(parents=True)
    return home


def test_the_home_is_beside_the_configuration_wherever_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "own.yaml").write_text(CONFIG.replace("exports/orders.csv", "'${LOYALTY_HOME}/orders.csv'"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    settings = load_settings(tmp_path / "own.yaml")
    assert settings.home == tmp_path / ".loyalty"
    assert settings.sources[0].inputs == {"orders": f"{tmp_path}/.loyalty/orders.csv"}
    assert not caplog.messages


def test_a_home_that_earlier_runs_left_in_the_working_folder_is_found_with_a_word_on_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "own.yaml").write_text(CONFIG)
    working = make_home(tmp_path / "elsewhere", "web")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_settings(tmp_path / "own.yaml").home == working
    assert caplog.messages == [
        f"warning: the home is {working}, in the working folder; move it to {tmp_path / '.loyalty'}, "
        f"or set LOYALTY_HOME={working}"
    ]


def test_a_home_in_the_working_folder_is_left_alone_when_it_is_another_shops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "own.yaml").write_text(CONFIG)
    make_home(tmp_path / "elsewhere", "shop_orders")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_settings(tmp_path / "own.yaml").home == tmp_path / ".loyalty"
    assert not caplog.messages


def test_a_home_beside_the_configuration_comes_before_one_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "own.yaml").write_text(CONFIG)
    home = make_home(tmp_path)
    make_home(tmp_path / "elsewhere", "web")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_settings(tmp_path / "own.yaml").home == home
    assert not caplog.messages


def test_relative_paths_are_relative_to_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    web, care = load(tmp_path).sources
    assert web.mapping_file == tmp_path / "sql" / "own.sql"
    assert web.inputs == {"orders": str(tmp_path / "exports" / "orders.csv")}
    assert care.inputs == {"answers": "/data/care.csv"}


def test_keys_left_out_keep_the_defaults_of_the_definitions(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.rfm.window_days, settings.rfm.bins, settings.rfm.method, settings.rfm.map) == (
        365,
        5,
        "rank",
        "rfm11",
    )
    assert settings.rfm.valid_statuses == ["paid", "shipped", "delivered"]
    assert settings.sci.min_n == 30
    assert settings.churn.one_time_days == [60, 120, 180, 240]
    assert settings.loyalty.vip_share == 0.05
    assert settings.quality.max_reject_rate == 0.05
    assert settings.demo is None


def test_the_environment_is_put_in_wherever_a_text_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_NAME", "Winkel")
    assert load(tmp_path, change("shop.name", "De ${SHOP_NAME} van ${SHOP_NAME}")).shop.name == "De Winkel van Winkel"


@pytest.mark.parametrize("written", ["0640", "'0640'", "640", "'640'"])
def test_the_mode_of_the_published_file_is_read_as_it_is_written_for_chmod(tmp_path: Path, written: str) -> None:
    settings = load(tmp_path, f"{CONFIG}\npublish: {{mode: {written}}}")
    assert settings.publish.mode == 0o640
    assert load(tmp_path).publish.mode == 0o644


def test_the_published_file_is_beside_the_configuration_where_its_path_is_relative(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    settings = load(tmp_path, change("publish.path", "shared/shop.duckdb"))
    assert settings.publish.path == tmp_path / "shared" / "shop.duckdb"
    assert load(tmp_path).publish.path is None


def test_a_published_file_that_could_not_be_written_or_is_open_to_be_changed_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "gone"
    assert (
        fault(tmp_path, change("publish.path", "gone/shop.duckdb"))
        == f"publish.path: there is no folder {missing}; make it first"
    )
    assert (
        fault(tmp_path, change("publish.path", "shop.db"))
        == f"publish.path: '{tmp_path / 'shop.db'}' does not end in .duckdb; give it that ending"
    )
    assert fault(tmp_path, change("publish.mode", 0o666)) == "publish.mode: '0438' is not one of 0600, 0640, 0644"


def test_the_ui_has_no_other_names_than_this_machines_until_they_are_given(tmp_path: Path) -> None:
    assert load(tmp_path).ui.hosts == []
    assert load(tmp_path, change("ui.hosts", ["bi.shop.example"])).ui.hosts == ["bi.shop.example"]


def test_where_the_code_can_be_read_on_the_web_is_an_address(tmp_path: Path) -> None:
    folder = "https://example.org/shop/loyalty/blob/main"
    assert load(tmp_path, change("ui.code", folder)).ui.code == folder
    assert fault(tmp_path, change("ui.code", "git@example.org:shop/loyalty")).startswith("ui.code: ")


@pytest.mark.parametrize("name", ["*", "https://bi.shop.example", "bi.shop.example:3000", ""])
def test_a_host_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    assert fault(tmp_path, change("ui.hosts", [name])) == (
        f"ui.hosts.0: '{name}' is not a host name; write it as in the address, without https:// and port"
    )


def test_a_window_of_null_is_all_history(tmp_path: Path) -> None:
    assert load(tmp_path, change("rfm.window_days", None)).rfm.window_days is None


def test_missing_codes_are_texts_or_numbers(tmp_path: Path) -> None:
    settings = load(tmp_path, change("surveys.care.missing_codes", [-99, "N/A"]))
    assert settings.surveys["care"].missing_codes == ["-99", "N/A"]


EIGHT = {
    "q1": {"scale": [1, 5], "role": "satisfaction", "construct": "joy"},
    "q2": {"scale": [1, 5], "role": "recommend"},
    "c1": {"scale": [1, 7], "construct": "care"},
    "c2": {"scale": [1, 7], "construct": "care"},
    "c3": {"scale": [1, 7], "construct": "choice"},
    "c4": {"scale": [1, 7]},
}


def plan_of(folder: Path, **chosen: Any) -> tuple[str, list[str]]:
    tree = yaml.safe_load(change("surveys.care.items", EIGHT))
    plan = load(folder, yaml.safe_dump(tree | {"drivers": {"surveys": {"care": chosen}}})).driver_plans["care"]
    return plan.outcome, plan.predictors


def test_the_outcome_of_a_survey_is_its_sci_items_and_its_drivers_share_none_of_them(tmp_path: Path) -> None:
    settings = load(tmp_path, change("surveys.care.items", EIGHT))
    assert settings.driver_plans["care"].predictors == ["care", "choice"] == plan_of(tmp_path)[1]
    assert settings.measures["care"] == {
        "joy": ["q1"],
        "care": ["c1", "c2"],
        "choice": ["c3"],
        "sci_items": ["q1", "q2"],
    }


def test_an_outcome_is_a_construct_or_a_role_and_its_predictors_can_be_named(tmp_path: Path) -> None:
    assert plan_of(tmp_path, outcome="joy") == ("joy", ["care", "choice"])
    assert plan_of(tmp_path, outcome="care") == ("care", ["choice", "joy"])
    assert plan_of(tmp_path, outcome="recommend") == ("recommend", ["care", "choice", "joy"])
    assert plan_of(tmp_path, predictors=["choice"]) == ("sci_items", ["choice"])


def test_a_survey_without_outcome_or_constructs_has_no_drivers(tmp_path: Path) -> None:
    assert load(tmp_path).driver_plans == {}
    assert load(tmp_path, change("surveys.care.items", {"c1": EIGHT["c1"]})).driver_plans == {}


@pytest.mark.parametrize(
    ("drivers", "message"),
    [
        ({"exit": {}}, "drivers.surveys.exit: survey 'exit' is not one of care"),
        (
            {"care": {"outcome": "hope"}},
            "drivers.surveys.care.outcome: no item of the survey has construct or role 'hope'",
        ),
        ({"care": {"predictors": ["hope"]}}, "drivers.surveys.care.predictors: 'hope' is not one of care, choice, joy"),
        (
            {"care": {"predictors": ["joy"]}},
            "drivers.surveys.care.predictors: 'joy' shares item q1 with the outcome; leave it out",
        ),
        (
            {"care": {"outcome": "care", "predictors": ["care"]}},
            "drivers.surveys.care.predictors: 'care' shares item c1 with the outcome; leave it out",
        ),
    ],
)
def test_drivers_that_the_survey_does_not_measure_are_refused(
    tmp_path: Path, drivers: dict[str, Any], message: str
) -> None:
    tree = yaml.safe_load(change("surveys.care.items", EIGHT))
    assert fault(tmp_path, yaml.safe_dump(tree | {"drivers": {"surveys": drivers}})) == message


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    text = CONFIG + "rfm:\n  bins: 5\n  map: rfm11\n  bins: 5\n"
    assert fault(tmp_path, text) == "line 11: key 'bins' appears twice; keep one"


def test_an_anchor_may_be_merged_and_its_keys_overridden(tmp_path: Path) -> None:
    text = CONFIG + "rfm: &own {min_n: 7}\nsci: {<<: *own, min_n: 9}\nnps: {<<: *own}\n"
    settings = load(tmp_path, text)
    assert (settings.rfm.min_n, settings.sci.min_n, settings.nps.min_n) == (7, 9, 7)


def test_more_predictors_than_the_shapley_values_can_take_are_refused(tmp_path: Path) -> None:
    items = {f"c{n}": {"scale": [1, 7], "construct": f"construct_{n}"} for n in range(13)}
    text = change("surveys.care.items", EIGHT | items)
    # The thirteen; joy shares an item with the outcome.
    message = "drivers.surveys.care.predictors: 13 constructs are more than 12; name those that count"
    assert fault(tmp_path, text) == message


# What is refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "colour",
            "blue",
            "colour: unknown key; known here: shop, sources, surveys, demo, schedule, orders, currency, rfm, sci, nps, themes, churn, "
            "constructs, drivers, say_do, loyalty, journey, engagement, experience, actions, cohorts, preferences, pillars, quality, "
            "retention, history, dbt, engine, publish, report, ui, alerts, lake",
        ),
        ("survey", {}, "survey: unknown key; did you mean 'surveys'?"),
        (
            "shop.colour",
            "blue",
            "shop.colour: unknown key; known here: name, time_zone, currency, country, language, first_date",
        ),
        ("rfm.bin", 5, "rfm.bin: unknown key; did you mean 'bins'?"),
        ("rfm.MAP", "rfm11", "rfm.MAP: unknown key; did you mean 'map'?"),
        ("surveys.care.items.q1.rolle", "x", "surveys.care.items.q1.rolle: unknown key; did you mean 'role'?"),
        ("sources.0.mappping", "x", "sources.0.mappping: unknown key; did you mean 'mapping'?"),
        (
            "rfm.maps",
            {"own": {"remainders": "x", "rules": [], "remainder": "y"}},
            "rfm.maps.own.remainders: unknown key; did you mean 'remainder'?",
        ),
        (
            "sources.0.inputs",
            {"orders": {"database": "sqlite:///a.db", "tabel": "t", "table": "t"}},
            "sources.0.inputs.orders.tabel: unknown key; did you mean 'table'?",
        ),
        ("shop", {"name": "Test", "currency": "EUR"}, "shop.time_zone: is missing"),
        (
            "shop.time_zone",
            "Amsterdam",
            "shop.time_zone: 'Amsterdam' is not an IANA time zone; did you mean 'Europe/Amsterdam'?",
        ),
        (
            "sources.0.time_zone",
            "CEST",
            "sources.0.time_zone: 'CEST' is not an IANA time zone such as Europe/Amsterdam",
        ),
        ("shop.currency", "euro", "shop.currency: 'euro' is not a currency code such as EUR"),
        ("rfm.bins", "five", "rfm.bins: 'five' should be a valid integer"),
        ("rfm.bins", 2, "rfm.bins: 2 should be greater than or equal to 3"),
        ("rfm.method", "ntile", "rfm.method: 'ntile' is not one of rank, edges, quantile; did you mean 'quantile'?"),
        ("quality.max_reject_rate", 5, "quality.max_reject_rate: 5 should be less than or equal to 1"),
        ("home", "/elsewhere", "home: unknown key; set LOYALTY_HOME"),
        ("shop.name", "${NAME_NOT_SET}", "shop.name: environment variable NAME_NOT_SET is not set; set it"),
        (
            "sources.1.inputs.answers",
            "${EXPORTS_NOT_SET}/a.csv",
            "sources.1.inputs.answers: environment variable EXPORTS_NOT_SET is not set; set it",
        ),
        ("sources", [], "sources: should have at least 1 item, not 0"),
        ("sources.0.inputs", {}, "sources.0.inputs: should have at least 1 item, not 0"),
        ("sources.1.name", "web", "sources: name 'web' is used twice"),
        (
            "sources.0.inputs",
            {"orders": None},
            "sources.0.inputs.orders: null is not a text",
        ),
        (
            "lake",
            "ftp://host/lake",
            "lake: 'ftp://host/lake' is neither a folder nor an address on s3://, gs:// or az://",
        ),
        ("rfm.window_days", 10**7, "rfm.window_days: 10000000 should be less than or equal to 36500"),
        ("churn.horizon_days", 10**4, "churn.horizon_days: 10000 should be less than or equal to 3650"),
        ("loyalty.grace_days", 10**7, "loyalty.grace_days: 10000000 should be less than or equal to 36500"),
        (
            "loyalty.tiers",
            [{"name": "all", "from_amount": 0}, {"name": "gold", "from_amount": float("inf")}],
            "loyalty.tiers.1.from_amount: inf should be a finite number",
        ),
        (
            "loyalty.tiers",
            [{"name": "gold", "from_amount": 0}, {"name": "gold", "from_amount": 5}],
            "loyalty.tiers: name 'gold' is used twice",
        ),
        (
            "loyalty.points.rewards",
            [{"name": "mug", "points": 5}, {"name": "mug", "points": 9}],
            "loyalty.points.rewards: name 'mug' is used twice",
        ),
        (
            "surveys.care.items",
            {"response_id": {"scale": [1, 5]}},
            "surveys.care.items.response_id: has the name of a column of responses; rename it in the mapping",
        ),
        (
            "sources.0.name",
            "Web shop",
            "sources.0.name: 'Web shop' is not a name: use lower-case letters, digits and _, a letter first",
        ),
        (
            "surveys.Care",
            {"type": "relational", "items": {"q1": {"scale": [1, 5]}}},
            "surveys: 'Care' is not a name: use lower-case letters, digits and _, a letter first",
        ),
        (
            "sources.0.entity",
            "order",
            "sources.0.entity: 'order' is not one of customers, loyalty_events, referrals, order_lines, orders, products, "
            "reviews, survey_invitations, touchpoints, surveys; did you mean 'orders'?",
        ),
        (
            "sources.0.inputs",
            {"orders": {"database": "oracle://me:secret@host/shop", "table": "t"}},
            "sources.0.inputs.orders.database: 'oracle://…@host/shop' is not the address of a database: "
            "postgresql://, mysql://, sqlite:/// or duckdb:///",
        ),
        (
            "sources.0.inputs",
            {"orders": {"database": "postgres://me:secret@host/shop", "table": "t"}},
            "sources.0.inputs.orders.database: 'postgres://…@host/shop' is not the address of a database: "
            "postgresql://, mysql://, sqlite:/// or duckdb:///",
        ),
        ("sources.0.entity", "customers", "sources: at least one source of entity orders is needed"),
        ("sources.0.preset", "olist", "sources.0: needs either preset or mapping"),
        (
            "sources.0.survey",
            "care",
            "sources.0: needs survey with entity surveys or survey_invitations, and only there",
        ),
        ("sources.1.survey", "exit", "sources.1.survey: 'exit' is not one of care; describe it under surveys"),
        ("surveys.care.items.q1.scale", [5, 1], "surveys.care.items.q1.scale: [5, 1] must be [lowest, highest]"),
        ("surveys.care.items.q1.scale", [1, 9], "surveys.care.items.q1: scale 1-9 has no boxes; add them to sci.boxes"),
        (
            "surveys.care.missing_codes",
            ["-99", 5],
            "surveys.care.missing_codes: '5' is an answer on the scale of item q1; leave it out",
        ),
        ("constructs.min_answered", 0, "constructs.min_answered: 0 should be greater than 0"),
        ("drivers.min_n", 2, "drivers.min_n: 2 should be greater than or equal to 3"),
        ("surveys.care.items.q1.nps", True, "surveys.care.items.q1.nps: needs scale [0, 10], not [1, 5]"),
        (
            "surveys.care.items.q1",
            {"scale": [0, 10], "nps": True, "reversed": True},
            "surveys.care.items.q1.reversed: 10 is always the best answer to the NPS question; leave out reversed, or nps: true",
        ),
        (
            "loyalty.points.excluded_channels",
            ["web", "all"],
            "loyalty.points.excluded_channels: a channel that is called 'all' is read as 'all_'; write that",
        ),
        ("sci.boxes", {"1-5": [4, 3, 5]}, "sci.boxes.1-5: [4, 3, 5] must be three ascending answers"),
        ("sci.boxes", {"1-5": [3, 4]}, "sci.boxes.1-5: [3, 4] must be three ascending answers"),
        ("churn.one_time_days", [60, 60, 180, 240], "churn.one_time_days: 60, 60, 180, 240 must be strictly ascending"),
        ("churn.rhythm_ratios", [1, 2, 3], "churn.rhythm_ratios: 5 bands need 4 edges, not 3"),
        (
            "loyalty.tiers",
            [{"name": "a", "from_amount": 10}],
            "loyalty.tiers: amounts 10 must begin at 0 and ascend strictly",
        ),
        (
            "surveys.care",
            {
                "type": "relational",
                "items": {"q1": {"scale": [1, 5], "labels": {"Geen mening": 3}}},
                "missing_codes": ["geen mening"],
            },
            "surveys.care.missing_codes: 'geen mening' is a label of item q1; leave one of the two out",
        ),
        (
            "surveys.care.items.q1.labels",
            {"Goed": 6},
            "surveys.care.items.q1.labels: 'Goed' is 6; give an answer on the scale 1 to 5",
        ),
        (
            "surveys.care.items.q1.labels",
            {"Goed": 5, " goed": 4},
            "surveys.care.items.q1.labels: ' goed' and 'Goed' are the same text; keep one",
        ),
        (
            "surveys.care.items.q1.labels",
            {"1": 5},
            "surveys.care.items.q1.labels: '1' is a number; where a high answer is a bad one say reversed: true",
        ),
        (
            "surveys.care.items.q1.labels",
            {" ": 5},
            "surveys.care.items.q1.labels: a label is empty; leave it out, an empty cell is no answer",
        ),
        (
            "surveys.care.items.q1.labels",
            {True: 5},
            "surveys.care.items.q1.labels: true stands for yes, no, on or off in YAML; put it in quotes, as 'yes'",
        ),
        ("surveys.care.comments", ["q1"], "surveys.care.comments: 'q1' is an item; leave it out"),
        ("surveys.care.comments", ["why", "why"], "surveys.care.comments: name 'why' is used twice"),
        (
            "surveys.care.comments",
            ["comment"],
            "surveys.care.comments: 'comment' is a column of responses, which the mapping returns by itself; leave it out",
        ),
        (
            "loyalty.tiers",
            [{"name": name, "from_amount": amount} for name, amount in (("a", 0), ("c", 20), ("b", 10))],
            "loyalty.tiers: amounts 0, 20, 10 must begin at 0 and ascend strictly",
        ),
        ("loyalty.vip_share", 0, "loyalty.vip_share: 0 should be greater than 0"),
        ("rfm.map", "rfm12", "rfm.map: 'rfm12' is not one of r_rfm, rf10, rfm11; did you mean 'rfm11'?"),
        *(
            (
                "rfm.valid_statuses",
                ["paid", status],
                f"rfm.valid_statuses: an order that is {status} is not a purchase; leave it out, "
                "only paid, shipped, delivered can count",
            )
            for status in ("returned", "cancelled", "pending")
        ),
        ("rfm.frequency_counts", [2, 3], "rfm.frequency_counts: 5 bins need 4 counts, not 2"),
        ("rfm.method", "edges", "rfm.edges: method edges needs 4 edges for each of recency, frequency, monetary"),
    ],
)
def test_a_wrong_key_is_refused_in_one_line_that_names_it(tmp_path: Path, path: str, value: Any, message: str) -> None:
    assert fault(tmp_path, change(path, value)) == message


def test_an_unknown_preset_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    source = {"name": "web", "entity": "orders", "preset": "shopifi", "inputs": {"orders": "o.csv"}}
    message = fault(tmp_path, change("sources.0", source))
    assert message.startswith("sources.0.preset: 'shopifi' is not one of bol, delighted, demo, ")
    assert message.endswith("yotpo; did you mean 'shopify'?")


def test_a_preset_without_the_entity_is_refused_with_those_that_have_it(tmp_path: Path) -> None:
    source = {"name": "web", "entity": "orders", "preset": "judgeme", "inputs": {"orders": "o.csv"}}
    message = fault(tmp_path, change("sources.0", source))
    assert message.startswith("sources.0.preset: 'judgeme' has no orders; presets with it: bol, demo, magento, ")
    assert "shopify, woocommerce" in message


def test_an_input_that_a_preset_does_not_know_is_refused(tmp_path: Path) -> None:
    source = {"name": "web", "entity": "orders", "preset": "shopify", "inputs": {"order": "o.csv"}}
    message = fault(tmp_path, change("sources.0", source))
    assert message == "sources.0.inputs.order: input 'order' is not one of orders; did you mean 'orders'?"


def test_a_map_with_a_hole_is_refused_with_the_cells_it_lacks(tmp_path: Path) -> None:
    cells = [f"{recency}{other}" for recency in range(1, 6) for other in range(1, 6) if (recency, other) != (2, 3)]
    own = {"axes": "r_f", "segments": {"all": cells}}
    message = fault(tmp_path, change("rfm.maps", {"own": own}))
    assert message == "rfm.maps.own: segment map 'own' is not a partition: cells 23 without a segment"


def faults(folder: Path, text: str) -> list[str]:
    """The lines below the heading of a configuration with several faults."""
    with pytest.raises(ConfigError) as raised:
        load(folder, text)
    heading, *lines = str(raised.value).splitlines()
    assert heading == f"configuration {folder / 'own.yaml'} has {len(lines)} faults:"
    return [line.removeprefix("  ") for line in lines]


def test_all_faults_are_told_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_PII_KEY", "hunter2")
    text = CONFIG.replace("currency: EUR", "currency: euro, naam: x").replace("name: Test", "name: '${A_NAME}'")
    text = text.replace("exports/orders.csv", "'${SOME}/${WHERE}/orders.csv'").replace("survey: care", "survey: cara")
    text += "rfm: {bins: 2, map: rfm12}\nloyalty: {tiers: [{name: a, from_amount: 1}, {name: a, from_amount: 0}]}\nhome: x\n"
    text += "drivers: {surveys: {cara: {}}}\nsci: {min_n: 5, min_n: 6}\n"
    assert faults(tmp_path, text) == [
        "line 12: key 'min_n' appears twice; keep one",
        "home: unknown key; set LOYALTY_HOME",
        "shop.name: environment variable A_NAME is not set; set it",
        "sources.0.inputs.orders: environment variable SOME is not set; set it",
        "sources.0.inputs.orders: environment variable WHERE is not set; set it",
        "shop.currency: 'euro' is not a currency code such as EUR",
        "shop.naam: unknown key; did you mean 'name'?",
        "rfm.bins: 2 should be greater than or equal to 3",
        "loyalty.tiers: amounts 1, 0 must begin at 0 and ascend strictly",
        "loyalty.tiers: name 'a' is used twice",
        "LOYALTY_PII_KEY: 7 characters can be guessed; set a secret text of 16 or more and keep it: another key makes "
        "other customers",
        "sources.1.survey: 'cara' is not one of care; did you mean 'care'?; describe it under surveys",
        "drivers.surveys.cara: survey 'cara' is not one of care; did you mean 'care'?",
    ]


def test_what_a_misspelt_or_faulty_section_would_have_said_is_not_missed_elsewhere(tmp_path: Path) -> None:
    assert fault(tmp_path, CONFIG.replace("surveys:", "survey:")) == "survey: unknown key; did you mean 'surveys'?"
    text = CONFIG.replace("role: satisfaction", "role: joy")
    message = "surveys.care.items.q1.role: 'joy' is not one of satisfaction, repurchase, recommend"
    assert fault(tmp_path, text) == message


def test_a_variable_that_is_not_set_is_no_fault_of_the_value_too(tmp_path: Path) -> None:
    message = "shop.currency: environment variable CURRENCY_NOT_SET is not set; set it"
    assert fault(tmp_path, change("shop.currency", "${CURRENCY_NOT_SET}")) == message


def test_a_fault_shows_what_is_written_and_no_secret_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hunter2@host/shop")
    text = change("sources.0.inputs", {"orders": {"database": "${DATABASE_URL}", "table": "orders"}})
    assert fault(tmp_path, text).startswith(
        "sources.0.inputs.orders.database: '${DATABASE_URL}' is not the address of a "
    )


@pytest.mark.parametrize("key", ["sixteen letters.", "é" * 16])
def test_a_key_of_sixteen_characters_is_long_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("LOYALTY_PII_KEY", key)
    assert load(tmp_path).pseudonym_key == key.encode()


def test_a_key_of_fifteen_characters_is_refused_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOYALTY_PII_KEY", "fifteen letters")
    message = fault(tmp_path, CONFIG)
    assert message.startswith("LOYALTY_PII_KEY: 15 characters can be guessed; set a secret text of 16 or more")
    assert "fifteen letters" not in message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings(tmp_path / "none.yaml")
    assert str(raised.value) == (
        f"configuration {tmp_path / 'none.yaml'} cannot be read (FileNotFoundError); give --config or set LOYALTY_CONFIG"
    )


@pytest.mark.parametrize("text", ["", "- a list", "only text", "# only a comment"])
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, text: str) -> None:
    assert fault(tmp_path, text) == "is empty or not a mapping of keys"


def test_a_file_that_is_not_yaml_is_refused_with_the_place(tmp_path: Path) -> None:
    message = fault(tmp_path, "shop:\n  name: [unclosed\nsources: x\n")
    assert message.startswith("is not valid YAML: ")
    assert "line 3" in message


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1: x", ["shop: is missing", "sources: is missing", "1: unknown key; known here: shop, sources, surveys, "]),
        ("shop: 7", ["shop: 7 is not a mapping of keys", "sources: is missing"]),
        ("sources: none", ["shop: is missing", "sources: 'none' is not a list"]),
        ("sources: [orders]", ["shop: is missing", "sources.0: 'orders' is not a mapping of keys"]),
    ],
)
def test_a_section_of_the_wrong_kind_is_a_fault_and_no_crash(tmp_path: Path, text: str, lines: list[str]) -> None:
    found = faults(tmp_path, text)
    assert len(found) == len(lines)
    assert all(line.startswith(start) for line, start in zip(found, lines, strict=True))


def test_inputs_that_are_a_list_are_a_fault(tmp_path: Path) -> None:
    message = fault(tmp_path, change("sources.0.inputs", ["orders", "exports/orders.csv"]))
    assert message == "sources.0.inputs: ['orders', 'exports/orders.csv'] is not a mapping of keys"


def test_a_copy_elsewhere_names_one_place_and_its_password_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(**target: str) -> str:
        return fault(tmp_path, change("publish.targets", {"bi": target}))

    place = "publish.targets.bi"
    monkeypatch.setenv("BI", "postgresql://bi@127.0.0.1/shop")
    assert told() == told(parquet="lake", postgresql="${BI}") == f"{place}: needs either parquet or postgresql"
    secret = "postgresql://bi:s3cret@127.0.0.1/shop"
    assert told(postgresql=secret) == (
        f"{place}.postgresql: an address holds secrets; put it in an environment variable and write ${{NAME}}"
    )
    monkeypatch.setenv("BI", "mysql://bi:s3cret@127.0.0.1/shop")
    assert told(postgresql="${BI}").endswith(
        f"{place}.postgresql: is not an address like postgresql://user:password@host/database"
    )


def test_memory_is_a_share_of_the_machine_or_an_amount(tmp_path: Path) -> None:
    for wrong in ("4", "0%", "200%", "-1 GB", "much"):
        assert fault(tmp_path, change("engine.memory", wrong)) == (
            f"engine.memory: '{wrong}' is no amount of memory; write it as 25% of this machine's, or as 4 GB"
        )
    for number, right in enumerate(("25%", "100%", "512MB", "1.5 GiB")):
        shop = make_shop(tmp_path / str(number), [], engine={"memory": right})
        assert load_settings(shop.config, home=shop.home).engine.memory == right


def test_the_address_of_a_server_holds_no_secret_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(address: str) -> str:
        return fault(tmp_path, change("engine.spark", address))

    for wrong in ("http://host:15002", "host:15002", "sc://", "sc://host:a"):
        assert told(wrong) == "engine.spark: is not an address like sc://host:15002"
    assert told("sc://host:443/;use_ssl=true;token=s3cret") == (
        "engine.spark: an address holds secrets; put it in an environment variable and write ${NAME}"
    )
    for number, (address, host) in enumerate(
        {
            "sc://host:443/;use_ssl=true;token=s3cret": "sc://host:443",
            "sc://spark.shop.example": "sc://spark.shop.example:15002",
        }.items()
    ):
        monkeypatch.setenv("SPARK", address)
        shop = make_shop(tmp_path / str(number), [], engine={"spark": "${SPARK}"})
        found = Spark.of(load_settings(shop.config, home=shop.home))
        assert found is not None
        assert (found.address.get_secret_value(), found.host) == (address, host)
    shop = make_shop(tmp_path / "written", [], engine={"spark": "sc://spark.shop.example:8443"})
    written = Spark.of(load_settings(shop.config, home=shop.home))
    assert written is not None
    assert written.host == "sc://spark.shop.example:8443"
