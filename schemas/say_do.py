"""The contracts of what customers say against what they do, computed per as_of date. No rule belongs here."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import CHURN_BANDS, MINOR, NPS_CLASSES, SCI_CLASSES, Contract


class SayDo(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_say_do"):
    """One row per customer with a counted response to the questions of the SCI or the NPS, and as_of date."""

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    sci_class: str = pa.Field(nullable=True, isin=SCI_CLASSES, description="Class of the SCI; null without a response.")
    nps_class: str = pa.Field(
        nullable=True, isin=NPS_CLASSES, description="Class of the NPS; null without a counted response."
    )
    says: str = pa.Field(
        isin=[*SCI_CLASSES, *NPS_CLASSES],
        description="What the customer says: the class of the SCI, or of the NPS where that is unclassified or missing.",
    )
    segment: str = pa.Field(nullable=True, description="What the customer does: the RFM segment, lapsed or prospect.")
    segment_group: str = pa.Field(description="Group of the configuration that the segment is in, or other.")
    band: str = pa.Field(
        nullable=True, isin=CHURN_BANDS, description="The band of churn risk; null without a valid order."
    )
    cell: str = pa.Field(description="Name of the first rule of the configuration that fits, or of its default.")
    next_action: str = pa.Field(
        description="The action of the rule, or its action without e-mail for a customer who may not get marketing."
    )
    net_value: int = pa.Field(
        metadata=MINOR, ge=0, description="Net spend in the window of RFM: paid less refunds, at least 0."
    )


class SayDoCells(
    Contract, key=("as_of_date", "cell"), is_dated=True, published_as="marts.say_do_cells", shows_history=True
):
    """One row per as_of date and cell that has customers. Not additive over dates."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cell: str = pa.Field(description="Name of the first rule of the configuration that fits, or of its default.")
    n_customers: int = pa.Field(ge=1, description="Customers in the cell.")
    net_value: int = pa.Field(metadata=MINOR, ge=0, description="Their net spend in the window of RFM.")
