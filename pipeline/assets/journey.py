"""The assets of the customer journey in group `segments`: carts, stages and channels at an as_of date, from one step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import dagster as dg
import polars as pl

from pipeline.assets.dated import collected, compute_segments, known_customers, segment_specs
from pipeline.core.behaviour.cart_products import find_cart_products
from pipeline.core.behaviour.channels import OF_CHANNELS, compare_channels, count_channels
from pipeline.core.behaviour.engagement import (
    count_interactions,
    count_levels,
    count_repurchases,
    engage_customers,
    engaged_from,
    has_reviews,
    interactions,
    repurchase_by_engagement,
    window_before,
)
from pipeline.core.behaviour.influence import OF_KIND, count_influence, count_touched, touchpoint_influence
from pipeline.core.behaviour.journey import (
    OF_CARTS,
    OF_STAGES,
    convert_stages,
    count_stages,
    find_abandoned_carts,
    follow_customers,
    months_of,
    praise,
)
from pipeline.core.behaviour.sessions import (
    naming_sessions,
    of_known,
    recent_touchpoints,
    shared_sessions,
    strays,
    touchpoints_as_of,
    whole_sessions,
)
from pipeline.core.behaviour.settings import EngagementSettings, JourneySettings
from pipeline.core.facts.orders import of_other_orders, orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.core.frames import Frame, add_up
from pipeline.fact_files import Facts, Kept, kept_rows
from pipeline.parts import Found, Frames, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import SEGMENTS

TABLES = ("abandoned_carts", "abandoned_cart_products", "customer_journey", "stage_conversion", "channel_consistency")
ENGAGEMENT = ("customer_engagement", "engagement_repurchase", "touchpoint_influence")


def journey_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Abandoned carts, customers' journeys, conversion by stage, how alike the channels are, and engagement."""
    return [_journey(settings), _engagement(settings)]


def _journey(settings: Settings) -> dg.AssetsDefinition:
    # Surveys are read through nps_responses.
    reads = ("touchpoints", "customers", "orders", "reviews", "survey_responses", "survey_answers", "products")
    specs = segment_specs(*TABLES, reads=reads, settings=settings, after=("rfm", "nps_responses"))

    @dg.multi_asset(name="journey", specs=specs, pool=POOL)
    def journey(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        zone, currency, by = settings.shop.time_zone, settings.shop.currency, settings.journey

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            across, *recent = _across(facts, as_of=as_of, by=by) if facts.bounds else (None,)
            follow = partial(_followed, as_of=as_of, by=by, time_zone=zone, currency=currency, across=across)
            sums = []
            for found in facts.over(follow, *recent):
                yield found.rows
                sums.append(found.sums)
            if across:
                parts = (pl.concat(part[name] for part in sums).lazy() for name in ("shared", "shared_orders"))
                yield _carts(facts, *parts, as_of=as_of, by=by, time_zone=zone, currency=currency)
            stages = add_up((part["stages"] for part in sums), by=OF_STAGES).lazy()
            channels = add_up((part["channels"] for part in sums), by=OF_CHANNELS).lazy()
            yield {
                "stage_conversion": convert_stages(stages, settings=by),
                "channel_consistency": compare_channels(channels, as_of=as_of, settings=by),
            }

        yield from compute_segments(context, home, settings, reads, compute)

    return journey


@dataclass(frozen=True)
class _Sessions:
    """Sessions that name customers of any bucket.

    `strays`: the touchpoints of nobody that belong to another bucket, by `customer_id`. `shared`: the `session_id` of sessions of
    several customers: whose their touchpoints are is known, but their carts are made of those of all. `months`: with touchpoints
    of anybody.
    """

    strays: pl.DataFrame
    shared: pl.DataFrame
    months: list[date]


@dataclass(frozen=True)
class _Across:
    """What a bucket of a large shop needs of the others: `sessions`; `reviews` of orders of other customers, and promoters' answers
    about such."""

    sessions: _Sessions
    reviews: pl.DataFrame
    promoters: pl.DataFrame


REVIEW = ("customer_id", "order_id", "created_at", "created_date", "pomp")
OF_JOURNEYS = (
    *("customer_id", "order_id", "ordered_at", "ordered_date", "channel"),
    *("is_valid", "is_invoice", "is_free", "promise_status"),
)
"""Columns of orders that journeys and engagement need."""
PROMOTER = ("customer_id", "order_id", "responded_at", "nps_class")


def _across(facts: Facts, *, as_of: date, by: JourneySettings) -> tuple[_Across, list[Kept]]:
    """And the touchpoints of each bucket as those of `recent_touchpoints`."""
    told = [*facts.over(partial(_told_of_others, as_of=as_of))]
    sessions, recent = _sessions(facts, as_of=as_of, months=by.months)
    across = _Across(
        sessions=sessions,
        reviews=pl.concat(part["reviews"] for part in told),
        promoters=pl.concat(part["promoters"] for part in told),
    )
    return across, recent


def _told_of_others(part: Facts, *, as_of: date) -> dict[str, pl.DataFrame]:
    """The reviews and the promoters' answers of a bucket's customers about other orders than their own."""
    known = orders_as_of(part.scan("orders"), as_of=as_of)
    promoters = _answers(part, as_of).filter(pl.col("nps_class") == "promoter")
    return _computed(
        reviews=of_other_orders(part.scan("reviews").select(REVIEW), known),
        promoters=of_other_orders(promoters.select(PROMOTER), known),
    )


def _computed(**frames: Frame) -> dict[str, pl.DataFrame]:
    """The frames, computed together."""
    return dict(zip(frames, pl.collect_all(frames.values(), engine="streaming"), strict=True))


def _known(part: Facts, as_of: date) -> Frame:
    """The orders of a bucket, read once, as one thing after the other is told by them."""
    (known,) = collected(orders_as_of(part.scan("orders"), as_of=as_of).select(OF_JOURNEYS))
    return known


def _answers(part: Facts, as_of: date) -> Frame:
    """The Net Promoter answers of a bucket: as facts, so that one which names an order alone is its buyer's."""
    answered = part.lake.scan_as_of(SEGMENTS["nps_responses"], as_of)
    if part.bucket:
        own = part.scan("survey_responses").select("response_id")
        answered = answered.join(own, on="response_id", how="semi")
    return part.numbered(answered)


def _followed(
    part: Facts,
    recent: Kept | None = None,
    *,
    as_of: date,
    by: JourneySettings,
    time_zone: str,
    currency: str | None,
    across: _Across | None,
) -> Found[dict[str, pl.DataFrame]]:
    """The rows of a bucket's journeys and carts; counts of `stages` and `channels`; and of sessions that several customers `shared`
    the touchpoints that make carts, with the orders of their customers."""
    people, known, answered = known_customers(part, as_of), _known(part, as_of), _answers(part, as_of)
    sessions = across.sessions if across else None
    touched = _seen(part, people, known, recent, as_of=as_of, months=by.months, sessions=sessions)
    seen, answered = collected(touched, answered)
    reviews, promoters = part.scan("reviews").select(REVIEW), answered.select(PROMOTER)
    if across:
        reviews = pl.concat([reviews, across.reviews.lazy()])
        promoters = pl.concat([promoters, across.promoters.lazy()])
    praised = praise(promoters, reviews, as_of=as_of, settings=by)
    months = across.sessions.months if across else months_of(seen)
    sums = {
        "channels": count_channels(known, answered, part.scan("survey_responses"), reviews, as_of=as_of, settings=by)
    }
    of_one = seen
    if across:
        shared = across.sessions.shared.lazy()
        of_one = seen.join(shared, on="session_id", how="anti")
        sums["shared"] = seen.filter(pl.col("kind").is_in(OF_CARTS)).join(shared, on="session_id", how="semi")
        sums["shared_orders"] = known.join(sums["shared"], on="customer_id", how="semi").select(OF_RECOVERY)
    (journeys,) = collected(follow_customers(seen, known, praised, months=months, as_of=as_of, settings=by))
    sums["stages"] = count_stages(journeys, answered)
    return Found(
        {
            **_carts(part, of_one, known, as_of=as_of, by=by, time_zone=time_zone, currency=currency),
            "customer_journey": journeys,
        },
        _computed(**sums),
    )


OF_RECOVERY = ("customer_id", "order_id", "ordered_at", "is_invoice", "is_free")
"""Columns of orders that tell which order recovered a cart."""


def _carts(
    part: Facts, seen: Frame, known: Frame, *, as_of: date, by: JourneySettings, time_zone: str, currency: str | None
) -> Frames:
    (abandoned,) = collected(find_abandoned_carts(seen, known, as_of=as_of, time_zone=time_zone, settings=by))
    products = find_cart_products(seen, abandoned, part.scan("products"), as_of=as_of, currency=currency)
    return {"abandoned_carts": abandoned, "abandoned_cart_products": products}


def _sessions(facts: Facts, *, as_of: date, months: int) -> tuple[_Sessions, list[Kept]]:
    """Those of all customers at once, as visitors of any bucket can share one: of each that names somebody its id and two numbers.

    And the touchpoints of each bucket as those of `recent_touchpoints`.
    """
    parts = [*facts.over(partial(_named_in_sessions, as_of=as_of, months=months))]
    sessions = whole_sessions(pl.concat(part.sessions for part in parts).lazy()).collect(engine="streaming")
    recent = [part.recent for part in parts]
    found = _Sessions(
        strays=pl.concat(facts.over(partial(_strays, sessions=sessions), recent)),
        shared=shared_sessions(sessions.lazy()).collect(),
        months=pl.concat(part.months for part in parts)["month"].unique().sort().to_list(),
    )
    return found, recent


class _InSessions(NamedTuple):
    """The `sessions` of a bucket that name somebody, the `months` of its touchpoints, and these as those of `recent_touchpoints`."""

    sessions: pl.DataFrame
    months: pl.DataFrame
    recent: Kept


def _named_in_sessions(part: Facts, *, as_of: date, months: int) -> _InSessions:
    known = orders_as_of(part.scan("orders"), as_of=as_of)
    kept = part.keep("recent", recent_touchpoints(part.scan("touchpoints"), known, as_of=as_of, months=months))
    recent = kept_rows(kept)
    return _InSessions(
        **_computed(sessions=naming_sessions(recent), months=recent.select("month").unique()), recent=kept
    )


def _strays(part: Facts, recent: Kept, *, sessions: pl.DataFrame) -> pl.DataFrame:
    """The touchpoints that are read with a bucket's, and belong to another's or to nobody."""
    has_nobodys = part.bucket is None or part.bucket.first is None
    return strays(kept_rows(recent), sessions.lazy(), has_nobodys=has_nobodys).collect(engine="streaming")


def _seen(
    part: Facts,
    people: Frame,
    known: Frame,
    recent: Kept | None,
    *,
    as_of: date,
    months: int,
    sessions: _Sessions | None,
) -> Frame:
    """The touchpoints of a bucket as those of `touchpoints_as_of`; with its `recent` ones and the `sessions` of all each of these is whole,
    but those that customers share."""
    if sessions is None or recent is None:
        return touchpoints_as_of(part.scan("touchpoints"), people, known, as_of=as_of, months=months)
    settled = kept_rows(recent).join(sessions.strays.lazy(), on="touchpoint_id", how="anti")
    return of_known(pl.concat([settled, part.own(sessions.strays).lazy()]), people)


def _engagement(settings: Settings) -> dg.AssetsDefinition:
    reads = ("touchpoints", "customers", "orders", "reviews")
    specs = segment_specs(*ENGAGEMENT, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="engagement", specs=specs, pool=POOL)
    def engagement(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        by = settings.engagement

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            sessions, *recent = _sessions(facts, as_of=as_of, months=by.months) if facts.bounds else (None,)
            are_delivered = any(found.item() for found in facts.over(partial(_has_reviews, as_of=as_of)))
            read: dict[str, Any] = {"as_of": as_of, "by": by, "are_delivered": are_delivered, "sessions": sessions}
            counted = [*facts.over(partial(_engagement_counted, **read), *recent)]
            sums = {name: [part.sums[name] for part in counted] for name in counted[0].sums}
            levels = (add_up(sums[name], by=["n_interactions"]).lazy() for name in ("levels", "levels_before"))
            reached, reached_before = (engaged_from(each, settings=by) for each in levels)
            repurchases = add_up(sums["repurchases"], by=["n_interactions"]).lazy()
            influence, touched = add_up(sums["influence"], by=OF_KIND).lazy(), pl.concat(sums["touched"]).sum().lazy()
            yield {
                "engagement_repurchase": repurchase_by_engagement(
                    repurchases, as_of=as_of, reached=reached_before, settings=by
                ),
                "touchpoint_influence": touchpoint_influence(influence, touched, as_of=as_of, settings=by),
            }
            for found in facts.over(partial(_engaged, as_of=as_of, reached=reached), [part.now for part in counted]):
                yield found.rows

        yield from compute_segments(context, home, settings, reads, compute)

    return engagement


def _has_reviews(part: Facts, *, as_of: date) -> pl.DataFrame:
    people = known_customers(part, as_of)
    written = _written(part, people, orders_as_of(part.scan("orders"), as_of=as_of), as_of=as_of)
    return has_reviews(written).collect(engine="streaming")


def _written(part: Facts, people: Frame, known: Frame, *, as_of: date) -> Frame:
    return reviews_as_of(part.scan("reviews"), known, as_of=as_of).join(people, on="customer_id", how="semi")


class _Engaged(NamedTuple):
    """Counts of a bucket's customers: by their interactions now and before, with what they bought since, and of their touchpoints;
    and their interactions `now`."""

    sums: dict[str, pl.DataFrame]
    now: Kept


def _engagement_counted(
    part: Facts,
    recent: Kept | None = None,
    *,
    as_of: date,
    by: EngagementSettings,
    are_delivered: bool,
    sessions: _Sessions | None,
) -> _Engaged:
    people, known = known_customers(part, as_of), _known(part, as_of)
    touched = _seen(part, people, known, recent, as_of=as_of, months=by.months, sessions=sessions)
    written = _written(part, people, known, as_of=as_of)
    seen, found = collected(touched, interactions(touched, written, are_delivered=are_delivered))
    now, before = collected(
        *(count_interactions(found, as_of=day, settings=by) for day in (as_of, window_before(as_of, by)))
    )
    sums = {
        "levels": count_levels(now),
        "levels_before": count_levels(before),
        "repurchases": count_repurchases(before, known, as_of=as_of, settings=by),
        "influence": count_influence(seen, known, as_of=as_of, settings=by),
        "touched": count_touched(seen, known, as_of=as_of, settings=by),
    }
    return _Engaged(_computed(**sums), part.keep("now", now))


def _engaged(_: Facts, now: Kept, *, as_of: date, reached: int | None) -> Found[None]:
    """The rows of a bucket's customers."""
    return Found({"customer_engagement": engage_customers(kept_rows(now), as_of=as_of, reached=reached)}, None)
