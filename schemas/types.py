"""What all data contracts share: their base, types, units and closed lists. No rule about a single table belongs here."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Annotated, Any, ClassVar

import pandera.polars as pa
import polars as pl

UtcTime = Annotated[pl.Datetime, "us", "UTC"]
"""A moment in microseconds, always aware and in UTC."""

MINOR = {"unit": "minor"}
"""The metadata of money: in the lake hundredths of a unit of currency, in the warehouse whole units with two decimals."""
MINOR_OF_NET_SPEND = MINOR | {"only_where": ("tier_metric", "net_spend")}
MINOR_OF_MONETARY = MINOR | {"only_where": ("dimension", "monetary")}
"""Money in rows where another column has this value; a plain number in all others."""

FORMERLY_BAND = {"formerly": "band"}
FORMERLY_SEGMENT = {"formerly": "segment"}
"""What a column was called: a lake that an older version of this program wrote keeps its values under the new name."""

ORDER_STATUSES = ("pending", "paid", "shipped", "delivered", "cancelled", "returned")
PROMISE_STATUSES = ("kept", "late", "overdue", "open", "unknown", "none")
TOUCHPOINT_KINDS = (
    *("visit", "product_view", "cart", "checkout", "order", "service_contact", "review"),
    *("social", "vote", "share", "store_visit", "email_open", "email_click"),
)
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
MISSING_ITEMS = tuple("_and_".join(items) for n in (1, 2, 3) for items in combinations(ITEM_ROLES, n))
"""Which items of the index a favorable customer answered only second best."""
SCI_CLASSES = ("secure", "favorable", "vulnerable", "at_risk", "unclassified")
NPS_CLASSES = ("promoter", "passive", "detractor")
LANGUAGES = ("en", "nl", "de", "fr", "es", "pt")
"""Languages that comments are read in, by ISO 639-1 code."""
CHURN_BANDS = ("active", "cooling_down", "at_risk", "highly_at_risk", "lost")
IDENTIFIER_KINDS = ("account", "email")
IDENTITY_RULES = ("same_row", "chain")
CUSTOMER_STATES = ("scored", "lapsed", "prospect")
TOTALS_OUTCOMES = ("agrees", "spent_differs", "fewer_orders", "more_orders", "other_currency", "no_amount")

CURRENCY_PATTERN = r"^[A-Z]{3}$"
PSEUDONYM_PATTERN = r"^[0-9a-f]{64}$"
"""HMAC-SHA256 in hexadecimal: what is kept of an e-mail address."""


@dataclass(frozen=True)
class Table:
    """One lake table, named after its contract.

    `key` makes a row unique. `month_of` is the column whose UTC month partitions a growing table. A dated table has one
    partition per as_of date. A delivered table is filled by sources, and the newest version of a row wins. Dated tables
    with one row per customer lose old dates to retention, unless they have `keeps_every_date`.

    `published_as` is the schema and name of the mart that shows the table as it is. A dated table shows the edition's date,
    or every date up to it if it `shows_history`. A table is `split_by` a column that is null in rows about the whole: these
    rows are published without the column, the others as `…_by_<column>`.
    """

    name: str
    model: "type[Contract]"
    key: tuple[str, ...]
    month_of: str | None = None
    is_dated: bool = False
    is_delivered: bool = False
    keeps_every_date: bool = False
    published_as: str | None = None
    shows_history: bool = False
    split_by: str | None = None

    @property
    def is_thinned_out(self) -> bool:
        """Whether retention drops old dates of this table."""
        return self.is_dated and "customer_id" in self.key and not self.keeps_every_date

    @property
    def grain(self) -> str:
        """What one row is, and whatever else the contract says about the table."""
        return " ".join((self.model.__doc__ or "").split())

    @cached_property
    def columns(self) -> dict[str, pa.Column]:
        """The columns of the contract, in its order."""
        return dict(self.model.to_schema().columns)

    @property
    def free_texts(self) -> set[str]:
        """The columns in which people write freely."""
        return {name for name, column in self.columns.items() if (column.metadata or {}).get("is_personal_text")}

    @property
    def closed_texts(self) -> set[str]:
        """The columns beside the key whose values the contract lists or gives a pattern for: no other value passes."""
        closes = ("isin", "str_matches")
        is_closed = {
            name: any(check.name in closes for check in column.checks) for name, column in self.columns.items()
        }
        return {name for name, closed in is_closed.items() if closed} - set(self.key)

    @property
    def former_names(self) -> dict[str, str]:
        """What renamed columns were called, by their new name."""
        return {
            name: found for name, column in self.columns.items() if (found := (column.metadata or {}).get("formerly"))
        }

    @cached_property
    def polars_schema(self) -> pl.Schema:
        """Column names and polars types of the contract, in its order."""
        return pl.Schema({name: column.dtype.type for name, column in self.columns.items()})


EXTRA = "extra"
EXTRA_WORDS = "The export's values in the extra_columns of the source, as a JSON object; null where all are empty."


class Contract(pa.DataFrameModel):
    """A table with exactly the columns its class names, each described; the class takes the arguments of `Table`."""

    __table__: ClassVar[Table]

    class Config:
        """No column more and none less."""

        strict = True

    def __init_subclass__(cls, *, key: tuple[str, ...], **more: Any) -> None:
        super().__init_subclass__()  # type: ignore[no-untyped-call]
        cls.__table__ = Table(re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower(), cls, key, **more)
