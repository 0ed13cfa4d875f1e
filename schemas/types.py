"""What all data contracts share: their base, types and closed lists. No rule about a single table belongs here."""

from typing import Annotated

import pandera.polars as pa
import polars as pl

UtcTime = Annotated[pl.Datetime, "us", "UTC"]
"""A moment, microseconds, always UTC and always aware."""

ORDER_STATUSES = ("pending", "paid", "shipped", "delivered", "cancelled", "returned")
TOUCHPOINT_KINDS = ("visit", "product_view", "cart", "checkout", "order", "service_contact", "review")
AIDAS_STAGES = ("attention", "interest", "desire", "action", "satisfaction")
CHANNEL_METRICS = ("on_time", "rating", "nps_relational", "nps_transactional")
LOYALTY_EVENT_KINDS = ("earn", "redeem", "expire", "adjust", "reverse")
TIER_METRICS = ("net_spend", "points", "orders")
VIP_REASONS = ("top_net_spend",)
AMBASSADOR_REASONS = (
    "promoter_with_review",
    "promoter_with_referral",
    "secure_with_review",
    "secure_with_referral",
)
SURVEY_TYPES = ("relational", "transactional")
ITEM_ROLES = ("satisfaction", "repurchase", "recommend")
SCI_CLASSES = ("secure", "favorable", "vulnerable", "at_risk", "unclassified")
NPS_CLASSES = ("promoter", "passive", "detractor")
CHURN_BANDS = ("active", "cooling_down", "at_risk", "highly_at_risk", "lost")
IDENTIFIER_KINDS = ("account", "email")
IDENTITY_RULES = ("same_row", "chain")
CUSTOMER_STATES = ("scored", "lapsed", "prospect")

CURRENCY_PATTERN = r"^[A-Z]{3}$"
PSEUDONYM_PATTERN = r"^[0-9a-f]{64}$"
"""HMAC-SHA256 in hexadecimal: what is kept of an e-mail address."""


class Contract(pa.DataFrameModel):
    """A table with exactly the columns that its class names, each described."""

    class Config:
        """Neither a column more nor one less."""

        strict = True
