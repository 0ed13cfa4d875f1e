"""The numbers of the rows that one row was made of, in few characters. Where they come from does not belong here."""

import polars as pl


def other_rows(rows: pl.Series) -> pl.Series:
    """All numbers of each sorted list but the first, as `5-7, 9`; null where there is no other.

    Each number stands once, and neighbours as their first and last.
    """
    number = pl.col("number")
    is_start = (number - number.shift(1)).fill_null(0) != 1
    found = (
        pl.DataFrame({"rows": rows.cast(pl.List(pl.Int64))})
        .lazy()
        .with_row_index("at")
        .filter(pl.col("rows").list.len() > 1)
        .select("at", pl.col("rows").list.slice(1).alias("number"), first=pl.col("rows").list.first())
        .explode("number")
        .filter(number != pl.col("first"))
        .unique(["at", "number"])
        .sort("at", "number")
        .with_columns(run=is_start.cum_sum())
        .group_by("at", "run", maintain_order=True)
        .agg(low=number.first(), high=number.last())
        .with_columns(
            text=pl.when(pl.col("low") == pl.col("high"))
            .then(pl.col("low").cast(pl.String))
            .otherwise(pl.format("{}-{}", "low", "high"))
        )
        .group_by("at", maintain_order=True)
        .agg(pl.col("text").str.join(", "))
        .collect()
    )
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
    return nothing if found.is_empty() else nothing.scatter(found["at"], found["text"])
