"""The demo shop: its life, what its customers say, its exports, and the mappings that read them."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from math import log, sqrt
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.configuration import load_settings
from pipeline.errors import ConfigError
from pipeline.sources.demo import Shop, simulate, write_exports
from pipeline.sources.demo.faults import ORDER_FAULTS, with_faults
from pipeline.sources.demo.life import leave_probability
from pipeline.sources.demo.model import MODEL
from pipeline.sources.preset import PRESETS
from pipeline.sources.settings import DemoSettings
from schemas.registry import ENTITIES
from schemas.types import ORDER_STATUSES

ZONE = "Europe/Amsterdam"
START = date(2024, 11, 1)
EARLY = date(2025, 4, 9)
LATE = date(2025, 7, 20)
FRAMES = (
    "orders",
    "order_lines",
    "reviews",
    "surveys",
    "invitations",
    "customers",
    "touchpoints",
    "loyalty_events",
    "referrals",
    "products",
    "contacts",
    "truth",
)


@cache
def shop(
    end_date: date = LATE, seed: int = 8, customers: int = 3000, attitude_effect: float = 1.0, mailings: bool = True
) -> Shop:
    settings = DemoSettings(seed=seed, start_date=START, customers=customers, attitude_effect=attitude_effect)
    model = MODEL if mailings else replace(MODEL, mailings=())
    return simulate(settings, end_date=end_date, time_zone=ZONE, model=model)


def end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=ZoneInfo(ZONE)).astimezone(
        ZoneInfo("UTC")
    )


def local_date(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(ZONE).dt.date()


def parcels(orders: pl.DataFrame) -> pl.DataFrame:
    """Delivered orders with a promise and a delivery date."""
    return orders.filter(pl.col("promised_on").is_not_null() & pl.col("delivered_at").is_not_null()).with_columns(
        is_late=local_date("delivered_at") > pl.col("promised_on")
    )


# The life of the shop


def test_the_same_settings_and_date_give_the_same_shop() -> None:
    again = simulate(
        DemoSettings(seed=8, start_date=START, customers=3000, attitude_effect=1.0), end_date=LATE, time_zone=ZONE
    )
    for name in FRAMES:
        assert_frame_equal(getattr(again, name), getattr(shop(), name))


def test_another_seed_gives_another_shop() -> None:
    assert not shop(EARLY, seed=9).orders.equals(shop(EARLY).orders)


def test_an_end_before_the_start_is_refused_naming_both_dates() -> None:
    with pytest.raises(ConfigError, match="end date 2024-10-31 is before start_date 2024-11-01"):
        shop(START - timedelta(days=1))


def test_the_first_day_and_a_shop_without_any_order_can_be_simulated_and_written(tmp_path: Path) -> None:
    assert shop(START, customers=5000).orders.height > 0
    empty = shop(START, seed=3, customers=1)
    assert empty.orders.height == 0
    assert len(write_exports(empty, tmp_path, dirt_rate=0.01, seed=8)) == 7
    assert {name: getattr(empty, name).schema for name in FRAMES} == {
        name: getattr(shop(), name).schema for name in FRAMES
    }


def test_a_later_end_date_only_adds_to_what_was_there() -> None:
    early, late, end = shop(EARLY), shop(LATE), end_of(EARLY)
    written: tuple[tuple[str, str, list[str]], ...] = (
        (
            "orders",
            "placed_at",
            [
                *("state", "refunded", "total", "promised_on", "redelivery_on"),
                *("delivered_at", "refunded_at", "changed_at"),
            ],
        ),
        ("order_lines", "placed_at", ["quantity_delivered", "changed_at"]),
        ("reviews", "written_at", ["replied_at", "changed_at"]),
        ("surveys", "submitted_at", []),
        ("invitations", "invited_at", []),
        ("customers", "registered_at", []),
        ("touchpoints", "occurred_at", ["replied_at"]),
        ("loyalty_events", "occurred_at", []),
        ("referrals", "referred_at", []),
        ("truth", "arrived_at", ["attitude", "is_alive", "n_orders"]),
    )
    for name, moment, changing in written:
        before = getattr(early, name).drop(changing)
        after = getattr(late, name).filter(pl.col(moment) < end).drop(changing)
        assert before.height > 0
        assert_frame_equal(before, after)


def test_products_keep_name_and_price_and_some_are_discounted_for_two_weeks_that_hold_the_last_day() -> None:
    early, late = shop(EARLY).products, shop(LATE).products
    still = ["product_id", "product_name", "category", "price"]
    assert_frame_equal(early.select(still), late.select(still))
    assert late["product_id"].n_unique() == late["product_name"].n_unique() == late.height == 240
    discounted = late.drop_nulls("discounted")
    # 15 of 100; 0.09 and 0.21 are more than two standard deviations away.
    assert 0.09 < discounted.height / late.height < 0.21
    share = discounted["discounted"] / discounted["price"]
    assert share.min() >= 0.69  # 30%, rounded down to whole cents
    assert share.max() <= 0.90
    assert (discounted["discount_from"] <= LATE).all()
    assert (discounted["discount_until"] >= LATE).all()
    assert set((discounted["discount_until"] - discounted["discount_from"]).dt.total_days()) == {13}
    # A day later most discounts are the same.
    next_day = shop(LATE + timedelta(days=1)).products
    assert 0 < (next_day["changed_on"] != late["changed_on"]).sum() < 30
    sold = set(shop(LATE).order_lines["product_id"])
    assert sold <= set(late["product_id"])


def test_a_cart_is_about_a_product_that_was_looked_at_in_its_session() -> None:
    seen = of_kind("product_view", "product_id").select("session", "product_id").unique()
    carts = of_kind("cart", "product_id")
    assert carts["product_id"].null_count() == 0
    assert carts.join(seen, on=["session", "product_id"], how="anti").is_empty()


def test_at_the_end_of_a_day_nothing_after_it_has_happened() -> None:
    end = end_of(EARLY)
    early = shop(EARLY)
    for name in FRAMES[:-1]:
        frame = getattr(early, name)
        for column, dtype in frame.schema.items():
            # When points will expire is known when they are earned.
            if dtype == pl.Datetime("us", "UTC") and column != "expires_at":
                assert frame.filter(pl.col(column) >= end).height == 0, column


def test_an_order_delivered_after_the_end_is_still_under_way_at_the_end() -> None:
    end = end_of(EARLY)
    both = shop(EARLY).orders.join(shop(LATE).orders, on="order_id", suffix="_later")
    under_way = both.filter(pl.col("delivered_at_later") >= end)
    assert under_way.height > 5
    assert set(under_way["state"]) <= {"pending", "paid", "shipped"}
    assert under_way["delivered_at"].null_count() == under_way.height
    delivered = both.filter(pl.col("delivered_at_later") < end)
    assert_frame_equal(
        delivered.select("delivered_at"), delivered.select(pl.col("delivered_at_later").alias("delivered_at"))
    )


def test_a_refund_after_the_end_has_not_happened_yet_at_the_end() -> None:
    end = end_of(EARLY)
    both = shop(EARLY).orders.join(shop(LATE).orders, on="order_id", suffix="_later")
    to_come = both.filter(pl.col("refunded_at_later") >= end)
    assert to_come.height > 5
    assert to_come["refunded"].sum() == 0
    assert "returned" not in set(to_come["state"])
    assert to_come["refunded_later"].min() > 0  # type: ignore[operator]


def test_customers_arrive_at_a_constant_rate_and_prospects_come_beside_them() -> None:
    # 365 of 730 days: half of the 3,000 buyers, and one prospect to seven buyers.
    year = shop(START + timedelta(days=364))
    assert abs(year.truth.height - 1500) <= 2
    assert abs(year.customers.height - year.truth.height - 1500 / 7) <= 2


def test_prospects_never_order() -> None:
    prospects = shop().customers.join(shop().truth, on="customer_id", how="anti")
    assert prospects.height > 100
    assert shop().orders.join(prospects, on="customer_id").height == 0


def test_the_truth_counts_every_order_placed() -> None:
    counted = shop().orders.group_by("customer_id").len("n").cast({"n": pl.Int64})
    assert counted.join(shop().truth, on="customer_id").filter(pl.col("n") != pl.col("n_orders")).height == 0
    assert counted["n"].sum() == shop().truth["n_orders"].sum()


# Drop-out


def test_attitude_moves_the_odds_to_leave_by_its_exponential() -> None:
    # p = 0.2 is odds of 1/4. Attitude ln 2 halves them: (1/8) / (9/8) = 1/9; attitude -ln 2 doubles them: (1/2) / (3/2) = 1/3.
    p, attitude = np.array([0.2, 0.2, 0.2]), np.array([log(2), -log(2), 0.0])
    assert leave_probability(p, attitude, effect=1.0, is_first=False) == pytest.approx([1 / 9, 1 / 3, 0.2])
    assert leave_probability(p, attitude, effect=2.0, is_first=False) == pytest.approx([1 / 17, 1 / 2, 0.2])
    assert leave_probability(p, attitude, effect=0.0, is_first=False) == pytest.approx([0.2, 0.2, 0.2])


def test_after_the_first_purchase_only_what_attitude_adds_can_make_a_customer_leave() -> None:
    p, attitude = np.array([0.2, 0.2]), np.array([log(2), -log(2)])
    assert leave_probability(p, attitude, effect=1.0, is_first=True) == pytest.approx([0.0, 1 / 3 - 0.2])


def test_without_an_effect_the_share_of_one_time_buyers_is_that_of_bg_nbd() -> None:
    # A customer of age T has not bought again with probability (a / (a + T))^r, r = 0.7, a = 60 days. Ages are uniform on
    # 0 to L = 730 days, so the share is a^r ((a + L)^(1-r) - a^(1-r)) / ((1 - r) L)
    # = 17.567 * (7.401 - 3.4154) / (0.3 * 730) = 0.3197.
    truth = shop(START + timedelta(days=729), customers=4000, attitude_effect=0.0, mailings=False).truth
    assert truth.height == pytest.approx(4000, abs=1)
    one_time = truth.filter(pl.col("n_orders") == 1)
    assert one_time.height / truth.height == pytest.approx(0.3197, abs=3 * sqrt(0.32 * 0.68 / 4000))
    assert one_time["is_alive"].all()


def test_without_an_effect_leaving_has_nothing_to_do_with_attitude() -> None:
    truth = shop(START + timedelta(days=729), customers=4000, attitude_effect=0.0).truth
    gone = truth.filter(~pl.col("is_alive"))["attitude_at_start"].to_numpy()
    alive = truth.filter(pl.col("is_alive"))["attitude_at_start"].to_numpy()
    # Both are means of attitudes with a standard deviation of 1.
    standard_error = sqrt(1 / gone.size + 1 / alive.size)
    assert gone.size > 500
    assert abs(gone.mean() - alive.mean()) < 3 * standard_error


def test_customers_who_are_gone_had_a_lower_attitude_than_those_who_stay() -> None:
    truth = shop().truth
    means = dict(truth.group_by("is_alive").agg(pl.col("attitude").mean()).iter_rows())
    assert means[False] < means[True] - 0.3


def test_a_customer_who_is_gone_orders_nothing_later() -> None:
    gone = shop(EARLY, mailings=False).truth.filter(~pl.col("is_alive"))
    later = shop(LATE, mailings=False).truth.join(gone, on="customer_id", suffix="_early")
    assert gone.height > 50
    assert (later["n_orders"] == later["n_orders_early"]).all()


def test_kept_promises_raise_attitude_slightly_and_broken_ones_lower_it() -> None:
    # 0.1 up for each parcel on time, 0.9 down for each that came late.
    orders = shop().orders
    unreported = orders.filter(
        (pl.col("channel") != "store") & pl.col("state").is_in(["delivered", "returned"])
    ).filter(pl.col("delivered_at").is_null())
    steps = parcels(orders).group_by("customer_id").agg(n_late=pl.col("is_late").sum(), n=pl.len())
    seen = shop().truth.join(unreported, on="customer_id", how="anti").join(steps, on="customer_id")
    change = (seen["attitude"] - seen["attitude_at_start"]).to_numpy()
    late = seen["n_late"].cast(pl.Int64).to_numpy()
    kept = seen["n"].cast(pl.Int64).to_numpy() - late
    assert change == pytest.approx(0.1 * kept - 0.9 * late)
    assert (late > 0).sum() > 100


def test_customers_whose_first_parcel_came_late_come_back_less_often() -> None:
    # A broken promise here costs 3 of attitude: odds to leave of e^3 = 20 times the customer's own.
    shop_at_end = simulate(
        DemoSettings(start_date=START, customers=4000),
        end_date=START + timedelta(days=729),
        time_zone=ZONE,
        model=replace(MODEL, broken_step=-3.0),
    )
    first = parcels(shop_at_end.orders.sort("order_id").unique("customer_id", keep="first"))
    both = first.join(shop_at_end.truth, on="customer_id").with_columns(is_repeat=pl.col("n_orders") > 1)
    share = dict(both.group_by("is_late").agg(pl.col("is_repeat").mean()).iter_rows())
    n = dict(both.group_by("is_late").len().iter_rows())
    # The standard error of a difference of shares is largest at one half.
    assert share[True] < share[False] - 3 * sqrt(0.25 / n[True] + 0.25 / n[False])


# Orders


def test_lines_sum_to_the_value_of_their_order() -> None:
    sums = (
        shop()
        .order_lines.group_by("order_id")
        .agg(pl.col("amount").sum(), n=pl.len(), last=pl.col("line_number").max())
    )
    both = shop().orders.join(sums, on="order_id", how="left")
    assert both.filter(pl.col("amount").ne_missing(pl.col("gross"))).height == 0
    assert (both["n"] == both["last"]).all()
    assert set(both["n"]) == {1, 2, 3, 4}
    assert shop().order_lines["amount"].min() > 0  # type: ignore[operator]


def test_what_the_shop_keeps_is_gross_less_discount_less_refund_and_never_below_zero() -> None:
    orders = shop().orders
    assert (orders["total"] == orders["gross"] - orders["discount"] - orders["refunded"]).all()
    assert orders["total"].min() == 0
    assert (
        orders.filter(pl.col("state") == "returned")["total"].to_list().count(0)
        == (orders["state"] == "returned").sum()
    )


def test_an_order_is_delivered_after_it_was_placed_and_refunded_after_that() -> None:
    orders = shop().orders
    assert orders.filter(pl.col("delivered_at") < pl.col("placed_at")).height == 0
    assert orders.filter(pl.col("refunded_at") <= pl.col("delivered_at")).height == 0
    assert orders.filter(pl.col("promised_on") <= local_date("placed_at")).height == 0


def test_about_one_promise_in_nine_is_broken_and_more_in_december() -> None:
    by_month = parcels(shop(START + timedelta(days=729), customers=4000, attitude_effect=0.0).orders).with_columns(
        is_december=pl.col("placed_at").dt.month() == 12
    )
    share = dict(by_month.group_by("is_december").agg(pl.col("is_late").mean()).iter_rows())
    n = dict(by_month.group_by("is_december").len().iter_rows())
    assert share[False] == pytest.approx(0.11, abs=3 * sqrt(0.11 * 0.89 / n[False]))
    assert share[True] == pytest.approx(0.22, abs=3 * sqrt(0.22 * 0.78 / n[True]))


def within_three_errors(share: float, n: int) -> object:
    """What a share found among `n` may be when it truly is `share`."""
    return pytest.approx(share, abs=3 * sqrt(share * (1 - share) / n))


def test_parcels_come_as_often_on_the_day_asked_for_as_the_model_says() -> None:
    arrived_on = local_date("delivered_at")
    not_as_promised = parcels(shop().orders).filter(arrived_on != pl.col("promised_on"))
    moved = not_as_promised.filter(pl.col("redelivery_on").is_not_null())
    assert moved.height / not_as_promised.height == within_three_errors(MODEL.moved_share, not_as_promised.height)
    honoured = moved.filter(pl.col("redelivery_on") == arrived_on).height / moved.height
    assert honoured == within_three_errors(MODEL.honoured_share, moved.height)
    assert not_as_promised.filter(pl.col("redelivery_on") == pl.col("promised_on")).height == 0
    assert parcels(shop().orders).filter(arrived_on == pl.col("promised_on"))["redelivery_on"].null_count() > 0


def test_lines_are_as_often_short_of_a_piece_as_the_model_says() -> None:
    lines = shop().order_lines
    missing = (lines["quantity"] - lines["quantity_delivered"]).drop_nulls()
    assert set(missing) == {0, 1}
    assert missing.mean() == within_three_errors(MODEL.short_share, missing.len())
    assert lines["quantity_delivered"].null_count() > 0


def test_the_service_desk_answers_mails_and_half_of_them_within_the_median() -> None:
    contacts = of_kind("service_contact", "channel", "replied_at")
    mails = contacts.filter(channel="email")
    assert contacts.filter(pl.col("channel") != "email")["replied_at"].null_count() == contacts.height - mails.height
    hours = (mails["replied_at"] - mails["occurred_at"]).dt.total_seconds().drop_nulls() / 3600
    assert hours.len() / mails.height == within_three_errors(MODEL.answer_share, mails.height)
    assert (hours <= MODEL.answer_median_hours).mean() == within_three_errors(0.5, hours.len())


def test_some_people_say_which_category_they_prefer() -> None:
    people = shop().customers
    said = people["preferred_category"].drop_nulls()
    assert said.len() / people.height == within_three_errors(MODEL.stated_share, people.height)
    assert set(said) == set(shop().order_lines["category"])


def test_every_state_and_channel_occurs() -> None:
    assert set(shop().orders["state"]) == set(ORDER_STATUSES)
    assert set(shop().orders["channel"]) == {"web", "app", "store"}


def test_a_mean_order_is_about_60_euros() -> None:
    # Gamma-gamma: p * gamma / (q - 1) = 6 * 30 / 3 = 60; the standard deviation of customers' means is 60 / sqrt(2).
    means = shop(START + timedelta(days=729), customers=4000, attitude_effect=0.0).truth["spend_mean"]
    assert means.mean() == pytest.approx(6000, abs=3 * 6000 / sqrt(2 * 4000))


# Reviews and surveys


def test_a_late_parcel_costs_stars() -> None:
    reviews = shop().reviews.join(parcels(shop().orders), on="order_id")
    stars = dict(reviews.group_by("is_late").agg(pl.col("stars").mean()).iter_rows())
    assert stars[True] < stars[False] - 1
    assert set(shop().reviews["stars"]) == {1, 2, 3, 4, 5}


def test_reviews_are_dutch_and_english_and_the_shop_replies_to_some_afterwards() -> None:
    reviews = shop().reviews
    assert set(reviews["language"]) == {"nl", "en"}
    assert 0.05 < reviews["replied_at"].is_not_null().mean() < 0.5  # type: ignore[operator]
    assert reviews.filter(pl.col("replied_at") <= pl.col("written_at")).height == 0
    dutch = reviews.filter((pl.col("language") == "nl") & (pl.col("stars") == 5))["body"].str.join(" ").item()
    for theme in ("levering", "verpakking", "klantenservice", "keuze", "prijs"):
        assert theme in dutch.lower()


def test_answers_are_on_their_scales_and_some_are_left_blank() -> None:
    surveys = shop().surveys
    scales = {
        "tevredenheid": (1, 5),
        "opnieuw_kopen": (1, 5),
        "aanbevelen": (0, 10),
        **{f"c{n}": (1, 7) for n in range(1, 9)},
    }
    for item, (low, high) in scales.items():
        assert surveys[item].drop_nulls().is_between(low, high).all(), item
        assert 0 < surveys[item].null_count() < 0.1 * surveys.height, item
    assert 0.15 < surveys["comment"].is_not_null().mean() < 0.35  # type: ignore[operator]


def test_care_drives_the_loyalty_answers_most_and_convenience_least() -> None:
    # The true weights are 0.45 for care (c4) and 0 for convenience (c7).
    surveys = shop(START + timedelta(days=729), customers=4000, attitude_effect=0.0).surveys.drop_nulls(
        [*(f"c{n}" for n in range(1, 9)), "tevredenheid"]
    )
    items = surveys.select(f"c{n}" for n in range(1, 9)).to_numpy().astype(float)
    design = np.column_stack([np.ones(surveys.height), items])
    slopes = np.linalg.lstsq(design, surveys["tevredenheid"].to_numpy(), rcond=None)[0][1:]
    assert int(np.argmax(slopes)) == 3
    assert int(np.argmin(slopes)) == 6


def test_everyone_whose_order_arrived_is_invited_once_before_any_answer_to_it() -> None:
    invited = shop().invitations.join(shop().orders, on=["order_id", "customer_id"])
    assert invited.height == shop().invitations.height == shop().invitations["order_id"].n_unique()
    days = (invited["invited_at"] - invited["delivered_at"]).dt.total_hours() / 24
    assert days.min() >= 1.9  # type: ignore[operator]
    assert days.max() <= 6.0  # type: ignore[operator]
    long_ago = end_of(LATE) - timedelta(days=7)
    arrived = shop().orders.filter(pl.col("delivered_at") < long_ago)
    assert arrived.join(invited, on="order_id", how="anti").height == 0
    answered = shop().surveys.join(invited, on=["order_id", "customer_id"], how="left")
    assert (answered["submitted_at"] > answered["invited_at"]).fill_null(False).all()
    # ShopModel.survey_share of the invitations that all had their 35 days to answer.
    old = invited.filter(pl.col("invited_at") < end_of(LATE) - timedelta(days=34))
    share = old.join(answered, on="order_id", how="semi").height / old.height
    assert share == pytest.approx(0.14, abs=0.02)


# What visitors do


def of_kind(kind: str, *columns: str, mailings: bool = True) -> pl.DataFrame:
    return (
        shop(mailings=mailings)
        .touchpoints.filter(pl.col("kind") == kind)
        .select("session", "customer_id", "occurred_at", *columns)
    )


def test_every_online_order_is_the_end_of_a_session_that_began_with_a_visit_and_a_full_cart() -> None:
    online = shop().orders.filter(pl.col("channel") != "store")
    ordered = of_kind("order", "order_id")
    assert sorted(ordered["order_id"]) == sorted(online["order_id"])
    story = (
        ordered.join(online, on=["order_id", "customer_id"])
        .join(of_kind("visit"), on="session", suffix="_visit")
        .join(of_kind("cart", "cart"), on="session", suffix="_cart")
    )
    assert story.height == online.height
    assert story.filter(pl.col("placed_at") != pl.col("occurred_at")).height == 0
    assert story.filter(pl.col("gross") != pl.col("cart")).height == 0
    in_order = (pl.col("occurred_at_visit") <= pl.col("occurred_at_cart")) & (
        pl.col("occurred_at_cart") <= pl.col("placed_at")
    )
    assert story.filter(~in_order).height == 0
    # So that the end of a day never cuts a session in two.
    assert story.filter(local_date("occurred_at_visit") != local_date("placed_at")).height == 0


def test_some_carts_are_left_and_some_of_these_are_ordered_days_later() -> None:
    left = of_kind("cart", "cart").join(of_kind("order"), on="session", how="anti")
    assert left.height > 300
    later = left.join(shop().orders, on="customer_id").filter(
        (pl.col("gross") == pl.col("cart")) & (pl.col("placed_at") > pl.col("occurred_at"))
    )
    days = (later["placed_at"] - later["occurred_at"]).dt.total_hours() / 24
    assert 50 < later.height < left.height / 2
    assert days.min() > 1  # type: ignore[operator]
    assert days.max() < 7  # type: ignore[operator]


def test_late_parcels_bring_more_customers_to_the_service_desk() -> None:
    asked = set(of_kind("service_contact", "order_id")["order_id"])
    late = dict(
        parcels(shop().orders)
        .with_columns(has_asked=pl.col("order_id").is_in(asked))
        .group_by("is_late")
        .agg(pl.col("has_asked").mean())
        .iter_rows()
    )
    # Shares of the model: 0.35 and 0.02.
    assert late[True] == pytest.approx(0.35, abs=0.1)
    assert late[False] == pytest.approx(0.02, abs=0.01)


def test_prospects_look_and_some_visitors_are_known_by_their_session_only() -> None:
    prospects = shop().customers.join(shop().truth, on="customer_id", how="anti")
    theirs = shop().touchpoints.join(prospects, on="customer_id")
    assert theirs.height > 100
    assert set(theirs["kind"]) == {"visit", "product_view", "cart"}
    assert shop().touchpoints.filter(pl.col("customer_id").is_null() & pl.col("session").is_null()).height == 0
    named = of_kind("visit").group_by("session").agg(pl.col("customer_id").is_null().all())["customer_id"]
    assert 0.1 < named.mean() < 0.5  # type: ignore[operator]


def test_who_has_left_seldom_comes_to_look_and_who_stays_does_as_often_as_the_model_says() -> None:
    # Buyers whose last order is long enough ago that nearly all looks after it have come: all but exp(-180 / 45) = 2%.
    last = shop(mailings=False).orders.group_by("customer_id").agg(pl.col("placed_at").max())
    last = last.filter(pl.col("placed_at") < end_of(LATE) - timedelta(days=180)).join(
        shop(mailings=False).truth, on="customer_id"
    )
    looks = of_kind("visit", mailings=False).filter(pl.col("customer_id").is_not_null()).join(last, on="customer_id")
    after = looks.filter(pl.col("occurred_at") > pl.col("placed_at") + timedelta(hours=12))
    seen = last.with_columns(is_seen=pl.col("customer_id").is_in(after["customer_id"].implode()))
    found = seen.group_by("is_alive").agg(pl.col("is_seen").mean(), n=pl.len())
    # Three chances of 0.75, half and a quarter of it, of which 0.7 log in: 1 - (1 - 0.525)(1 - 0.2625)(1 - 0.13125) = 0.696;
    # with 0.09 in the place of 0.75: 1 - (1 - 0.063)(1 - 0.0315)(1 - 0.01575) = 0.107.
    for is_alive, share, n in found.iter_rows():
        expected = 0.696 if is_alive else 0.107
        assert n >= 50
        assert abs(share - expected) < 3 * sqrt(expected * (1 - expected) / n)


def test_touchpoints_have_numbers_of_their_own_and_are_fewer_than_ten_times_the_orders() -> None:
    assert shop().touchpoints["touchpoint_id"].is_unique().all()
    assert shop().orders.height < shop().touchpoints.height < 10 * shop().orders.height


# Points and referrals


def test_points_are_what_delivered_orders_earned_and_refunds_took_back() -> None:
    events = shop().loyalty_events
    assert events["event_id"].is_unique().all()
    assert events["occurred_at"].is_sorted()
    delivered = shop().orders.filter(pl.col("delivered_at").is_not_null())
    paid = pl.col("gross") - pl.col("discount")
    assert events.filter(kind="earn")["points"].sum() == delivered.select((paid // 100).sum()).item()
    sums = events.group_by("kind").agg(pl.col("points").sum(), pl.len())
    assert set(sums["kind"]) == {"earn", "redeem", "reverse"}
    assert set(events.filter(kind="redeem")["points"]) == {-250}
    reversed_events = events.filter(kind="reverse")
    assert (
        reversed_events.join(events, left_on="reverses_event_id", right_on="event_id").height == reversed_events.height
    )


def test_events_of_points_are_only_ever_added_at_the_end() -> None:
    early, late = shop(EARLY).loyalty_events, shop(LATE).loyalty_events
    assert 0 < early.height < late.height
    assert late.head(early.height).equals(early)


def test_who_is_referred_came_after_who_recommended() -> None:
    referrals = shop().referrals
    since = shop().customers.select("customer_id", "registered_at")
    both = referrals.join(since, on="customer_id").join(since, left_on="referred_customer_id", right_on="customer_id")
    assert both.height == referrals.height
    assert (both["registered_at"] <= both["registered_at_right"]).all()
    assert 0.04 < referrals.height / since.height < 0.12
    early = shop(EARLY).referrals
    assert referrals.head(early.height).equals(early)


# Mailings


def answered(action: str, is_control: bool) -> pl.Series:
    """For customers whom a mailing reached long ago, or did not as controls: whether they ordered once more than without mailings."""
    sent = shop().contacts.filter(pl.col("exported_at") < end_of(LATE) - timedelta(days=31), action=action)
    # Only orders after the mailing are more than there would be; of later mailings too, so of one action at a time.
    alone = replace(MODEL, mailings=tuple(mailing for mailing in MODEL.mailings if mailing[0] == action))
    settings = DemoSettings(seed=8, start_date=START, customers=3000)
    mailed, quiet = simulate(settings, end_date=LATE, time_zone=ZONE, model=alone), shop(mailings=False)
    n = [rows.orders.group_by("customer_id").len() for rows in (mailed, quiet)]
    both = sent.filter(is_control=is_control).join(n[0], on="customer_id").join(n[1], on="customer_id", suffix="_quiet")
    return both["len"].cast(pl.Int64) - both["len_quiet"].cast(pl.Int64)


@pytest.mark.parametrize(("action", "share"), [("welcome_series", 0.15), ("thank_and_ask_for_a_review", 0.0)])
def test_of_those_whom_a_mailing_reached_its_share_orders_once_more_and_of_controls_nobody(
    action: str, share: float
) -> None:
    treated, controls = answered(action, False), answered(action, True)
    assert set(controls) == {0}
    assert set(treated) <= {0, 1}
    assert abs(treated.mean() - share) <= 3 * sqrt(share * (1 - share) / treated.len())  # type: ignore[operator]
    # A tenth are controls.
    n = treated.len() + controls.len()
    assert n > 500
    assert abs(controls.len() / n - 0.1) < 3 * sqrt(0.09 / n)


def test_mailings_are_never_changed_afterwards_and_go_out_on_mondays_to_who_agreed() -> None:
    early, late = shop(EARLY).contacts, shop(LATE).contacts
    before = late.filter(pl.col("exported_at") < end_of(EARLY))
    assert_frame_equal(early, before, check_row_order=False)
    assert 0 < early.height < late.height
    assert set(late["exported_at"].dt.weekday()) == {1}
    agreed = shop().customers.filter("accepts_marketing").select("customer_id")
    assert late.join(agreed, on="customer_id", how="anti").is_empty()
    assert not late.select("customer_id", "action").is_duplicated().any()


# Exports


def read(file: Path) -> list[list[str]]:
    return [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]


def export(folder: Path, end_date: date = LATE, dirt_rate: float = 0.01) -> dict[str, Path]:
    return {file.name: file for file in write_exports(shop(end_date), folder, dirt_rate=dirt_rate, seed=8)}


def test_there_is_a_file_of_orders_and_of_lines_a_month_and_one_of_everything_else(tmp_path: Path) -> None:
    months = ["2024-11", "2024-12", "2025-01", "2025-02", "2025-03", "2025-04"]
    names = [
        "customers.csv",
        "loyalty_events.csv",
        "products.csv",
        "referrals.csv",
        "reviews.jsonl",
        "survey_invitations.csv",
        "survey_responses.csv",
    ]
    names += [f"{kind}_{month}.csv" for kind in ("orders", "order_lines", "touchpoints") for month in months]
    assert sorted(export(tmp_path, EARLY)) == sorted(names) == sorted(file.name for file in tmp_path.iterdir())


def test_the_same_shop_is_written_byte_for_byte_the_same(tmp_path: Path) -> None:
    first, second = export(tmp_path / "a"), export(tmp_path / "b")
    assert {name: file.read_bytes() for name, file in first.items()} == {
        name: file.read_bytes() for name, file in second.items()
    }


def test_a_file_with_unchanged_content_is_left_alone_and_a_changed_one_is_replaced(tmp_path: Path) -> None:
    files = export(tmp_path, EARLY)
    kept, changed = files["orders_2024-12.csv"], files["orders_2025-01.csv"]
    text = changed.read_text()
    changed.write_text("something else")
    before = kept.stat().st_mtime_ns, kept.stat().st_ino
    export(tmp_path, EARLY)
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == before
    assert changed.read_text() == text


def test_files_of_months_that_the_shop_does_not_have_are_removed(tmp_path: Path) -> None:
    export(tmp_path, LATE)
    (tmp_path / "notes.txt").write_text("kept")
    files = export(tmp_path, EARLY)
    assert {file.name for file in tmp_path.iterdir()} == {*files, "notes.txt"}


def test_faults_stay_where_they_are_when_the_shop_lives_on(tmp_path: Path) -> None:
    early = {name: file.read_text() for name, file in export(tmp_path / "a", EARLY).items()}
    late = {name: file.read_text() for name, file in export(tmp_path / "b", LATE).items()}
    for name in ("order_lines_2024-12.csv", "order_lines_2025-02.csv"):
        assert early[name] == late[name]
    for name in ("survey_invitations.csv", "customers.csv", "survey_responses.csv"):
        assert late[name].startswith(early[name])
        assert len(late[name]) > len(early[name])


def test_clean_exports_hold_every_order_once_with_amounts_that_add_up(tmp_path: Path) -> None:
    files = export(tmp_path, dirt_rate=0)
    rows = pl.concat(
        pl.read_csv(file, infer_schema=False) for name, file in files.items() if name.startswith("orders_")
    ).filter(pl.col("channel") != "test")
    assert rows["order_number"].to_list() == shop().orders["order_id"].to_list()
    money = rows.select(pl.col("subtotal", "discount", "refunded", "total").str.to_decimal(scale=2))
    assert (money["total"] == money["subtotal"] - money["discount"] - money["refunded"]).all()
    assert money["subtotal"].sum() * 100 == shop().orders["gross"].sum()
    local = rows["placed_at"].str.to_datetime("%Y-%m-%d %H:%M:%S").dt.replace_time_zone(ZONE, ambiguous="earliest")
    assert (local.dt.convert_time_zone("UTC") == shop().orders["placed_at"]).mean() > 0.999  # type: ignore[operator]


def test_one_row_in_a_hundred_has_a_fault_in_the_last_half_of_its_hundred() -> None:
    rows = pl.DataFrame({"n": range(1050)})
    faulty = with_faults(rows, rate=0.01, seed=1, file="x", faults=("a", "b")).filter(pl.col("fault").is_not_null())
    assert [place // 50 for place in faulty["n"]] == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]
    assert set(faulty["fault"]) == {"a", "b"}
    assert with_faults(rows, rate=0, seed=1, file="x", faults=("a",))["fault"].null_count() == 1050
    assert with_faults(rows, rate=0.5, seed=1, file="x", faults=("a",))["fault"].count() == 525


def test_no_file_however_short_has_more_than_five_percent_of_faulty_rows() -> None:
    for seed in range(20):
        faults = with_faults(pl.DataFrame({"n": range(500)}), rate=0.01, seed=seed, file="x", faults=ORDER_FAULTS)
        share = faults["fault"].is_not_null().cum_sum() / (faults["n"] + 1)
        assert share.max() < 0.05  # type: ignore[operator]


def test_orders_show_every_kind_of_fault_at_about_the_rate(tmp_path: Path) -> None:
    files = export(tmp_path, dirt_rate=0.05)
    n_columns = len(read(files["orders_2025-03.csv"])[0])
    seen: Counter[str] = Counter()
    for name, file in files.items():
        if not name.startswith("orders_"):
            continue
        rows = read(file)[1:]
        seen["broken, too many"] += sum(len(row) > n_columns for row in rows)
        seen["broken, too few"] += sum(len(row) < n_columns for row in rows)
        seen["impossible date"] += sum(row[2].startswith("31/02/") for row in rows)
        seen["negative"] += sum(row[6].startswith("-") for row in rows)
        seen["delivered first"] += sum(row[2][:2] == "20" and row[12] != "" and row[12] < row[2] for row in rows)
        pairs = [(one, two) for one, two in pairwise(rows) if one[0] == two[0]]
        seen["duplicate"] += sum(one == two for one, two in pairs)
        # The older version comes first, with an older time of change.
        seen["late change"] += sum(one != two and one[-1] < two[-1] for one, two in pairs)
        assert all(one == two or one[-1] < two[-1] for one, two in pairs)
    assert min(seen.values()) > 0
    assert len(seen) == len(ORDER_FAULTS)
    assert sum(seen.values()) / shop().orders.height == pytest.approx(0.05, abs=0.01)


def test_reviews_and_responses_sometimes_name_customers_and_orders_that_do_not_exist(tmp_path: Path) -> None:
    files = export(tmp_path, dirt_rate=0.2)
    reviews = pl.read_ndjson(files["reviews.jsonl"], infer_schema_length=None)
    known = shop().customers.select(customer_number="customer_id")
    assert reviews.join(known, on="customer_number", how="anti").height > 0
    assert reviews.join(shop().orders, left_on="order_number", right_on="order_id", how="anti").height > 0
    assert reviews["review_id"].n_unique() < reviews.height
    assert reviews["written_at"].str.starts_with("31/02/").any()
    text = files["survey_responses.csv"].read_text()
    for mark in ("K0000000", "B0000000", "31/02/", ",?"):
        assert mark in text


# The mappings


def mapped(entity: str, files: dict[str, Path]) -> pl.DataFrame:
    """What a mapping returns for the exports, read as text with broken lines left aside."""
    names = {"surveys": "survey_responses"}
    name = names.get(entity, entity)
    inputs = [str(file) for key, file in files.items() if key.startswith(f"{name}_2") or key.startswith(f"{name}.")]
    with duckdb.connect() as database:
        if entity == "reviews":
            columns = list(pl.read_ndjson(inputs[0], infer_schema_length=None).columns)
            reader = (
                f"read_json(?, format='newline_delimited', columns={dict.fromkeys(columns, 'VARCHAR')}, filename=true)"
            )
        else:
            columns = read(Path(inputs[0]))[0]
            reader = (
                f"read_csv(?, auto_detect=false, header=true, delim=',', quote='\"', escape='\"', store_rejects=true,"
                f" columns={dict.fromkeys(columns, 'VARCHAR')}, filename=true)"
            )
        database.execute(
            f"create table {name} as select * exclude (filename), filename as _file, row_number() over () as _row from {reader}",
            [inputs],
        )
        table = database.sql((PRESETS / "demo" / f"{entity}.sql").read_text()).to_arrow_table()
        return pl.DataFrame(pl.from_arrow(table))


BOOKKEEPING = {"_file", "_row", "exclude_reason"}


@pytest.mark.parametrize(
    "entity",
    [
        *("orders", "order_lines", "reviews", "customers", "touchpoints", "survey_invitations"),
        *("loyalty_events", "referrals", "products"),
    ],
)
def test_a_mapping_returns_the_columns_of_its_contract(entity: str, tmp_path: Path) -> None:
    rows = mapped(entity, export(tmp_path))
    contract = ENTITIES[entity].model.to_schema().columns
    given_by_us = {"source", "batch_id", "survey_id", "survey_type"}
    required = {name for name, column in contract.items() if not column.nullable} - given_by_us
    assert required | BOOKKEEPING <= set(rows.columns)
    assert set(rows.columns) - BOOKKEEPING <= set(contract) - given_by_us
    assert rows.height > 0
    assert rows["_row"].null_count() == rows["_file"].null_count() == 0


def test_the_survey_mapping_returns_every_item_of_the_bundled_configuration(tmp_path: Path) -> None:
    settings = load_settings(Path(__file__).parents[2] / "loyalty.yaml", home=tmp_path)
    rows = mapped("surveys", export(tmp_path))
    fields = {"response_id", "customer_id", "order_id", "submitted_at", "comment", "updated_at"}
    assert set(rows.columns) == fields | BOOKKEEPING | set(settings.surveys["customer_survey"].items)
    assert rows["tevredenheid"].drop_nulls().is_in(["1", "2", "3", "4", "5"]).all()


def test_mapped_orders_have_canonical_states_and_leave_out_only_test_orders(tmp_path: Path) -> None:
    files = export(tmp_path)
    orders, lines = mapped("orders", files), mapped("order_lines", files)
    assert set(orders["status"]) == set(ORDER_STATUSES)
    # November 2024 to July 2025: one test order a month.
    for rows in (orders, lines):
        assert rows["exclude_reason"].value_counts().sort("exclude_reason").rows()[1:] == [("test order", 9)]
    assert orders.filter(pl.col("exclude_reason").is_not_null())["channel"].unique().to_list() == ["test"]


def test_mapped_reviews_and_customers_keep_their_values(tmp_path: Path) -> None:
    files = export(tmp_path, dirt_rate=0)
    reviews, customers = mapped("reviews", files), mapped("customers", files)
    assert reviews["rating"].cast(pl.Int64).to_list() == shop().reviews["stars"].to_list()
    assert set(reviews["rating_min"]) == {"1"}
    assert set(reviews["rating_max"]) == {"5"}
    assert (customers["accepts_marketing"] == "true").to_list() == shop().customers["accepts_marketing"].to_list()
