"""What the configuration says of attitude: SCI, NPS, themes, say-do, experience. What a survey asks belongs to `survey_settings`."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    Field,
)

from pipeline.core.attitude.lexicon import Theme
from pipeline.core.attitude.shipped_themes import SHIPPED_THEMES
from pipeline.core.options import Days, Fault, Name, Section, not_one_of
from schemas.types import (
    CHURN_BANDS,
    NPS_CLASSES,
    SCI_CLASSES,
)

MAIL_PATTERN = r"(^|_)e?mail(_|$)"
"""Parts of a name that mark an action as one by e-mail."""


class SciSettings(Section):
    """The boxes of the Secure Customer Index."""

    boxes: dict[str, list[int]] = {
        "1-4": [3, 3, 4],
        "1-5": [3, 4, 5],
        "0-5": [3, 4, 5],
        "1-7": [4, 6, 7],
        "0-10": [5, 7, 9],
        "1-10": [5, 7, 9],
    }
    """Scale -> lowest answer of vulnerable, favorable and secure; a box can be empty, like vulnerable on 1-4."""
    min_n: Annotated[int, Field(ge=1)] = 30

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        for scale, starts in self.boxes.items():
            if len(starts) != 3 or starts != sorted(starts):
                yield f"boxes.{scale}", f"{starts} must be three ascending answers"


class NpsSettings(Section):
    """Which Net Promoter responses count, and how many a published score needs."""

    window_days: Days = 90
    """Days within which only a customer's latest response of a survey type counts; also the length of the window."""
    min_n: Annotated[int, Field(ge=1)] = 30


class ThemesSettings(Section):
    """The lexicon that finds what customers write about."""

    window_days: Days = 365
    """Comments count when their local date is in (as_of - window_days, as_of]."""
    min_n: Annotated[int, Field(ge=1)] = 30
    use_shipped: bool = True
    """Whether the shipped themes are used as well as the user's own."""
    lexicon: dict[Name, Theme] = {}
    """The user's own themes; one with the name of a shipped theme replaces it."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if not self.known_themes:
            yield "lexicon", "needs at least one theme without the shipped ones; add one or leave out use_shipped"
        for name, theme in self.lexicon.items():
            try:
                theme.prove(name)
            except ValueError as error:
                yield f"lexicon.{name}", str(error)

    @property
    def known_themes(self) -> dict[str, Theme]:
        """Shipped and own themes by name."""
        return (SHIPPED_THEMES if self.use_shipped else {}) | self.lexicon


class SayDoRule(Section):
    """Which customers are in a say-do cell; an empty list matches any."""

    cell: Name
    says: list[Literal[*SCI_CLASSES, *NPS_CLASSES]] = []  # type: ignore[valid-type]
    """SCI classes, and NPS classes for customers without an SCI class."""
    does: list[str] = []
    """Groups of segments."""
    bands: list[Literal[CHURN_BANDS]] = []  # type: ignore[valid-type]
    action: Name
    action_without_email: Name | None = None
    """What to do instead of an action by e-mail (with mail or email in its name) without consent."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        instead = self.action_without_email or self.action
        if re.search(MAIL_PATTERN, instead):
            yield "", f"rule {self.cell}: '{instead}' is an action by e-mail; give another as action_without_email"


class SayDoSettings(Section):
    """What customers say against what they do, and what to do next."""

    segment_groups: dict[Name, list[str]] = {
        "buying": [
            "champions",
            "loyal",
            "loyal_customers",
            "potential_loyalist",
            "recent",
            "promising",
            "new",
            "new_customers",
        ],
        "slipping": ["needs_attention", "need_attention", "about_to_sleep", "at_risk", "cant_lose", "cant_lose_them"],
        "gone": ["hibernating", "lost", "lapsed"],
        "prospect": ["prospect"],
    }
    """Group -> RFM segments; a segment in no group is in group other."""
    rules: list[SayDoRule] = [
        SayDoRule(
            cell="content_but_lapsing",
            says=["secure", "favorable", "promoter", "passive"],
            does=["slipping", "gone"],
            action="invite_back_by_email",
            action_without_email="invite_back_by_post",
        ),
        SayDoRule(
            cell="content_but_overdue",
            says=["secure", "favorable", "promoter", "passive"],
            does=["buying"],
            bands=["at_risk", "highly_at_risk", "lost"],
            action="remind_by_email",
            action_without_email="remind_in_shop",
        ),
        SayDoRule(
            cell="content_and_buying",
            says=["secure", "favorable", "promoter", "passive"],
            does=["buying"],
            action="ask_for_referral_by_email",
            action_without_email="ask_for_referral_in_parcel",
        ),
        SayDoRule(
            cell="unhappy_but_still_buying",
            says=["vulnerable", "at_risk", "detractor"],
            does=["buying"],
            action="call_to_put_right",
        ),
        SayDoRule(
            cell="unhappy_and_lapsing",
            says=["vulnerable", "at_risk", "detractor"],
            does=["slipping", "gone"],
            action="call_to_learn_why",
        ),
        SayDoRule(cell="no_order_yet", does=["prospect"], action="none"),
        SayDoRule(cell="answer_unclear", says=["unclassified"], action="none"),
    ]
    """The first rule that fits names the cell."""
    default_cell: Name = "unnamed"
    default_action: Name = "none"

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if re.search(MAIL_PATTERN, self.default_action):
            yield "default_action", f"'{self.default_action}' is an action by e-mail; make it a rule of its own"
        grouped = [segment for segments in self.segment_groups.values() for segment in segments]
        for segment in sorted({segment for segment in grouped if grouped.count(segment) > 1}):
            yield "segment_groups", f"segment '{segment}' is in two segment_groups; take it out of one"
        known = [*self.segment_groups, "other"]
        for number, rule in enumerate(self.rules):
            for group in rule.does:
                if group not in known:
                    yield f"rules.{number}.does", f"rule {rule.cell}: group {not_one_of(group, known)}"


class ExperienceSettings(Section):
    """Customer experience: promises, review care, doubtful reviews."""

    min_n: Annotated[int, Field(ge=2)] = 30
    """Answers, reviews or orders needed to publish a mean or share."""
    repurchase_days: Days = 90
    """Days after the date of an order in which a purchase counts as repurchase."""
    duplicate_min_words: Annotated[int, Field(ge=1)] = 8
    """Words a text needs for equal reviews to be called duplicates: short praise is often the same by chance."""
    bombing_window_days: Days = 90
    """Days before a day that set its usual number of lowest ratings."""
    bombing_min_reviews: Annotated[int, Field(ge=1)] = 5
    """Lowest ratings on one day below which nothing is called bombing."""
    bombing_min_ratio: Annotated[float, Field(ge=1)] = 3
    """How many times the expected number is needed: real days vary more than chance alone."""
    bombing_max_probability: Annotated[float, Field(gt=0, lt=1)] = 1e-6
    """Highest probability, at the usual rate, of so many lowest ratings for a day to be called bombing."""
