"""The contracts of what to do next for a customer, and of what has been handed to a mail tool."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import MINOR, Contract, UtcTime

ACTIONS = (
    "mend_a_broken_promise",
    "vip_care",
    "abandoned_cart",
    "win_back",
    "welcome_series",
    "tier_nudge",
    "thank_and_ask_for_a_review",
    "ask_for_a_survey",
)
"""Every action that the playbook can have."""

ACTION_REASONS = (
    "delivered_late",
    "delivery_overdue",
    "vip_is_unhappy",
    "vip_is_slipping",
    "cart_left_behind",
    "silent_too_long",
    "first_order",
    "close_to_next_tier",
    "delivered_without_review",
    "never_answered_a_survey",
    "no_recent_answer",
)
"""Why an action is due."""

VALUE_BASES = ("value_at_risk", "expected_spend", "cart_recovery")
CONSENT_BASES = ("given", "assumed", "not_needed")


class NextAction(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_next_action"):
    """One row per customer with an action that is due and allowed, and as_of date: what to do next, why, and until when.

    A customer without a row has nothing due, or nothing that is allowed now. The expected value is what is at
    stake, not what the action brings: only an experiment tells that. Not additive: days, priority, rank; what is at
    stake for several actions can be the same money.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    action: str = pa.Field(isin=ACTIONS, description="What to do: the first action of the playbook that is allowed.")
    reason: str = pa.Field(isin=ACTION_REASONS, description="Why it is due, from a closed list.")
    reason_days: int = pa.Field(
        nullable=True,
        ge=0,
        description="Whole local days since what gave the reason: the promise broken, the cart left, the last order, the "
        "delivery; null for a tier.",
    )
    reason_amount: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        description="The amount it is about: of the order, of the cart, spent in the window by a VIP, missing for the "
        "next tier; null where it is about none.",
    )
    order_id: str = pa.Field(nullable=True, description="The order it is about, where it is about one.")
    channel: str = pa.Field(description="The way to the customer, as the playbook says.")
    priority: int = pa.Field(ge=1, description="Priority of the action in the playbook; 1 comes first.")
    rank: int = pa.Field(
        ge=1, description="Place among all customers of the date, by priority, then expected value, the highest first."
    )
    expected_value: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="What is at stake, by expected_value_basis; null where nothing tells it.",
    )
    expected_value_basis: str = pa.Field(
        nullable=True,
        isin=VALUE_BASES,
        description="value_at_risk or expected_spend of the churn model, or cart_recovery: the cart times the share of the "
        "shop's abandoned carts that were ordered after all; null where the gain is not money.",
    )
    n_evidence: int = pa.Field(
        nullable=True, ge=0, description="Abandoned carts behind the share of cart_recovery; null for other bases."
    )
    is_suppressed: bool = pa.Field(description="Whether n_evidence is below the configured minimum.")
    needs_consent: bool = pa.Field(description="Whether it is marketing, which needs consent, or a service message.")
    consent_basis: str = pa.Field(
        isin=CONSENT_BASES,
        description="given by the customer; assumed by the configuration, as no source of the shop tells it; not_needed "
        "for a service message.",
    )
    expires_on: pl.Date = pa.Field(description="The last date on which it still makes sense.")
    n_due: int = pa.Field(ge=1, description="Actions that were due for the customer, this one included.")
    n_held_back: int = pa.Field(
        ge=0, description="Of these, held back for want of consent, or because a contact is too recent."
    )


class Contacts(Contract, key=("customer_id", "action", "as_of_date")):
    """One row per customer, action and as_of date that was exported to be carried out."""

    customer_id: str = pa.Field(description="The customer.")
    action: str = pa.Field(isin=ACTIONS, description="The action that was exported.")
    as_of_date: pl.Date = pa.Field(description="Date of the edition that it was exported from.")
    exported_at: UtcTime = pa.Field(description="When it was exported first.")
