"""The contracts of the next action per customer, and of the actions exported to a mail tool."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import MINOR, MISSING_ITEMS, Contract, UtcTime

ACTIONS = (
    "mend_a_broken_promise",
    "vip_care",
    "offer_on_abandoned_product",
    "abandoned_cart",
    "win_back",
    "welcome_series",
    "tier_nudge",
    "ask_what_is_missing",
    "thank_and_ask_for_a_review",
    "ask_for_a_survey",
)
"""Every action of the playbook."""

ACTION_REASONS = (
    "delivered_late",
    "delivery_overdue",
    "vip_is_unhappy",
    "vip_is_slipping",
    "cart_product_discounted",
    "cart_left_behind",
    "silent_too_long",
    "first_order",
    "close_to_next_tier",
    *(f"loyal_but_missing_{items}" for items in MISSING_ITEMS),
    "delivered_without_review",
    "never_answered_a_survey",
    "no_recent_answer",
)
"""Why an action is due."""

VALUE_BASES = ("value_at_risk", "expected_spend", "cart_recovery")
CONSENT_BASES = ("given", "assumed", "not_needed")

HELD_BY = {
    "no_consent": "without consent",
    "repeat_pause": "too soon after the same action",
    "contact_pause": "too soon after a contact",
    "control_group": "in the control group",
}
"""Why an action that is due is held back, the first of several -> in words."""


class NextAction(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_next_action"):
    """One row per as_of date and customer with an action due and allowed: what to do next, why, and until when.

    A customer without a row has nothing due, or nothing allowed now. The expected value is what is at stake, not what
    the action brings: only an experiment shows that. Not additive: days, priority, rank; expected values, as several
    actions can be about the same money.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    action: str = pa.Field(
        isin=ACTIONS, description="What to do: the first action of the playbook that is due and allowed."
    )
    reason: str = pa.Field(isin=ACTION_REASONS, description="Why it is due, from a closed list.")
    reason_days: int = pa.Field(
        nullable=True,
        ge=0,
        description="Whole local days since the cause: the broken promise, the abandoned cart, the delivery; the last order of who "
        "bought once or is leaving; the answer of who is unhappy, misses something or has not answered lately; null for a tier, and "
        "for who never answered.",
    )
    reason_amount: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        description="The amount behind the reason: of the order or cart, spent by a VIP in the window, or still needed "
        "for the next tier, where tiers go by net spend; null without one.",
    )
    order_id: str = pa.Field(nullable=True, description="The order behind the reason; null without one.")
    product_id: str = pa.Field(
        nullable=True, description="The discounted product that was left in the cart; null for every other action."
    )
    product_name: str = pa.Field(nullable=True, description="Its name, where the shop gives one.")
    price_amount: int = pa.Field(metadata=MINOR, nullable=True, ge=0, description="Its usual price.")
    discounted_amount: int = pa.Field(metadata=MINOR, nullable=True, gt=0, description="Its price now.")
    discount_ends_on: pl.Date = pa.Field(
        nullable=True, description="The last date of that price; null when no end is known."
    )
    channel: str = pa.Field(description="How to reach the customer, as set in the playbook.")
    priority: int = pa.Field(ge=1, description="Priority of the action in the playbook; 1 comes first.")
    rank: int = pa.Field(
        ge=1, description="Place among all customers of the date: by priority, then by expected value, highest first."
    )
    expected_value: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="What is at stake, measured by expected_value_basis; null when unknown.",
    )
    expected_value_basis: str = pa.Field(
        nullable=True,
        isin=VALUE_BASES,
        description="value_at_risk or expected_spend of the churn model, or cart_recovery: value of the cart times the "
        "shop's share of recovered carts; null where expected_value is.",
    )
    n_evidence: int = pa.Field(
        nullable=True, ge=0, description="Abandoned carts behind the share in cart_recovery; null for other bases."
    )
    is_suppressed: bool = pa.Field(description="Whether n_evidence is below the configured minimum.")
    needs_consent: bool = pa.Field(
        description="Whether the action is marketing, which needs consent; service does not."
    )
    consent_basis: str = pa.Field(
        isin=CONSENT_BASES,
        description="given: by the customer; assumed: by the configuration, as no source of the shop records consent; "
        "not_needed: a service message.",
    )
    expires_on: pl.Date = pa.Field(description="The last date on which the action still makes sense.")
    n_due: int = pa.Field(ge=1, description="Actions that were due for the customer, this one included.")
    n_held_back: int = pa.Field(
        ge=0, description="Of these, actions held back: consent is missing, or the last contact is too recent."
    )
    control_draw: str = pa.Field(
        nullable=True,
        description="Draw by which the control group of the action is kept apart, share and salt; null without one.",
    )


class ActionsHeldBack(
    Contract, key=("as_of_date", "action", "cause"), is_dated=True, published_as="marts.actions_held_back"
):
    """One row per as_of date, action and cause for which it was due but held back.

    A customer counts once per action, under the first cause, whether or not another action was allowed.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    action: str = pa.Field(isin=ACTIONS, description="The action that was due.")
    cause: str = pa.Field(
        isin=list(HELD_BY),
        description="no_consent: it is marketing, and the customer has not agreed; repeat_pause: the same action was exported "
        "for the customer lately; contact_pause: it is marketing, and any action was exported lately; control_group: it was "
        "the customer's next action, but the customer is not contacted, to see what the action brings.",
    )
    n_customers: int = pa.Field(ge=1, description="Customers for whom it was held back.")


class ActionVerdicts(
    Contract, key=("as_of_date", "customer_id", "action"), is_dated=True, published_as="marts.action_verdicts"
):
    """One row per as_of date, customer and action of the playbook that is due: what became of it. Any other is not due; action_playbook says when it would be.

    Not additive: days; expected values, as several actions can be about the same money.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    action: str = pa.Field(isin=ACTIONS, description="The action that is due.")
    outcome: str = pa.Field(
        isin=["chosen", "after_another", *HELD_BY],
        description="chosen: it is the next action; after_another: it is allowed, but another comes first, by priority and then by "
        "expected value; control_group: it would be the next action, and is not carried out; otherwise why it was held back, as in "
        "actions_held_back.",
    )
    reason: str = pa.Field(isin=ACTION_REASONS, description="Why it is due, as in customer_next_action.")
    reason_days: int = pa.Field(
        nullable=True, ge=0, description="Whole local days since the cause, as in customer_next_action."
    )
    reason_amount: int = pa.Field(
        metadata=MINOR, nullable=True, description="The amount behind the reason; null without one."
    )
    order_id: str = pa.Field(nullable=True, description="The order behind the reason; null without one.")
    expected_value: int = pa.Field(
        metadata=MINOR, nullable=True, ge=0, description="What is at stake; null when unknown."
    )
    expected_value_basis: str = pa.Field(
        nullable=True, isin=VALUE_BASES, description="What measures it; null where expected_value is."
    )
    days_since_contact: int = pa.Field(
        nullable=True,
        description="Whole local days since any action was exported for the customer, below 0 where that was after as_of_date; "
        "null: never.",
    )
    days_since_same: int = pa.Field(
        nullable=True,
        description="Whole local days since this action was exported for the customer, below 0 where that was after as_of_date; "
        "null: never.",
    )


class ActionPlaybook(Contract, key=("as_of_date", "action"), is_dated=True, published_as="marts.action_playbook"):
    """One row per as_of date and action of the playbook, as it was configured on that night. Not additive: every figure."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    action: str = pa.Field(isin=ACTIONS, description="The action.")
    is_enabled: bool = pa.Field(
        description="Whether it is switched on and, where it is about a survey, the shop has one. Without carts or deliveries those about "
        "them are switched on all the same, and due for nobody."
    )
    due_when: str = pa.Field(description="When it is due, in words.")
    priority: int = pa.Field(ge=1, description="Among the due and allowed actions the lowest comes first.")
    channel: str = pa.Field(description="How to reach the customer.")
    needs_consent: bool = pa.Field(description="Whether it is marketing; service needs no consent.")
    repeat_days: int = pa.Field(
        ge=0, description="Days from its export in which it is held back for the same customer."
    )
    expires_days: int = pa.Field(
        ge=0, description="Days after as_of for which it still makes sense; an offer ends before with its discount."
    )
    contact_days: int = pa.Field(
        nullable=True,
        ge=0,
        description="Days from the export of any action in which it is held back; null for service.",
    )


class ActionControls(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.action_controls"):
    """One row per as_of date and customer in the control group of what would be the next action: not to be contacted.

    An export records them beside those it contacts, and they are left alone for as long.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    action: str = pa.Field(isin=ACTIONS, description="The action that is not carried out.")
    needs_consent: bool = pa.Field(description="Whether the action is marketing.")
    control_draw: str = pa.Field(description="Draw by which the control group is kept apart: share and salt.")


class ActionEffects(
    Contract, key=("as_of_date", "action", "control_draw"), is_dated=True, published_as="marts.action_effects"
):
    """One row per as_of date, action and draw of its control group: what contacted and uncontacted customers did.

    By intention to treat: a customer counts once, from the first export of the action on and in its arm, whatever came
    after, as soon as effect_days have passed. Not additive: shares, means and differences; values over actions, as the
    same order can follow two.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    action: str = pa.Field(isin=ACTIONS, description="The action.")
    control_draw: str = pa.Field(description="Draw by which the control group is kept apart: share and salt.")
    first_date: pl.Date = pa.Field(nullable=True, description="Local date of the first contact counted.")
    last_date: pl.Date = pa.Field(nullable=True, description="Local date of the last contact counted.")
    n_treated: int = pa.Field(ge=0, description="Counted customers for whom the action was exported.")
    n_control: int = pa.Field(ge=0, description="Counted customers who were left uncontacted at an export.")
    n_running: int = pa.Field(
        ge=0, description="Customers of both arms who are not counted yet, as effect_days have not passed."
    )
    n_treated_repurchased: int = pa.Field(ge=0, description="Treated customers with a valid order in effect_days.")
    n_control_repurchased: int = pa.Field(ge=0, description="Control customers with a valid order in effect_days.")
    pct_treated_repurchased: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_treated_repurchased / n_treated; null when suppressed."
    )
    pct_control_repurchased: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_control_repurchased / n_control; null when suppressed."
    )
    difference: float = pa.Field(
        nullable=True,
        description="pct_treated_repurchased less pct_control_repurchased, in percentage points: the effect; null when "
        "suppressed.",
    )
    difference_low: float = pa.Field(nullable=True, description="Lower bound of the difference, Newcombe 95%.")
    difference_high: float = pa.Field(nullable=True, description="Upper bound of the difference, Newcombe 95%.")
    mean_treated_spend: int = pa.Field(
        nullable=True,
        metadata=MINOR,
        description="Mean net amount of the valid orders in effect_days per treated customer; null when suppressed.",
    )
    mean_control_spend: int = pa.Field(
        nullable=True, metadata=MINOR, description="The same per control customer; null when suppressed."
    )
    spend_difference: int = pa.Field(
        nullable=True, metadata=MINOR, description="Mean treated less mean control spend; null when suppressed."
    )
    spend_difference_low: int = pa.Field(
        nullable=True, metadata=MINOR, description="Lower bound of the Welch 95% interval of spend_difference."
    )
    spend_difference_high: int = pa.Field(
        nullable=True, metadata=MINOR, description="Upper bound of the Welch 95% interval of spend_difference."
    )
    incremental_value: int = pa.Field(
        nullable=True,
        metadata=MINOR,
        description="spend_difference times n_treated: what the action brought in, before its cost.",
    )
    incremental_value_low: int = pa.Field(
        nullable=True, metadata=MINOR, description="spend_difference_low times n_treated."
    )
    incremental_value_high: int = pa.Field(
        nullable=True, metadata=MINOR, description="spend_difference_high times n_treated."
    )
    is_suppressed: bool = pa.Field(description="Whether customers of either arm are fewer than the configured minimum.")


class Contacts(Contract, key=("customer_id", "action", "as_of_date")):
    """One row per customer, action and as_of date exported to be carried out, or left uncontacted at that export as control."""

    customer_id: str = pa.Field(description="The customer.")
    action: str = pa.Field(isin=ACTIONS, description="The action that was exported.")
    as_of_date: pl.Date = pa.Field(description="The date of the edition it was exported from.")
    exported_at: UtcTime = pa.Field(description="When it was first exported.")
    is_control: bool = pa.Field(
        nullable=True, description="Whether the customer was left uncontacted as control; null without a control group."
    )
    control_draw: str = pa.Field(nullable=True, description="Draw of the control group; null without one.")
