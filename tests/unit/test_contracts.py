"""What is drawn from a contract: types and values of the warehouse, checks in words, marts, and the files of dbt."""

import re
from pathlib import Path

import pandera.polars as pa
import polars as pl
import pytest
import yaml

from schemas.churn import HOLDING_REASONS, RISK_REASONS
from schemas.cohorts import RepeatPurchase
from schemas.columns import closed_list, constraints, row_constraints, unit, warehouse_type, warehouse_value
from schemas.experience import PromiseImpact
from schemas.loyalty import Loyalty
from schemas.marts import GROWING_KEYS, anew, by_hand, new, of, renamed, shown
from schemas.nps import NOT_COUNTED_REASONS, NpsIndex
from schemas.orders import Orders
from schemas.pillars import ConveniencePillars
from schemas.quarantine import Identity
from schemas.registry import ENTITIES, MARTS, RECORDS, SEGMENTS, TABLES
from schemas.reviews import Reviews
from schemas.segments import Rfm, RfmCutPoints, Sci, SciIndex
from schemas.to_dbt import dbt_files
from schemas.to_docs import data_dictionary

GENERATED = Path("dbt_project/models/generated")


def column(contract: type[pa.DataFrameModel], name: str) -> pa.Column:
    return contract.to_schema().columns[name]


def test_a_table_is_named_after_its_contract_and_is_what_the_contract_says() -> None:
    table = RfmCutPoints.__table__
    assert TABLES["rfm_cut_points"] is SEGMENTS["rfm_cut_points"] is table
    assert table.key == ("as_of_date", "dimension", "bin")
    assert (table.is_dated, table.is_delivered, table.is_thinned_out) == (True, False, False)
    assert TABLES["orders"] is ENTITIES["orders"]
    assert ENTITIES["orders"].month_of == "ordered_at"
    assert "identity" in RECORDS
    assert SEGMENTS["rfm"].is_thinned_out
    assert not SEGMENTS["segment_changes"].is_thinned_out


@pytest.mark.parametrize(
    ("contract", "name", "kind"),
    [
        (Rfm, "customer_id", "varchar"),
        (Rfm, "as_of_date", "date"),
        (Rfm, "frequency", "bigint"),
        (Rfm, "monetary", "decimal(18, 2)"),
        (Rfm, "refund_exceeds_paid", "boolean"),
        (RfmCutPoints, "upper", "double"),
        (Orders, "ordered_at", "timestamp with time zone"),
    ],
)
def test_a_column_has_its_type_in_the_warehouse(contract: type[pa.DataFrameModel], name: str, kind: str) -> None:
    assert warehouse_type(column(contract, name)) == kind


@pytest.mark.parametrize(
    ("contract", "name", "value"),
    [
        (Rfm, "frequency", '"frequency"'),
        (Rfm, "monetary", 'cast("monetary" * 0.01 as decimal(18, 2)) as "monetary"'),
        (
            Loyalty,
            "tier_value",
            'case when "tier_metric" = \'net_spend\' then cast("tier_value" * 0.01 as decimal(18, 2)) '
            'else cast("tier_value" as decimal(18, 2)) end as "tier_value"',
        ),
        (
            RfmCutPoints,
            "upper",
            'case when "dimension" = \'monetary\' then "upper" / 100 else cast("upper" as double) end as "upper"',
        ),
    ],
)
def test_money_turns_into_units_of_currency(contract: type[pa.DataFrameModel], name: str, value: str) -> None:
    assert warehouse_value(column(contract, name)) == value


@pytest.mark.parametrize(
    ("contract", "name", "words"),
    [
        (Rfm, "monetary", "currency"),
        (Loyalty, "tier_value", "currency, where tier_metric is net_spend"),
        (Rfm, "recency_days", "days"),
        (SciIndex, "pct_secure_low", "percent"),
        (Rfm, "segment", None),
    ],
)
def test_a_column_says_its_unit(contract: type[pa.DataFrameModel], name: str, words: str | None) -> None:
    assert unit(column(contract, name)) == words


@pytest.mark.parametrize(
    ("contract", "name", "words"),
    [
        (Rfm, "segment", []),
        (Rfm, "state", ["one of scored, lapsed, prospect"]),
        (Loyalty, "vip_reason", ["one of top_net_spend"]),
        (Orders, "order_id", ["at least 1 character"]),
        (Orders, "currency", ["matches ^[A-Z]{3}$"]),
        (Rfm, "r_score", ["at least 1"]),
    ],
)
def test_the_checks_of_a_column_have_words(contract: type[pa.DataFrameModel], name: str, words: list[str]) -> None:
    assert constraints(column(contract, name)) == words


@pytest.mark.parametrize("name", TABLES)
def test_every_check_of_every_contract_has_words(name: str) -> None:
    for checked in TABLES[name].columns.values():
        assert len(constraints(checked)) >= len(checked.checks)


def test_the_checks_of_a_row_have_words() -> None:
    assert row_constraints(Orders) == [
        "no net_amount that is not gross_amount - discount_amount - refund_amount",
        "no delivered_at that is before ordered_at",
    ]


def test_a_mart_of_a_dated_table_has_one_date_and_the_currency_before_its_first_amount() -> None:
    (mart,) = shown(Rfm.__table__)
    assert (mart.schema, mart.name, mart.key) == ("marts", "customer_rfm", ("customer_id",))
    names = list(mart.columns)
    assert names[names.index("monetary") - 1] == "currency"
    assert set(names) == {*Rfm.to_schema().columns, "currency"}
    assert mart.description.startswith("One row per customer and as_of date: recency,")
    assert mart.description.endswith("The edition's date only.")


def test_a_mart_of_every_date_keeps_the_date_in_its_key() -> None:
    (mart,) = shown(RfmCutPoints.__table__)
    assert mart.key == ("as_of_date", "dimension", "bin")
    assert mart.description.endswith("Every date up to the edition's.")


def test_the_whole_and_its_parts_are_marts_of_their_own_and_no_key_is_ever_missing() -> None:
    whole, parts = shown(PromiseImpact.__table__)
    assert (whole.name, whole.key) == ("promise_impact", ("channel", "promise_status"))
    assert "month" not in whole.columns
    assert (parts.name, parts.key) == ("promise_impact_by_month", ("month", "channel", "promise_status"))
    assert not parts.columns["month"].nullable
    assert set(parts.columns) - set(whole.columns) == {"month"}


def test_the_whole_is_not_said_to_have_a_row_per_part_nor_the_parts_to_cover_all() -> None:
    whole, parts = shown(PromiseImpact.__table__)
    assert whole.description.startswith("One row per as_of date, channel and promise status: ")
    assert parts.description.startswith("One row per as_of date, month, channel and promise status: ")
    assert parts.columns["month"].description == "First day of the local month of the order."
    whole, parts = shown(ConveniencePillars.__table__)
    assert whole.description.startswith("One row per as_of date and measure. ")
    whole, parts = shown(RepeatPurchase.__table__)
    assert whole.description.startswith("One row per as_of date. ")
    assert parts.description.startswith("One row per as_of date and cohort month. ")
    assert parts.columns["cohort_month"].description == (
        "First day of the local month of the customers' first valid order."
    )


def test_a_count_has_no_unit_whatever_is_counted() -> None:
    units = {
        name: unit(RepeatPurchase.__table__.columns[name])
        for name in ("n_second_days", "median_days_to_second", "pct_repeat")
    }
    assert units == {"n_second_days": None, "median_days_to_second": "days", "pct_repeat": "percent"}
    for mart in MARTS.values():
        for column in mart.columns.values():
            assert not (str(column.name).startswith("n_") and unit(column)), (mart.name, column.name)


def test_a_reason_not_to_count_an_answer_is_named_where_it_can_come() -> None:
    told = str(MARTS["fct_survey_responses"].columns["not_counted_reason"].description)
    assert tuple(re.findall(r"[a-z]+_[a-z_]+", told)) == NOT_COUNTED_REASONS
    counts = str(MARTS["fct_survey_responses"].columns["is_counted"].description)
    assert "or one without a customer" in counts


def test_a_moment_has_its_local_time_and_date_beside_it() -> None:
    (mart,) = shown(Sci.__table__)
    names = list(mart.columns)
    at = names.index("responded_at")
    assert names[at : at + 3] == ["responded_at", "responded_at_local", "responded_date"]
    local = mart.columns["responded_at_local"]
    assert (warehouse_type(local), local.nullable) == ("timestamp", False)
    assert local.description == "responded_at on the shop's clock, without a zone."
    beside = mart.columns["responded_date"]
    assert (beside.dtype.type, beside.nullable) == (pl.Date, False)
    assert beside.description == "The date of responded_at in the shop's time zone."


def test_a_column_of_another_contract_keeps_all_that_is_said_of_it() -> None:
    (body,) = of(Reviews, "body")
    lake = column(Reviews, "body")
    assert (body.name, body.description, body.nullable) == ("body", lake.description, True)
    assert body.metadata == {"is_personal_text": True, "origin": ("reviews", "body")}
    (state,) = of(Rfm, "state", nullable=True)
    assert state.nullable
    assert closed_list(state) == ("scored", "lapsed", "prospect")
    other = renamed(Rfm, "state", to="rfm_state")
    assert (other.name, other.description) == ("rfm_state", state.description)


@pytest.mark.parametrize("name", ["customer_360", "customer_say_do", "customer_next_action"])
def test_where_tables_meet_no_column_leaves_open_whose_segment_class_band_or_age_it_is(name: str) -> None:
    # at_risk is an RFM segment, an SCI class and a churn band.
    bare = {"state", "segment", "class", "band", "age_days", "reason_1", "model_id", "responded_at", "responded_date"}
    assert not bare & MARTS[name].columns.keys()
    expected = {"customer_360": {"rfm_state", "rfm_segment", "sci_class", "sci_age_days", "nps_class", "churn_band"}}
    assert expected.get(name, set()) <= MARTS[name].columns.keys()


@pytest.mark.parametrize("reasons", [RISK_REASONS, HOLDING_REASONS])
def test_the_comment_of_a_first_reason_has_every_reason_in_words_for_people(reasons: dict[str, str]) -> None:
    name = "risk_reason_1" if reasons is RISK_REASONS else "holding_reason_1"
    said = MARTS["customer_churn_risk"].columns[name].description or ""
    for word, meaning in reasons.items():
        assert f"{word}: {meaning}" in said


def test_a_column_described_anew_keeps_type_and_closed_list() -> None:
    described = anew(Rfm, "state", "State of the customer.", to="standing")
    assert (described.name, described.description, described.nullable) == ("standing", "State of the customer.", False)
    assert closed_list(described) == ("scored", "lapsed", "prospect")
    assert described.dtype.type == pl.String


def test_dbt_learns_columns_key_closed_lists_references_and_personal_text_from_the_contracts() -> None:
    mart = by_hand(
        "fct_things",
        "One row per thing.",
        new("thing_id", str, "The thing."),
        new("size", float, "How large it is.", nullable=True, ge=0),
        of(Orders, "customer_id", references="dim_customers"),
        of(Reviews, "body"),
        of(Identity, "kind"),
        key=["thing_id"],
    )
    files = dbt_files([], [mart])
    assert set(files) == {GENERATED / "sources.yml", GENERATED / "marts" / "fct_things.yml"}
    (model,) = yaml.safe_load(files[GENERATED / "marts" / "fct_things.yml"])["models"]
    assert (model["name"], model["description"]) == ("fct_things", "One row per thing.")
    assert model["config"] == {"meta": {"key": ["thing_id"], "lists": {"kind": ["account", "email"]}}}
    words = "No key occurs twice, and no value is outside its closed list."
    (test,) = model["data_tests"]
    assert test["contract"] == {"name": "contract_fct_things", "config": {"meta": {"description": words}}}
    assert model["constraints"] == [{"type": "primary_key", "columns": ["thing_id"]}]
    columns = {entry.pop("name"): entry for entry in model["columns"]}
    never_null = [{"type": "not_null"}]
    assert columns["thing_id"] == {"data_type": "varchar", "description": "The thing.", "constraints": never_null}
    assert columns["size"] == {"data_type": "double", "description": "How large it is."}
    assert columns["body"]["config"] == {"meta": {"is_personal_text": True}}
    arguments = {"to": "ref('dim_customers')", "field": "customer_id"}
    (test,) = columns["customer_id"]["data_tests"]
    assert test["relationships"]["name"] == "customer_id_of_fct_things"
    assert test["relationships"]["arguments"] == arguments
    assert test["relationships"]["config"] == {
        "meta": {"description": "Every customer_id is one of dim_customers, or null."}
    }


def test_a_table_that_grows_with_the_shop_or_the_nights_has_no_primary_key_unless_others_are_joined_to_it() -> None:
    with_key = {name for name, mart in MARTS.items() if mart.has_primary_key}
    assert {"dim_customers", "dim_products", "customer_360", "nps_by", "promise_impact_by_month"} <= with_key
    assert not {"segment_sizes", "nps_trend", "lake_versions", "run_summary"} & with_key
    assert not {"fct_orders", "customer_rfm", "customer_journey", "rejected_rows", "identity"} & with_key
    (model,) = yaml.safe_load(dbt_files([], [MARTS["customer_rfm"]])[GENERATED / "marts" / "customer_rfm.yml"])[
        "models"
    ]
    assert "constraints" not in model


def test_only_a_key_is_never_null_where_older_versions_have_written_rows() -> None:
    (cut_points,) = shown(RfmCutPoints.__table__)
    (identity,) = shown(Identity.__table__)
    (tonight,) = shown(Sci.__table__)
    assert cut_points.never_null == set(RfmCutPoints.__table__.key)
    assert identity.never_null == set(Identity.__table__.key)
    assert MARTS["customer_segment_history"].never_null == {"kind", "customer_id", "valid_from"}
    assert "sci_class" in tonight.never_null - set(tonight.key)
    (model,) = yaml.safe_load(dbt_files([], [cut_points])[GENERATED / "marts" / "rfm_cut_points.yml"])["models"]
    declared = {column["name"] for column in model["columns"] if "constraints" in column}
    assert declared == cut_points.never_null


def test_it_is_known_of_every_id_in_a_key_whether_it_grows_with_the_shop() -> None:
    ids = {name for mart in MARTS.values() for name in mart.key if name.endswith("_id")}
    assert ids - GROWING_KEYS == {"product_id", "survey_id", "item_id"}


@pytest.mark.parametrize(
    ("contract", "name", "query"),
    [
        (Rfm, "customer_rfm", "{{ at_edition('rfm', with_currency=true) }}"),
        (RfmCutPoints, "rfm_cut_points", "{{ up_to_edition('rfm_cut_points', with_currency=true) }}"),
        (Sci, "customer_sci", "{{ at_edition('sci', moments=['responded_at']) }}"),
        (NpsIndex, "nps_by", "{{ at_edition('nps_index', months_of=['acquisition_month']) }}"),
        (
            Orders,
            "fct_orders",
            "{{ with_local_times('orders_known', ['ordered_at', 'promised_at', 'redelivery_at', 'delivered_at']) }}",
        ),
        (Identity, "identity", "select * from {{ source('lake', 'identity') }}"),
        (
            PromiseImpact,
            "promise_impact",
            "select * exclude (month) from ({{ at_edition('promise_impact', with_currency=true) }}) where month is null",
        ),
        (
            PromiseImpact,
            "promise_impact_by_month",
            "select * from ({{ at_edition('promise_impact', with_currency=true) }}) where month is not null",
        ),
    ],
)
def test_a_mart_that_shows_a_lake_table_is_one_line_of_sql(contract: type, name: str, query: str) -> None:
    marts = shown(contract.__table__) if contract.__table__.published_as else [MARTS[name]]
    files = dbt_files([contract.__table__], marts)
    assert files[GENERATED / "marts" / f"{name}.sql"].splitlines()[1:] == [query]
    (source,) = yaml.safe_load(files[GENERATED / "sources.yml"])["sources"]
    known = [mart.known_as for mart in marts if mart.known_as]
    assert [table["name"] for table in source["tables"]] == [contract.__table__.name, *known, "run_context"]


def test_the_calendar_is_made_of_every_date_of_a_mart_but_those_that_follow_from_others() -> None:
    names = ("as_of_date", "sold", "until", "cohort_month", "month")
    things = by_hand("things", "One row.", *(new(name, pl.Date, "When.") for name in names), key=[])
    computed = by_hand("computed", "One row.", new("as_of_date", pl.Date, "When."), new("name", str, "Who."), key=[])
    files = dbt_files([], [things, computed, things, MARTS["dim_date"]])
    range_of_things = (
        "select least(min(sold), min(until)) as first_date, greatest(max(sold), max(until)) as last_date "
        "from {{ ref('things') }}"
    )
    ranges = files[GENERATED / "intermediate" / "int_date_ranges.sql"].splitlines()[1:]
    assert ranges == [range_of_things, "union all", range_of_things]


def test_the_data_dictionary_says_grain_key_and_every_column_of_a_mart() -> None:
    mart = by_hand(
        "fct_things",
        "One row per thing.",
        new("thing_id", str, "The thing."),
        new("pct_used", float, "How much of it is used.", nullable=True, ge=0, le=100),
        of(Identity, "kind"),
        renamed(Rfm, "state", to="rfm_state"),
        key=["thing_id"],
    )
    page = data_dictionary([mart])
    assert "- [`marts.fct_things`](#martsfct_things)" in page
    section = page[page.index("## marts.fct_things") :].splitlines()
    assert section == [
        "## marts.fct_things",
        "",
        "One row per thing.",
        "",
        "Primary key: `thing_id`.",
        "",
        "| column | type | unit | null | range | what it is |",
        "|---|---|---|---|---|---|",
        "| `thing_id` | varchar |  |  |  | The thing. |",
        "| `pct_used` | double | percent | yes | at least 0, at most 100 | How much of it is used. |",
        "| `kind` | varchar |  |  |  | account or email. |",
        f"| `rfm_state` | varchar |  |  |  | {column(Rfm, 'state').description} |",
        "",
        "- `kind`: account, email",
        "- `rfm_state`: scored, lapsed, prospect",
        "- Columns of `identity`: `kind`.",
        "- Columns of `rfm`: `rfm_state` (its `state`).",
    ]


def test_no_description_has_markup_that_a_page_swallows() -> None:
    # The UI and the data dictionary are Markdown, in which <status> is an element and not a word.
    tag = re.compile(r"<[A-Za-z/!]")
    columns = {name: mart.columns for name, mart in MARTS.items()} | {
        name: table.model.to_schema().columns for name, table in TABLES.items()
    }
    said = {
        (name, column): found.description or "" for name, all_of in columns.items() for column, found in all_of.items()
    }
    said |= {(name, ""): mart.description for name, mart in MARTS.items()}
    assert len(said) > 1000
    assert [place for place, words in said.items() if tag.search(words)] == []


def test_the_head_of_the_data_dictionary_is_true_of_every_table() -> None:
    head = data_dictionary([]).split("\n\n")[2]
    columns = {(mart.name, name): found for mart in MARTS.values() for name, found in mart.columns.items()}
    starts = {"is_": "boolean", "n_": "bigint"}
    assert "What starts with `is_` is a flag, with `n_` a count." in head
    others = [
        place
        for place, found in columns.items()
        for start, kind in starts.items()
        if place[1].startswith(start) and warehouse_type(found) != kind
    ]
    assert others == []
    # Amounts that are no decimal: the head names them.
    assert "the means in `promise_impact` and the cut points of money are `double`" in head
    assert {
        name
        for (name, _), found in columns.items()
        if (unit(found) or "").startswith("currency") and warehouse_type(found) == "double"
    } == {"promise_impact", "promise_impact_by_month", "rfm_cut_points"}
    # What is never null is declared, but for the tables of which the head says that only the key is.
    assert (
        "In tables with rows of earlier\n  nights, or of whatever a night has merged, only the columns of the key are declared"
        in head
    )
    undeclared = {
        mart.name
        for mart in MARTS.values()
        if mart.never_null != {name for name, found in mart.columns.items() if not found.nullable}
    }
    assert undeclared == {mart.name for mart in MARTS.values() if mart.has_earlier_nights}
    assert {"segment_sizes", "identity", "rejected_rows"} <= undeclared
