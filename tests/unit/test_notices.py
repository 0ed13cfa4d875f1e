"""What is empty and why: of a survey as it is configured, and of a shop after a night."""

from datetime import date
from functools import partial
from typing import Any

import polars as pl

from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.notices import (
    COUNTED,
    NO_PURCHASES,
    OF_ROWS,
    Figures,
    Notice,
    count_figures,
    count_rows,
    find_notices,
    notice_rows,
    survey_gaps,
)
from schemas.registry import SEGMENTS
from tests.unit.buckets import assert_counts_add_up
from tests.unit.contracts import follows
from tests.unit.lake import orders

FULL = Figures(
    n_customers=100,
    n_scored=80,
    rule=None,
    n_told_consent=1,
    n_held_back={},
    n_comments=10,
    n_matched=1,
    n_orders=1200,
)
ROLES = {
    "q1": {"scale": (1, 5), "role": "satisfaction"},
    "q2": {"scale": (1, 5), "role": "repurchase"},
    "q3": {"scale": (0, 10), "role": "recommend", "nps": True, "construct": "hope"},
}


def survey(**items: dict[str, Any]) -> SurveySettings:
    return SurveySettings.model_validate({"type": "relational", "items": items})


def notices(figures: Figures = FULL, consent: bool = False, **surveys: SurveySettings) -> list[Notice]:
    return find_notices(figures, surveys or {"care": survey(**ROLES)}, consent_without_flag=consent)


def changed(**figures: Any) -> Figures:
    return Figures(**{**FULL.__dict__, **figures})


def test_a_shop_with_everything_has_no_notice() -> None:
    assert notices() == []
    assert survey_gaps(survey(**ROLES)) == {}


def test_a_survey_without_the_net_promoter_question_leaves_its_tables_empty() -> None:
    (found,) = notices(care=survey(q1=ROLES["q1"], q2=ROLES["q2"], q3=ROLES["q3"] | {"nps": False}))
    assert (found.kind, found.subject, found.n) == ("no_nps_item", "nps", 1)
    assert found.message == (
        "nps_trend, nps_by and customer_nps are empty: no survey item has nps: true; "
        "give it to the question for recommendation on 0 to 10"
    )


def test_a_survey_that_no_answer_has_reached_leaves_its_tables_empty_and_that_is_told() -> None:
    found = notices(changed(nobody={"nps": (0, 0), "sci": (0, 0), "points": (0, 0)}))
    assert [(notice.kind, notice.subject, notice.n) for notice in found] == [
        ("no_nps_customer", "nps", 0),
        ("no_sci_customer", "sci", 0),
    ]
    assert found[1].message == (
        "sci_trend and customer_sci are empty: no answer to an item with a role has come yet; "
        "a source of entity surveys must bring it"
    )


def test_rows_that_reach_no_customer_are_told_with_the_way_out() -> None:
    found = notices(changed(nobody={"nps": (20, 20), "sci": (5, 0), "points": (10, 4)}))
    assert [(notice.subject, notice.n, notice.message) for notice in found] == [
        (
            "nps",
            20,
            "customer_nps is empty: none of the 20 answers to items with nps: true names a customer; map customer_id, email or phone",
        ),
        (
            "sci",
            5,
            "sci_trend and customer_sci are empty: all 5 answers to items with a role name customers whom no source of orders or "
            "customers has; see whether they have the same ids there (id_prefix)",
        ),
        (
            "points",
            10,
            "points_ledger is empty: of 10 loyalty events 4 name nobody, and the others customers whom no source of orders or "
            "customers has; see whether they have the same ids there (id_prefix)",
        ),
    ]


def test_a_question_that_no_survey_asks_is_told_once() -> None:
    empty = changed(nobody={"nps": (0, 0), "sci": (0, 0)})
    assert [notice.kind for notice in find_notices(empty, {}, consent_without_flag=False)] == [
        "no_nps_item",
        "no_sci_roles",
    ]


def test_one_survey_with_the_question_is_enough() -> None:
    assert notices(exit=survey(x={"scale": (1, 5)}), care=survey(**ROLES)) == []


def test_a_shop_without_a_survey_is_told_so() -> None:
    found = find_notices(FULL, {}, consent_without_flag=False)
    assert [(notice.kind, notice.n) for notice in found] == [("no_nps_item", 0), ("no_sci_roles", 0)]
    assert all("there is no survey" in notice.message for notice in found)


def test_the_roles_must_be_asked_together_in_one_survey() -> None:
    (found,) = notices(a=survey(q1=ROLES["q1"], q3=ROLES["q3"]), b=survey(q2=ROLES["q2"]))
    assert (found.kind, found.subject, found.n) == ("no_sci_roles", "sci", 2)
    assert found.message == (
        "sci_trend and customer_sci have no class: no item of survey a has role repurchase; "
        "one survey must ask for satisfaction, repurchase and recommend"
    )
    (found,) = notices(a=survey(x={"scale": (0, 10), "nps": True}))
    assert "no class: no survey item has a role" in found.message


def test_churn_by_days_says_why_and_what_would_change_it() -> None:
    (found,) = notices(changed(rule="the rule of days gives the bands: 80 customers with an order, below 500"))
    assert (found.kind, found.subject, found.n) == ("churn_by_days", "churn", 80)
    assert found.message == (
        "customer_churn_risk has no probabilities, the rule of days gives the bands: 80 customers with an order, below 500; "
        "a model needs churn.min_customers customers with an order, churn.min_window_customers of them a full "
        "churn.horizon_days ago"
    )
    assert notices(changed(rule="none", n_scored=0)) == []


def test_where_probabilities_do_not_hold_the_closing_lines_say_why_and_what_may_mend_it() -> None:
    (found,) = notices(changed(bands_only="mean calibration error 0.0609 over 3 cuts, limit 0.05"))
    assert (found.kind, found.subject, found.n) == ("churn_bands_only", "churn", 80)
    assert found.message == (
        "customer_churn_risk has bands and reasons, but no probabilities and no expected values, as those of the model do not "
        "hold: mean calibration error 0.0609 over 3 cuts, limit 0.05; a longer history, with the same seasons "
        "in it, may mend it, or raise churn.max_calibration_error"
    )


def test_where_nothing_beats_the_base_rate_the_rule_of_days_gives_the_bands_and_that_is_told() -> None:
    (found,) = notices(changed(same_for_all="chosen: lowest"))
    assert (found.kind, found.n) == ("churn_by_days", 80)
    assert "the rule of days gives the bands" in found.message
    assert "base_rate is chosen: lowest; more history" in found.message


def test_where_nobody_is_known_to_accept_marketing_that_is_told_unless_it_is_assumed() -> None:
    nobody = changed(n_told_consent=0)
    (found,) = notices(nobody)
    assert (found.kind, found.subject, found.n) == ("no_consent_known", "next_action", 100)
    assert found.message.startswith("no source says which customers accept marketing")
    assert notices(nobody, consent=True) == []


def test_actions_that_were_held_back_are_counted() -> None:
    (found,) = notices(changed(n_held_back={"no_consent": 1200, "contact_pause": 34}))
    assert (found.kind, found.subject, found.n) == ("held_back", "next_action", 1234)
    assert found.message == (
        "next actions due but held back: 1,234 (34 too soon after a contact, 1,200 without consent); see actions_held_back"
    )


def test_actions_held_back_without_consent_are_not_told_beside_that_no_source_tells_it() -> None:
    found = notices(changed(n_told_consent=0, n_held_back={"no_consent": 12, "repeat_pause": 3}))
    assert [(notice.kind, notice.n) for notice in found] == [("no_consent_known", 100), ("held_back", 3)]


def test_comments_of_which_none_mentions_a_theme_are_told() -> None:
    (found,) = notices(changed(n_matched=0))
    assert (found.kind, found.subject, found.n) == ("no_theme_matched", "themes", 10)
    assert notices(changed(n_matched=0, n_comments=0)) == []


def test_a_source_and_language_of_which_few_comments_mention_a_theme_are_told() -> None:
    (found,) = notices(changed(n_comments=200, thin_themes=(("stars", "pt", 120, 2.5), ("care", "de", 40, 0.0))))
    assert (found.kind, found.subject, found.n) == ("few_themes_matched", "themes", 160)
    assert found.message.startswith("themes cover 2% of 120 pt comments of stars, 0% of 40 de comments of care; write ")


def test_orders_of_which_it_is_open_what_was_paid_are_told() -> None:
    (found,) = notices(changed(n_net_unsettled=3))
    assert (found.kind, found.subject, found.n) == ("net_unsettled", "orders", 3)
    assert found.message.startswith("orders whose export leaves open how much was paid: 3; ")


NO_ROWS = {
    "orders": orders_as_of(orders().lazy(), as_of=date(2026, 6, 30)),
    "customers": pl.LazyFrame(schema={"accepts_marketing": pl.Boolean}),
    "responses": pl.LazyFrame(schema={"customer_id": pl.String, "nps_score": pl.Float64, "asks_sci": pl.Boolean}),
    "loyalty_events": pl.LazyFrame(schema={"customer_id": pl.String}),
}


def test_what_is_counted_in_rows_of_some_customers_adds_up_to_what_all_have() -> None:
    kinds = [("pending", False), ("paid", True), ("returned", None), ("paid", False)]
    placed = [
        {"customer_id": who, "ordered_at": "2026-06-01", "status": status, "is_net_unsettled": is_unsettled}
        | {"gross_amount": 100, "currency": currency}
        for who in ("a", "b", "c", None)
        for status, is_unsettled in kinds
        for currency in ("EUR", "USD")
    ]
    of_orders = orders_as_of(orders(*placed).lazy(), as_of=date(2026, 6, 30)).with_columns(
        is_unpriced=pl.col("currency") == "USD", original_currency="currency"
    )
    said = pl.DataFrame(
        {"customer_id": ["a", "b", None], "nps_score": [9.0, None, 1.0], "asks_sci": [True, True, False]}
    )
    tables = (
        pl.DataFrame({"customer_id": ["a", "b", "c"], "accepts_marketing": [None, False, True]}),
        of_orders.collect(),
        said,
        said.select("customer_id"),
    )

    def counted(*given: pl.DataFrame) -> pl.DataFrame:
        names = ("customers", "orders", "responses", "loyalty_events")
        wanted = (*OF_ROWS, NO_PURCHASES, "nps", "sci", "points")
        return count_rows(wanted, **{name: rows.lazy() for name, rows in zip(names, given, strict=True)})

    assert {*counted(*tables)["figure"]} == {*OF_ROWS, NO_PURCHASES, "nps", "sci", "points"}
    assert_counts_add_up(counted, *tables, by=COUNTED)


def test_figures_are_counted_from_the_tables_of_a_date() -> None:
    coverage = pl.LazyFrame(
        [
            ("stars", "nl", 29, 0, None),
            ("stars", "pt", 100, 9, 9.0),
            ("stars", "en", 100, 10, 10.0),
            ("care", "de", 40, 1, 2.5),
        ],
        schema=["source", "language", "n_comments", "n_matched", "pct_matched"],
        orient="row",
    )
    card = pl.LazyFrame(
        {
            "model": ["rule_by_days", "bg_nbd"],
            "chosen": [True, False],
            "why": ["the rule, because", "no"],
            "publishes": [None, "bands"],
            "publishes_why": ["the rule, because", "error 0.06"],
            "trained_at": [date(2026, 11, 23), date(2026, 11, 23)],
        }
    )
    figures = count_figures(
        rfm=pl.LazyFrame({"customer_id": ["a", "b", "c"]}),
        churn_risk=pl.LazyFrame({"customer_id": ["a", "b"]}),
        churn_model_card=card,
        actions_held_back=pl.LazyFrame(
            {"cause": ["no_consent", "contact_pause", "no_consent"], "n_customers": [2, 4, 1]}
        ),
        theme_coverage=coverage,
        customer_totals=pl.LazyFrame({"outcome": ["agrees", "agrees", "fewer_orders"]}),
        sci=pl.LazyFrame({"customer_id": ["a"]}),
        nps=pl.LazyFrame({"customer_id": []}),
        points_ledger=pl.LazyFrame({"customer_id": []}),
        construct_scores=pl.LazyFrame(schema=SEGMENTS["construct_scores"].polars_schema),
        count=partial(
            count_rows,
            # Of three answers on 0 to 10 two name nobody, and one a stranger.
            responses=pl.LazyFrame(
                {
                    "customer_id": [None, -1, None, 7],
                    "nps_score": [9, 2, 7, None],
                    "asks_sci": [True, True, False, True],
                }
            ),
            loyalty_events=pl.LazyFrame({"customer_id": [None, None]}, schema={"customer_id": pl.Int64}),
            customers=pl.LazyFrame({"accepts_marketing": [None, False, True, None]}),
            orders=pl.LazyFrame(
                {
                    "is_net_unsettled": [True, None, False, True, None],
                    "is_unpriced": [True, False, True, True, False],
                    "original_currency": ["GBP", "USD", "USD", "USD", None],
                }
            ),
        ),
    )
    thin = (("care", "de", 40, 2.5), ("stars", "pt", 100, 9.0))
    assert figures == Figures(
        3,
        2,
        "the rule, because on 2026-11-23, when that was last judged",
        2,
        {"no_consent": 3, "contact_pause": 4},
        269,
        20,
        thin_themes=thin,
        n_net_unsettled=2,
        n_orders=5,
        without_rate={"USD": 2, "GBP": 1},
        totals={"agrees": 2, "fewer_orders": 1},
        nobody={"nps": (3, 2), "points": (2, 2)},
    )
    other = count_figures(
        rfm=pl.LazyFrame({"customer_id": []}),
        churn_risk=pl.LazyFrame({"customer_id": []}),
        churn_model_card=card.with_columns(chosen=~pl.col("chosen")),
        actions_held_back=pl.LazyFrame(schema={"cause": pl.String, "n_customers": pl.Int64}),
        theme_coverage=coverage.clear(),
        customer_totals=pl.LazyFrame(schema={"outcome": pl.String}),
        sci=pl.LazyFrame({"customer_id": []}),
        nps=pl.LazyFrame({"customer_id": ["a"]}),
        points_ledger=pl.LazyFrame({"customer_id": ["a"]}),
        construct_scores=pl.LazyFrame(schema=SEGMENTS["construct_scores"].polars_schema),
        count=partial(count_rows, **NO_ROWS),
    )
    assert other == Figures(0, 0, None, 0, {}, 0, 0, bands_only="error 0.06", nobody={"sci": (0, 0)})


def test_a_shop_where_no_order_is_a_purchase_is_told_why() -> None:
    (found,) = notices(changed(n_scored=0, no_purchases={"status_pending": 1_300, "status_cancelled": 20}))
    assert (found.kind, found.subject, found.n) == ("no_purchase", "orders", 1_320)
    assert found.message == (
        "no order of a customer is a purchase (status_pending 1,300, status_cancelled 20), so nobody has scores, a churn band or "
        "a cohort, and everybody is a prospect; a mapping must return paid, shipped or delivered, as rfm.valid_statuses says"
    )


def test_orders_that_are_no_purchase_are_counted_by_reason_where_nobody_has_bought() -> None:
    placed = [
        {"customer_id": "a", "status": "pending", "gross_amount": 100},
        {"customer_id": "a", "status": "pending", "gross_amount": 100},
        {"customer_id": "b", "status": "paid", "gross_amount": 100, "refund_amount": 100},
        {"customer_id": "b", "status": "paid", "gross_amount": 0},
        # Nobody's, and a cancellation invoice, which is no order.
        {"customer_id": None, "status": "paid", "gross_amount": 100},
        {"customer_id": "a", "status": "returned", "gross_amount": 0, "refund_amount": 10},
    ]
    given = orders(*({"ordered_at": "2026-06-01"} | order for order in placed))
    nothing = {name: pl.LazyFrame(schema=SEGMENTS[name].polars_schema) for name in EMPTY}
    figures = count_figures(
        **nothing,
        count=partial(count_rows, **NO_ROWS | {"orders": orders_as_of(given.lazy(), as_of=date(2026, 6, 30))}),
    )
    assert dict(figures.no_purchases) == {"status_pending": 2, "free": 1, "fully_refunded": 1}


EMPTY = (
    *("rfm", "churn_risk", "churn_model_card", "actions_held_back", "theme_coverage", "customer_totals", "sci", "nps"),
    *("points_ledger", "construct_scores"),
)


def test_constructs_that_no_response_has_a_score_of_are_told() -> None:
    scores = {"q": [None, None], "hope": [None, 50.0], "withheld": [None, None]}
    rows = [
        {"survey_id": "care", "construct": name, "score": score, "is_withheld": name == "withheld"}
        for name, of_responses in scores.items()
        for score in of_responses
    ]
    nothing = {name: pl.LazyFrame(schema=SEGMENTS[name].polars_schema) for name in EMPTY}
    figures = count_figures(
        **(nothing | {"construct_scores": pl.LazyFrame(rows, schema_overrides={"score": pl.Float64})}),
        count=partial(count_rows, **NO_ROWS),
    )
    assert figures.unscored == (("care", "q", 2),)
    asked = ROLES | {"q4": {"scale": (1, 5), "construct": "q"}}
    # A construct that the survey had before, and has no more, is not told.
    (found,) = notices(changed(unscored=(*figures.unscored, ("care", "former", 9))), care=survey(**asked))
    assert (found.kind, found.subject, found.n) == ("no_construct_score", "constructs", 1)
    assert found.message == (
        "nobody has a score of q of survey care (responses: 2): each response answers a smaller share of its items than "
        "constructs.min_answered; where an item has had two names, return both as one column in the mapping"
    )


def test_orders_without_a_rate_are_counted_with_their_currencies() -> None:
    (found,) = notices(changed(without_rate={"USD": 30, "GBP": 12}))
    assert (found.kind, found.subject, found.n) == ("orders_without_rate", "orders", 42)
    assert found.message == (
        "orders in USD, GBP without a rate for their date: 42 of 1,200; they have no amount, and are no purchase in any table; give rates under currency.rates"
    )


def test_notices_are_rows_of_their_contract() -> None:
    day = date(2026, 6, 30)
    for found in ([], notices(changed(n_matched=0, n_held_back={"no_consent": 2}))):
        rows = notice_rows(found, day)
        follows(SEGMENTS["notices"], rows)
        assert rows.height == len(found)


def test_totals_that_differ_from_the_list_of_the_shop_are_told_with_those_that_agree() -> None:
    # Of these 300 nobody can compare the amounts of six, so they are neither among those that agree nor those that differ.
    totals = {"agrees": 290, "spent_differs": 2, "more_orders": 2, "other_currency": 4, "no_amount": 2}
    (found,) = notices(changed(totals=totals))
    assert (found.kind, found.subject, found.n) == ("totals_differ", "orders", 4)
    assert found.message == (
        "of 300 customers with orders here or in the shop's own list, 290 (96.7%) have the same totals in both; "
        "2 have as many orders and another amount, "
        "2 have more orders here (the list is older, or another shop has sold to them), "
        "4 have as many orders, some in another currency, so their amounts are not compared, "
        "2 have as many orders, and no amount in the list to compare; see quality.customer_totals"
    )
    assert notices(changed(totals={"agrees": 294, "other_currency": 4, "no_amount": 2})) == []


def test_a_customer_with_remarkably_many_identifiers_is_told_with_what_they_share_and_the_way_out() -> None:
    (found,) = notices(changed(joined=(1, 60, 61, "email", 60)))
    assert (found.kind, found.subject, found.n) == ("many_joined", "customers", 1)
    assert found.message == (
        "customers with remarkably many identifiers: 1; the largest has 121 (accounts: 60, e-mail addresses: 61), as one e-mail address "
        "stands in rows of 60 accounts; if it is the shop's own, as for orders by phone, return null in its place in the mapping, and "
        "`loyalty run --rebuild` the tables that have it; see n_identifiers in dim_customers, and n_rows in identity"
    )
    (found,) = notices(changed(joined=(2, 1, 1200, "account", 1200)))
    assert (
        "(accounts: 1, e-mail addresses: 1,200), as one account stands in rows of 1,200 e-mail addresses"
        in found.message
    )
