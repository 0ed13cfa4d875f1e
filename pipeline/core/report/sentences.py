"""The sentences that an edition's numbers carry: frames in, sentences out. Nothing is estimated here that a table already holds.

A difference is one only where its 95% interval leaves 0 out, or its p-value, times the comparisons it was chosen from
(Bonferroni), is below 5%. Everything else is within chance, and is said to be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any, Literal

import polars as pl

from pipeline.core.attitude.lexicon import RESERVED
from pipeline.core.report.words import Words

Tables = Mapping[str, pl.DataFrame]
"""Published tables by name, rows of the edition's date; those that trends are made of with all dates."""
Row = dict[str, Any]
Verdict = Literal["difference", "chance", "fact", "missing"]
Bounds = tuple[float, float, float]
"""An estimate with the bounds of its interval."""

ALPHA = 0.05
MOST_DECIMALS = 6
LEAST_MOVE = 0.1
"""Points of a share that is said to have moved: less is not to be seen in what is written."""
YEAR = timedelta(days=365)
NAMED_SEGMENTS = 4
"""So many segments are named by size; the others are added up."""
SECURE = "top_box"
"""The definition of secure that the report goes by, which is the stricter one."""
WINNABLE = ("at_risk", "highly_at_risk")
CONTENT_AND_LEAVING = ("content_but_lapsing",)
UNHAPPY_AND_BUYING = ("unhappy_but_still_buying",)
COMPARED = ("rfm_segment", "channel")
"""The dimensions whose values are compared with the rest."""


@dataclass(frozen=True)
class Sentence:
    """What the numbers say of one subject, and what it is worth."""

    subject: str
    verdict: Verdict
    text: str


def tell(tables: Tables, words: Words, *, as_of: date) -> list[Sentence]:
    """Every sentence of an edition, subject by subject; what is not known is said, too."""
    told = []
    for subject, sentence in SUBJECTS.items():
        if found := sentence(tables, words, as_of):
            told.append(Sentence(subject, *found))
    return told


Told = tuple[Verdict, str] | None


def _customers(tables: Tables, words: Words, as_of: date) -> Told:
    now = _rfm_sizes(tables).filter(as_of_date=as_of).sort(["n_customers", "segment"], descending=[True, False])
    if now.is_empty():
        return "missing", words("no_segments")
    parts = [
        words(
            "customer_part",
            n=words.number(row["n_customers"]),
            pct=words.percent(row["pct_customers"]),
            segment=words.name(row["segment"]),
        )
        for row in now.head(NAMED_SEGMENTS).to_dicts()
    ]
    rest = now.tail(-NAMED_SEGMENTS)
    if not rest.is_empty():
        total, share = sum_of(rest, "n_customers"), sum_of(rest, "pct_customers")
        parts.append(words("other_part", n=words.number(total), pct=words.percent(share)))
    return "fact", words("customers", n=words.number(now["n_total"][0]), segments=words.listed(parts))


def _sizes(tables: Tables, words: Words, as_of: date) -> Told:
    sizes = _rfm_sizes(tables)
    if sizes.is_empty():
        return None
    before = before_of(sizes["as_of_date"].unique().to_list(), as_of)
    if before is None:
        return "missing", words("one_date")
    moved, n_as_far = furthest_moved(sizes, before, as_of)
    if abs(moved["now"] - moved["before"]) < LEAST_MOVE:
        n = words.number(sizes.filter(as_of_date=as_of)["n_total"][0])
        return "fact", words("sizes_same", day=words.day(before), n=n)
    return "fact", words(
        "sizes",
        further=words("sizes_as_far", k=words.number(n_as_far)) if n_as_far else words("sizes_further"),
        day=words.day(before),
        segment=words.name(moved["segment"]),
        before=words.percent(moved["before"]),
        now=words.percent(moved["now"]),
        n=words.number(sizes.filter(as_of_date=as_of)["n_total"][0]),
    )


def _nps(tables: Tables, words: Words, as_of: date) -> Told:
    row = _first(tables["nps_trend"].filter(as_of_date=as_of, survey_type=_series(tables, as_of)))
    if row is None:
        return "missing", words("nps_none")
    if row["nps"] is None:
        return "missing", words("nps_few", n=words.number(row["n"]))
    p = row["p_previous"]
    is_beyond = p is not None and p < ALPHA
    places = _places_of_scores(row["nps"], row["nps_previous"], is_beyond=is_beyond)
    score, low, high = (words.number(bound, places) for bound in _bounds(row, "nps"))
    told = words("nps", nps=score, low=low, high=high, n=words.number(row["n"]))
    if p is None:
        return "fact", told + words("nps_no_before")
    return "difference" if is_beyond else "chance", told + words(
        "nps_before",
        before=words.number(row["nps_previous"], places),
        n=words.number(row["n_previous"]),
        verdict=words("is_difference" if is_beyond else "is_chance"),
        p=_probability(words, p),
    )


def _groups(tables: Tables, words: Words, as_of: date) -> Told:
    groups = tables["nps_by"].filter(
        pl.col("as_of_date") == as_of,
        pl.col("dimension").is_in(COMPARED),
        pl.col("survey_type") == _series(tables, as_of),
    )
    return _furthest(groups, words, "groups", name="value", other="rest")


def _themes(tables: Tables, words: Words, as_of: date) -> Told:
    themes = tables["nps_themes"].filter(
        ~pl.col("theme").is_in(RESERVED), as_of_date=as_of, series=_series(tables, as_of)
    )
    return _furthest(themes.rename({"n_scored": "n"}), words, "themes", name="theme", other="without")


def _furthest(rows: pl.DataFrame, words: Words, key: str, *, name: str, other: str) -> Told:
    """The group whose score is furthest from that of all others, with as many comparisons as there are groups.

    Of those beyond chance, where any is: a small group can be further away, and yet within chance.
    """
    known = rows.filter(pl.col(f"p_{other}").is_not_null())
    if known.is_empty():
        return None
    compared = known.with_columns(
        p=(pl.col(f"p_{other}") * known.height).clip(upper_bound=1.0),
        # Scores that are as far apart can differ in their last digits.
        apart=(pl.col("nps") - pl.col(f"nps_{other}")).abs().round(9),
    )
    beyond = compared.filter(pl.col("p") < ALPHA)
    is_beyond = beyond.height > 0
    ranked = (beyond if is_beyond else compared).sort(["apart", "p", name], descending=[True, False, False])
    row = ranked.row(0, named=True)
    places = _places_of_scores(row["nps"], row[f"nps_{other}"], is_beyond=is_beyond)
    text = f"{key}_{'chance' if not is_beyond else 'only' if beyond.height == 1 else 'differ'}"
    return "difference" if is_beyond else "chance", words(
        text,
        k=words.number(known.height),
        m=words.number(beyond.height),
        name=words.name(row[name]),
        nps=words.number(row["nps"], places),
        n=words.number(row["n"]),
        rest=words.number(row[f"nps_{other}"], places),
        n_rest=words.number(row[f"n_{other}"]),
        p=_probability(words, row["p"]),
    )


def _sci(tables: Tables, words: Words, as_of: date) -> Told:
    trend = tables["sci_trend"].filter(dimension="all", definition=SECURE)
    row = _first(trend.filter(as_of_date=as_of))
    if row is None:
        return "missing", words("sci_none")
    if row["pct_secure"] is None:
        return "missing", words("sci_few", n=words.number(row["n_classified"]))
    now, n = _bounds(row, "pct_secure"), words.number(row["n_classified"])
    known = trend.filter(pl.col("pct_secure").is_not_null())
    before = before_of(known["as_of_date"].to_list(), as_of)
    if before is None:
        return "fact", words("sci", **_shares(words, now), n=n) + words("sci_no_before")
    earlier = known.filter(as_of_date=before).row(0, named=True)
    apart = apart_by(now, _bounds(earlier, "pct_secure"))
    places = _places_of_difference(apart, (now[0], earlier["pct_secure"]))
    return _verdict(apart), words("sci", **_shares(words, now, places), n=n) + words(
        "sci_before",
        day=words.day(before),
        before=words.percent(earlier["pct_secure"], places),
        n=words.number(earlier["n_classified"]),
        verdict=words("is_difference" if leaves_out_zero(apart) else "is_chance"),
        **_points(words, apart, places),
    )


def _promises(tables: Tables, words: Words, as_of: date) -> Told:
    return _broken_and_kept(tables, words, as_of, "promises", "pct_repurchased", n="n_observable", unit="%")


def _reviews(tables: Tables, words: Words, as_of: date) -> Told:
    return _broken_and_kept(tables, words, as_of, "reviews", "mean_pomp", n="n_reviews", unit="")


def _broken_and_kept(
    tables: Tables, words: Words, as_of: date, key: str, figure: str, *, n: str, unit: Literal["%", ""]
) -> Told:
    rows = tables["promise_impact"].filter(as_of_date=as_of, channel="all")
    found = {row["promise_status"]: row for row in rows.to_dicts() if row[figure] is not None}
    if not {"broken", "kept"} <= found.keys():
        return "missing", words(f"{key}_none")
    broken, kept = found["broken"], found["kept"]
    apart = apart_by(_bounds(broken, figure), _bounds(kept, figure))
    places = _places_of_difference(apart, (broken[figure], kept[figure]))
    written = {name: words.number(found[name][figure], places) + unit for name in ("broken", "kept")}
    is_beyond = leaves_out_zero(apart)
    return _verdict(apart), words(
        f"{key}_{'differ' if is_beyond else 'chance'}",
        **written,
        n_broken=words.number(broken[n]),
        n_kept=words.number(kept[n]),
        **_points(words, apart, places),
    )


def _foretold(tables: Tables, words: Words, as_of: date) -> Told:
    rows = tables["churn_outcomes"].filter(as_of_date=as_of, churn_band="all")
    newest = rows.sort("prediction_date", descending=True)
    # Of few customers both are null; what was predicted also where an older version wrote the row.
    row = _first(newest.drop_nulls(["observed", "mean_predicted"]))
    if row is None:
        return "missing", _not_foretold(_first(newest), tables, words)
    expected = 100 * row["mean_predicted"]
    bounds = (100 * row["observed"], 100 * row["observed_low"], 100 * row["observed_high"])
    is_held = bounds[1] <= expected <= bounds[2]
    places = _decimals(
        (expected, *bounds[1:]), lambda written: (written[1] <= written[0] <= written[2]) == is_held, least=1
    )
    found, low, high = (words.percent(bound, places) for bound in bounds)
    return "chance" if is_held else "difference", words(
        "foretold_chance" if is_held else "foretold_differs",
        day=words.day(row["prediction_date"]),
        expected=words.percent(expected, places),
        found=found,
        low=low,
        high=high,
        n=words.number(row["n"]),
    )


def _not_foretold(few: Row | None, tables: Tables, words: Words) -> str:
    """Why nothing tells whether predictions come true: the newest that are old enough are few, or none is, or there are none."""
    if few is not None:
        return words("foretold_few", n=words.number(few["n"]), day=words.day(few["prediction_date"]))
    return words("foretold_none" if sum_of(tables["value_by_band"], "n_predicted") else "foretold_no_model")


def _value(tables: Tables, words: Words, as_of: date) -> Told:  # noqa: ARG001 (all subjects are asked alike)
    bands = tables["value_by_band"]
    known = bands.filter(pl.col("value_at_risk").is_not_null())
    if known.is_empty():
        return "missing", words("value_no_spend" if sum_of(bands, "n_predicted") else "value_none")
    total, n = sum_of(known, "value_at_risk"), words.number(sum_of(known, "n_valued"))
    winnable = known.filter(pl.col("churn_band").is_in(WINNABLE))
    currency, part = known["currency"][0], sum_of(winnable, "value_at_risk")
    if not total:
        return "fact", words("value_nothing", total=words.money(total, currency), n=n)
    return "fact", words(
        "value",
        total=words.money(total, currency),
        n=n,
        part=words.money(part, currency),
        pct=words.percent(100 * part / total),
        n_part=words.number(sum_of(winnable, "n_valued")),
    )


def _drivers(tables: Tables, words: Words, as_of: date) -> Told:
    rows = tables["driver_importance"].filter(
        pl.col("as_of_date") == as_of, pl.col("importance_pct").is_not_null(), pl.col("quadrant").is_not_null()
    )
    several = rows.filter(pl.len().over("survey_id") > 1)
    row = _first(several.sort(["n_responses", "survey_id"], descending=[True, False]))
    if row is None:
        return "missing", words("drivers_none")
    ranked = (
        several.filter(survey_id=row["survey_id"])
        .sort(["importance", "construct"], descending=[True, False])
        .to_dicts()
    )
    first, *others = ranked
    # Not the second alone: one that weighs less can have a wider interval.
    as_much = [one for one in others if one["importance_high"] >= first["importance_low"]]
    is_beyond = not as_much
    return "difference" if is_beyond else "chance", words(
        "drivers_differ" if is_beyond else "drivers_chance",
        k=words.number(len(ranked)),
        outcome=words.name(first["outcome"]),
        first=words.name(first["construct"]),
        second=words.name((as_much or others)[0]["construct"]),
        pct=words.percent(first["importance_pct"]),
        n=words.number(first["n_responses"]),
        performance=words.number(first["performance"]),
        quadrant=words.name(first["quadrant"]),
    )


def _say_do(tables: Tables, words: Words, as_of: date) -> Told:
    cells = tables["say_do_cells"].filter(as_of_date=as_of)
    total = sum_of(cells, "n_customers")
    if not total:
        return None
    leaving, buying = (
        sum_of(cells.filter(pl.col("cell").is_in(names)), "n_customers")
        for names in (CONTENT_AND_LEAVING, UNHAPPY_AND_BUYING)
    )
    return "fact", words(
        "say_do",
        n=words.number(leaving),
        total=words.number(total),
        pct=words.percent(100 * leaving / total),
        m=words.number(buying),
    )


def _repeat(tables: Tables, words: Words, as_of: date) -> Told:
    row = _first(tables["repeat_purchase"].filter(as_of_date=as_of))
    if row is None:
        return None
    n = words.number(row["n_customers"])
    if row["pct_repeat"] is None:
        return "missing", words("repeat_few", n=n)
    shares = _shares(words, _bounds(row, "pct_repeat"))
    return "fact", words("repeat", **shares, n=n, half=_until_half(row, words))


def _until_half(row: Row, words: Words) -> str:
    """How long it takes until half of all have bought again, as far as it is known.

    Upper bounds are not known where the curve stays above one half, and none is where all who were left came back on one day.
    """
    days = {
        name: words.number(row[f"median_days_{column}"])
        for name, column in (("days", "to_second"), ("from_days", "low"), ("to_days", "high"))
        if row[f"median_days_{column}"] is not None
    }
    if "days" not in days:
        return words("repeat_less_than_half")
    if "from_days" not in days:
        return words("repeat_half_alone", **days)
    return words("repeat_half" if "to_days" in days else "repeat_half_at_least", **days)


def _actions(tables: Tables, words: Words, as_of: date) -> Told:
    known = tables["action_effects"].filter(pl.col("as_of_date") == as_of, pl.col("difference").is_not_null())
    rows = known.sort(["difference", "action"], descending=[True, False]).to_dicts()
    if not rows:
        return None
    parts, is_any_beyond = [], False
    for row in rows:
        bounds = _bounds(row, "difference")
        is_any_beyond |= (is_beyond := leaves_out_zero(bounds))
        n = words.number(row["n_treated"] + row["n_control"])
        key = "action_differs" if is_beyond else "action_chance"
        points = _points(words, bounds, _places_of_difference(bounds))
        parts.append(words(key, action=words.name(row["action"]), n=n, **points))
    return "difference" if is_any_beyond else "chance", words("actions", parts="; ".join(parts))


SUBJECTS: Mapping[str, Callable[[Tables, Words, date], Told]] = {
    "customers": _customers,
    "sizes": _sizes,
    "nps": _nps,
    "groups": _groups,
    "themes": _themes,
    "sci": _sci,
    "drivers": _drivers,
    "promises": _promises,
    "reviews": _reviews,
    "say_do": _say_do,
    "foretold": _foretold,
    "value": _value,
    "repeat": _repeat,
    "actions": _actions,
}
"""Subject -> what tells of it, in the order of the report."""


def before_of(dates: list[date], as_of: date) -> date | None:
    """The date to compare with: the newest that is a year or more back, else the oldest; null where there is none."""
    earlier = [day for day in dates if day < as_of]
    return max((day for day in earlier if day <= as_of - YEAR), default=min(earlier, default=None))


def furthest_moved(sizes: pl.DataFrame, before: date, as_of: date) -> tuple[Row, int]:
    """The segment whose share of customers differs most between two dates: segment, before, now; of several that differ alike the
    first by name. And how many others differ as much."""
    shares = [
        sizes.filter(as_of_date=day).select("segment", pl.col("pct_customers").alias(name))
        for day, name in ((before, "before"), (as_of, "now"))
    ]
    both = shares[0].join(shares[1], on="segment", how="full", coalesce=True).fill_null(0.0)
    # Shares that should be alike can differ in their last digits.
    ranked = both.with_columns(distance=(pl.col("now") - pl.col("before")).abs().round(9))
    first = ranked.sort(["distance", "segment"], descending=[True, False]).row(0, named=True)
    return first, ranked.filter(distance=first["distance"]).height - 1


def sum_of(rows: pl.DataFrame, column: str) -> float:
    """The sum of a column of numbers; 0 without rows."""
    return float(rows[column].sum() or 0)


def apart_by(first: Bounds, second: Bounds) -> Bounds:
    """first - second with its interval, of two independent estimates, as `statistics.difference_interval` has it for columns.

    Where the same customers are in both the interval is too wide, so a difference is one all the more.
    """
    (a, a_low, a_high), (b, b_low, b_high) = first, second
    below, above = sqrt((a - a_low) ** 2 + (b_high - b) ** 2), sqrt((a_high - a) ** 2 + (b - b_low) ** 2)
    return a - b, a - b - below, a - b + above


def leaves_out_zero(bounds: Bounds) -> bool:
    """Whether an interval says that there is a difference."""
    return bounds[1] > 0 or bounds[2] < 0


def _verdict(bounds: Bounds) -> Verdict:
    return "difference" if leaves_out_zero(bounds) else "chance"


def _rfm_sizes(tables: Tables) -> pl.DataFrame:
    return tables["segment_sizes"].filter(kind="rfm")


def _series(tables: Tables, as_of: date) -> str:
    """Relational and transactional scores are two series, never combined: the one with more answers is told of."""
    rows = tables["nps_trend"].filter(as_of_date=as_of).sort(["n", "survey_type"], descending=[True, False])
    return str(rows["survey_type"][0]) if rows.height else "relational"


def _first(rows: pl.DataFrame) -> Row | None:
    return rows.row(0, named=True) if rows.height else None


def _bounds(row: Row, name: str) -> Bounds:
    return row[name], row[f"{name}_low"], row[f"{name}_high"]


def _shares(words: Words, bounds: Bounds, places: int = 1) -> dict[str, str]:
    return dict(zip(("pct", "low", "high"), (words.percent(bound, places) for bound in bounds), strict=True))


def _points(words: Words, bounds: Bounds, places: int) -> dict[str, str]:
    return dict(zip(("points", "low", "high"), (words.signed(bound, places) for bound in bounds), strict=True))


def _probability(words: Words, p: float) -> str:
    """A p-value, that is below 5% as written where it is."""
    return words.probability(p, _decimals((p,), lambda written: (written[0] < ALPHA) == (p < ALPHA), least=3))


def _places_of_scores(first: float, second: float | None, *, is_beyond: bool) -> int:
    """The decimals of two scores: as written, too, they differ where that is beyond chance."""
    if second is None or not is_beyond:
        return 0
    return _decimals((first, second), lambda written: written[0] != written[1], least=0)


def _places_of_difference(bounds: Bounds, figures: Sequence[float] = ()) -> int:
    """The decimals of a difference and of what it is between: its interval leaves 0 out, or not, as written too; and where it does,
    what it is between differs as written."""
    is_beyond = leaves_out_zero(bounds)

    def is_true(written: Sequence[float]) -> bool:
        told, between = (written[0], written[1], written[2]), set(written[3:])
        return leaves_out_zero(told) == is_beyond and (not is_beyond or len(between) == len(figures))

    return _decimals((*bounds, *figures), is_true, least=1)


def _decimals(values: Sequence[float], is_true: Callable[[Sequence[float]], bool], *, least: int) -> int:
    """The fewest decimals, from `least` on, in which what is said of values is true of what is written."""
    for places in range(least, MOST_DECIMALS):
        if is_true([round(value, places) for value in values]):
            return places
    return MOST_DECIMALS
