"""What customers of one bucket have to do with those of another: a shop where all of it happens, computed at once and, in buckets, by a
Spark Connect server."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.assets.dated import facts_now
from pipeline.configuration import load_settings
from pipeline.fact_files import CUSTOMER_NAMES
from pipeline.resources import Home
from schemas.registry import ENTITIES, RECORDS, SEGMENTS
from tests.integration.conftest import DAY
from tests.integration.large import in_buckets
from tests.sail import sail
from tests.scenario import Shop, make_shop
from tests.unit.lake import at, delivered

Row = dict[str, Any]
# c00 and c11 are the first and the last by name, so they are never in one bucket.
FIRST, SECOND, LAST = "c00", "c03", "c11"
NAMES = [f"c{number:02}" for number in range(12)]
SHOWN = {"min_n": 1}


def orders() -> list[Row]:
    rows = [
        {"customer_id": name, "ordered_at": moment, "channel": channel, "delivered_at": delivered_at}
        for number, name in enumerate(NAMES)
        for moment, channel, delivered_at in (
            ("2026-03-02", "web", None),
            (f"2026-06-{1 + number:02}", "shop" if number % 2 else "web", "2026-06-18"),
        )
    ]
    rows += [
        # Recovers the cart of a session that customers share, and of a late visitor.
        {"order_id": "recovers", "customer_id": LAST, "ordered_at": "2026-06-24", "channel": "web"},
        {"order_id": "of_nobody", "ordered_at": "2026-06-20", "channel": "shop"},
        {"order_id": "referred", "customer_id": LAST, "ordered_at": "2026-06-22", "channel": "web"},
        {"order_id": "not_yet", "customer_id": LAST, "ordered_at": "2026-07-02", "channel": "web"},
        {"order_id": "delivered", "customer_id": FIRST, "ordered_at": "2026-06-15", "delivered_at": "2026-06-17"},
    ]
    return [
        {"order_id": f"o{number:02}", "status": "paid", "currency": "EUR", "discount_amount": 0, "refund_amount": 0}
        | {"gross_amount": 1000 + 10 * number, "net_amount": 1000 + 10 * number}
        | row
        for number, row in enumerate(rows)
    ]


def touchpoints() -> list[Row]:
    def cart(session: str | None, customer: str | None, day: int, **more: Any) -> Row:
        of_cart = {"kind": "cart", "cart_amount": 5000, "currency": "EUR", "product_id": f"p{day % 2}"}
        return {"session_id": session, "customer_id": customer, "occurred_at": f"2026-06-{day}"} | of_cart | more

    rows = [
        # Who logs in late.
        *({"session_id": "late", "kind": "visit", "occurred_at": f"2026-06-1{day}"} for day in range(3)),
        cart("late", None, 14),
        cart("late", LAST, 15, cart_amount=7000),
        cart("late_and_gone", None, 16),
        {"session_id": "late_and_gone", "customer_id": SECOND, "occurred_at": "2026-06-17", "channel": "app"},
        # Two customers, with touchpoints of nobody before, between and after.
        cart("shared", None, 18),
        cart("shared", FIRST, 19),
        {"session_id": "shared", "kind": "visit", "occurred_at": "2026-06-19"},
        cart("shared", LAST, 20),
        cart("shared_ordered", LAST, 20),
        {"session_id": "shared_ordered", "customer_id": FIRST, "kind": "order", "occurred_at": "2026-06-21"},
        cart("shared_left", FIRST, 21),
        cart("shared_left", SECOND, 20),
        # A customer whom the shop does not know, and one who is known by an order alone.
        cart("of_stranger", None, 22),
        cart("of_stranger", "stranger", 23),
        cart("of_order", None, 23),
        {"session_id": "of_order", "order_id": "recovers", "kind": "order", "occurred_at": "2026-06-24"},
        # An order that is placed after the date: until then its touchpoints are nobody's.
        cart("of_nobody", None, 24),
        cart("of_nobody", None, 25, order_id="not_yet"),
        cart("of_nobody", None, 26),
        cart("claimed", None, 24, order_id="not_yet"),
        cart("claimed", SECOND, 25),
        # Engagement of the days before, and what came before orders.
        *(
            {"session_id": f"{month} {name}", "customer_id": whose, "occurred_at": f"2026-{month}-1{place}"}
            for month, names in (("03", NAMES[6:]), ("05", NAMES[3:]))
            for number, name in enumerate(names)
            for place, whose in enumerate([None] * (1 + number % 3) + [name])
        ),
        {"session_id": "05 c11", "kind": "review", "occurred_at": "2026-05-12"},
        # Without a session.
        cart(None, FIRST, 25),
        cart(None, None, 26),
    ]
    return [
        {"touchpoint_id": f"t{number:02}", "kind": "visit", "channel": "web"} | row for number, row in enumerate(rows)
    ]


def reviews() -> list[Row]:
    rows = [
        {"customer_id": LAST, "order_id": "o00"},
        {"customer_id": FIRST, "order_id": "o23", "rating": 3},
        {"customer_id": LAST, "order_id": "delivered"},
        {"customer_id": SECOND, "order_id": "of_nobody"},
        # Of c04, who has written none.
        {"customer_id": LAST, "order_id": "o09"},
        {"order_id": "o05", "rating": 2},
        {"customer_id": FIRST, "order_id": "elsewhere"},
    ]
    return [
        {"review_id": f"v{number}", "rating": 5, "rating_min": 1, "rating_max": 5, "created_at": "2026-06-25"} | row
        for number, row in enumerate(rows)
    ]


def responses() -> list[Row]:
    rows = [
        {"order_id": "o23"},
        {"customer_id": FIRST, "order_id": "o21"},
        {"customer_id": LAST},
        {},
        {"customer_id": "stranger", "order_id": "o07"},
    ]
    return [
        {"response_id": f"r{number}", "survey_id": "care", "survey_type": "transactional", "submitted_at": "2026-06-26"}
        | row
        for number, row in enumerate(rows)
    ]


def answers() -> list[Row]:
    of_item = {"survey_id": "care", "item_id": "recommend", "is_nps": True, "is_reversed": False}
    scale = {"scale_min": 0, "scale_max": 10}
    return [{"response_id": row["response_id"], "value": 9} | of_item | scale for row in responses()]


def referrals() -> list[Row]:
    rows = [
        {"customer_id": FIRST, "referred_customer_id": LAST, "referred_at": "2026-06-21"},
        {"customer_id": SECOND, "order_id": "referred", "referred_at": "2026-06-20"},
        {"customer_id": LAST, "referred_customer_id": FIRST, "referred_at": "2026-06-14"},
        {"customer_id": LAST, "order_id": "of_nobody", "referred_at": "2026-06-14"},
    ]
    return [{"referral_id": f"f{number}"} | row for number, row in enumerate(rows)]


def events() -> list[Row]:
    rows = [
        *({"customer_id": name, "kind": "earn", "points": 40 + n} for n, name in enumerate(NAMES[4:])),
        # So the source delivers expiries, of anybody.
        {"customer_id": NAMES[8], "kind": "expire", "points": -5, "occurred_at": "2026-06-20"},
        {"order_id": "o23", "kind": "earn", "points": 7},
    ]
    earned = {"occurred_at": "2026-03-05", "expires_at": "2026-06-10"}
    return [{"event_id": f"e{number}"} | earned | row for number, row in enumerate(rows)]


def products() -> list[Row]:
    priced = {"price_amount": 2000, "currency": "EUR"}
    rows = [{"product_id": f"p{number}", "product_name": f"Product {number}"} | priced for number in range(2)]
    return [rows[0] | {"discounted_amount": 1500}, rows[1]]


def contacts() -> list[Row]:
    of_action = {"action": "win_back", "control_draw": "30%", "as_of_date": date(2026, 5, 19)}
    rows = [
        {"customer_id": name, "is_control": bool(number % 2), "exported_at": at("2026-05-20")}
        for number, name in enumerate(NAMES)
    ]
    later = {"action": "abandoned_cart", "as_of_date": date(2026, 6, 28), "exported_at": at("2026-06-29")}
    return [row | of_action for row in rows] + [{"customer_id": SECOND, "is_control": False} | of_action | later]


GIVEN = {
    "orders": orders(),
    "touchpoints": touchpoints(),
    "reviews": reviews(),
    "survey_responses": responses(),
    "survey_answers": answers(),
    "referrals": referrals(),
    "products": products(),
    "loyalty_events": events(),
    # Consent is told of some buckets' customers alone.
    "customers": [
        {
            "customer_id": name,
            "accepts_marketing": None if name in ("c08", "c09") else True,
            "registered_at": "2026-01-01",
        }
        for name in NAMES
    ],
}


@dataclass(frozen=True)
class Both:
    """The dated tables of the shop, computed at once, and in buckets by a server."""

    at_once: dict[str, pl.DataFrame]
    in_buckets: dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    shop = made(tmp_path_factory.mktemp("across") / "shop")
    at_once = computed(shop)
    with sail() as (address, _), in_buckets(shop, rows_per_bucket=20, spark=address) as facts:
        assert len(facts.buckets()) > 3
        yield Both(at_once, computed(shop))


def made(folder: Path) -> Shop:
    shop = make_shop(
        folder,
        [],
        journey=SHOWN | {"recovery_days": 8},
        engagement=SHOWN,
        actions={"min_n": 1, "control_share": 0.3, "consent_without_flag": True, "effect_days": 30},
        nps=SHOWN,
    )
    for name, rows in GIVEN.items():
        shop.lake.merge(ENTITIES[name], delivered(name, rows).lazy())
    exported = RECORDS["contacts"]
    shop.lake.merge(exported, pl.LazyFrame(contacts(), schema=exported.polars_schema))
    return shop


def computed(shop: Shop) -> dict[str, pl.DataFrame]:
    assert shop.compute(DAY, *SEGMENTS, force="yes").success
    return {name: shop.partition(name, DAY) for name in SEGMENTS}


@pytest.mark.parametrize("name", SEGMENTS)
def test_a_dated_table_has_the_same_rows_at_once_and_in_buckets(name: str, both: Both) -> None:
    assert_frame_equal(both.in_buckets[name], both.at_once[name], rel_tol=1e-12)


# Who has another name later, is one with somebody else, or is gone

MONTH_BEFORE, BETWEEN = "2026-05-31", "2026-06-15"
GUEST, NAMED, BOTH, AWAY = "a_guest", "zoe", "yan", "mia"
HISTORY = ("segment_changes", "segment_migration", "segment_sizes")
OF_HISTORY = (
    *("rfm", "rfm_cut_points", "segment_map", "sci", "sci_index", "loyalty", "points_ledger"),
    *("churn_risk", "churn_model_card", "churn_calibration", "churn_outcomes", *HISTORY),
)


def became(name: str, person: str) -> Row:
    return {"identifier": name, "kind": "account", "customer_id": person, "rule": "same_row", "n_rows": 1}


def history_of(shop: Shop) -> list[dict[str, pl.DataFrame]]:
    """The history of two dates between which people changed, and then of three: one that came between them, once the first date's
    segments are not kept any more."""
    lake = shop.lake
    of_guest = {"customer_id": GUEST, "ordered_at": "2026-04-02", "status": "paid", "currency": "EUR"}
    amounts = {"gross_amount": 9000, "net_amount": 9000, "discount_amount": 0, "refund_amount": 0}
    guests = delivered("orders", [{"order_id": "of_guest", "channel": "web"} | of_guest | amounts])
    lake.merge(ENTITIES["orders"], guests.lazy())
    assert shop.compute(MONTH_BEFORE, *OF_HISTORY, force="yes").success
    # Bands of a model, and none of a model after.
    bands, first = SEGMENTS["churn_risk"], date.fromisoformat(MONTH_BEFORE)
    rows = lake.scan_as_of(bands, first).collect()
    lake.replace_as_of(bands, first, rows.with_columns(method=pl.lit("model"), model_id=pl.lit("first")))
    assert shop.compute(MONTH_BEFORE, *HISTORY, force="yes").success
    people = [
        became(GUEST, NAMED),
        became("c10", "c02"),
        *(became(name, BOTH) for name in ("c01", "c09")),
        # Known by name alone.
        became("c07", AWAY),
    ]
    identity = RECORDS["identity"]
    lake.merge(identity, pl.LazyFrame(people, schema=identity.polars_schema))
    for table in ENTITIES.values():
        if "customer_id" in table.polars_schema:
            lake.remove(table, pl.col("customer_id").is_in(["c05", "c07"]))
    found = []
    for day in (DAY, BETWEEN):
        assert shop.compute(day, *OF_HISTORY, force="yes").success
        found.append({name: lake.scan(SEGMENTS[name]).collect().sort(SEGMENTS[name].key) for name in HISTORY})
        for name in ("rfm", "sci", "churn_risk", "loyalty"):
            lake.drop_dates(SEGMENTS[name], [first])
    return found


def test_whoever_is_renamed_joined_or_gone_the_history_is_the_same(tmp_path: Path) -> None:
    at_once = history_of(made(tmp_path / "at_once"))
    shop = made(tmp_path / "in_buckets")
    with pytest.MonkeyPatch.context() as patch, sail() as (address, _):
        patch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
        shop.configure(engine={"rows_per_bucket": 20, "spark": address})
        in_buckets = history_of(shop)
        settings = load_settings(shop.config, home=shop.home)
        facts = facts_now(Home.of(settings), settings)
    # All names of a person are in one bucket, and each of these is in another.
    names = facts.scan(CUSTOMER_NAMES).collect()
    numbers = {name: {*names.filter(customer_id=name)["number"]} for name in (NAMED, "c02", BOTH, AWAY)}
    assert [len(of) for of in numbers.values()] == [1, 1, 1, 1]
    assert len({sum(first <= number for first in facts.bounds) for of in numbers.values() for number in of}) > 2
    assert not {"c05"} & {*names["name"]}
    for found, expected in zip(in_buckets, at_once, strict=True):
        for name in HISTORY:
            assert_frame_equal(found[name], expected[name], rel_tol=1e-12)
    for moved, day in ((in_buckets[0], DAY), (in_buckets[1], BETWEEN)):
        of_rfm = moved["segment_migration"].filter(as_of_date=date.fromisoformat(day), kind="rfm")
        # c10 and c09, who is one with c01; c05 and c07.
        n_by = {to: of_rfm.filter(to_segment=to)["n_customers"].sum() for to in ("joined", "gone")}
        assert n_by == {"joined": 2, "gone": 2}
        # 12 of them, and the guest.
        assert of_rfm["n_customers"].sum() == 13
    assert in_buckets[0]["segment_migration"].filter(kind="churn", cause="model").height > 0


# What is empty, and why


def test_what_stays_empty_is_counted_over_all_customers(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "shop", [])
    amounts = {"gross_amount": 1000, "net_amount": 1000, "discount_amount": 0, "refund_amount": 0, "channel": "web"}
    placed = [
        {"order_id": f"o {name} {currency}", "customer_id": name, "currency": currency, "ordered_at": "2026-06-01"}
        | {"status": "pending", "is_net_unsettled": currency == "EUR"}
        | amounts
        for name in NAMES
        for currency in ("EUR", "USD")
    ]
    # Of the first and the last customer: as many addresses as a desk that takes orders has.
    mailed = [
        {"review_id": f"v{number}", "customer_id": name, "email_hash": f"{number:064x}"} | {"created_at": "2026-06-02"}
        for number, name in enumerate([FIRST] * 10 + [LAST] * 11)
    ]
    people = [became(str(row["email_hash"]), row["customer_id"]) | {"kind": "email"} for row in mailed]
    tables = {
        "orders": placed,
        "reviews": [row | {"rating": 5, "rating_min": 1, "rating_max": 5} for row in mailed],
        "customers": [{"customer_id": name, "accepts_marketing": name == LAST or None} for name in NAMES],
        "loyalty_events": [
            {"event_id": f"e{number}", "customer_id": name, "kind": "earn", "points": 1, "occurred_at": "2026-06-03"}
            for number, name in enumerate([*NAMES, None])
        ],
    }
    for name, rows in tables.items():
        shop.lake.merge(ENTITIES[name], delivered(name, rows).lazy())
    identity = RECORDS["identity"]
    shop.lake.merge(identity, pl.LazyFrame(people, schema=identity.polars_schema))
    names = ("rfm", "rfm_cut_points", "segment_map", "notices", "settings_used")
    assert shop.compute(DAY, *names).success
    at_once = shop.partition("notices", DAY)
    with in_buckets(shop, rows_per_bucket=20) as facts:
        assert len(facts.buckets()) > 3
        assert shop.compute(DAY, *names, force="yes").success
    assert_frame_equal(shop.partition("notices", DAY), at_once)
    n_of = dict(at_once.select("kind", "n").iter_rows())
    assert n_of.items() >= {"no_purchase": 24, "net_unsettled": 12, "orders_without_rate": 12, "many_joined": 2}.items()
    assert n_of["no_points_customer"] == 13
    assert "no_consent_known" not in n_of
