"""What was left in abandoned carts, and at which price it is offered. Which carts were abandoned belongs to `journey`."""

from datetime import date

import polars as pl

from pipeline.core.behaviour.journey import CART, cart_touchpoints
from pipeline.core.frames import Frame


def find_cart_products(
    touchpoints: Frame, carts: Frame, products: Frame, *, as_of: date, currency: str | None
) -> Frame:
    """One row per abandoned cart and product in it (contract AbandonedCartProducts).

    `touchpoints` come from `touchpoints_as_of`, `carts` from `find_abandoned_carts` of these, `products` are facts. A
    cart holds every product that one of its touchpoints of kind cart names. Prices are the newest known, in the shop's
    `currency` only. A product is discounted when as_of is within the local dates of its discount, both included, and
    the discounted price is lower than the usual one, and not 0. Definitions, section 6.
    """
    last = pl.col("touchpoint_id").sort_by("occurred_at", "touchpoint_id").last()
    named = (
        cart_touchpoints(touchpoints)
        .with_columns(cart_id=last.over(CART))
        .filter(pl.col("product_id").is_not_null())
        .select("cart_id", "product_id")
        .unique()
    )
    return (
        named.join(carts.select("cart_id", "customer_id", "session_id"), on="cart_id")
        .join(_priced(products, as_of, currency), on="product_id", how="left")
        .select(
            pl.lit(as_of).alias("as_of_date"),
            *("cart_id", "product_id", "customer_id", "session_id", "product_name", "category"),
            *("price_amount", "discounted_amount", "discount_ends_on"),
        )
    )


def _priced(products: Frame, as_of: date, currency: str | None) -> Frame:
    """Products with their price in the shop's currency, and the discounted one where it holds at as_of."""
    price, discounted = pl.col("price_amount"), pl.col("discounted_amount")
    is_ours = pl.lit(True) if currency is None else (pl.col("currency") == currency).fill_null(False)
    has_begun = (pl.col("discount_starts_date") <= as_of).fill_null(True)
    is_over = (pl.col("discount_ends_date") < as_of).fill_null(False)
    is_discounted = is_ours & has_begun & ~is_over & discounted.is_between(0, price, closed="none").fill_null(False)
    return products.select(
        *("product_id", "product_name", "category"),
        price_amount=pl.when(is_ours).then(price),
        discounted_amount=pl.when(is_discounted).then(discounted),
        discount_ends_on=pl.when(is_discounted).then("discount_ends_date"),
    )
