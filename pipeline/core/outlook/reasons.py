"""Why a customer's risk is higher or lower than usual, in words of a closed list. Where the numbers come from is elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.core.facts.reviews import GOOD_RATING_POMP
from pipeline.core.outlook.buy_till_you_die import Floats
from pipeline.core.outlook.cohorts import COMPARED, with_compared
from pipeline.core.outlook.features import GROUPS, MIDDLE, is_own_rhythm
from pipeline.core.outlook.fitted import Model
from schemas.churn import HOLDING_REASONS, RISK_REASONS

LEAST_CONTRIBUTION = 0.02
"""Smaller moves of the log-odds are no reason: they change a probability by half a percentage point at most."""
N_RISK, N_HOLDING = 3, 2
NO_SINGLE_REASON = "no_single_reason"
HIGH_STARS = GOOD_RATING_POMP / 100 - MIDDLE["stars"]
"""A good rating, from the middle of the scale."""
NONE = -1
DECIMALS = 10
SAME = 1e-9
"""What is usual is a mean, whose last digits differ from the values even where all are the same."""


@dataclass(frozen=True)
class Score:
    """The log-odds of churn as a sum: `base` of the typical customer plus `parts`, one column per name in GROUPS.

    `at_risk_from`: the log-odds from which the band is at_risk or worse, per customer; `is_at_risk`: whether it is.
    """

    base: Floats
    parts: Floats
    at_risk_from: Floats
    is_at_risk: NDArray[np.bool_]


def reason_columns(score: Score, features: pl.DataFrame, model: Model) -> list[pl.Series]:
    """The columns of the contract ChurnRisk from `risk_reason_1` to `churn_score`, by `features` row for row.

    A part is a reason where a word for its direction is true of the customer: what raises the risk of someone who
    bought recently is not called a recent order, but is left in `other_contribution`, as are parts below
    LEAST_CONTRIBUTION. A customer at risk without any such reason has `no_single_reason`: its contribution is all that
    lifts the customer over the log-odds at which the band begins, apart from what holds the customer; the base is those
    log-odds. Ties in the order of GROUPS.
    """
    risk_words, holding_words = _words(features, model)
    risk = _ranked(np.where(risk_words != NONE, score.parts, 0.0), risk_words, N_RISK)
    holding = _ranked(np.where(holding_words != NONE, -score.parts, 0.0), holding_words, N_HOLDING)
    whole = score.base + score.parts.sum(axis=1)
    held = -sum(strength for _, strength in holding)
    base, other = score.base.copy(), score.parts.sum(axis=1) - held - sum(strength for _, strength in risk)
    is_unexplained = score.is_at_risk & (risk[0][0] == NONE)
    words, strength = risk[0]
    words[is_unexplained] = list(RISK_REASONS).index(NO_SINGLE_REASON)
    strength[is_unexplained] = (whole - score.at_risk_from - held)[is_unexplained]
    base[is_unexplained] = score.at_risk_from[is_unexplained]
    other[is_unexplained] = 0.0
    return [
        *(_named(f"risk_reason_{place}", found, RISK_REASONS) for place, (found, _) in enumerate(risk, start=1)),
        *(_number(f"risk_contribution_{place}", found, by) for place, (found, by) in enumerate(risk, start=1)),
        *(
            _named(f"holding_reason_{place}", found, HOLDING_REASONS)
            for place, (found, _) in enumerate(holding, start=1)
        ),
        *(_number(f"holding_contribution_{place}", found, -by) for place, (found, by) in enumerate(holding, start=1)),
        pl.Series("other_contribution", other).round(DECIMALS),
        pl.Series("score_base", base).round(DECIMALS),
        pl.Series("churn_score", whole).round(DECIMALS),
    ]


def _ranked(strength: Floats, words: NDArray[np.int8], n: int) -> list[tuple[NDArray[np.int8], Floats]]:
    """The n strongest parts of each row, the strongest first: the words' positions, NONE where there is no reason, and how strong."""
    order = np.argsort(-strength, axis=1, kind="stable")[:, :n]
    rows = np.arange(strength.shape[0])
    found = []
    for place in range(n):
        by = strength[rows, order[:, place]]
        is_reason = by >= LEAST_CONTRIBUTION
        found.append((np.where(is_reason, words[rows, order[:, place]], NONE), np.where(is_reason, by, 0.0)))
    return found


def _named(name: str, found: NDArray[np.int8], reasons: dict[str, str]) -> pl.Series:
    names, is_none = pl.Series(list(reasons)), pl.Series(found == NONE)
    return names.gather(pl.Series(np.where(found == NONE, 0, found))).set(is_none, None).alias(name)


def _number(name: str, found: NDArray[np.int8], by: Floats) -> pl.Series:
    return pl.Series(name, by).round(DECIMALS).set(pl.Series(found == NONE), None)


def _words(features: pl.DataFrame, model: Model) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Per name in GROUPS the positions in RISK_REASONS and in HOLDING_REASONS of what is true of the customer, else NONE."""
    is_repeat, typical = pl.col("n_days") > 1, model["typical"]
    usual = {
        f"usual_{name}": pl.when(is_repeat)
        .then(typical["repeat"]["features"][place])
        .otherwise(typical["one_time"]["features"][place])
        for place, name in enumerate(COMPARED)
    }
    due = (pl.col("days_since") >= pl.col("overdue_after_days")).fill_null(False)
    known = with_compared(features).with_columns(is_own=is_own_rhythm(features), is_due=due, **usual)
    words = _purchase_words() | _character_words() | _experience_words()
    if model.get("inputs") == "rfm_sum":
        spent = _beyond_usual("log_net_total")
        words["money"] = (("spent_little", spent < 0),), (("spent_much", spent > 0),)
    risk, holding = (
        known.select(_position(words[group][side], list(reasons)).alias(group) for group in GROUPS).to_numpy()
        for side, reasons in enumerate((RISK_REASONS, HOLDING_REASONS))
    )
    return risk, holding


Choices: TypeAlias = Sequence[tuple[str, pl.Expr]]
"""Words, each with when it is true of a customer: the first true one is used."""
ALWAYS = pl.lit(True)


def _position(choices: Choices, reasons: list[str]) -> pl.Expr:
    """The position among the reasons of the first choice that is true, else NONE."""
    found = pl.lit(NONE, pl.Int8)
    for word, is_true in reversed(choices):
        found = pl.when(is_true).then(pl.lit(reasons.index(word), pl.Int8)).otherwise(found)
    return found


def _both(more: str, less: str, column: str) -> tuple[Choices, Choices]:
    """Words that can speak for either: the customer has more of a feature than usual, or less; who has as much has no word."""
    choices = ((more, _beyond_usual(column) > 0), (less, _beyond_usual(column) < 0))
    return choices, choices


def _beyond_usual(column: str) -> pl.Expr:
    """How much more of a feature the customer has than usual, below 0 for less; 0 where they differ by rounding alone."""
    beyond = pl.col(column) - pl.col(f"usual_{column}")
    return pl.when(beyond.abs() > SAME).then(beyond).otherwise(0.0)


def _purchase_words() -> dict[str, tuple[Choices, Choices]]:
    """Risk and holding words of what follows from when a customer bought."""
    is_own, is_due, is_repeat = pl.col("is_own"), pl.col("is_due"), pl.col("n_days") > 1
    recency, often = _beyond_usual("log_recency"), _beyond_usual("log_frequency")
    change = pl.col("log_recent") - pl.col("log_previous")
    as_before = ("buying_as_before", (change == 0) & (pl.col("log_recent") > 0))
    return {
        "recency": (
            (
                ("overdue_against_own_rhythm", is_due & is_own),
                ("overdue_against_shop_rhythm", is_due & is_repeat),
                ("second_order_overdue", is_due),
                ("long_silence", recency > 0),
            ),
            (
                ("within_own_rhythm", ~is_due & is_own),
                ("within_shop_rhythm", ~is_due & is_repeat),
                ("first_order_recent", ~is_due & pl.col("overdue_after_days").is_not_null()),
                ("bought_recently", recency < 0),
            ),
        ),
        "frequency": (
            (("few_orders", is_repeat & (often < 0)), ("used_to_buy_often", is_repeat & (often > 0) & is_due)),
            (("many_orders", is_repeat & (often > 0)),),
        ),
        "tenure": _both("long_standing_customer", "new_customer", "log_tenure"),
        "trend": (
            (("buying_less", change < 0), as_before, ("no_recent_orders", change == 0)),
            (("buying_more", change > 0), as_before),
        ),
    }


def _character_words() -> dict[str, tuple[Choices, Choices]]:
    """Risk and holding words of how a customer buys."""
    is_refunded = pl.col("is_refunded")
    return {
        "money": _both("large_orders", "small_orders", "log_order_value"),
        "discounts": _both("buys_on_discount", "buys_at_full_price", "discount_share"),
        "refunds": ((("orders_refunded", is_refunded),), (("nothing_refunded", ~is_refunded),)),
        "channel": _both("main_channel", "other_channel", "main_channel_share"),
        "breadth": _both("many_categories", "few_categories", "log_categories"),
    }


def _experience_words() -> dict[str, tuple[Choices, Choices]]:
    """Risk and holding words of what a customer went through, said and looked at."""
    is_broken, stars, mood = pl.col("log_broken") > 0, pl.col("stars"), pl.col("mood")
    no_stars = ("no_review", pl.col("has_stars") == 0)
    no_answer = ("no_survey_answer", pl.col("has_sci") + pl.col("has_nps") == 0)
    middling = ("middling_stars", (stars >= 0) & (stars < HIGH_STARS))
    lukewarm = ("lukewarm_in_survey", mood == 0)
    unknown = ("no_known_visit", pl.col("has_visits") == 0)
    is_seen = pl.col("is_seen") > 0
    contact = (("service_contact", pl.col("log_contacts") > 0), ("no_service_contact", ALWAYS))
    return {
        "promises": ((("promise_broken", is_broken),), (("no_broken_promise", ~is_broken),)),
        "stars": (
            (no_stars, middling, ("low_stars", stars < 0)),
            (no_stars, middling, ("high_stars", stars >= HIGH_STARS)),
        ),
        "survey": (
            (no_answer, lukewarm, ("unhappy_in_survey", mood < 0)),
            (no_answer, lukewarm, ("happy_in_survey", mood > 0)),
        ),
        "contacts": (contact, contact),
        "visits": (
            (unknown, ("not_seen_since_last_order", ~is_seen)),
            (unknown, ("came_back_to_look", is_seen)),
        ),
    }
