"""Checks between layers: the segments are complete and meaningful, and the marts agree with the lake."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import dates_of_run
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.lake import Lake
from pipeline.lake_rows import AS_OF
from pipeline.resources import Home
from pipeline.warehouse.build_file import edition_date, opened
from pipeline.warehouse.editions import last_built
from schemas.history import SEGMENT_KINDS
from schemas.registry import SEGMENTS

MATCHES_LAKE = "matches_lake"
HISTORY = "customer_segment_history"
LEDGER = "points_ledger"
MARTS_OF_SEGMENTS = {
    "customer_rfm": "rfm",
    "customer_sci": "sci",
    "customer_nps": "nps",
    "comment_themes": "comment_themes",
    "customer_churn_risk": "churn_risk",
    "customer_loyalty": "loyalty",
    "customer_say_do": "say_do",
    "abandoned_carts": "abandoned_carts",
    "customer_journey": "customer_journey",
    "customer_next_action": "next_action",
}

REFERENCES = {
    "fct_orders": (
        "orders have no customer; they stay outside segmentation",
        "select count(*) filter (customer_id is null), count(*) from marts.fct_orders",
    ),
    "fct_order_lines": (
        "order lines have no order in the lake; they are left out",
        """select count(*) filter (not exists (from build.lake.orders o where o.order_id = l.order_id)), count(*)
        from build.lake.order_lines l""",
    ),
    "fct_reviews": (
        "reviews name a customer or order that the lake does not know; the reference is null",
        "select count(*) filter (is_reference_unknown), count(*) from marts.fct_reviews",
    ),
    "fct_touchpoints": (
        "touchpoints name a customer or order that the lake does not know; the reference is null",
        "select count(*) filter (is_reference_unknown), count(*) from marts.fct_touchpoints",
    ),
    "fct_survey_responses": (
        "survey responses name a customer or order that the lake does not know; the reference is null",
        "select count(*) filter (is_reference_unknown), count(*) from marts.fct_survey_responses",
    ),
    "points_ledger": (
        "loyalty events belong to no customer in the lake; they are left out",
        """select count(*) filter (customers.customer_id is null), count(*)
        from build.lake.loyalty_events events left join build.lake.identity on events.customer_id = identity.identifier
        left join marts.dim_customers customers
            on customers.customer_id = coalesce(identity.customer_id, events.customer_id)""",
    ),
}
"""Mart -> what a missing reference means, and the query that counts missing references and rows."""


def asset_checks(rfm: RfmSettings, *, max_unknown_rate: float) -> list[dg.AssetChecksDefinition]:
    """All checks that are not dbt tests and do not belong to a source. `max_unknown_rate`: above this share of unknown
    references somebody should look."""
    return [_segment_map(rfm), _size_and_history(rfm), _marts_match_lake(), _references(max_unknown_rate)]


def _segment_map(rfm: RfmSettings) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset_keys.table("rfm"), blocking=True, name="segment_map")
    def segment_map(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
        """Every scored customer has all scores and a segment of the map; no other customer has either."""
        days = _dates_of(context, home)
        rows = home.lake.scan(SEGMENTS["rfm"]).filter(pl.col(AS_OF).is_in(days))
        is_scored = pl.col("state") == "scored"
        has_scores = pl.all_horizontal(pl.col("r_score", "f_score", "m_score", "fm_score").is_not_null())
        is_on_map = pl.col("segment").is_in(rfm.segment_map.names)
        wrong = rows.filter(pl.when(is_scored).then(~(has_scores & is_on_map)).otherwise(has_scores | is_on_map))
        n_wrong, n_rows = pl.collect_all([wrong.select(pl.len()), rows.select(pl.len())])
        sizes = rows.filter(pl.col(AS_OF) == days[-1]).group_by("segment").len()
        return dg.AssetCheckResult(
            passed=n_wrong.item() == 0,
            description=f"{n_wrong.item()} of {n_rows.item()} customers have scores without a segment, or the reverse",
            metadata={
                "segment_sizes": dict(sizes.sort("len", "segment", descending=[True, False]).collect().iter_rows()),
                "map": rfm.map,
                "unreachable_rules": rfm.segment_map.unreachable,
            },
        )

    return segment_map


def _size_and_history(rfm: RfmSettings) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset_keys.table("rfm"), name="size_and_history")
    def size_and_history(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
        """RFM means little with few customers, a short history, or a shop that no longer sells."""
        return judge_size_and_history(home.lake, _date_of(context, home), rfm)

    return size_and_history


def judge_size_and_history(lake: Lake, as_of: date, gate: RfmSettings) -> dg.AssetCheckResult:
    """Whether RFM of a date rests on enough customers, a long history and a recent order. Definitions, section 1."""
    bought = lake.scan_as_of(SEGMENTS["rfm"], as_of).filter(pl.col("last_order_date").is_not_null())
    figures = bought.select(pl.len(), pl.col("first_order_date").min(), pl.col("last_order_date").max())
    n_customers, first, last = figures.collect().row(0)
    history_days = (as_of - first).days if first else 0
    idle_days = (as_of - last).days if last else None
    signs = {
        f"{n_customers} customers with an order, below {gate.gate_min_customers}": n_customers
        < gate.gate_min_customers,
        f"{history_days} days of history, below {gate.gate_min_history_days}": history_days
        < gate.gate_min_history_days,
        f"no order in the last {gate.gate_max_idle_days} days": idle_days is None
        or idle_days >= gate.gate_max_idle_days,
    }
    found = [words for words, is_so in signs.items() if is_so]
    return dg.AssetCheckResult(
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"RFM as of {as_of} means little: {'; '.join(found)}" if found else None,
        metadata={"customers": n_customers, "history_days": history_days, "idle_days": idle_days},
    )


def _marts_match_lake() -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec(
            MATCHES_LAKE, asset=asset_keys.mart(mart), blocking=True, description=f"Has the rows of {table}."
        )
        for mart, table in [
            *MARTS_OF_SEGMENTS.items(),
            (HISTORY, "segments at the edition's date, as each customer's present segment"),
            (LEDGER, "loyalty: its points add up to every customer's balance"),
            ("fct_orders", "orders: counts and money agree with RFM"),
        ]
    ]

    @dg.multi_asset_check(specs=specs, name="marts_match_lake", can_subset=True)
    def marts_match_lake(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        as_of = edition_date(home.lake)
        with opened(home.build_file, last_built(home.built_edition, home.editions)) as connection:
            for mart, table in MARTS_OF_SEGMENTS.items():
                if not _is_asked(context, MATCHES_LAKE, mart):
                    continue
                wanted = home.lake.scan_as_of(SEGMENTS[table], as_of).select(pl.len()).collect().item()
                found = connection.execute(f"select count(*) from marts.{mart}").fetchall()[0][0]
                yield _compare(mart, f"rows of {table} at {as_of}", wanted, found)
            for mart, compare in (
                (HISTORY, _history_matches),
                (LEDGER, _points_match),
                ("fct_orders", _orders_match),
            ):
                if _is_asked(context, MATCHES_LAKE, mart):
                    yield compare(home, connection, as_of)

    return marts_match_lake


def _history_matches(home: Home, connection: duckdb.DuckDBPyConnection, as_of: date) -> dg.AssetCheckResult:
    """Customers per segment: at the edition's date in the segment tables, and at present in the history."""
    tables = (
        home.lake.scan_as_of(SEGMENTS[table], as_of).select(pl.lit(kind).alias("kind"), pl.col(column).alias("segment"))
        for kind, (table, column) in SEGMENT_KINDS.items()
    )
    in_lake = set(pl.concat(tables).group_by("kind", "segment").len("n").collect(engine="streaming").iter_rows())
    present = f"select kind, segment, count(*) as n from marts.{HISTORY} where valid_to is null group by all"
    in_mart = set(connection.execute(present).fetchall())
    what = f"segments with their sizes at {as_of} (in the mart: those of the same size)"
    return _compare(HISTORY, what, len(in_lake | in_mart), len(in_lake & in_mart))


def _points_match(home: Home, connection: duckdb.DuckDBPyConnection, as_of: date) -> dg.AssetCheckResult:
    """Every customer's balance, as stored in loyalty and as the sum of their ledger entries."""
    loyalty = home.lake.scan_as_of(SEGMENTS["loyalty"], as_of).filter(pl.col("points_balance") > 0)
    in_lake = set(loyalty.select("customer_id", "points_balance").collect().iter_rows())
    sums = f"select customer_id, sum(points) from marts.{LEDGER} group by customer_id having sum(points) <> 0"
    in_mart = set(connection.execute(sums).fetchall())
    what = f"balances of points at {as_of} (in the mart: those of the same size)"
    return _compare(LEDGER, what, len(in_lake | in_mart), len(in_lake & in_mart))


def _orders_match(home: Home, connection: duckdb.DuckDBPyConnection, as_of: date) -> dg.AssetCheckResult:
    """The valid orders of all customers, counted by SQL in fct_orders and by polars on the way to the segments.

    Two programs decide which order is valid; here they must agree, for every customer who has ever bought.
    """
    churn = home.lake.scan_as_of(SEGMENTS["churn_risk"], as_of).select(pl.len()).collect().item()
    found = connection.execute(
        "select count(distinct customer_id) from marts.fct_orders where is_valid and customer_id is not null"
    ).fetchall()[0][0]
    return _compare("fct_orders", f"customers with a valid order at {as_of}", churn, found)


def _references(limit: float) -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec("references_known", asset=asset_keys.mart(mart), description=f"How many {what}.")
        for mart, (what, _) in REFERENCES.items()
    ]

    @dg.multi_asset_check(specs=specs, name="references", can_subset=True)
    def references(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        with opened(home.build_file, last_built(home.built_edition, home.editions)) as connection:
            for mart, (what, count) in REFERENCES.items():
                if not _is_asked(context, "references_known", mart):
                    continue
                unknown, rows = connection.execute(count).fetchall()[0]
                yield judge_references(mart, unknown, rows, what, limit)

    return references


def judge_references(mart: str, unknown: int, rows: int, what: str, limit: float) -> dg.AssetCheckResult:
    """Whether so many references are unknown to the lake that somebody should look."""
    return dg.AssetCheckResult(
        check_name="references_known",
        asset_key=asset_keys.mart(mart),
        passed=unknown <= limit * rows,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{unknown} of {rows} {what}; the limit is {limit:.1%}",
        metadata={"unknown": unknown, "rows": rows, "limit": limit},
    )


def _is_asked(context: dg.AssetCheckExecutionContext, check: str, mart: str) -> bool:
    """Whether the run asks for this check of the mart."""
    return dg.AssetCheckKey(asset_keys.mart(mart), check) in context.selected_asset_check_keys


def _date_of(context: dg.AssetCheckExecutionContext, home: Home) -> date:
    return _dates_of(context, home)[-1]


def _dates_of(context: dg.AssetCheckExecutionContext, home: Home) -> list[date]:
    """The dates of the run; for a check run alone in the UI, which gives it none, the newest date computed."""
    return dates_of_run(context) if context.op_execution_context.has_partition_key else [edition_date(home.lake)]


def _compare(mart: str, what: str, wanted: int, found: int) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=MATCHES_LAKE,
        asset_key=asset_keys.mart(mart),
        passed=wanted == found,
        description=f"marts.{mart}: {what}: {wanted} in the lake, {found} in the mart",
        metadata={"lake": wanted, "mart": found},
    )
