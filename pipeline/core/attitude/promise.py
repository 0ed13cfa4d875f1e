"""What a kept or broken delivery promise is followed by: review, Net Promoter Score, SCI class, repurchase.

How each of these is measured for its own sake belongs to its own module.
"""

from datetime import date

import polars as pl

from pipeline.core.attitude.nps import PASSIVE_FROM, PROMOTER_FROM
from pipeline.core.attitude.reviews import ALL
from pipeline.core.attitude.sci import SECURE_BOX, boxes_per_response
from pipeline.core.attitude.settings import ExperienceSettings, SciSettings
from pipeline.core.facts.promises import BROKEN, judge_promises
from pipeline.core.frames import Frame, day_end, day_number, first_of, local_date, ratio
from pipeline.core.statistics import mean_interval, nps_interval, wilson_interval
from schemas.types import ITEM_ROLES, SURVEY_TYPES

GROUP = ("month", "channel", "promise_status")
MEASURES = ("orders", "pomp", *(f"nps_{survey_type}" for survey_type in SURVEY_TYPES), "secure", "repurchased")
"""All that is summed per group. Relational and transactional answers are never mixed (definitions, section 3)."""

PER_BUYER = 2**22
"""More than there are days from 0001-01-01 to 9999-12-31: buyer and day make one integer."""

SEPARATOR = "\x1f"
"""Between names in one text; the unit separator of ASCII is in no name."""


def promise_impact(
    orders: Frame,
    reviews: Frame,
    responses: Frame,
    answers: Frame,
    *,
    as_of: date,
    time_zone: str,
    sci: SciSettings,
    settings: ExperienceSettings,
) -> Frame:
    """One row per month (null: all) and channel (or `all`) of the order, and promise status (contract PromiseImpact).

    `orders` are those of `orders_as_of`, anonymous and invalid ones included, `reviews` those of `reviews_as_of`. An open
    promise is neither kept nor broken yet and left out; `broken` counts late and overdue orders together once more.
    The outcome of a promise is known on the day of delivery, or the day after the promised date when it is broken by
    then; a delivery without a date counts on the promised date, an order without a promise when delivered, else when
    placed. A review or survey response from that day on is the order's that it names; one that names none is that of the
    customer's latest order with a known outcome (of several on one day, the last by number), so none is counted twice.
    Of each order the first answer counts. Repurchase: a valid order of the customer on a later local date, at most
    `settings.repurchase_days` after the order's; orders not so long ago yet are not observable and outside.
    Means and shares with their 95% intervals (Student, adjusted Wald, Wilson), null below `settings.min_n`.
    Definitions, sections 2, 3, 4, 6.
    """
    is_judged = pl.col("promise_status") != "open"
    buyers = _numbered(orders)
    judged = (
        judge_promises(orders, as_of=as_of, time_zone=time_zone)
        .filter(is_judged)
        .join(buyers, on="customer_id", how="left")
        .drop("customer_id", "delivered_date")
    ).cache()
    said = (
        pl.concat([_ratings(reviews), _survey_statements(responses, answers, orders, as_of, time_zone, sci)])
        .join(buyers, on="customer_id", how="left")
        .drop("customer_id")
    ).cache()
    sums = [
        _counted(judged, "orders", pl.lit(0, pl.Int64)),
        _summed(_first_of_each_order(_attributed(said, judged).cache())),
        _repurchases(judged, as_of, settings.repurchase_days),
    ]
    return _published(_rolled_up(pl.concat(sums)), as_of, settings.min_n)


def _ratings(reviews: Frame) -> Frame:
    """One row per rated review as a statement: who said what when, about which known order."""
    return reviews.filter(~pl.col("pomp").is_null()).select(
        pl.col("review_id").alias("statement_id"),
        "customer_id",
        pl.col("order_id").alias("named_id"),
        pl.col("created_at").alias("said_at"),
        day_number("local_date").alias("said_day"),
        "pomp",
        survey_type=pl.lit(None, pl.String),
        balance=pl.lit(None, pl.Float64),
        secure=pl.lit(None, pl.Float64),
    )


def _survey_statements(
    responses: Frame, answers: Frame, orders: Frame, as_of: date, time_zone: str, sci: SciSettings
) -> Frame:
    """One row per response as a statement: `balance` 1, 0 or -1 for promoter, passive, detractor; `secure` 1 for class secure,
    0 for another class, each null where the response does not tell.
    """
    given, box = pl.col("value"), pl.col("sci_box")
    # A survey that asks the question twice counts by the first item in the order of names.
    scores = answers.filter(pl.col("is_nps")).pipe(first_of, "response_id", order=["item_id"])
    balance = (given >= PROMOTER_FROM).cast(pl.Float64) - (given < PASSIVE_FROM).cast(pl.Float64)
    boxes = boxes_per_response(answers.filter(pl.col("role").is_in(ITEM_ROLES)), sci)
    return (
        responses.filter(pl.col("submitted_at") < day_end(as_of, time_zone))
        .join(orders.select("order_id", pl.col("order_id").alias("named_id")), on="order_id", how="left")
        .join(scores.select("response_id", balance=balance), on="response_id", how="left")
        .join(boxes.select("response_id", secure=(box == SECURE_BOX).cast(pl.Float64)), on="response_id", how="left")
        .filter(~pl.col("balance").is_null() | ~pl.col("secure").is_null())
        .with_columns(said_date=local_date("submitted_at", time_zone))
        .select(
            pl.col("response_id").alias("statement_id"),
            "customer_id",
            "named_id",
            pl.col("submitted_at").alias("said_at"),
            day_number("said_date").alias("said_day"),
            pl.lit(None, pl.Float64).alias("pomp"),
            "survey_type",
            "balance",
            "secure",
        )
    )


def _numbered(orders: Frame) -> Frame:
    """One row per customer with an order, with a number `buyer`: joins and groups by integers take half the time."""
    named = orders.filter(~pl.col("customer_id").is_null()).select("customer_id").unique()
    return named.sort("customer_id").with_row_index("buyer").with_columns(pl.col("buyer").cast(pl.Int64))


def _of_buyer(number: pl.Expr) -> pl.Expr:
    """One integer for a buyer and a number from 0 of something of theirs, such as a day."""
    return pl.col("buyer") * PER_BUYER + number


def _attributed(statements: Frame, judged: Frame) -> Frame:
    """Statements with the order that they are about, from the day on which its outcome was known, with its group."""
    statements = statements.with_columns(said=pl.when(pl.col("named_id").is_null()).then(_of_buyer(pl.col("said_day"))))
    unnamed = statements.filter(~pl.col("said").is_null()).select("buyer", "said", "said_day").unique()
    outcomes = judged.filter(~pl.col("buyer").is_null()).select(
        "buyer", "outcome_day", pl.col("order_id").alias("latest_id"), outcome=_of_buyer(pl.col("outcome_day"))
    )
    latest = (
        unnamed.join(outcomes.select("buyer", "outcome_day", "outcome"), on="buyer", how="inner")
        .filter(pl.col("outcome_day") <= pl.col("said_day"))
        .group_by("said")
        .agg(pl.col("outcome").max())
        .join(outcomes.select("outcome", "latest_id"), on="outcome", how="inner")
        .group_by("said")
        .agg(pl.col("latest_id").max())
    )
    return (
        statements.join(latest, on="said", how="left")
        .with_columns(order_id=pl.coalesce("named_id", "latest_id"))
        .join(judged.select("order_id", "outcome_day", *GROUP), on="order_id", how="inner")
        .filter(pl.col("outcome_day") <= pl.col("said_day"))
    )


def _first_of_each_order(said: Frame) -> Frame:
    """Of every order and measure the first statement."""
    measures = {
        "pomp": pl.lit("pomp"),
        "balance": pl.concat_str(pl.lit("nps"), pl.col("survey_type"), separator="_"),
        "secure": pl.lit("secure"),
    }
    per_measure = [
        said.filter(~pl.col(value).is_null())
        .select("order_id", "said_at", "statement_id", *GROUP, measure=measure, value=pl.col(value))
        .pipe(first_of, ["order_id", "measure"], order=["said_at", "statement_id"])
        for value, measure in measures.items()
    ]
    return pl.concat(per_measure).select(*GROUP, "measure", "value")


def _repurchases(judged: Frame, as_of: date, window_days: int) -> Frame:
    """The sums of the orders long enough ago to tell: 1 when the customer bought again in the window, else 0.

    Days are cut into spans as long as the window. A purchase in the window of an order is then a later one in the order's
    span, of which the last tells, or one in the next span, of which the first does: two joins instead of a sort.
    """
    day = pl.col("day")
    named = judged.filter(~pl.col("buyer").is_null()).with_columns(span=_of_buyer(day // window_days))
    valid_day = pl.when(pl.col("is_valid")).then(day)
    spans = (
        named.select("span", first_day=valid_day, last_day=valid_day)
        .group_by("span")
        .agg(pl.col("first_day").min(), pl.col("last_day").max())
    ).cache()
    following = spans.select(next_day="first_day", span=pl.col("span") - 1)
    in_span = (pl.col("last_day") > day).fill_null(False)
    in_next_span = (pl.col("next_day") <= day + window_days).fill_null(False)
    observable = (
        named.filter(day <= as_of.toordinal() - window_days)
        .select("span", "day", *GROUP)
        .join(spans.select("span", "last_day").join(following, on="span", how="left"), on="span", how="inner")
    )
    return _counted(observable, "repurchased", (in_span | in_next_span).cast(pl.Int64))


def _counted(rows: Frame, measure: str, is_so: pl.Expr) -> Frame:
    """As `_summed` of a measure that is 0 or 1, which is its own square."""
    counts = rows.select(*GROUP, total=is_so).group_by(*GROUP).agg(pl.len().alias("n"), pl.col("total").sum())
    n, total = pl.col("n").cast(pl.Int64), pl.col("total").cast(pl.Float64)
    return counts.select(*GROUP, pl.lit(measure).alias("measure"), n, total, square=total)


def _summed(values: Frame) -> Frame:
    """One row per group and measure: number, sum and sum of squares of the values."""
    return (
        values.with_columns(square=pl.col("value") * pl.col("value"))
        .group_by(*GROUP, "measure")
        .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("value").sum().alias("total"), pl.col("square").sum())
    )


def _rolled_up(sums: Frame) -> Frame:
    """One row per group, with all months, all channels and broken promises as groups of their own: the sums of each measure."""
    names = {
        "month": pl.concat_str(pl.col("month").dt.to_string("%Y-%m-%d"), pl.lit(ALL), separator=SEPARATOR),
        "channel": pl.concat_str(pl.col("channel"), pl.lit(ALL), separator=SEPARATOR),
        "promise_status": pl.when(pl.col("promise_status").is_in(BROKEN))
        .then(pl.concat_str(pl.col("promise_status"), pl.lit("broken"), separator=SEPARATOR))
        .otherwise(pl.col("promise_status")),
    }
    every = sums
    for column, groups in names.items():
        every = every.with_columns(groups.str.split(SEPARATOR).alias(column)).explode(column)
    parts = {"n": "n", "total": "total", "squares": "square"}
    return (
        every.with_columns(
            **{
                f"{measure}_{part}": pl.when(pl.col("measure") == measure).then(pl.col(column))
                for measure in MEASURES
                for part, column in parts.items()
            }
        )
        .group_by(*GROUP)
        .agg(*(pl.col(f"{measure}_{part}").sum().fill_null(0) for measure in MEASURES for part in parts))
        .with_columns(month=pl.when(pl.col("month") != ALL).then(pl.col("month")).str.to_date("%Y-%m-%d"))
    )


def _published(sums: Frame, as_of: date, min_n: int) -> Frame:
    """Means, shares, scores and intervals in the columns of the contract, null below `min_n`."""
    n_rated, total = pl.col("pomp_n"), pl.col("pomp_total")
    low, high = mean_interval(total, pl.col("pomp_squares"), n_rated)
    means = {
        "mean_pomp": ratio(total, n_rated),
        "mean_pomp_low": low.clip(0.0, 100.0),
        "mean_pomp_high": high.clip(0.0, 100.0),
    }
    return sums.select(
        pl.lit(as_of).alias("as_of_date"),
        *GROUP,
        pl.col("orders_n").cast(pl.Int64).alias("n_orders"),
        n_rated.cast(pl.Int64).alias("n_reviews"),
        *_shown(n_rated >= min_n, "pomp", means),
        *(column for survey_type in SURVEY_TYPES for column in _score(f"nps_{survey_type}", min_n)),
        *_share("secure", "n_classified", min_n),
        *_share("repurchased", "n_observable", min_n),
    )


def _shown(is_shown: pl.Expr, name: str, values: dict[str, pl.Expr]) -> list[pl.Expr]:
    """Values that are null unless shown, and whether they are suppressed."""
    columns = [pl.when(is_shown).then(value).alias(column) for column, value in values.items()]
    return [*columns, (~is_shown).alias(f"is_{name}_suppressed")]


def _score(measure: str, min_n: int) -> list[pl.Expr]:
    """Number of answers and Net Promoter Score with its interval."""
    n, balance, extremes = (pl.col(f"{measure}_{part}") for part in ("n", "total", "squares"))
    low, high = nps_interval((extremes + balance) / 2, (extremes - balance) / 2, n)
    values = {measure: 100.0 * balance / n, f"{measure}_low": low, f"{measure}_high": high}
    return [n.cast(pl.Int64).alias(f"n_{measure}"), *_shown(n >= min_n, measure, values)]


def _share(measure: str, n_name: str, min_n: int) -> list[pl.Expr]:
    """Denominator, count and percentage with its Wilson interval."""
    n, successes = pl.col(f"{measure}_n"), pl.col(f"{measure}_total")
    low, high = wilson_interval(successes, n)
    values = {
        f"pct_{measure}": 100.0 * successes / n,
        f"pct_{measure}_low": 100.0 * low,
        f"pct_{measure}_high": 100.0 * high,
    }
    return [
        n.cast(pl.Int64).alias(n_name),
        successes.cast(pl.Int64).alias(f"n_{measure}"),
        *_shown(n >= min_n, measure, values),
    ]
