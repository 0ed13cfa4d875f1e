from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.behaviour.sessions import (
    naming_sessions,
    of_known,
    recent_touchpoints,
    shared_sessions,
    strays,
    touchpoints_as_of,
    whole_sessions,
)
from pipeline.core.facts.orders import orders_as_of
from tests.unit.lake import customers, orders, table

AS_OF = date(2026, 6, 30)
KNOWN = customers("a", "b").lazy()
# A known customer each, who has placed an order; one whom the shop does not know; one with an order that is yet to come.
NAMED = st.one_of(
    st.none(),
    st.sampled_from(["a", "b", "stranger"]).map(lambda name: {"customer_id": name}),
    st.just({"order_id": "now"}),
)
LATER = st.just({"order_id": "later"})
TOUCHED = st.lists(st.tuples(st.one_of(NAMED, LATER), st.sampled_from(["s", "t", None])), min_size=1, max_size=8)
PLACED = orders(
    {"order_id": "now", "customer_id": "b", "ordered_at": "2026-06-20"},
    {"order_id": "later", "customer_id": "b", "ordered_at": "2026-07-20"},
)


@settings(max_examples=40, deadline=None)
@given(TOUCHED)
def test_a_session_is_whole_although_its_touchpoints_are_read_with_different_customers(touched: list[Any]) -> None:
    rows = [
        {"touchpoint_id": f"t{number}", "session_id": session, "occurred_at": f"2026-06-2{number}"} | (named or {})
        for number, (named, session) in enumerate(touched)
    ]
    read, orders_known = table("touchpoints", rows), orders_as_of(PLACED.lazy(), as_of=AS_OF)
    at_once = touchpoints_as_of(read.lazy(), KNOWN, orders_known, as_of=AS_OF, months=2).collect()

    # Whose a row is: of one that names an order alone the buyer's, although the order may be yet to come.
    owner = pl.coalesce("customer_id", pl.when(pl.col("order_id").is_not_null()).then(pl.lit("b")))
    owned = read.with_columns(owner=owner)
    parts = {
        name: recent_touchpoints(
            owned.filter(pl.col("owner").eq_missing(pl.lit(name))).lazy(), orders_known, as_of=AS_OF, months=2
        )
        for name in (None, "a", "b", "stranger")
    }
    sessions = whole_sessions(pl.concat(naming_sessions(part) for part in parts.values()))
    gone = pl.concat(strays(part, sessions, has_nobodys=name is None) for name, part in parts.items()).collect()
    found = []
    for name, part in parts.items():
        own = gone.filter(pl.col("customer_id").eq_missing(pl.lit(name)))
        settled = part.join(gone.lazy(), on="touchpoint_id", how="anti")
        found.append(of_known(pl.concat([settled, own.lazy()]), KNOWN).collect())
    key = "touchpoint_id"
    assert pl.concat(found).select(at_once.columns).sort(key).equals(at_once.sort(key))
    several = shared_sessions(sessions).collect()
    whole = [
        rows.select("session_id").drop_nulls().unique().join(several, on="session_id", how="anti") for rows in found
    ]
    assert pl.concat(whole)["session_id"].is_unique().all()
