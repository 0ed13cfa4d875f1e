from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.configuration import load_settings
from pipeline.errors import ConfigError
from pipeline.settings import Settings

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
    for name in ("LOYALTY_CONFIG", "LOYALTY_HOME", "OLIST_DIR", "ECSI_DIR", "ONLINE_RETAIL_DIR"):
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
        ({"exit": {}}, "drivers.surveys.exit: survey 'exit' is not in surveys"),
        (
            {"care": {"outcome": "hope"}},
            "drivers.surveys.care.outcome: no item of the survey has construct or role 'hope'",
        ),
        ({"care": {"predictors": ["hope"]}}, "drivers.surveys.care.predictors: 'hope' is not one of care, choice, joy"),
        ({"care": {"predictors": ["joy"]}}, "drivers.surveys.care.predictors: 'joy' shares item q1 with the outcome"),
        (
            {"care": {"outcome": "care", "predictors": ["care"]}},
            "drivers.surveys.care.predictors: 'care' shares item c1 with the outcome",
        ),
    ],
)
def test_drivers_that_the_survey_does_not_measure_are_refused(
    tmp_path: Path, drivers: dict[str, Any], message: str
) -> None:
    tree = yaml.safe_load(change("surveys.care.items", EIGHT))
    assert fault(tmp_path, yaml.safe_dump(tree | {"drivers": {"surveys": drivers}})) == message


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    text = CONFIG + "rfm:\n  bins: 5\n  map: rfm11\n  bins: 4\n"
    assert fault(tmp_path, text) == "is not valid YAML: key 'bins' is there twice, again in line 11"


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
        ("colour", "blue", "colour: unknown key"),
        ("shop.colour", "blue", "shop.colour: unknown key"),
        ("rfm.bin", 5, "rfm.bin: unknown key"),
        ("shop", {"name": "Test", "currency": "EUR"}, "shop.time_zone: is missing"),
        (
            "shop.time_zone",
            "Amsterdam",
            "shop.time_zone: 'Amsterdam' is not an IANA time zone such as Europe/Amsterdam",
        ),
        (
            "sources.0.time_zone",
            "CEST",
            "sources.0.time_zone: 'CEST' is not an IANA time zone such as Europe/Amsterdam",
        ),
        ("shop.currency", "euro", "shop.currency: String should match pattern '^[A-Z]{3}$'"),
        ("rfm.bins", "five", "rfm.bins: Input should be a valid integer, unable to parse string as an integer"),
        ("rfm.bins", 2, "rfm.bins: Input should be greater than or equal to 3"),
        ("rfm.method", "ntile", "rfm.method: Input should be 'rank', 'edges' or 'quantile'"),
        ("quality.max_reject_rate", 5, "quality.max_reject_rate: Input should be less than or equal to 1"),
        ("home", "/elsewhere", "home: unknown key; set LOYALTY_HOME"),
        ("shop.name", "${NAME_NOT_SET}", "key shop.name: environment variable NAME_NOT_SET is not set"),
        (
            "sources.1.inputs.answers",
            "${EXPORTS_NOT_SET}/a.csv",
            "key sources.1.inputs.answers: environment variable EXPORTS_NOT_SET is not set",
        ),
        ("sources", [], "sources: List should have at least 1 item after validation, not 0"),
        ("sources.0.inputs", {}, "sources.0.inputs: Dictionary should have at least 1 item after validation, not 0"),
        ("sources.1.name", "web", "sources: name 'web' is used twice"),
        (
            "sources.0.inputs",
            {"orders": None},
            "sources.0.inputs.orders.str: Input should be a valid string (and 1 more)",
        ),
        (
            "lake",
            "ftp://host/lake",
            "lake: 'ftp://host/lake' is neither a folder nor an address on s3://, gs:// or az://",
        ),
        ("rfm.window_days", 10**7, "rfm.window_days: Input should be less than or equal to 36500"),
        ("churn.horizon_days", 10**4, "churn.horizon_days: Input should be less than or equal to 3650"),
        ("loyalty.grace_days", 10**7, "loyalty.grace_days: Input should be less than or equal to 36500"),
        (
            "loyalty.tiers",
            [{"name": "all", "from_amount": 0}, {"name": "gold", "from_amount": float("inf")}],
            "loyalty.tiers.1.from_amount: Input should be a finite number",
        ),
        (
            "loyalty.tiers",
            [{"name": "gold", "from_amount": 0}, {"name": "gold", "from_amount": 5}],
            "loyalty: tiers: name 'gold' is used twice",
        ),
        (
            "loyalty.points.rewards",
            [{"name": "mug", "points": 5}, {"name": "mug", "points": 9}],
            "loyalty.points: rewards: name 'mug' is used twice",
        ),
        (
            "surveys.care.items",
            {"response_id": {"scale": [1, 5]}},
            "surveys.care: item 'response_id' has the name of a column of responses; call it otherwise in the mapping",
        ),
        ("sources.0.name", "Web shop", "sources.0.name: String should match pattern '^[a-z][a-z0-9_]*$'"),
        ("sources.0.entity", "customers", "sources: at least one source of entity orders is needed"),
        ("sources.0.preset", "olist", "sources.0: needs either preset or mapping"),
        (
            "sources.0.survey",
            "care",
            "sources.0: needs survey with entity surveys or survey_invitations, and only there",
        ),
        ("sources.1.survey", "exit", "sources: survey 'exit' of source 'care' is not in surveys"),
        ("surveys.care.items.q1.scale", [5, 1], "surveys.care.items.q1: scale must be [lowest, highest]"),
        ("surveys.care.items.q1.scale", [1, 9], "surveys.care.items.q1: scale 1-9 has no boxes in sci.boxes"),
        (
            "surveys.care.missing_codes",
            ["-99", 5],
            "surveys.care: missing code '5' is an answer on the scale of item q1",
        ),
        (
            "surveys.care",
            {
                "type": "relational",
                "items": {"q1": {"scale": [1, 5], "labels": {"Geen mening": 3}}},
                "missing_codes": ["geen mening"],
            },
            "surveys.care: missing code 'geen mening' is a label of item q1",
        ),
        ("surveys.care.items.q1.labels", {"Goed": 6}, "surveys.care.items.q1: label 'Goed' is 6, off the scale 1 to 5"),
        (
            "surveys.care.items.q1.labels",
            {"Goed": 5, " goed": 4},
            "surveys.care.items.q1: labels ' goed' and 'Goed' are the same text",
        ),
        (
            "surveys.care.items.q1.labels",
            {"1": 5},
            "surveys.care.items.q1: label '1' is a number; where a high answer is a bad one say reversed: true",
        ),
        ("surveys.care.items.q1.labels", {" ": 5}, "surveys.care.items.q1: a label is empty"),
        (
            "surveys.care.items.q1.labels",
            {True: 5},
            "surveys.care.items.q1.labels: label true stands for yes, no, on or off in YAML; put it in quotes, as 'yes'",
        ),
        ("surveys.care.comments", ["q1"], "surveys.care: comments: 'q1' is an item"),
        (
            "surveys.care.comments",
            ["comment"],
            "surveys.care: comments: 'comment' is a column of responses, which the mapping returns by itself",
        ),
        ("constructs.min_answered", 0, "constructs.min_answered: Input should be greater than 0"),
        ("drivers.min_n", 2, "drivers.min_n: Input should be greater than or equal to 3"),
        ("surveys.care.items.q1.nps", True, "surveys.care.items.q1: nps needs scale [0, 10]"),
        ("sci.boxes", {"1-5": [4, 3, 5]}, "sci: boxes of scale 1-5 must be three ascending answers"),
        ("sci.boxes", {"1-5": [3, 4]}, "sci: boxes of scale 1-5 must be three ascending answers"),
        ("churn.one_time_days", [60, 60, 180, 240], "churn.one_time_days: must be strictly ascending"),
        ("churn.rhythm_ratios", [1, 2, 3], "churn: rhythm_ratios needs 4 edges for 5 bands"),
        ("loyalty.tiers", [{"name": "a", "from_amount": 10}], "loyalty: tiers must begin at 0 and ascend strictly"),
        (
            "loyalty.tiers",
            [{"name": name, "from_amount": amount} for name, amount in (("a", 0), ("c", 20), ("b", 10))],
            "loyalty: tiers must begin at 0 and ascend strictly",
        ),
        ("loyalty.vip_share", 0, "loyalty.vip_share: Input should be greater than 0"),
        ("rfm.bins", 4, "rfm: map 'rfm11' is made for 5 bins, not 4"),
        ("rfm.frequency_counts", [2, 3], "rfm: frequency_counts needs 4 values for 5 bins"),
        ("rfm.method", "edges", "rfm: method edges needs 4 edges for recency"),
    ],
)
def test_a_wrong_key_is_refused_in_one_line_that_names_it(tmp_path: Path, path: str, value: Any, message: str) -> None:
    assert fault(tmp_path, change(path, value)) == message


def test_an_unknown_preset_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    source = {"name": "web", "entity": "orders", "preset": "shopware", "inputs": {"orders": "o.csv"}}
    message = fault(tmp_path, change("sources.0", source))
    assert message.startswith("sources.0: preset 'shopware' has no orders; presets with it: demo, magento, ")
    assert message.endswith("shopify, woocommerce")


def test_an_unknown_map_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    message = fault(tmp_path, change("rfm.map", "rfm12"))
    assert message.startswith("rfm: map 'rfm12' is not one of ")
    assert "rfm11" in message.removeprefix("rfm: map 'rfm12'")


def test_a_map_with_a_hole_is_refused_with_the_cells_it_lacks(tmp_path: Path) -> None:
    cells = [f"{recency}{other}" for recency in range(1, 6) for other in range(1, 6) if (recency, other) != (2, 3)]
    own = {"axes": "r_f", "segments": {"all": cells}}
    message = fault(tmp_path, change("rfm.maps", {"own": own}))
    assert message == "rfm: segment map 'own' is no partition: cells 23 without a segment"


def test_more_faults_are_counted_behind_the_first(tmp_path: Path) -> None:
    text = CONFIG.replace("currency: EUR", "currency: euro") + "colour: blue\nsize: 3\n"
    assert fault(tmp_path, text) == "shop.currency: String should match pattern '^[A-Z]{3}$' (and 2 more)"


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
    "text",
    [
        "1: x",
        "shop: 7",
        "sources: none",
        "sources: [orders]",
        CONFIG.replace("{orders:", "[orders,").replace(".csv}}\n  - {name: care", ".csv]}\n  - {name: care"),
    ],
)
def test_a_section_of_the_wrong_kind_is_a_fault_and_no_crash(tmp_path: Path, text: str) -> None:
    assert fault(tmp_path, text)
