"""The contracts of say-do (what customers say against what they do), computed per as_of date. No rule belongs here."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import CHURN_BANDS, FORMERLY_BAND, FORMERLY_SEGMENT, MINOR, NPS_CLASSES, SCI_CLASSES, Contract


class SayDo(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_say_do"):
    """One row per as_of date and customer with a counted response to the SCI or NPS items."""

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    sci_class: str = pa.Field(nullable=True, isin=SCI_CLASSES, description="Class of the SCI; null without a response.")
    nps_class: str = pa.Field(
        nullable=True, isin=NPS_CLASSES, description="Class of the NPS; null without a counted response."
    )
    says: str = pa.Field(
        isin=[*SCI_CLASSES, *NPS_CLASSES],
        description="What the customer says: the SCI class, or the NPS class where the SCI is unclassified or missing.",
    )
    rfm_segment: str = pa.Field(
        metadata=FORMERLY_SEGMENT,
        nullable=True,
        description="What the customer does: the RFM segment, lapsed or prospect.",
    )
    segment_group: str = pa.Field(description="Configured segment group of the RFM segment, or other.")
    churn_band: str = pa.Field(
        metadata=FORMERLY_BAND, nullable=True, isin=CHURN_BANDS, description="Null without a valid order."
    )
    cell: str = pa.Field(description="Name of the first configured rule that fits, or of the default.")
    next_action: str = pa.Field(
        description="The rule's action, or its action without e-mail if the customer may not get marketing: what the cell calls for. What "
        "to carry out is in customer_next_action; who is in action_controls is to be left alone."
    )
    net_value: int = pa.Field(
        metadata=MINOR, ge=0, description="Net spend in the RFM window: paid less refunds, at least 0."
    )


class SayDoCells(
    Contract, key=("as_of_date", "cell"), is_dated=True, published_as="marts.say_do_cells", shows_history=True
):
    """One row per as_of date and cell with customers. Not additive: everything over dates."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cell: str = pa.Field(description="Name of the first configured rule that fits, or of the default.")
    n_customers: int = pa.Field(ge=1, description="Customers in the cell.")
    net_value: int = pa.Field(metadata=MINOR, ge=0, description="Their net spend in the RFM window.")
