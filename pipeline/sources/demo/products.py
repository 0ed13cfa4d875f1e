"""What the demo shop sells: categories and product numbers. Who buys what does not belong here."""

import polars as pl

CATEGORIES = ("keuken", "wonen", "tuin", "verzorging", "speelgoed", "boeken")
PRODUCTS_PER_CATEGORY = 40
"""Popular products have low numbers."""


def product_id() -> pl.Expr:
    """The number of a product from its category and its place in it: columns `category` and `product`."""
    return pl.format(
        "{}-{}",
        pl.col("category").str.slice(0, 3).str.to_uppercase(),
        pl.col("product").cast(pl.String).str.zfill(3),
    )
