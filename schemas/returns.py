"""The contract of what customers send back. How a number is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import MINOR, Contract


class CustomerReturns(
    Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_returns"
):
    """One row per customer with an order, and as_of date. Not additive: pct_returned."""

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    n_orders: int = pa.Field(ge=1, description="Orders placed, invalid ones included.")
    n_returned: int = pa.Field(ge=0, description="Of these, orders that were returned.")
    pct_returned: float = pa.Field(ge=0, le=100, description="100 * n_returned / n_orders.")
    refund_amount: int = pa.Field(ge=0, metadata=MINOR, description="Money given back for these orders.")
