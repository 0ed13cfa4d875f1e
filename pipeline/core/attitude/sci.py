"""The Secure Customer Index: every customer's class by the latest counted response, and the share of secure customers.

"Secure Customer Index" and "SCI" are marks of Burke, Inc. Other survey figures (NPS, constructs) do not belong here.
"""

from datetime import date

import polars as pl

from pipeline.core.attitude.dimensions import CUSTOMER_DIMENSIONS, with_dimensions
from pipeline.core.attitude.settings import SciSettings
from pipeline.core.frames import Frame, days_before, last_of, nth
from pipeline.core.statistics import percentage
from schemas.types import ITEM_ROLES

CLASS_BY_BOX = ("at_risk", "vulnerable", "favorable", "secure")
"""The class of each lowest box, from 0."""

SECURE_BOX = CLASS_BY_BOX.index("secure")
LOYAL_BOX = CLASS_BY_BOX.index("favorable")

DEFINITIONS = {"top_box": "is_secure_top_box", "top2": "is_secure_top2"}
"""Definition of secure -> its flag."""

KEY_OF_COUNTS = ("as_of_date", "dimension", "value")
"""Of the rows of `count_classes`."""


def surveys_asking(responses: Frame, *, as_of: date) -> Frame:
    """The surveys (`survey_id`) in which anybody was asked an item of the index by as_of; `responses` are facts."""
    return responses.filter("asks_sci", pl.col("submitted_date") <= as_of).select("survey_id").unique()


def classify_sci(responses: Frame, customers: Frame, surveys: Frame, *, as_of: date) -> Frame:
    """One row per customer with a counted response at as_of (contract Sci): the latest one decides.

    `responses` are facts. Counted: sent by as_of by a known customer, in one of the `surveys`, which come from
    `surveys_asking`. The latest is by time, then by response number. The class is that of the lowest of the three boxes,
    and `unclassified` where the response lacks one. Definitions, section 2.
    """
    return (
        _sent(responses, surveys, as_of)
        .join(customers.select("customer_id"), on="customer_id", how="semi")
        .pipe(last_of, "customer_id", order=["submitted_at", "response_id"])
        .pipe(_with_class, as_of)
    )


def classify_anonymous(responses: Frame, surveys: Frame, *, as_of: date) -> Frame:
    """One row per response without a customer that counts at as_of, in the columns of `classify_sci`, for `count_classes`."""
    return _sent(responses, surveys, as_of).filter(pl.col("customer_id").is_null()).pipe(_with_class, as_of)


def _sent(responses: Frame, surveys: Frame, as_of: date) -> Frame:
    return responses.filter(pl.col("submitted_date") <= as_of).join(surveys, on="survey_id", how="semi")


def _with_class(responses: Frame, as_of: date) -> Frame:
    return responses.select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        "response_id",
        "survey_id",
        "survey_type",
        *(f"{role}_box" for role in ITEM_ROLES),
        "sci_box",
        nth(pl.col("sci_box"), CLASS_BY_BOX).fill_null("unclassified").alias("sci_class"),
        _missing_items().alias("sci_missing_items"),
        (pl.col("sci_box") == SECURE_BOX).alias("is_secure_top_box"),
        pl.when(~pl.col("sci_box").is_null()).then(pl.col("top2") == 1).alias("is_secure_top2"),
        pl.col("submitted_at").alias("responded_at"),
        days_before(as_of, "submitted_date").alias("age_days"),
    )


def _missing_items() -> pl.Expr:
    """The items in the box below the highest, of customers with none lower: one of MISSING_ITEMS."""
    named = [pl.when(pl.col(f"{role}_box") == LOYAL_BOX).then(pl.lit(role)) for role in ITEM_ROLES]
    return pl.when(pl.col("sci_box") == LOYAL_BOX).then(pl.concat_str(named, separator="_and_", ignore_nulls=True))


def count_classes(sci: Frame, anonymous: Frame, responses: Frame, rfm: Frame) -> Frame:
    """One row per as_of date, dimension and value with a response: customers and responses, and how many of them are secure.

    `anonymous` comes from `classify_anonymous`, `responses` are facts, `rfm` is the table of the same as_of. A customer counts
    once in each dimension, with the deciding response, and every response without a customer once; the channel of a response
    is that of its own time, the segment is that at as_of. Counts of different customers can be added. Columns: KEY_OF_COUNTS,
    `n_customers`, `n_anonymous` responses, `n_classified` of both, and of these those secure by each of DEFINITIONS.
    """
    asked = pl.concat([sci, anonymous]).join(responses.select("response_id", "channel"), on="response_id", how="left")
    rows = with_dimensions(asked, rfm).cache()
    parts = [_count(rows, "all", pl.lit("all"))]
    parts += [_count(rows, name, pl.col(name)) for name in ("survey_type", *CUSTOMER_DIMENSIONS)]
    return pl.concat(parts)


def sci_index(counts: Frame, *, settings: SciSettings) -> Frame:
    """One row per as_of date, definition of secure, dimension and value (contract SciIndex); none without a response.

    `counts` are those of `count_classes` of all customers. Shares in percent of those classified, with the Wilson 95% interval;
    null and suppressed below `settings.min_n` of them. Definitions, section 2.
    """
    return pl.concat([_index_of(counts, definition, settings.min_n) for definition in DEFINITIONS])


def _count(rows: Frame, dimension: str, value: pl.Expr) -> Frame:
    """The rows of one dimension."""
    return (
        rows.select("as_of_date", "customer_id", "sci_box", *DEFINITIONS.values(), value=value)
        .group_by("as_of_date", "value")
        .agg(
            pl.col("customer_id").count().cast(pl.Int64).alias("n_customers"),
            pl.col("customer_id").null_count().cast(pl.Int64).alias("n_anonymous"),
            pl.col("sci_box").count().cast(pl.Int64).alias("n_classified"),
            *(pl.col(flag).cast(pl.Int64).sum().alias(definition) for definition, flag in DEFINITIONS.items()),
        )
        .select(
            "as_of_date",
            pl.lit(dimension).alias("dimension"),
            "value",
            "n_customers",
            "n_anonymous",
            "n_classified",
            *DEFINITIONS,
        )
    )


def _index_of(counts: Frame, definition: str, min_n: int) -> Frame:
    """The rows of one definition of secure."""
    n, secure = pl.col("n_classified"), pl.col("n_secure")
    share, low, high = percentage(secure, n)
    is_shown = n >= min_n
    return counts.with_columns(n_secure=pl.col(definition)).select(
        "as_of_date",
        pl.lit(definition).alias("definition"),
        "dimension",
        "value",
        "n_customers",
        "n_anonymous",
        "n_classified",
        "n_secure",
        pl.when(is_shown).then(share).alias("pct_secure"),
        pl.when(is_shown).then(low).alias("pct_secure_low"),
        pl.when(is_shown).then(high).alias("pct_secure_high"),
        (~is_shown).alias("is_suppressed"),
    )
