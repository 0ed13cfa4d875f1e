"""What customers of the demo shop say, and are asked: reviews, invitations and answers to the survey. What they do: `life`."""

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.sources.demo.draws import Bools, Floats, Purchases
from pipeline.sources.demo.model import CONSTRUCTS, ShopModel
from pipeline.sources.demo.texts import N_THEMES, sentences, themes, titles

SURVEY_ITEMS = ("tevredenheid", "opnieuw_kopen", "aanbevelen", *(f"c{n}" for n in range(1, len(CONSTRUCTS) + 1)))
DAY_SECONDS = 86_400


def write_reviews(purchases: Purchases, deliveries: pl.DataFrame, *, end: datetime, model: ShopModel) -> pl.DataFrame:
    """One row per review written before `end`, by time.

    `deliveries` has one row per element of `purchases`: order_id, customer_id, product_id, is_english, has_promise,
    is_late, arrives_at (null: never), attitude (before the delivery).
    """
    draws = purchases.uniforms(
        "review",
        ("writes", "wait", "title", "theme", "late", "more", "second", "product", "replies", "reply_wait", "verified"),
    )
    is_late = deliveries["is_late"].to_numpy()
    is_english = deliveries["is_english"].to_numpy()
    stars = _stars(purchases, deliveries, model)
    theme = themes(draws["theme"], is_late, draws["late"])
    other = (theme + 1 + (draws["second"] * (N_THEMES - 1)).astype(np.int64)) % N_THEMES
    # Only a late parcel gets a complaint about delivery from a happy customer; a middling review says one good thing, one bad.
    first = sentences(is_english, theme, (stars >= 4) & ~(is_late & (theme == 0)))
    second = sentences(is_english, other, (stars >= 3) & ~(is_late & (other == 0)))
    has_second = (stars == 3) | (draws["more"] < 0.4)
    return (
        deliveries.select("order_id", "customer_id", "product_id", "arrives_at")
        .with_columns(
            pl.Series("is_written", draws["writes"] < _share_that_reviews(is_late, model)),
            pl.Series("wait_s", ((1.0 - 5.0 * np.log1p(-draws["wait"])) * DAY_SECONDS).astype(np.int64)),
            pl.Series("stars", stars),
            pl.Series("language", np.where(is_english, "en", "nl").tolist(), dtype=pl.String),
            pl.Series("title", titles(is_english, stars, draws["title"]).tolist(), dtype=pl.String),
            pl.Series("first", first.tolist(), dtype=pl.String),
            pl.Series("second", np.where(has_second, " " + second, "").tolist(), dtype=pl.String),
            pl.Series("is_of_shop", draws["product"] < 0.5),
            pl.Series(
                "is_replied",
                draws["replies"] < np.where(stars <= 3, model.reply_share_low, model.reply_share_high),
            ),
            pl.Series("reply_s", (7200 - 86_400 * np.log1p(-draws["reply_wait"])).astype(np.int64)),
            pl.Series("is_verified", draws["verified"] < 0.93),
        )
        .with_columns(written_at=pl.col("arrives_at") + pl.duration(seconds="wait_s"))
        .filter(pl.col("is_written") & (pl.col("written_at") < end))
        .with_columns(replied_at=pl.col("written_at") + pl.duration(seconds="reply_s"))
        .with_columns(
            replied_at=pl.when(pl.col("is_replied") & (pl.col("replied_at") < end)).then("replied_at"),
            product_id=pl.when(~pl.col("is_of_shop")).then("product_id"),
        )
        .sort("written_at", "order_id")
        .select(
            review_id=pl.format("R{}", pl.int_range(pl.len()) + 1_000_001),
            order_id="order_id",
            customer_id="customer_id",
            product_id="product_id",
            stars="stars",
            title="title",
            body=pl.col("first") + pl.col("second"),
            language="language",
            is_verified="is_verified",
            written_at="written_at",
            replied_at="replied_at",
            changed_at=pl.max_horizontal("written_at", "replied_at"),
        )
    )


def _stars(purchases: Purchases, deliveries: pl.DataFrame, model: ShopModel) -> NDArray[np.int64]:
    """The rating that would be given: by attitude, by the promise kept or broken, and by chance."""
    is_late = deliveries["is_late"].to_numpy()
    delivery = np.where(is_late, model.stars_broken, model.stars_kept) * deliveries["has_promise"].to_numpy()
    noise = purchases.normals("review_noise", 1)[:, 0]
    attitude = deliveries["attitude"].to_numpy()
    stars = model.stars_mean + model.stars_per_attitude * attitude + delivery + model.stars_noise * noise
    return _answers(stars, 1, 5).astype(np.int64)


def answer_surveys(purchases: Purchases, deliveries: pl.DataFrame, *, end: datetime, model: ShopModel) -> pl.DataFrame:
    """One row per response to the relational survey sent before `end`, by time; a null answer was left blank.

    `deliveries` as for `write_reviews`. The loyalty answers follow a latent score, the weighted sum of the eight
    constructs by `ShopModel.construct_weights`.
    """
    draws = purchases.uniforms("survey", ("answers", "wait", "comments", "theme", "late"))
    attitude = deliveries["attitude"].to_numpy() + deliveries["attitude_step"].to_numpy()
    noise = purchases.normals("survey_noise", len(CONSTRUCTS) + 3)
    blank = purchases.uniforms("survey_blank", SURVEY_ITEMS)
    load = model.construct_loading
    constructs = load * attitude[:, None] + np.sqrt(1.0 - load**2) * noise[:, 3:]
    loyalty = constructs @ np.array(model.construct_weights)
    answers = {
        "tevredenheid": _answers(3.9 + 1.0 * loyalty + 0.5 * noise[:, 0], 1, 5),
        "opnieuw_kopen": _answers(4.0 + 1.1 * loyalty + 0.6 * noise[:, 1], 1, 5),
        "aanbevelen": _answers(7.8 + 1.9 * loyalty + 0.9 * noise[:, 2], 0, 10),
        **{f"c{n + 1}": _answers(4.6 + 1.1 * constructs[:, n], 1, 7) for n in range(len(CONSTRUCTS))},
    }
    is_late = deliveries["is_late"].to_numpy()
    theme = themes(draws["theme"], is_late, draws["late"])
    is_good = (answers["tevredenheid"] >= 4) & ~(is_late & (theme == 0))
    comment = sentences(deliveries["is_english"].to_numpy(), theme, is_good)
    return (
        deliveries.select("order_id", "customer_id", "arrives_at")
        .with_columns(
            pl.Series("is_answered", draws["answers"] < model.survey_share),
            pl.Series("wait_s", ((7.0 + 28.0 * draws["wait"]) * DAY_SECONDS).astype(np.int64)),
            pl.Series("comment", comment.tolist(), dtype=pl.String),
            pl.Series("has_comment", draws["comments"] < model.comment_share),
            *(pl.Series(item, answers[item].astype(np.int64)) for item in SURVEY_ITEMS),
            *(pl.Series(f"{item}_is_blank", blank[item] < model.blank_share) for item in SURVEY_ITEMS),
        )
        .with_columns(submitted_at=pl.col("arrives_at") + pl.duration(seconds="wait_s"))
        .filter(pl.col("is_answered") & (pl.col("submitted_at") < end))
        .sort("submitted_at", "order_id")
        .select(
            response_id=pl.format("A{}", pl.int_range(pl.len()) + 1_000_001),
            customer_id="customer_id",
            order_id="order_id",
            submitted_at="submitted_at",
            **{item: pl.when(~pl.col(f"{item}_is_blank")).then(item) for item in SURVEY_ITEMS},
            comment=pl.when("has_comment").then("comment"),
        )
    )


def invite_to_survey(
    purchases: Purchases, deliveries: pl.DataFrame, *, end: datetime, model: ShopModel
) -> pl.DataFrame:
    """One row per invitation to the survey sent before `end`, by time: one for each order that arrived.

    `deliveries` as for `write_reviews`. Who answers is drawn by `answer_surveys`.
    """
    first, last = model.earliest_invitation_days, model.latest_invitation_days
    wait = purchases.uniforms("invitation", ("wait",))["wait"]
    return (
        deliveries.select("order_id", "customer_id", "arrives_at")
        .with_columns(pl.Series("wait_s", ((first + (last - first) * wait) * DAY_SECONDS).astype(np.int64)))
        .with_columns(invited_at=pl.col("arrives_at") + pl.duration(seconds="wait_s"))
        .filter(pl.col("invited_at") < end)
        .sort("invited_at", "order_id")
        .select(
            invitation_id=pl.format("U{}", pl.int_range(pl.len()) + 1_000_001),
            customer_id="customer_id",
            order_id="order_id",
            invited_at="invited_at",
        )
    )


def _share_that_reviews(is_late: Bools, model: ShopModel) -> Floats:
    return np.where(is_late, model.review_share_when_late, model.review_share)


def _answers(latent: Floats, low: int, high: int) -> Floats:
    return np.clip(np.rint(latent), low, high)
