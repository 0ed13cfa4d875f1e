"""The Net Promoter Score: which responses count, a customer's class, the score by series and dimension, response rates.

Relational and transactional surveys are separate series, never mixed. Why customers answer as they do belongs to `themes`.
"""

from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw

from pipeline.core.attitude.dimensions import CUSTOMER_DIMENSIONS, with_dimensions
from pipeline.core.frames import Frame, computed_once, day_end, day_number, days_before, edges_reached, local_date, nth
from pipeline.core.statistics import adjusted_nps, nps_interval, wilson_interval

if TYPE_CHECKING:
    from pipeline.settings import NpsSettings

PASSIVE_FROM, PROMOTER_FROM = 7, 9
"""Lowest answer of a passive and of a promoter on 0-10 (definitions, section 3)."""

CLASSES = ("detractor", "passive", "promoter")

RESPONSE_RATE = ("n_invited", "n_responded", "pct_responded", "pct_responded_low", "pct_responded_high")

COUNTS = ("n", "n_promoters", "n_passives", "n_detractors")


def count_nps_responses(
    responses: Frame, answers: Frame, customers: Frame, *, as_of: date, time_zone: str, settings: "NpsSettings"
) -> Frame:
    """One row per response with an answer to a Net Promoter question, sent by as_of (contract NpsResponses).

    Only items that the configuration calls Net Promoter questions; of several in one response the first by name. Counted:
    of a known customer, with no later response by them in the same survey type within `settings.window_days` local days,
    so that at most one counts in any window of that length. Later is by time, then by response number. Definitions,
    section 3.
    """
    given = answers.filter(nw.col("is_nps")).unique(subset="response_id", keep="first", order_by=["item_id"])
    known = customers.select("customer_id", is_known=nw.lit(True))
    answered = (
        responses.filter(nw.col("submitted_at") < day_end(as_of, time_zone))
        .select(
            "response_id", "survey_type", "survey_id", "customer_id", "order_id", responded_at=nw.col("submitted_at")
        )
        .join(given.select("response_id", nps_score="value"), on="response_id", how="inner")
        .join(known, on="customer_id", how="left")
        .with_columns(local_date=local_date("responded_at", time_zone))
        .with_columns(day=day_number("local_date"))
    )
    next_day = nw.col("day").shift(-1).over("survey_type", "customer_id", order_by=["responded_at", "response_id"])
    reason = (
        nw.when(nw.col("customer_id").is_null())
        .then(nw.lit("no_customer"))
        .when(nw.col("is_known").is_null())
        .then(nw.lit("unknown_customer"))
        .when(nw.col("days_to_next") < settings.window_days)
        .then(nw.lit("later_response_in_window"))
        .otherwise(nw.lit(None, nw.String))
    )
    return (
        answered.with_columns(days_to_next=next_day - nw.col("day"))
        .with_columns(not_counted_reason=reason)
        .select(
            nw.lit(as_of).alias("as_of_date"),
            "response_id",
            "survey_type",
            "survey_id",
            "customer_id",
            "order_id",
            "responded_at",
            "local_date",
            "nps_score",
            nth(edges_reached(nw.col("nps_score"), (PASSIVE_FROM, PROMOTER_FROM)), CLASSES).alias("nps_class"),
            nw.col("not_counted_reason").is_null().alias("is_counted"),
            "not_counted_reason",
        )
    )


def classify_promoters(nps_responses: Frame, *, as_of: date) -> Frame:
    """One row per customer with a counted response (contract Nps).

    The latest relational response decides, as it asks about the shop as a whole; the latest transactional one where there
    is none. `nps_responses` comes from `count_nps_responses` of the same as_of.
    """
    return (
        nps_responses.filter(nw.col("is_counted"))
        .with_columns(precedence=(nw.col("survey_type") == "relational").cast(nw.Int64))
        .unique(subset="customer_id", keep="last", order_by=["precedence", "responded_at", "response_id"])
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
    invitations: Frame, responses: Frame, customers: Frame, *, as_of: date, time_zone: str, settings: "NpsSettings"
) -> Frame:
    """One row per survey type, dimension (all, quarter) and value with an invited customer: n_invited, n_responded.

    Invited: a known customer with an invitation to a survey of the type whose local date is in the period, which for all
    is (as_of - window_days, as_of] and for a quarter the calendar quarter up to as_of. Responded: one of them who sent a
    response of the survey that such an invitation is to, by as_of and whatever was answered, at the moment of the
    invitation or later and before their next one to that survey: a response answers the latest invitation, else that to a
    later period would count for this one too. Whether it was sent in the period plays no part. A customer counts once in each period, however often
    invited or responding. Who was invited of late and may still respond counts as invited: that rate rises with as_of.
    As Response Rate 2 of AAPOR, Standard Definitions: partial responses count, and all who were asked are the base. That
    invitations of nobody and of strangers are left out is our rule, as for the score.
    """
    end = day_end(as_of, time_zone)
    known = customers.select("customer_id")
    sent = responses.filter(nw.col("submitted_at") < end).select("survey_id", "customer_id", "submitted_at")
    next_invited_at = (
        nw.col("invited_at").shift(-1).over("survey_id", "customer_id", order_by=["invited_at", "invitation_id"])
    )
    is_before_next = nw.col("next_invited_at").is_null() | (nw.col("submitted_at") < nw.col("next_invited_at"))
    is_answer = (nw.col("submitted_at") >= nw.col("invited_at")) & is_before_next
    invited = (
        invitations.filter(nw.col("invited_at") < end)
        .select("invitation_id", "survey_type", "survey_id", "customer_id", "invited_at")
        .join(known, on="customer_id", how="inner")
        .with_columns(next_invited_at=next_invited_at)
        .join(sent, on=["survey_id", "customer_id"], how="left")
        .with_columns(local_date=local_date("invited_at", time_zone))
        .select(
            "survey_type",
            "customer_id",
            age=days_before(as_of, "local_date"),
            quarter=_quarter_of("local_date"),
            has_responded=is_answer.fill_null(False).cast(nw.Int64),
        )
    )
    recent = invited.filter(nw.col("age") < settings.window_days)
    periods = nw.concat(
        [
            _in_period(recent, "all", nw.lit("all")),
            _in_period(invited, "quarter", _quarter_name(nw.col("quarter"))),
        ]
    )
    return (
        periods.group_by("survey_type", "dimension", "value", "customer_id")
        .agg(nw.col("has_responded").max())
        .group_by("survey_type", "dimension", "value")
        .agg(
            nw.len().cast(nw.Int64).alias("n_invited"),
            nw.col("has_responded").sum().cast(nw.Int64).alias("n_responded"),
        )
    )


def nps_index(
    nps_responses: Frame, invited: Frame, orders: Frame, rfm: Frame, *, as_of: date, settings: "NpsSettings"
) -> Frame:
    """One row per survey type, dimension and value with a response in the trailing window (contract NpsIndex).

    The trailing window: local dates in (as_of - window_days, as_of]; the one before it: as many days before those. A
    calendar quarter is a period of its own, the running one up to as_of, and compared with the one before it. Within each
    period a customer counts once, with the latest response. Scores of fewer than `settings.min_n` customers are null, and
    so is every comparison with them. The channel of a response is that of its own time; the segment is that at as_of, for
    the window before too. Definitions, section 3.

    `invited` comes from `count_invited` of the same as_of: the response rate of all and of each quarter, null below
    `settings.min_n` invited customers; without invitations n_invited is 0.
    """
    known = nps_responses.filter(has_answered()).select(
        "response_id",
        "survey_type",
        "customer_id",
        "order_id",
        "responded_at",
        "nps_class",
        age=days_before(as_of, "local_date"),
        quarter=_quarter_of("local_date"),
    )
    recent = known.filter(nw.col("age") < 2 * settings.window_days).with_columns(
        period=nw.col("age") // settings.window_days
    )
    windows = computed_once(with_dimensions(latest_per_period(recent), orders, rfm))
    by_quarter = known.with_columns(period=_quarter_number(as_of) - nw.col("quarter"))
    quarters = latest_per_period(by_quarter.drop("order_id", "age"))
    whole = nw.lit("all")
    parts = [
        _count(windows, "all", whole, whole),
        *(_count(windows, dimension, nw.col(dimension), nw.col(dimension)) for dimension in CUSTOMER_DIMENSIONS),
        _count(quarters, "quarter", _quarter_name(nw.col("quarter")), whole),
    ]
    cells = computed_once(nw.concat(parts))
    before = cells.select(
        "survey_type",
        "dimension",
        "series",
        period=nw.col("period") - 1,
        **{f"{count}_previous": nw.col(count) for count in COUNTS},
    )
    total = cells.filter((nw.col("dimension") == "all") & (nw.col("period") == 0)).select(
        "survey_type", **{f"{count}_total": nw.col(count) for count in COUNTS}
    )
    has_rest = nw.col("dimension").is_in(CUSTOMER_DIMENSIONS)
    counted = (
        cells.filter((nw.col("period") == 0) | (nw.col("dimension") == "quarter"))
        .join(before, on=["survey_type", "dimension", "series", "period"], how="left")
        .join(total, on="survey_type", how="left")
        .join(invited, on=["survey_type", "dimension", "value"], how="left")
        .with_columns(
            **{f"{count}_previous": nw.col(f"{count}_previous").fill_null(0) for count in COUNTS},
            **{name: nw.when(~has_rest).then(nw.col(name).fill_null(0)) for name in ("n_invited", "n_responded")},
            **{f"{count}_rest": nw.when(has_rest).then(nw.col(f"{count}_total") - nw.col(count)) for count in COUNTS},
        )
        .with_columns(**net_promoter_score(settings.min_n), **response_rate(settings.min_n))
    )
    for other in ("previous", "rest"):
        counted = with_difference(counted, other, settings.min_n)
    return counted.select(
        nw.lit(as_of).alias("as_of_date"),
        "survey_type",
        "dimension",
        "value",
        *COUNTS,
        "nps",
        "nps_low",
        "nps_high",
        (nw.col("n") < settings.min_n).alias("is_suppressed"),
        *_names("previous"),
        *RESPONSE_RATE,
        *_names("rest"),
    )


def net_promoter_score(min_n: int, suffix: str = "") -> dict[str, nw.Expr]:
    """`nps` and its adjusted Wald 95% interval from COUNTS with a suffix, in points from -100 to 100; null below `min_n`."""
    n = nw.col(f"n{suffix}")
    low, high = nps_interval(nw.col(f"n_promoters{suffix}"), nw.col(f"n_detractors{suffix}"), n)
    return {"nps": plain_score(suffix, min_n)} | {
        name: nw.when(n >= min_n).then(bound.round(10)) for name, bound in {"nps_low": low, "nps_high": high}.items()
    }


def response_rate(min_n: int) -> dict[str, nw.Expr]:
    """RESPONSE_RATE from n_invited and n_responded, with the Wilson 95% interval, in percent; null below `min_n` invited."""
    invited, responded = nw.col("n_invited"), nw.col("n_responded")
    low, high = wilson_interval(responded, invited)
    shown = {
        "pct_responded": responded / nw.when(invited > 0).then(invited.cast(nw.Float64)),
        "pct_responded_low": low,
        "pct_responded_high": high,
    }
    return {"n_invited": invited, "n_responded": responded} | {
        name: nw.when(invited >= min_n).then((100 * share).round(10)) for name, share in shown.items()
    }


def plain_score(suffix: str, min_n: int) -> nw.Expr:
    """100 * (promoters - detractors) / n of the counts with a suffix; null below `min_n`."""
    n = nw.when(nw.col(f"n{suffix}") >= min_n).then(nw.col(f"n{suffix}").cast(nw.Float64))
    return (100 * (nw.col(f"n_promoters{suffix}") - nw.col(f"n_detractors{suffix}")) / n).round(10)


def with_difference(scores: Frame, other: str, min_n: int) -> Frame:
    """The rows with the score of the others, and z and p of the difference from them: `nps_`, `z_` and `p_` with the suffix.

    From `nps` and COUNTS with and without the suffix `_other`. z = (NPS - NPS of the others) / sqrt(SE^2 + SE^2), with the standard errors of the intervals, which are never 0.
    """
    errors = {
        f"error{suffix}": adjusted_nps(*(nw.col(f"{count}{suffix}") for count in ("n_promoters", "n_detractors", "n")))[
            1
        ]
        for suffix in ("", f"_{other}")
    }
    error = 100 * (nw.col("error") ** 2 + nw.col(f"error_{other}") ** 2).sqrt()
    # Column by column: an expression that holds another in many places is worked out anew in each.
    return (
        scores.with_columns(**{f"nps_{other}": plain_score(f"_{other}", min_n)}, **errors)
        .with_columns(**{f"z_{other}": ((nw.col("nps") - nw.col(f"nps_{other}")) / error).round(10)})
        .with_columns(**{f"p_{other}": _two_sided_p(nw.col(f"z_{other}"))})
    )


def has_answered() -> nw.Expr:
    """Of `count_nps_responses`: whether the answer is a known customer's, who may have answered again later."""
    return nw.col("is_counted") | (nw.col("not_counted_reason") == "later_response_in_window")


def latest_per_period(answered: Frame) -> Frame:
    """The responses that are the latest of their customer in their survey type and `period`."""
    return answered.unique(
        subset=["customer_id", "survey_type", "period"], keep="last", order_by=["responded_at", "response_id"]
    )


def _count(latest: Frame, dimension: str, value: nw.Expr, series: nw.Expr) -> Frame:
    """One row per survey type, value and period: COUNTS; `series` is what a value is compared with itself by."""
    return (
        latest.select(
            "survey_type",
            "period",
            value=value,
            series=series,
            **{f"n_{name}s": (nw.col("nps_class") == name).cast(nw.Int64) for name in CLASSES},
        )
        .group_by("survey_type", "period", "value", "series")
        .agg(nw.len().cast(nw.Int64).alias("n"), *(nw.col(f"n_{name}s").sum().cast(nw.Int64) for name in CLASSES))
        .select(
            "survey_type",
            nw.lit(dimension).alias("dimension"),
            "value",
            "series",
            "period",
            *COUNTS,
        )
    )


def _in_period(invited: Frame, dimension: str, value: nw.Expr) -> Frame:
    return invited.select("survey_type", "customer_id", "has_responded", dimension=nw.lit(dimension), value=value)


def _names(other: str) -> tuple[str, ...]:
    return tuple(f"{name}_{other}" for name in ("n", "nps", "z", "p"))


def _quarter_of(column: str) -> nw.Expr:
    year, month = nw.col(column).dt.year().cast(nw.Int64), nw.col(column).dt.month().cast(nw.Int64)
    return 4 * year + (month - 1) // 3


def _quarter_number(day: date) -> int:
    return 4 * day.year + (day.month - 1) // 3


def _quarter_name(number: nw.Expr) -> nw.Expr:
    return nw.concat_str((number // 4).cast(nw.String), (number % 4 + 1).cast(nw.String), separator="-Q")


def _two_sided_p(z: nw.Expr) -> nw.Expr:
    """Probability of a standard normal value at least as far from 0 as z, to six decimals.

    The complementary error function by a polynomial, off by at most 1.5e-7: Abramowitz & Stegun (1964), formula 7.1.26.
    """
    x = z.abs() / 2**0.5
    t = 1 / (1 + 0.3275911 * x)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return (series * (-1 * x * x).exp()).clip(0.0, 1.0).round(6)
