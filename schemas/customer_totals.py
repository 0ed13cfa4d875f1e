"""The contract of what a shop's own list says of its customers' orders, beside what the lake holds."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import MINOR, TOTALS_OUTCOMES, Contract


class CustomerTotals(
    Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="quality.customer_totals"
):
    """One row per as_of date and customer with an order whose orders a source counts: its count and sum beside ours.

    All orders count, whatever their date and status, as the source's figures are of the day of its export.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    customer_id: str = pa.Field(description="The customer.")
    outcome: str = pa.Field(
        isin=TOTALS_OUTCOMES,
        description="agrees: as many orders and the same amount; spent_differs: as many orders, another amount; fewer_orders, "
        "more_orders: the lake has fewer or more than the source counts, so amounts are not compared; other_currency: as many "
        "orders, some in another currency, so amounts are not compared; no_amount: as many orders, and the source states no "
        "amount to compare.",
    )
    stated_orders: int = pa.Field(ge=0, description="Orders as the source counts them, cancelled ones included.")
    n_orders: int = pa.Field(ge=0, description="Orders in the lake, of any status; a cancellation invoice is none.")
    stated_spent_amount: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        description="What was paid less refunds, as the source adds it up; null where it states none.",
    )
    spent_amount: int = pa.Field(metadata=MINOR, description="Net amounts of the orders in the lake, of any status.")
