"""What the configuration says of next actions: the playbook, and how often a customer may be written to."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import (
    Field,
)

from pipeline.core.options import MAX_DAYS, Days, Fault, Name, Section
from schemas.actions import ACTIONS
from schemas.types import (
    CHURN_BANDS,
    NPS_CLASSES,
    SCI_CLASSES,
)

Share = Annotated[float, Field(ge=0, le=0.5)]


class Draw(NamedTuple):
    """How control groups are drawn: the share of customers, and a salt. Another share or salt draws anew."""

    share: float
    salt: str

    @property
    def name(self) -> str:
        """What tells it from other draws."""
        return f"{100 * self.share:g}% {self.salt}".strip()


class ActionSettings(Section):
    """What all actions of the playbook share; each adds its own conditions."""

    enabled: bool = True
    priority: Annotated[int, Field(ge=1)]
    """The due and allowed action with the lowest number is taken; among equals, the one with the highest value."""
    channel: Name = "email"
    needs_consent: bool = True
    """Whether it is marketing; a service message, such as an apology, needs no consent and heeds no contact_days."""
    expires_days: Days = 7
    """Days after as_of for which the action still makes sense."""
    repeat_days: Days = 30
    """Days after its export in which the action is not due again for the same customer."""
    control_share: Share | None = None
    """Share of its customers who are not contacted, to see what it brings; that of `actions` when left out."""


class MendSettings(ActionSettings):
    """An apology for a broken promise."""

    priority: Annotated[int, Field(ge=1)] = 1
    needs_consent: bool = False
    control_share: Share | None = 0.0
    within_days: Days = 30
    """Days from the broken promise in which an apology is due."""


class VipCareSettings(ActionSettings):
    """Personal care of a VIP who is unhappy or slipping."""

    priority: Annotated[int, Field(ge=1)] = 2
    channel: Name = "phone"
    needs_consent: bool = False
    control_share: Share | None = 0.0
    says: list[Literal[*SCI_CLASSES, *NPS_CLASSES]] = ["vulnerable", "at_risk", "detractor"]  # type: ignore[valid-type]
    """Classes of an unhappy customer."""
    bands: list[Literal[CHURN_BANDS]] = ["cooling_down", "at_risk"]  # type: ignore[valid-type]
    """Churn bands of a slipping customer."""


class OfferSettings(ActionSettings):
    """An offer on a product that was left in a cart and is discounted now."""

    priority: Annotated[int, Field(ge=1)] = 3
    within_days: Days = 30
    """Days from the day of the cart in which the offer is due."""


class CartSettings(ActionSettings):
    """A reminder of an abandoned cart."""

    priority: Annotated[int, Field(ge=1)] = 4
    expires_days: Days = 3
    within_days: Days = 7
    """Days from the day of the cart in which a reminder is due."""


class WinBackSettings(ActionSettings):
    """An offer to a customer who is about to leave."""

    priority: Annotated[int, Field(ge=1)] = 5
    expires_days: Days = 14
    repeat_days: Days = 60
    bands: list[Literal[CHURN_BANDS]] = ["at_risk", "highly_at_risk"]  # type: ignore[valid-type]
    """Churn bands in which the offer is due."""


class WelcomeSettings(ActionSettings):
    """The welcome of a customer with a first order."""

    priority: Annotated[int, Field(ge=1)] = 6
    repeat_days: Days = 365
    within_days: Days = 14
    """Days from the day of the first order in which a welcome is due."""


class TierNudgeSettings(ActionSettings):
    """A message to a customer close to the next tier."""

    priority: Annotated[int, Field(ge=1)] = 7
    min_pct: Annotated[float, Field(gt=0, lt=100)] = 80.0
    """Percent of the way to the next tier from which the message is due."""


class AskMissingSettings(ActionSettings):
    """Asking a loyal customer what would make the shop perfect."""

    priority: Annotated[int, Field(ge=1)] = 8
    expires_days: Days = 14
    repeat_days: Days = 180
    within_days: Days = 90
    """Days from the answer in which the question is due."""


class AskReviewSettings(ActionSettings):
    """Thanks for an order, and a request to review it."""

    priority: Annotated[int, Field(ge=1)] = 9
    repeat_days: Days = 90
    from_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 3
    """Days from delivery before which the customer can hardly judge."""
    within_days: Days = 30
    """Days from delivery in which it is due."""
    not_for: list[Literal[*SCI_CLASSES, *NPS_CLASSES]] = ["vulnerable", "at_risk", "detractor"]  # type: ignore[valid-type]
    """Classes of an unhappy customer, who is not asked."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if self.from_days >= self.within_days:
            given = f"from_days ({self.from_days}) must be less than within_days ({self.within_days})"
            yield "", f"{given}; raise within_days"


class AskSurveySettings(ActionSettings):
    """A request to answer a survey."""

    priority: Annotated[int, Field(ge=1)] = 10
    expires_days: Days = 14
    repeat_days: Days = 90
    within_days: Days = 180
    """Days from the last order in which a customer is asked."""
    pause_days: Days = 90
    """Days from an invitation or an answer in which a customer is not asked again."""


class ActionsSettings(Section):
    """The playbook of next actions, and how often a customer may be written to."""

    contact_days: Days = 7
    """Days from any exported action in which a customer gets no marketing."""
    consent_without_flag: bool = False
    """Whether customers may get marketing in a shop whose sources record no consent."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """Abandoned carts needed to use the share of recovered carts; customers needed in either arm to show an effect."""
    control_share: Share = 0.0
    """Share of the customers of each action, other than service, who are not contacted, to see what it brings."""
    control_salt: str = ""
    """Another text draws other control groups, and effects are counted anew."""
    effect_days: Days = 60
    """Days from a contact in which orders count as what followed."""
    mend_a_broken_promise: MendSettings = MendSettings()
    vip_care: VipCareSettings = VipCareSettings()
    offer_on_abandoned_product: OfferSettings = OfferSettings()
    abandoned_cart: CartSettings = CartSettings()
    win_back: WinBackSettings = WinBackSettings()
    welcome_series: WelcomeSettings = WelcomeSettings()
    tier_nudge: TierNudgeSettings = TierNudgeSettings()
    ask_what_is_missing: AskMissingSettings = AskMissingSettings()
    thank_and_ask_for_a_review: AskReviewSettings = AskReviewSettings()
    ask_for_a_survey: AskSurveySettings = AskSurveySettings()

    @property
    def playbook(self) -> dict[str, ActionSettings]:
        """Action -> its settings, in the order of the closed list."""
        return {action: getattr(self, action) for action in ACTIONS}

    def draw_of(self, action: str) -> Draw | None:
        """How the control group of an action is drawn; none where it has no share."""
        own = self.playbook[action].control_share
        share = self.control_share if own is None else own
        return Draw(share, self.control_salt) if share else None
