import re
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import ValidationError

from pipeline.core.attitude.comments import read_texts, with_themes
from pipeline.core.attitude.lexicon import Theme
from pipeline.core.attitude.nps import count_nps_responses
from pipeline.core.attitude.settings import NpsSettings, ThemesSettings
from pipeline.core.attitude.shipped_themes import SHIPPED_THEMES
from pipeline.core.attitude.themes import (
    ThemeCounts,
    add_themes,
    count_themes,
    find_themes,
    nps_by_theme,
    orders_of_others,
    theme_coverage,
)
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import review_text
from pipeline.core.frames import Frame
from pipeline.sources.demo.texts import SENTENCES
from schemas.types import LANGUAGES
from tests.unit.lake import answered, assert_rows_in_any_order_agree, customers, orders, segment, table

AS_OF = date(2026, 6, 30)
WORDS = ThemesSettings(
    use_shipped=False,
    min_n=1,
    lexicon={
        "delivery": Theme(
            words={"nl": ["lever*", "te laat"], "en": ["delivery"]}, construct="care", pillar="reliability"
        ),
        "price": Theme(words={"nl": ["prijs", "*kosten"], "en": ["price"]}),
    },
)
Row = dict[str, Any]
STRANGER, LOST = "stranger", "lost"
"""Whom, and which order, the lake does not know; everybody else who writes is a customer, and every other order is there."""
BUYER = "buyer"
"""Who placed every order."""


def wrote(
    customer: str | None, comment: str | None, score: float | None = None, on: str = "2026-06-01", **more: Any
) -> Row:
    """A survey response with an open answer and, with a score, an answer to the Net Promoter question."""
    sent = {"response_id": f"{customer} {on}", "customer_id": customer, "submitted_at": on}
    return sent | {"comment": comment, "score": score} | more


def reviewed(number: str, body: str | None, rating: float = 5, on: str = "2026-06-01", **more: Any) -> Row:
    return {"review_id": number, "body": body, "rating": rating, "created_at": on} | more


def inputs(
    answers: list[Row], reviews: list[Row] | None = None, by: ThemesSettings = WORDS
) -> tuple[pl.DataFrame, ...]:
    sent = [{key: value for key, value in row.items() if key != "score"} for row in answers]
    scores = [
        {"response_id": row["response_id"], "item_id": "q1", "is_nps": True, "value": row["score"]}
        | {"scale_min": 0, "scale_max": 10}
        for row in answers
        if row["score"] is not None
    ]
    named = {row.get("customer_id") for row in [*answers, *(reviews or [])]} - {None, STRANGER}
    said = answered(table("survey_responses", sent), table("survey_answers", scores))
    about = {row.get("order_id") for row in [*answers, *(reviews or [])]} - {None, LOST}
    placed = orders(*({"order_id": order, "customer_id": BUYER, "ordered_at": "2026-01-01"} for order in sorted(about)))
    known = customers(*sorted(named), BUYER)
    return read(said, pl.col("comment"), by), known, read(table("reviews", reviews or []), review_text(), by), placed


def read(rows: pl.DataFrame, text: pl.Expr, by: ThemesSettings) -> pl.DataFrame:
    """The rows with what their texts say, as facts have it."""
    texts = [text for text in rows.select(text=text)["text"].unique().sort() if text]
    said = read_texts(texts, themes=by.known_themes, language="nl")
    return with_themes(rows.lazy(), text, said.lazy()).collect()


def find(by: ThemesSettings = WORDS) -> Callable[..., Frame]:
    def compute(responses: Frame, known: Frame, reviews: Frame, placed: Frame) -> Frame:
        counted = count_nps_responses(responses, known, as_of=AS_OF, settings=NpsSettings())
        placed = orders_as_of(placed, as_of=AS_OF)
        return find_themes(responses, reviews, counted, known, placed, as_of=AS_OF, settings=by)

    return compute


def summarise(by: ThemesSettings = WORDS) -> Callable[..., Frame]:
    return lambda *frames: nps_by_theme(counted(find(by)(*frames)), as_of=AS_OF, settings=by)


def counted(mentions: Frame) -> ThemeCounts:
    return add_themes([count_themes(mentions)])


def found(answers: list[Row], reviews: list[Row] | None = None, by: ThemesSettings = WORDS) -> pl.DataFrame:
    return segment("comment_themes", find(by), *inputs(answers, reviews, by))


def summary(
    answers: list[Row], reviews: list[Row] | None = None, by: ThemesSettings = WORDS
) -> dict[tuple[str, str], Row]:
    rows = segment("nps_themes", summarise(by), *inputs(answers, reviews, by))
    return {(row["series"], row["theme"]): row for row in rows.iter_rows(named=True)}


def themes_of(comment: str | None, by: ThemesSettings = WORDS) -> list[str]:
    return found([wrote("a", comment)], by=by)["theme"].to_list()


# Finding


def test_a_comment_has_every_theme_it_mentions_once_and_else_it_is_unmatched() -> None:
    assert themes_of("Levering te laat, de prijs ook: delivery!") == ["delivery", "price"]
    assert themes_of("Prima") == ["unmatched"]


def test_a_response_or_review_without_a_text_is_no_comment() -> None:
    assert found([wrote("a", None, 9)], [reviewed("v1", None)]).height == 0


def test_title_and_text_of_a_review_are_one_comment() -> None:
    rows = found([], [reviewed("v1", "goede prijs", title="Levering"), reviewed("v2", None, title="Prijs")])
    assert rows.select("subject_kind", "subject_id", "theme").rows() == [
        ("review", "v1", "delivery"),
        ("review", "v1", "price"),
        ("review", "v2", "price"),
    ]


def test_comments_count_on_the_local_days_of_the_window() -> None:
    week = WORDS.model_copy(update={"window_days": 7})
    # 22:00 UTC is the next local day in Amsterdam in summer: the window is 24 to 30 June.
    moments = {"a": "2026-06-23 21:59", "b": "2026-06-23 22:00", "c": "2026-06-30 21:59", "d": "2026-06-30 22:00"}
    rows = found([wrote(name, "prijs", on=on) for name, on in moments.items()], by=week)
    assert rows["customer_id"].sort().to_list() == ["b", "c"]
    rows = found([], [reviewed(name, "prijs", on=on) for name, on in moments.items()], by=week)
    assert rows["subject_id"].to_list() == ["b", "c"]


def test_a_comment_has_the_class_of_its_response_only_where_that_counts() -> None:
    rows = found(
        [wrote("a", "prijs", 0, "2026-05-01"), wrote("a", "prijs", 10), wrote("b", "prijs"), wrote(None, "prijs", 9)]
    )
    classes = dict(rows.select("subject_id", "nps_class").iter_rows())
    nobody = {"None 2026-06-01": "promoter"}
    assert classes == nobody | {"a 2026-05-01": None, "a 2026-06-01": "promoter", "b 2026-06-01": None}


def test_a_review_has_the_class_of_the_response_about_the_same_order_transactional_first() -> None:
    about = [
        wrote("a", None, 10, order_id="o1"),
        wrote("a", None, 0, "2026-05-01", order_id="o1", survey_type="transactional"),
        wrote("b", None, 10, order_id="o2"),
    ]
    written = [
        reviewed("v1", "prijs", 1, order_id="o1"),
        reviewed("v2", "prijs", 2, order_id="o2"),
        reviewed("v3", "prijs", 5, order_id="o3"),
        reviewed("v4", "prijs", 5),
    ]
    columns = ["subject_id", "response_id", "survey_type", "nps_class", "rating_pomp"]
    assert found(about, written).select(columns).rows() == [
        ("v1", "a 2026-05-01", "transactional", "detractor", 0),
        ("v2", "b 2026-06-01", "relational", "promoter", 25),
        ("v3", None, None, None, 100),
        ("v4", None, None, None, 100),
    ]


def test_the_coverage_counts_comments_with_a_theme_by_source_and_language() -> None:
    answers = [wrote("a", "de prijs en de levering"), wrote("b", "heel mooi spul"), wrote("c", "the price is right")]
    reviews = [reviewed("v1", "de prijs valt mee", source="stars"), reviewed("v2", None, source="stars")]
    two = WORDS.model_copy(update={"min_n": 2})

    def cover(*frames: Frame) -> Frame:
        return theme_coverage(counted(find()(*frames)), as_of=AS_OF, settings=two)

    rows = segment("theme_coverage", cover, *inputs(answers, reviews)).drop("as_of_date")
    assert rows.rows() == [
        ("stars", "nl", 1, 1, None, True),
        ("test", "en", 1, 1, None, True),
        ("test", "nl", 2, 1, 50.0, False),
    ]


# Summary


def test_the_pull_is_what_the_score_owes_to_those_who_mention_the_theme() -> None:
    # With: one promoter, three detractors: -50. Without: four promoters, two passives: 66.67. All ten: 5 - 3 = 20.
    answers = [wrote(f"w{n}", "prijs", score) for n, score in enumerate((10, 0, 0, 6))]
    answers += [wrote(f"o{n}", "prima", score) for n, score in enumerate((9, 9, 9, 10, 7, 8))]
    rows = summary([*answers, wrote("silent", None, 0)])
    row = rows["relational", "price"]
    assert (row["n_scored"], row["nps"], row["n_without"], row["nps_without"]) == (4, -50, 6, pytest.approx(200 / 3))
    assert row["pull"] == pytest.approx(20 - 200 / 3)
    assert (row["n_promoters"], row["n_passives"], row["n_detractors"]) == (1, 0, 3)
    assert (row["pct_of_promoters"], row["pct_of_passives"], row["pct_of_detractors"]) == (20, 0, 100)
    assert (rows["relational", "all"]["nps"], rows["relational", "all"]["pull"]) == (20, None)
    assert rows["relational", "unmatched"]["nps"] == pytest.approx(200 / 3)


def test_the_coverage_is_the_share_of_comments_with_a_theme() -> None:
    rows = summary([wrote("a", "prijs te laat"), wrote("b", "levering"), wrote("c", "mooi"), wrote("d", "goed")])
    shares = {theme: (row["n_comments"], row["pct_of_comments"]) for (_, theme), row in rows.items()}
    assert shares == {"all": (4, 100), "matched": (2, 50), "unmatched": (2, 50), "delivery": (2, 50), "price": (1, 25)}


def test_a_response_counts_once_though_its_review_says_the_same_again() -> None:
    rows = summary([wrote("a", "prijs", 10, order_id="o1")], [reviewed("v1", "prijs", order_id="o1")])
    row = rows["relational", "price"]
    assert (row["n_comments"], row["n_scored"], row["n_rated"]) == (2, 1, 1)


def test_stars_make_no_promoter() -> None:
    rows = summary([], [reviewed("v1", "prijs", 5), reviewed("v2", "prijs", 2), reviewed("v3", "mooi", 5)])
    assert {series for series, _ in rows} == {"review"}
    row = rows["review", "price"]
    assert (row["n_comments"], row["n_rated"], row["mean_rating_pomp"]) == (2, 2, 62.5)
    assert (row["n_scored"], row["nps"], row["pull"], row["is_suppressed"]) == (0, None, None, False)


def test_votes_of_others_weigh_a_review() -> None:
    rows = summary([], [reviewed("v1", "prijs", helpful_votes=3), reviewed("v2", "prijs")])
    assert (rows["review", "price"]["n_comments"], rows["review", "price"]["n_weighted"]) == (2, 5)


def test_comments_of_nobody_count_and_are_told() -> None:
    nobody = [wrote(None, "prijs", score, response_id=f"n{score}") for score in (9, 10)]
    row = summary([wrote("a", "prijs", 0), *nobody], [reviewed("v1", "prijs")])["relational", "price"]
    assert (row["n_comments"], row["n_anonymous"], row["n_scored"], row["n_promoters"]) == (3, 2, 3, 2)
    row = summary([], [reviewed("v1", "prijs"), reviewed("v2", "prijs", customer_id="a")])["review", "price"]
    assert (row["n_comments"], row["n_anonymous"]) == (2, 1)


def test_a_comment_of_a_stranger_is_nobodys_as_in_the_tables_of_responses_and_reviews() -> None:
    answers = [wrote("a", "prijs"), wrote(STRANGER, "prijs")]
    reviews = [reviewed("v1", "prijs", customer_id="b"), reviewed("v2", "prijs", customer_id=STRANGER)]
    rows = found(answers, reviews).sort("subject_id")
    assert rows.select("subject_id", "customer_id").rows() == [
        ("a 2026-06-01", "a"),
        (f"{STRANGER} 2026-06-01", None),
        ("v1", "b"),
        ("v2", None),
    ]
    row = summary([], reviews)["review", "price"]
    assert (row["n_comments"], row["n_anonymous"]) == (2, 1)


def test_a_comment_about_an_order_that_is_not_there_concerns_none_and_a_review_is_of_who_placed_its_order() -> None:
    answers = [wrote("a", "prijs", 10, order_id=LOST), wrote("b", "prijs", 0, order_id="o1")]
    answers.append(wrote(None, "prijs", order_id="o1"))
    reviews = [reviewed("v1", "prijs", order_id=LOST), reviewed("v2", "prijs", order_id="o1")]
    reviews.append(reviewed("v3", "prijs", order_id="o1", customer_id="c"))
    rows = found(answers, reviews).select("subject_id", "customer_id", "order_id", "response_id", "nps_class")
    assert rows.sort("subject_id").rows() == [
        ("None 2026-06-01", None, "o1", "None 2026-06-01", None),
        ("a 2026-06-01", "a", None, "a 2026-06-01", "promoter"),
        ("b 2026-06-01", "b", "o1", "b 2026-06-01", "detractor"),
        # Two who name the same order that is not there need not mean the same one.
        ("v1", None, None, None, None),
        ("v2", BUYER, "o1", "b 2026-06-01", "detractor"),
        ("v3", "c", "o1", "b 2026-06-01", "detractor"),
    ]
    assert summary([], reviews)["review", "price"]["n_anonymous"] == 1


def test_survey_types_are_separate_series() -> None:
    rows = summary([wrote("a", "prijs", 10), wrote("b", "prijs", 0, survey_type="transactional")])
    assert (rows["relational", "price"]["nps"], rows["transactional", "price"]["nps"]) == (100, -100)


def test_figures_of_too_few_are_suppressed_with_their_counts() -> None:
    answers = [wrote("a", "prijs", 10), wrote("b", "prijs", 0), wrote("c", "mooi", 10), wrote("d", "mooi", 9)]
    three = WORDS.model_copy(update={"min_n": 3})
    row = summary(answers, by=three)["relational", "price"]
    assert (row["n_scored"], row["n_without"], row["is_suppressed"]) == (2, 2, True)
    hidden = ("nps", "nps_low", "nps_high", "nps_without", "z_without", "p_without", "pull", "pct_of_detractors")
    assert [row[name] for name in hidden] == [None] * len(hidden)
    two = WORDS.model_copy(update={"min_n": 2})
    row = summary(answers, by=two)["relational", "price"]
    assert (row["is_suppressed"], row["nps"], row["nps_without"], row["pull"]) == (False, 0, 100, -50)
    row = summary([], [reviewed("v1", "prijs"), reviewed("v2", "prijs")], by=three)["review", "price"]
    assert (row["n_rated"], row["mean_rating_pomp"], row["is_suppressed"]) == (2, None, True)


def test_a_theme_is_labelled_with_what_it_speaks_of() -> None:
    rows = summary([wrote("a", "levering en prijs")])
    labels = {theme: (row["construct"], row["pillar"]) for (_, theme), row in rows.items()}
    assert labels["delivery"] == ("care", "reliability")
    assert labels["price"] == labels["all"] == (None, None)


def test_without_comments_there_are_no_themes() -> None:
    assert found([]).height == 0
    assert summary([]) == {}


# The lexicon


def test_the_shipped_lexicon_can_be_searched_for_and_covers_all_constructs_and_pillars() -> None:
    for name, theme in SHIPPED_THEMES.items():
        theme.prove(name)
        assert set(theme.words) == set(LANGUAGES)
    assert len({theme.construct for theme in SHIPPED_THEMES.values()} - {None}) == 8
    assert len({theme.pillar for theme in SHIPPED_THEMES.values()} - {None}) == 4


DEMO_THEMES = ("delivery", "packaging", "service", "choice", "price", "website")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_shipped_lexicon_finds_the_theme_of_every_sentence_of_the_demo_shop(language: str) -> None:
    said = {sentence: theme for theme, pair in zip(DEMO_THEMES, SENTENCES[language], strict=True) for sentence in pair}
    rows = found([], [reviewed(sentence, sentence) for sentence in said], by=ThemesSettings())
    assert set(said.items()) <= set(rows.select("subject_id", "theme").iter_rows())


def test_a_sentence_of_everyday_praise_has_no_theme() -> None:
    for sentence in (
        "Helemaal top, ga zo door!",
        "Very happy, thank you.",
        "Estou muito feliz com o produto original.",
    ):
        assert themes_of(sentence, ThemesSettings()) == ["unmatched"]


def test_an_own_theme_stands_beside_the_shipped_ones_or_takes_the_place_of_one() -> None:
    own = ThemesSettings(lexicon={"price": Theme(words={"de": ["preis*"]}), "gifts": Theme(words={"en": ["gift*"]})})
    assert themes_of("Der Preis ist nicht ohne", own) == ["price"]
    assert themes_of("It was a gift for my mother", own) == ["gifts"]
    assert themes_of("Dat is te duur", own) == ["unmatched"]
    assert set(own.known_themes) == {*SHIPPED_THEMES, "gifts"}


@pytest.mark.parametrize(
    ("lexicon", "message"),
    [
        ({"all": {"words": {"en": ["x"]}}}, "theme 'all' has the name of a row over several themes"),
        ({"price": {"words": {"en": []}}}, "theme 'price' has no words"),
        ({"price": {"words": {"en": ["*"]}}}, "word '*' would be found everywhere"),
        ({"price": {"words": {"en": ["sp*l"]}}}, "word 'sp*l' has a * in the middle"),
        ({"price": {"words": {"en": ["~ cheap"]}}}, "word '~ cheap' has a ~ at its end"),
        ({"price": {"words": {"en": ["/(/"]}}}, "'/(/' is not a regular expression"),
        ({"price": {"words": {"en": ["x"]}, "construct": "kindness"}}, "construct"),
        ({"price": {"words": {"en": ["x"]}, "colour": "red"}}, "colour"),
    ],
)
def test_a_theme_that_cannot_be_searched_for_is_refused(lexicon: dict[str, Any], message: str) -> None:
    # Not `as error`: with the error in a local of this frame, pydantic's error and the frame would hold each other for ever.
    with pytest.raises(ValidationError, match=re.escape(message)):
        ThemesSettings.model_validate({"lexicon": lexicon})


def test_a_lexicon_without_any_theme_is_refused() -> None:
    with pytest.raises(ValidationError, match="lexicon: needs at least one theme"):
        ThemesSettings(use_shipped=False)


# Properties


def test_theme_tables_do_not_depend_on_the_order_of_rows() -> None:
    given = inputs(
        [
            wrote("a", "Levering TE LAAT, prijs", 2, order_id="o1"),
            wrote("b", "mooi", 9),
            wrote("c", "in het cafe\u0301 bezorgd, prijséé", 7, survey_type="transactional"),
            wrote("d", None, 10, order_id="o2"),
            wrote(None, "verzendkosten"),
        ],
        [
            reviewed("v1", "delivery", 1, order_id="o2", title="Prijs", helpful_votes=2),
            reviewed("v2", "mooi", 4),
            reviewed("v3", None, 4),
        ],
    )
    assert_rows_in_any_order_agree("comment_themes", find(), *given)
    mentions = segment("comment_themes", find(), *given)
    assert_rows_in_any_order_agree(
        "nps_themes", lambda rows: nps_by_theme(counted(rows), as_of=AS_OF, settings=WORDS), mentions
    )


def test_a_response_counts_once_though_it_scores_the_review_of_another_bucket() -> None:
    # Ann answers about an order that bob reviews, and both write about the price.
    answers = [wrote("ann", "prijs", 10, order_id="o1"), wrote("cis", "prijs levering", 2), wrote(None, "mooi")]
    mentions = segment(
        "comment_themes", find(), *inputs(answers, [reviewed("v", "prijs", 1, customer_id="bob", order_id="o1")])
    )
    buckets = [rows.lazy() for rows in mentions.partition_by("customer_id")]
    assert len(buckets) == 4
    ann = pl.LazyFrame({"response_id": ["ann 2026-06-01"]})

    def summed(parts: list[ThemeCounts]) -> list[pl.DataFrame]:
        found = add_themes(parts)
        tables = (theme_coverage(found, as_of=AS_OF, settings=WORDS), nps_by_theme(found, as_of=AS_OF, settings=WORDS))
        return [rows.collect().sort(pl.all()) for rows in tables]

    def scored(parts: list[ThemeCounts]) -> int:
        return int(
            summed(parts)[1].row(
                by_predicate=(pl.col("theme") == "price") & (pl.col("series") == "relational"), named=True
            )["n_scored"]
        )

    whole = [count_themes(mentions.lazy())]
    in_buckets = [count_themes(rows, ann) for rows in buckets]
    assert (scored(whole), scored(in_buckets)) == (2, 2)
    assert scored([count_themes(rows) for rows in buckets]) == 3
    for one, other in zip(summed(whole), summed(in_buckets), strict=True):
        assert_frame_equal(one, other)


def test_orders_of_others_are_those_that_somebody_speaks_of_who_has_not_placed_them() -> None:
    def speaks(name: str, customer: str | None, order: str | None, **more: Any) -> Row:
        return wrote(customer, None, 9, response_id=name, order_id=order) | more

    answers = [
        speaks("r1", BUYER, "own"),
        speaks("r2", "ann", "of_buyer"),
        speaks("r3", None, "of_nobody"),
        speaks("r4", "ann", "lost"),
        speaks("r5", "ann", None),
        speaks("r6", "ann", "later", submitted_at="2026-07-02"),
        speaks("r7", "ann", "silent") | {"score": None},
    ]
    reviews = [
        reviewed("v1", "prijs", order_id="reviewed", customer_id="ann"),
        reviewed("v2", None, order_id="starred", customer_id="ann"),
    ]
    said, _, written, placed = (rows.lazy() for rows in inputs(answers, reviews))
    found = orders_of_others(said, written, placed, as_of=AS_OF).collect()["order_id"]
    assert sorted(found) == ["lost", "of_buyer", "reviewed"]


COMMENTS = st.lists(
    st.tuples(st.sampled_from(["prijs", "levering", "prijs levering", "mooi"]), st.integers(0, 10)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=4)
@given(COMMENTS, st.randoms(use_true_random=False))
def test_counts_add_up_and_the_order_of_rows_changes_nothing(given: list[tuple[str, int]], random: Any) -> None:
    answers = [wrote(f"c{number}", text, score) for number, (text, score) in enumerate(given)]
    rows = summary(answers)
    assert rows == summary(random.sample(answers, len(answers)))
    n = {theme: row["n_scored"] for (_, theme), row in rows.items()}
    assert n["all"] == len(given) == n.get("matched", 0) + n.get("unmatched", 0)
    for (_, theme), row in rows.items():
        assert row["n_scored"] + row["n_without"] == len(given)
        assert row["nps_low"] <= row["nps"] <= row["nps_high"] or row["n_scored"] == 1
        if theme not in ("all",) and row["pull"] is not None:
            share = row["n_scored"] / len(given)
            assert row["pull"] == pytest.approx(share * (row["nps"] - row["nps_without"]), abs=1e-9)
