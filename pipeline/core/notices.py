"""What is empty, why, and the way out: for a survey as configured, and for a shop after a night.

What is wrong belongs to errors and checks; here everything is as configured.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.frames import Frame
from schemas.actions import HELD_BY
from schemas.notices import NoticeKind
from schemas.types import ITEM_ROLES

NPS_TABLES = "nps_trend, nps_by and customer_nps"
SCI_TABLES = "sci_trend and customer_sci"
CONSTRUCT_TABLES = "construct_scores, construct_reliability and driver_importance"

TABLES_OF_ROWS = {
    "nps": ("customer_nps", NPS_TABLES, "answer to an item with nps: true", "answers to items with nps: true"),
    "sci": ("customer_sci", SCI_TABLES, "answer to an item with a role", "answers to items with a role"),
    "points": ("points_ledger", "points_ledger", "loyalty event", "loyalty events"),
}
"""Subject -> its table per customer, all of its tables, and what these are made of, one and many."""

MIN_PCT_MATCHED = 10
"""Percent of the comments of a source and language with a theme, below which the lexicon hardly fits them."""

TOTALS_THAT_DIFFER = {
    "spent_differs": "have as many orders and another amount",
    "fewer_orders": "have fewer orders here (an export of orders is missing, or is older than the list)",
    "more_orders": "have more orders here (the list is older, or another shop has sold to them)",
}
"""What it means when the shop's own totals and ours differ."""
TOTALS_NOT_COMPARED = {
    "other_currency": "have as many orders, some in another currency, so their amounts are not compared",
    "no_amount": "have as many orders, and no amount in the list to compare",
}
"""Why nobody can say whether the shop's own totals and ours agree."""


@dataclass(frozen=True)
class Notice:
    """One thing that is empty: its kind, the part of the warehouse, how many it concerns, and why in one line."""

    kind: NoticeKind
    subject: str
    n: int
    message: str


@dataclass(frozen=True)
class Figures:
    """What the tables of one date tell."""

    n_customers: int
    """Customers known at the date."""
    n_scored: int
    """Customers with a churn band."""
    rule: str | None
    """That the rule of days gives the churn bands, and why, as the model card says it, with its date; null where a model does."""
    n_told_consent: int
    """Customers whose consent to marketing is known."""
    n_held_back: Mapping[str, int]
    """Actions that were due and held back, by cause."""
    n_comments: int
    n_matched: int
    """Comments that mention a theme."""
    n_net_unsettled: int = 0
    """Orders whose export does not say how much was paid."""
    same_for_all: str | None = None
    """That no model is better than the base rate, as the model card says it; null where one is."""
    bands_only: str | None = None
    """Why the model that gives the churn bands has no probabilities, as the model card says it; null where they hold."""
    thin_themes: tuple[tuple[str, str, int, float], ...] = ()
    """Source, language, comments, and percent of them with a theme, where these are few."""
    n_orders: int = 0
    without_rate: Mapping[str, int] = field(default_factory=dict)
    """Currency -> orders in it that have no value in the shop's, as their date has no rate."""
    no_purchases: Mapping[str, int] = field(default_factory=dict)
    """Where no customer has bought anything: why an order is no purchase (`invalid_reason`) -> orders of customers."""
    joined: tuple[int, int, int, str, int] | None = None
    """Customers with remarkably many identifiers; accounts and addresses of the one with most; the kind of what most of these share,
    and how many do. Null where there are none."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """Customers with an order, here or there, whose orders the shop's own list counts, by how its totals and ours compare."""
    unscored: tuple[tuple[str, str, int], ...] = ()
    """Survey, construct, and responses with an answer to one of its items, none of which has a score of it."""
    nobody: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Subject of TABLES_OF_ROWS whose table per customer is empty -> rows for it that came, and how many of them name nobody;
    the others name someone whom the lake does not know."""


def survey_gaps(survey: SurveySettings) -> dict[str, str]:
    """What a survey gives nothing to, by the settings of its items: nps, sci, constructs -> why."""
    gaps = {}
    if not any(item.nps for item in survey.items.values()):
        gaps["nps"] = f"no item has nps: true, so it gives nothing to {NPS_TABLES}"
    missing = _missing_roles(survey)
    if missing == list(ITEM_ROLES):
        gaps["sci"] = f"no item has a role, so it gives nothing to {SCI_TABLES}"
    elif missing:
        gaps["sci"] = (
            f"no item has role {' or '.join(missing)}, so those who answer it stay unclassified in {SCI_TABLES}"
        )
    if not survey.constructs:
        gaps["constructs"] = f"no item has a construct, so it gives nothing to {CONSTRUCT_TABLES}"
    return gaps


def find_notices(
    figures: Figures, surveys: Mapping[str, SurveySettings], *, consent_without_flag: bool
) -> list[Notice]:
    """What a shop has nothing of at a date, and what would change it."""
    return [
        *_of_surveys(surveys),
        *_of_rows(figures, surveys),
        *_of_constructs(figures, surveys),
        *_of_churn(figures),
        *_of_actions(figures, consent_without_flag),
        *_of_orders(figures),
        *_of_identity(figures),
        *_of_themes(figures),
    ]


def _of_surveys(surveys: Mapping[str, SurveySettings]) -> Iterator[Notice]:
    if not any(item.nps for survey in surveys.values() for item in survey.items.values()):
        words = (
            "no survey item has nps: true; give it to the question for recommendation on 0 to 10"
            if surveys
            else "there is no survey; add one that asks for recommendation on 0 to 10, with nps: true"
        )
        yield Notice("no_nps_item", "nps", len(surveys), f"{NPS_TABLES} are empty: {words}")
    if all(_missing_roles(survey) for survey in surveys.values()):
        yield _no_sci(surveys)


def _of_rows(figures: Figures, surveys: Mapping[str, SurveySettings]) -> Iterator[Notice]:
    """What the surveys ask for, or a programme tells, and no row has given to any customer."""
    asked = {
        "nps": any(item.nps for survey in surveys.values() for item in survey.items.values()),
        "sci": any(not _missing_roles(survey) for survey in surveys.values()),
        # A programme without events of its own needs none.
        "points": bool(figures.nobody.get("points", (0, 0))[0]),
    }
    kinds: dict[str, NoticeKind] = {
        "nps": "no_nps_customer",
        "sci": "no_sci_customer",
        "points": "no_points_customer",
    }
    for subject, kind in kinds.items():
        if not asked[subject] or subject not in figures.nobody:
            continue
        of_customers, tables, one, many = TABLES_OF_ROWS[subject]
        n, n_anonymous = figures.nobody[subject]
        if not n:
            words = f"{tables} are empty: no {one} has come yet; a source of entity surveys must bring it"
        elif n_anonymous == n:
            words = (
                f"{of_customers} is empty: none of the {n:,} {many} names a customer; map customer_id, email or phone"
            )
        else:
            named = (
                f"all {n:,} {many} name"
                if not n_anonymous
                else f"of {n:,} {many} {n_anonymous:,} name nobody, and the others"
            )
            words = (
                f"{of_customers if n_anonymous else tables} {'is' if n_anonymous or subject == 'points' else 'are'} empty: {named} "
                "customers whom no source of orders or customers has; see whether they have the same ids there (id_prefix)"
            )
        yield Notice(kind, subject, n, words)


def _of_constructs(figures: Figures, surveys: Mapping[str, SurveySettings]) -> Iterator[Notice]:
    parts = [
        f"{construct} of survey {survey} (responses: {n:,})"
        for survey, construct, n in figures.unscored
        if survey in surveys and construct in surveys[survey].constructs
    ]
    if parts:
        yield Notice(
            "no_construct_score",
            "constructs",
            len(parts),
            f"nobody has a score of {', '.join(parts)}: each response answers a smaller share of its items than "
            "constructs.min_answered; where an item has had two names, return both as one column in the mapping",
        )


def _of_churn(figures: Figures) -> Iterator[Notice]:
    n = figures.n_scored
    if not n:
        return
    if figures.rule is not None:
        yield Notice(
            "churn_by_days",
            "churn",
            n,
            f"customer_churn_risk has no probabilities, {figures.rule}; a model needs churn.min_customers customers with "
            "an order, churn.min_window_customers of them a full churn.horizon_days ago",
        )
    if figures.same_for_all is not None:
        yield Notice(
            "churn_by_days",
            "churn",
            n,
            "the rule of days gives the bands of customer_churn_risk, and everyone has the same probability: base_rate is "
            f"{figures.same_for_all}; more history, or more customers who come back, may change it",
        )
    if figures.bands_only is not None:
        yield Notice(
            "churn_bands_only",
            "churn",
            n,
            "customer_churn_risk has bands and reasons, but no probabilities and no expected values, as those of the "
            f"model do not hold: {figures.bands_only}; a longer history, with the same seasons in it, may mend it, or raise "
            "churn.max_calibration_error",
        )


def _of_actions(figures: Figures, consent_without_flag: bool) -> Iterator[Notice]:
    held = dict(figures.n_held_back)
    if not figures.n_told_consent and not consent_without_flag and figures.n_customers:
        # Why nobody has consented is said once.
        held.pop("no_consent", None)
        yield Notice(
            "no_consent_known",
            "next_action",
            figures.n_customers,
            "no source says which customers accept marketing, so next actions are service messages only "
            f"(customers: {figures.n_customers:,}); map accepts_marketing in customers, or set "
            "actions.consent_without_flag: true",
        )
    if n := sum(held.values()):
        causes = (f"{count:,} {HELD_BY[cause]}" for cause, count in sorted(held.items()))
        yield Notice(
            "held_back",
            "next_action",
            n,
            f"next actions due but held back: {n:,} ({', '.join(causes)}); see actions_held_back",
        )


def _of_orders(figures: Figures) -> Iterator[Notice]:
    if n := sum(figures.no_purchases.values()):
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in figures.no_purchases.items())
        yield Notice(
            "no_purchase",
            "orders",
            n,
            f"no order of a customer is a purchase ({reasons}), so nobody has scores, a churn band or a cohort, and everybody "
            "is a prospect; a mapping must return paid, shipped or delivered, as rfm.valid_statuses says",
        )
    if n := figures.n_net_unsettled:
        yield Notice(
            "net_unsettled",
            "orders",
            n,
            f"orders whose export leaves open how much was paid: {n:,}; they count with the total less refunds; compare them "
            "with the shop (is_net_unsettled in lake table orders)",
        )
    if n := sum(figures.without_rate.values()):
        yield Notice(
            "orders_without_rate",
            "orders",
            n,
            f"orders in {', '.join(figures.without_rate)} without a rate for their date: {n:,} of {figures.n_orders:,}; they "
            "have no amount, and are no purchase in any table; give rates under currency.rates",
        )
    found = {outcome: count for outcome, count in figures.totals.items() if outcome in TOTALS_THAT_DIFFER}
    if n := sum(found.values()):
        n_stated, n_agree = sum(figures.totals.values()), figures.totals.get("agrees", 0)
        told = TOTALS_THAT_DIFFER | TOTALS_NOT_COMPARED
        parts = [f"{figures.totals[outcome]:,} {words}" for outcome, words in told.items() if outcome in figures.totals]
        yield Notice(
            "totals_differ",
            "orders",
            n,
            f"of {n_stated:,} customers with orders here or in the shop's own list, {n_agree:,} ({n_agree / n_stated:.1%}) have "
            f"the same totals in both; {', '.join(parts)}; see quality.customer_totals",
        )


def _of_identity(figures: Figures) -> Iterator[Notice]:
    if figures.joined is None:
        return
    n_customers, n_accounts, n_emails, kind, n_shared = figures.joined
    shared, others = ("e-mail address", "accounts") if kind == "email" else ("account", "e-mail addresses")
    yield Notice(
        "many_joined",
        "customers",
        n_customers,
        f"customers with remarkably many identifiers: {n_customers:,}; the largest has {n_accounts + n_emails:,} (accounts: {n_accounts:,}, "
        f"e-mail addresses: {n_emails:,}), as one {shared} stands in rows of {n_shared:,} {others}; if it is the shop's own, as for orders by phone, return null "
        "in its place in the mapping, and `loyalty run --rebuild` the tables that have it; see n_identifiers in dim_customers, and "
        "n_rows in identity",
    )


def _of_themes(figures: Figures) -> Iterator[Notice]:
    if figures.n_comments and not figures.n_matched:
        yield Notice(
            "no_theme_matched",
            "themes",
            figures.n_comments,
            f"no comment mentions a theme (comments: {figures.n_comments:,}); write themes in your customers' words under "
            "themes.lexicon",
        )
    elif figures.thin_themes:
        parts = [f"{pct:.0f}% of {n:,} {language} comments of {name}" for name, language, n, pct in figures.thin_themes]
        yield Notice(
            "few_themes_matched",
            "themes",
            sum(n for _, _, n, _ in figures.thin_themes),
            f"themes cover {', '.join(parts)}; write themes in your customers' words under themes.lexicon",
        )


COUNTED = ("figure", "of")
"""The key of the rows of `count_rows`."""
OF_ROWS = TOLD_CONSENT, N_ORDERS, NET_UNSETTLED, WITHOUT_RATE = (
    "told_consent",
    "orders",
    "net_unsettled",
    "without_rate",
)
"""What is counted in rows of facts, whatever else there is."""
NO_PURCHASES = "no_purchases"
ANONYMOUS = "nobody"


def count_rows(
    wanted: Collection[str], *, customers: Frame, orders: Frame, responses: Frame, loyalty_events: Frame
) -> pl.DataFrame:
    """One row per figure and what it is of: `figure`, one of those that are wanted, `of`, null where it is of nothing, and its `n` rows.

    `customers` come from `customer_facts`, `orders` from `orders_as_of`; `responses` and `loyalty_events` are those up to the date.
    Counts of different customers can be added.
    """
    whose = pl.when(pl.col("customer_id").is_null()).then(pl.lit(ANONYMOUS)).otherwise(pl.lit("somebody"))
    is_customers, is_no_purchase = pl.col("customer_id").is_not_null(), pl.col("invalid_reason").is_not_null()
    counts = {
        TOLD_CONSENT: _count(customers.filter(pl.col("accepts_marketing").is_not_null())),
        N_ORDERS: _count(orders),
        NET_UNSETTLED: _count(orders.filter("is_net_unsettled")),
        WITHOUT_RATE: _count(orders.filter("is_unpriced"), of=pl.col("original_currency")),
        # Of customers: an invoice is no order.
        NO_PURCHASES: _count(
            orders.filter(is_customers, is_no_purchase, ~pl.col("is_invoice")), of=pl.col("invalid_reason")
        ),
        "nps": _count(responses.filter(pl.col("nps_score").is_not_null()), of=whose),
        "sci": _count(responses.filter("asks_sci"), of=whose),
        "points": _count(loyalty_events, of=whose),
    }
    found = pl.collect_all([counts[figure] for figure in wanted], engine="streaming")
    return pl.concat(
        rows.select(pl.lit(figure).alias("figure"), "of", "n") for figure, rows in zip(wanted, found, strict=True)
    )


def _count(rows: Frame, *, of: pl.Expr | None = None) -> Frame:
    n = pl.len().cast(pl.Int64).alias("n")
    return (
        rows.select(n, of=pl.lit(None, pl.String))
        if of is None
        else rows.group_by(of.cast(pl.String).alias("of")).agg(n)
    )


def _by_figure(counted: pl.DataFrame) -> defaultdict[str, dict[str, int]]:
    """Figure -> what it is of -> rows, the most first."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for figure, of, n in counted.sort("n", "of", descending=[True, False]).select(*COUNTED, "n").iter_rows():
        found[figure][of] = n
    return found


def count_figures(
    *,
    rfm: Frame,
    churn_risk: Frame,
    churn_model_card: Frame,
    actions_held_back: Frame,
    theme_coverage: Frame,
    customer_totals: Frame,
    sci: Frame,
    nps: Frame,
    points_ledger: Frame,
    construct_scores: Frame,
    count: Callable[[Collection[str]], pl.DataFrame],
    joined: tuple[int, int, int, str, int] | None = None,
) -> Figures:
    """The figures of a date from its tables, from what `count` gives of the rows of facts (`count_rows`, of all customers), and from
    identity (`find_joined`), whatever the date.

    `count` is given the figures that are wanted.
    """
    of_subject = {"nps": nps, "sci": sci, "points": points_ledger}
    empty = [subject for subject, table in of_subject.items() if not _has_rows(table)]
    churn = _churn_words(churn_model_card)
    thin = theme_coverage.filter(pl.col("pct_matched") < MIN_PCT_MATCHED).sort("source", "language")
    counts = pl.collect_all(
        [
            rfm.select(pl.len()),
            churn_risk.select(pl.len()),
            theme_coverage.select(pl.col("n_comments").sum()),
            theme_coverage.select(pl.col("n_matched").sum()),
        ],
        engine="streaming",
    )
    n_customers, n_scored, n_comments, n_matched = (int(each.item()) for each in counts)
    wanted = [*OF_ROWS, *empty, *([] if n_scored else [NO_PURCHASES])]
    of_rows = _by_figure(count(wanted))
    unscored = (
        construct_scores.group_by("survey_id", "construct")
        .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("score").count().alias("n_scores"), pl.col("is_withheld").any())
        .filter(pl.col("n_scores") == 0, ~pl.col("is_withheld"))
        .sort("survey_id", "construct")
        .select("survey_id", "construct", "n")
    )
    held = actions_held_back.group_by("cause").agg(pl.col("n_customers").sum()).collect()
    return Figures(
        n_customers=n_customers,
        n_scored=n_scored,
        rule=churn["rule"],
        same_for_all=churn["same_for_all"],
        bands_only=churn["bands_only"],
        n_told_consent=sum(of_rows[TOLD_CONSENT].values()),
        n_held_back=dict(held.iter_rows()),
        n_comments=n_comments,
        n_matched=n_matched,
        n_net_unsettled=sum(of_rows[NET_UNSETTLED].values()),
        thin_themes=tuple(thin.select("source", "language", "n_comments", "pct_matched").collect().iter_rows()),
        n_orders=sum(of_rows[N_ORDERS].values()),
        without_rate=of_rows[WITHOUT_RATE],
        no_purchases=of_rows[NO_PURCHASES],
        joined=joined,
        unscored=tuple(unscored.collect(engine="streaming").iter_rows()),
        nobody={subject: (sum(of_rows[subject].values()), of_rows[subject].get(ANONYMOUS, 0)) for subject in empty},
        totals=dict(customer_totals.group_by("outcome").agg(pl.len().cast(pl.Int64)).collect().iter_rows()),
    )


def _has_rows(table: Frame) -> bool:
    return table.head(1).collect().height > 0


def _churn_words(churn_model_card: Frame) -> dict[str, str | None]:
    """Figures of churn: `rule`, `same_for_all` or `bands_only`, whichever it is, from why the published model was chosen."""
    words: dict[str, str | None] = dict.fromkeys(("rule", "same_for_all", "bands_only"))
    for row in (
        churn_model_card.filter("chosen")
        .select("model", "why", "trained_at", "publishes", "publishes_why")
        .unique()
        .collect()
        .to_dicts()
    ):
        if row["model"] == "rule_by_days":
            # Who had ordered then is counted anew only when a model is due to be trained again.
            words["rule"] = f"{row['why']} on {row['trained_at']}, when that was last judged"
        elif row["publishes"] == "bands":
            words["bands_only"] = row["publishes_why"]
        elif row["model"] == "base_rate":
            words["same_for_all"] = row["why"]
    return words


def notice_rows(notices: list[Notice], as_of: date) -> pl.DataFrame:
    """The notices of a date, as the contract Notices has them."""
    return pl.DataFrame(
        [(as_of, notice.kind, notice.subject, notice.n, notice.message) for notice in notices],
        schema={"as_of_date": pl.Date, "kind": pl.String, "subject": pl.String, "n": pl.Int64, "message": pl.String},
        orient="row",
    )


def _no_sci(surveys: Mapping[str, SurveySettings]) -> Notice:
    if not surveys:
        words = "there is no survey"
    else:
        name, missing = min(
            ((name, _missing_roles(survey)) for name, survey in surveys.items()), key=lambda pair: len(pair[1])
        )
        words = (
            "no survey item has a role"
            if missing == list(ITEM_ROLES)
            else f"no item of survey {name} has role {' or '.join(missing)}"
        )
    return Notice(
        "no_sci_roles",
        "sci",
        len(surveys),
        f"{SCI_TABLES} have no class: {words}; one survey must ask for satisfaction, repurchase and recommend",
    )


def _missing_roles(survey: SurveySettings) -> list[str]:
    roles = {item.role for item in survey.items.values()}
    return [role for role in ITEM_ROLES if role not in roles]
