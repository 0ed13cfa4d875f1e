"""The Net Promoter Score: which responses count, a customer's class, the score by series and dimension, response rates.

Relational and transactional surveys are separate series, never mixed. Why customers answer as they do belongs to `themes`.
"""

from datetime import date

import polars as pl

from pipeline.core.attitude.dimensions import CUSTOMER_DIMENSIONS, with_dimensions
from pipeline.core.attitude.settings import NpsSettings
from pipeline.core.frames import (
    Frame,
    day_number,
    days_before,
    edges_reached,
    last_of,
    nth,
    with_nearest,
)
from pipeline.core.statistics import adjusted_nps, nps_interval, wilson_interval

PASSIVE_FROM, PROMOTER_FROM = 7, 9
"""Lowest answer of a passive and of a promoter on 0-10 (definitions, section 3)."""

CLASSES = ("detractor", "passive", "promoter")

RESPONSE_RATE = ("n_invited", "n_responded", "pct_responded", "pct_responded_low", "pct_responded_high")

COUNTS = ("n", "n_promoters", "n_passives", "n_detractors")

KEY_OF_INVITED = ("survey_type", "dimension", "value")
"""Of the rows of `count_invited`."""

KEY_OF_ANSWERS = (*KEY_OF_INVITED, "series", "period")
"""Of the rows of `count_answers`."""


def count_nps_responses(responses: Frame, customers: Frame, *, as_of: date, settings: NpsSettings) -> Frame:
    """One row per response with an answer to a Net Promoter question, sent by as_of (contract NpsResponses).

    `responses` are facts. Counted: a known customer's response with no later one by them in the same survey type within
    `settings.window_days` local days, so at most one in any window of that length; and every response without a
    customer. Later is by time, then by response number. Definitions, section 3.
    """
    known = customers.select("customer_id", is_known=pl.lit(True))
    answered = (
        responses.filter(pl.col("submitted_date") <= as_of, pl.col("nps_score").is_not_null())
        .select(
            *("response_id", "survey_type", "survey_id", "customer_id", "order_id", "nps_score"),
            responded_at="submitted_at",
            local_date="submitted_date",
        )
        .join(known, on="customer_id", how="left")
        .with_columns(day=day_number("local_date"))
    )
    next_day = pl.col("day").shift(-1).over("survey_type", "customer_id", order_by=["responded_at", "response_id"])
    reason = (
        pl.when(is_anonymous())
        .then(pl.lit(None, pl.String))
        .when(pl.col("is_known").is_null())
        .then(pl.lit("unknown_customer"))
        .when(pl.col("days_to_next") < settings.window_days)
        .then(pl.lit("later_response_in_window"))
        .otherwise(pl.lit(None, pl.String))
    )
    return (
        answered.with_columns(days_to_next=next_day - pl.col("day"))
        .with_columns(not_counted_reason=reason)
        .select(
            pl.lit(as_of).alias("as_of_date"),
            "response_id",
            "survey_type",
            "survey_id",
            "customer_id",
            "order_id",
            "responded_at",
            "local_date",
            "nps_score",
            nth(edges_reached(pl.col("nps_score"), (PASSIVE_FROM, PROMOTER_FROM)), CLASSES).alias("nps_class"),
            pl.col("not_counted_reason").is_null().alias("is_counted"),
            "not_counted_reason",
        )
    )


def classify_promoters(nps_responses: Frame, *, as_of: date) -> Frame:
    """One row per customer with a counted response (contract Nps); responses without a customer are nobody's.

    The latest relational response decides, as it asks about the shop as a whole; the latest transactional one where there
    is none. `nps_responses` comes from `count_nps_responses` of the same as_of.
    """
    return (
        nps_responses.filter(pl.col("is_counted"), ~is_anonymous())
        .with_columns(precedence=(pl.col("survey_type") == "relational").cast(pl.Int64))
        .pipe(last_of, "customer_id", order=["precedence", "responded_at", "response_id"])
        .select(
            "customer_id",
            "as_of_date",
            "response_id",
            "survey_id",
            "survey_type",
            "nps_score",
            "nps_class",
            "responded_at",
            days_before(as_of, "local_date").alias("age_days"),
        )
    )


def count_invited(
    invitations: Frame, responses: Frame, customers: Frame, *, as_of: date, settings: NpsSettings
) -> Frame:
    """One row per survey type, dimension (all, quarter) and value with an invited customer: n_invited, n_responded.

    Invited: a known customer with an invitation to a survey of the type whose local date is in the period: (as_of -
    window_days, as_of] for all, the calendar quarter up to as_of for a quarter. Responded: an invited customer who
    answered anything in that survey by as_of, from the invitation on and before the next one to the same survey: a
    response answers the latest invitation, or it would count for two periods. It may be sent after the period. A
    customer counts once in each period, however often invited or responding. Customers who were invited recently and
    may still respond count as invited, so the rate rises with as_of. As Response Rate 2 of AAPOR, Standard Definitions:
    partial responses count, and the base is everyone who was asked. Leaving out invitations without a known customer is
    our rule, as for the score. Counts of different customers can be added.
    """
    known = customers.select("customer_id")
    of_survey = ["survey_id", "customer_id"]
    sent = responses.filter(pl.col("submitted_date") <= as_of).select(*of_survey, "submitted_at")
    asked = (
        invitations.filter(pl.col("invited_date") <= as_of)
        .select("invitation_id", "survey_type", *of_survey, "invited_at", "invited_date")
        .join(known, on="customer_id", how="inner")
    )
    answered = with_nearest(
        sent,
        asked.select("invitation_id", *of_survey, "invited_at"),
        by=of_survey,
        at="submitted_at",
        other_at="invited_at",
        order=["invitation_id"],
    )
    invited = asked.join(
        answered.select("invitation_id", has_responded=pl.lit(1, pl.Int64)).drop_nulls("invitation_id").unique(),
        on="invitation_id",
        how="left",
    ).select(
        "survey_type",
        "customer_id",
        age=days_before(as_of, "invited_date"),
        quarter=_quarter_of("invited_date"),
        has_responded=pl.col("has_responded").fill_null(0),
    )
    recent = invited.filter(pl.col("age") < settings.window_days)
    periods = pl.concat(
        [
            _in_period(recent, "all", pl.lit("all")),
            _in_period(invited, "quarter", _quarter_name(pl.col("quarter"))),
        ]
    )
    return (
        periods.group_by("survey_type", "dimension", "value", "customer_id")
        .agg(pl.col("has_responded").max())
        .group_by("survey_type", "dimension", "value")
        .agg(
            pl.len().cast(pl.Int64).alias("n_invited"),
            pl.col("has_responded").sum().cast(pl.Int64).alias("n_responded"),
        )
    )


def count_answers(nps_responses: Frame, responses: Frame, rfm: Frame, *, as_of: date, settings: NpsSettings) -> Frame:
    """One row per survey type, dimension, value, series and period with a response: COUNTS and `n_anonymous`, for `nps_index`.

    `nps_responses` comes from `count_nps_responses`, `responses` are facts, `rfm` is the table of the same as_of. Within each
    period a customer counts once, with the latest response, and every response without a customer once. The channel of a
    response is that of its own time; the segment is that at as_of, for earlier periods too. Period 0 holds as_of, 1 is the one
    before it; a value is compared with earlier periods of its series. Counts of different customers can be added.
    """
    known = nps_responses.filter(has_answered()).select(
        "response_id",
        "survey_type",
        "customer_id",
        "responded_at",
        "nps_class",
        age=days_before(as_of, "local_date"),
        quarter=_quarter_of("local_date"),
    )
    days = settings.window_days
    recent = known.filter(pl.col("age") < 2 * days).with_columns(period=pl.col("age") // days)
    latest = latest_per_period(recent).join(responses.select("response_id", "channel"), on="response_id", how="left")
    windows = with_dimensions(latest, rfm).cache()
    by_quarter = known.with_columns(period=_quarter_number(as_of) - pl.col("quarter"))
    quarters = latest_per_period(by_quarter.drop("age"))
    whole = pl.lit("all")
    parts = [
        _count(windows, "all", whole, whole),
        *(_count(windows, dimension, pl.col(dimension), pl.col(dimension)) for dimension in CUSTOMER_DIMENSIONS),
        _count(quarters, "quarter", _quarter_name(pl.col("quarter")), whole),
    ]
    return pl.concat(parts)


def nps_index(answers: Frame, invited: Frame, *, as_of: date, settings: NpsSettings) -> Frame:
    """One row per survey type, dimension and value with a response in the trailing window (contract NpsIndex).

    `answers` are those of `count_answers`, `invited` those of `count_invited`, of all customers at the same as_of. The
    trailing window: local dates in (as_of - window_days, as_of]; the one before it: as many days before those. A calendar
    quarter is a period of its own, the running one up to as_of, and compared with the one before it. Scores of fewer than
    `settings.min_n` are null, and so is every comparison with them. The response rate is that of all and of each quarter,
    null below `settings.min_n` invited customers; without invitations n_invited is 0. Definitions, section 3.
    """
    counted = _beside_others(answers, invited).with_columns(
        **net_promoter_score(settings.min_n), **response_rate(settings.min_n)
    )
    for other in ("previous", "rest"):
        counted = with_difference(counted, other, settings.min_n)
    return counted.select(
        pl.lit(as_of).alias("as_of_date"),
        "survey_type",
        "dimension",
        "value",
        *COUNTS,
        "n_anonymous",
        "nps",
        "nps_low",
        "nps_high",
        (pl.col("n") < settings.min_n).alias("is_suppressed"),
        *_names("previous"),
        *RESPONSE_RATE,
        *_names("rest"),
    )


def _beside_others(cells: Frame, invited: Frame) -> Frame:
    """The cells to publish, with the COUNTS of the period before and of all other values, and who was invited."""
    before = cells.select(
        "survey_type",
        "dimension",
        "series",
        period=pl.col("period") - 1,
        **{f"{count}_previous": pl.col(count) for count in COUNTS},
    )
    total = cells.filter((pl.col("dimension") == "all") & (pl.col("period") == 0)).select(
        "survey_type", **{f"{count}_total": pl.col(count) for count in COUNTS}
    )
    has_rest = pl.col("dimension").is_in(CUSTOMER_DIMENSIONS)
    return (
        cells.filter((pl.col("period") == 0) | (pl.col("dimension") == "quarter"))
        .join(before, on=["survey_type", "dimension", "series", "period"], how="left")
        .join(total, on="survey_type", how="left")
        .join(invited, on=["survey_type", "dimension", "value"], how="left")
        .with_columns(
            **{f"{count}_previous": pl.col(f"{count}_previous").fill_null(0) for count in COUNTS},
            **{name: pl.when(~has_rest).then(pl.col(name).fill_null(0)) for name in ("n_invited", "n_responded")},
            **{f"{count}_rest": pl.when(has_rest).then(pl.col(f"{count}_total") - pl.col(count)) for count in COUNTS},
        )
    )


def net_promoter_score(min_n: int, suffix: str = "") -> dict[str, pl.Expr]:
    """`nps` and its adjusted Wald 95% interval from COUNTS with a suffix, in points from -100 to 100; null below `min_n`."""
    n = pl.col(f"n{suffix}")
    low, high = nps_interval(pl.col(f"n_promoters{suffix}"), pl.col(f"n_detractors{suffix}"), n)
    return {"nps": plain_score(suffix, min_n)} | {
        name: pl.when(n >= min_n).then(bound.round(10)) for name, bound in {"nps_low": low, "nps_high": high}.items()
    }


def response_rate(min_n: int) -> dict[str, pl.Expr]:
    """RESPONSE_RATE from n_invited and n_responded, with the Wilson 95% interval, in percent; null below `min_n` invited."""
    invited, responded = pl.col("n_invited"), pl.col("n_responded")
    low, high = wilson_interval(responded, invited)
    shown = {
        "pct_responded": responded / pl.when(invited > 0).then(invited.cast(pl.Float64)),
        "pct_responded_low": low,
        "pct_responded_high": high,
    }
    return {"n_invited": invited, "n_responded": responded} | {
        name: pl.when(invited >= min_n).then((100 * share).round(10)) for name, share in shown.items()
    }


def plain_score(suffix: str, min_n: int) -> pl.Expr:
    """100 * (promoters - detractors) / n of the counts with a suffix; null below `min_n`."""
    n = pl.when(pl.col(f"n{suffix}") >= min_n).then(pl.col(f"n{suffix}").cast(pl.Float64))
    return (100 * (pl.col(f"n_promoters{suffix}") - pl.col(f"n_detractors{suffix}")) / n).round(10)


def with_difference(scores: Frame, other: str, min_n: int) -> Frame:
    """The rows with the score of the others, and z and p of the difference from them: `nps_`, `z_` and `p_` with the suffix.

    From `nps` and COUNTS with and without the suffix `_other`. z = (NPS - NPS of the others) / sqrt(SE^2 + SE^2), with
    the standard errors of the intervals, which are never 0.
    """
    errors = {
        f"error{suffix}": adjusted_nps(*(pl.col(f"{count}{suffix}") for count in ("n_promoters", "n_detractors", "n")))[
            1
        ]
        for suffix in ("", f"_{other}")
    }
    error = 100 * (pl.col("error") ** 2 + pl.col(f"error_{other}") ** 2).sqrt()
    # Column by column: an expression used in many places of another is computed anew in each.
    return (
        scores.with_columns(**{f"nps_{other}": plain_score(f"_{other}", min_n)}, **errors)
        .with_columns(**{f"z_{other}": ((pl.col("nps") - pl.col(f"nps_{other}")) / error).round(10)})
        .with_columns(**{f"p_{other}": _two_sided_p(pl.col(f"z_{other}"))})
    )


def has_answered() -> pl.Expr:
    """Whether a row of `count_nps_responses` has no customer or a known one, who may have answered again since."""
    return pl.col("is_counted") | (pl.col("not_counted_reason") == "later_response_in_window")


def is_anonymous() -> pl.Expr:
    """Whether a response names no customer: it counts once in every figure of the shop, and for no customer."""
    return pl.col("customer_id").is_null()


def latest_per_period(answered: Frame) -> Frame:
    """The responses that are the latest of their customer in their survey type and `period`, and all without a customer."""
    by = ["customer_id", "survey_type", "period"]
    latest = answered.filter(~is_anonymous()).pipe(last_of, by, order=["responded_at", "response_id"])
    return pl.concat([latest, answered.filter(is_anonymous())], how="diagonal")


def _count(latest: Frame, dimension: str, value: pl.Expr, series: pl.Expr) -> Frame:
    """One row per survey type, value and period: COUNTS; a value is compared with earlier periods of its `series`."""
    return (
        latest.select(
            "survey_type",
            "period",
            value=value,
            series=series,
            n_anonymous=is_anonymous().cast(pl.Int64),
            **{f"n_{name}s": (pl.col("nps_class") == name).cast(pl.Int64) for name in CLASSES},
        )
        .group_by("survey_type", "period", "value", "series")
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("n_anonymous").sum(),
            *(pl.col(f"n_{name}s").sum().cast(pl.Int64) for name in CLASSES),
        )
        .select(
            "survey_type",
            pl.lit(dimension).alias("dimension"),
            "value",
            "series",
            "period",
            *COUNTS,
            "n_anonymous",
        )
    )


def _in_period(invited: Frame, dimension: str, value: pl.Expr) -> Frame:
    return invited.select("survey_type", "customer_id", "has_responded", dimension=pl.lit(dimension), value=value)


def _names(other: str) -> tuple[str, ...]:
    return tuple(f"{name}_{other}" for name in ("n", "nps", "z", "p"))


def _quarter_of(column: str) -> pl.Expr:
    year, month = pl.col(column).dt.year().cast(pl.Int64), pl.col(column).dt.month().cast(pl.Int64)
    return 4 * year + (month - 1) // 3


def _quarter_number(day: date) -> int:
    return 4 * day.year + (day.month - 1) // 3


def _quarter_name(number: pl.Expr) -> pl.Expr:
    return pl.concat_str((number // 4).cast(pl.String), (number % 4 + 1).cast(pl.String), separator="-Q")


def _two_sided_p(z: pl.Expr) -> pl.Expr:
    """Probability of a standard normal value at least as far from 0 as z, to six decimals.

    The complementary error function by a polynomial, off by at most 1.5e-7: Abramowitz & Stegun (1964), formula 7.1.26.
    """
    x = z.abs() / 2**0.5
    t = 1 / (1 + 0.3275911 * x)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return (series * (-1 * x * x).exp()).clip(0.0, 1.0).round(6)
