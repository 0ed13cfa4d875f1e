"""What the demo shop sells: categories, product numbers, prices and discounts. Who buys what does not belong here."""

from datetime import date

import numpy as np
import polars as pl

from pipeline.sources.demo.draws import generator

CATEGORIES = ("keuken", "wonen", "tuin", "verzorging", "speelgoed", "boeken")
PRODUCTS_PER_CATEGORY = 40
"""Popular products have low numbers."""
NOUNS = (
    ("Beker", "Bord", "Garde", "Kom", "Lepel", "Mes", "Theedoek", "Vergiet"),
    ("Fotolijst", "Haak", "Kaars", "Kussenhoes", "Lamp", "Mand", "Plaid", "Vaas"),
    ("Bloempot", "Gieter", "Handschoen", "Harkje", "Plantenbak", "Schepje", "Snoeischaar", "Zaaigoed"),
    ("Badzout", "Borstel", "Crème", "Kam", "Lotion", "Spiegel", "Washand", "Zeep"),
    ("Bal", "Blokken", "Domino", "Knikkers", "Kwartet", "Puzzel", "Springtouw", "Tol"),
    ("Atlas", "Dagboek", "Gedichten", "Kookboek", "Prentenboek", "Reisgids", "Roman", "Verhalen"),
)
"""Eight per category, in the order of CATEGORIES; each comes in every one of SERIES."""
SERIES = ("Alba", "Fjord", "Luna", "Nova", "Terra")
LOWEST_PRICE, PRICE_STEPS = 295, 8
"""2.95 to 9.95: the smallest cart holds a piece of whatever it is about."""
DISCOUNT_DAYS = 14
"""A discount lasts for a period of so many days."""
PHASE_DAYS = 5
"""So many days after those of one product the periods of the next begin: prices change every day."""
DISCOUNT_SHARE = 0.15
DISCOUNT_PERCENT = (10, 15, 20, 25, 30)


def product_id() -> pl.Expr:
    """The number of a product from its category and its place in it: columns `category` and `product`."""
    return pl.format(
        "{}-{}",
        pl.col("category").str.slice(0, 3).str.to_uppercase(),
        pl.col("product").cast(pl.String).str.zfill(3),
    )


def list_products(*, seed: int, start_date: date, end_date: date) -> pl.DataFrame:
    """One row per product, with its discount at `end_date`, if any; its periods begin on a day of the product's own."""
    n = len(CATEGORIES) * PRODUCTS_PER_CATEGORY
    place = np.arange(n)
    price = LOWEST_PRICE + 100 * (generator(seed, "price").random(n) * PRICE_STEPS).astype(np.int64)
    names = [f"{NOUNS[number // PRODUCTS_PER_CATEGORY][number % 8]} {SERIES[number % 5]}" for number in range(n)]
    day = (end_date - start_date).days + place * PHASE_DAYS % DISCOUNT_DAYS
    periods = range(int(day.min()) // DISCOUNT_DAYS, int(day.max()) // DISCOUNT_DAYS + 1)
    drawn = {period: generator(seed, "product discount", period).random((n, 2)) for period in periods}
    draws = np.stack([drawn[period][number] for number, period in enumerate((day // DISCOUNT_DAYS).tolist())])
    percent = np.array(DISCOUNT_PERCENT)[(draws[:, 1] * len(DISCOUNT_PERCENT)).astype(np.int64)]
    is_discounted = pl.Series(draws[:, 0] < DISCOUNT_SHARE)
    first = pl.lit(end_date) - pl.duration(days=pl.lit(pl.Series(day % DISCOUNT_DAYS)))
    return (
        pl.DataFrame(
            {"category": np.repeat(CATEGORIES, PRODUCTS_PER_CATEGORY), "product": 1 + place % PRODUCTS_PER_CATEGORY}
        )
        .with_columns(
            product_id=product_id(),
            product_name=pl.Series(names),
            price=pl.Series(price),
            discounted=pl.when(is_discounted).then(pl.Series(price * (100 - percent) // 100)),
            discount_from=pl.when(is_discounted).then(first),
            discount_until=pl.when(is_discounted).then(first + pl.duration(days=DISCOUNT_DAYS - 1)),
            changed_on=first,
        )
        .select(
            *("product_id", "product_name", "category", "price", "discounted"),
            *("discount_from", "discount_until", "changed_on"),
        )
    )
