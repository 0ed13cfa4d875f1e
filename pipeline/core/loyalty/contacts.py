"""Which actions may be carried out: consent, and how long ago a customer was contacted. Which are due is found elsewhere."""

from datetime import date

import polars as pl

from pipeline.core.facts.customers import may_market
from pipeline.core.frames import Frame, days_before, first_of
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.due_actions import ACTION


def hold_back(
    due: Frame,
    contacts: Frame,
    customers: Frame,
    *,
    as_of: date,
    settings: ActionsSettings,
    is_told: bool,
) -> Frame:
    """The actions that are due, which have `needs_consent` and `repeat_days`, with `held_by` and `consent_basis`.

    `contacts` have the local date of each export, `customers` come from `customer_facts`, and `is_told` is what `consent_is_told`
    says of all of them: `due`, `contacts` and `customers` can be those of some customers. Held back are marketing
    without consent, an action exported for the customer less than `repeat_days` ago, and marketing within
    `contact_days` of any exported action. `held_by` names the first of these causes (HELD_BY), null if allowed. Only
    exports of an edition of an earlier date count, so that a rerun gives the same.
    """
    earlier = contacts.filter(pl.col("as_of_date") < as_of).select(
        "customer_id", pl.col("action").cast(ACTION), days=days_before(as_of, "exported_date")
    )
    of_any = earlier.group_by("customer_id").agg(days_since_any=pl.col("days").min())
    of_same = earlier.group_by("customer_id", "action").agg(days_since_same=pl.col("days").min())
    is_marketing = pl.col("needs_consent")
    is_repeated = (pl.col("days_since_same") < pl.col("repeat_days")).fill_null(False)
    is_pressed = (pl.col("days_since_any") < settings.contact_days).fill_null(False)
    return (
        due.join(of_any, on="customer_id", how="left")
        .join(of_same, on=["customer_id", "action"], how="left")
        .pipe(may_market, customers, without_flag=settings.consent_without_flag, is_told=is_told)
        .with_columns(
            held_by=pl.when(is_marketing & ~pl.col("may_market"))
            .then(pl.lit("no_consent"))
            .when(is_repeated)
            .then(pl.lit("repeat_pause"))
            .when(is_marketing & is_pressed)
            .then(pl.lit("contact_pause")),
            consent_basis=_consent_basis(),
        )
    )


def first_contacts(contacts: Frame) -> Frame:
    """One row per customer, action and draw of its control group: the first export, which says in which arm a customer is.

    The columns of the contract Contacts, and any others that `contacts` have; exports without a control group are left out.
    """
    drawn = contacts.filter(pl.col("control_draw").is_not_null())
    return drawn.pipe(
        first_of, ["customer_id", "action", "control_draw"], order=["exported_at", "as_of_date", "is_control"]
    )


def _consent_basis() -> pl.Expr:
    """On what each action rests, of rows with `needs_consent` and `is_consent_told`."""
    basis = pl.when("is_consent_told").then(pl.lit("given")).otherwise(pl.lit("assumed"))
    return pl.when("needs_consent").then(basis).otherwise(pl.lit("not_needed"))


def allowed_today(actions: pl.DataFrame, consent: Frame, *, settings: ActionsSettings) -> pl.DataFrame:
    """The rows of `actions` (columns of NextAction, or of ActionControls) that today's consent allows, in their order.

    `consent` has the `accepts_marketing` of customers, as `latest_consent` finds it in the lake of now: an edition can be
    older. `consent_basis`, where there, is that of now too.
    """
    numbered = actions.with_row_index("place").lazy()
    told = may_market(numbered, consent, without_flag=settings.consent_without_flag).collect().sort("place")
    allowed = told.filter(~pl.col("needs_consent") | pl.col("may_market"))
    return allowed.with_columns(consent_basis=_consent_basis()).select(actions.columns)


def one_each(
    actions: pl.DataFrame, controls: pl.DataFrame, *, settings: ActionsSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of `actions` (columns of NextAction) by rank, and of `controls` (of ActionControls), one in all for each customer.

    Customers can have been joined since the edition was made: the action with the lowest priority number stays, and of one action the
    place in the control group, as a control is not contacted.
    """
    priorities = {action: entry.priority for action, entry in settings.playbook.items()}
    arms = (actions.sort("rank"), controls.sort("customer_id", "action"))
    both = [
        arm.select("customer_id", "action", place=pl.int_range(pl.len()), is_control=pl.lit(is_control))
        for arm, is_control in zip(arms, (False, True), strict=True)
    ]
    kept = (
        pl.concat(both)
        .with_columns(priority=pl.col("action").cast(pl.String).replace_strict(priorities, return_dtype=pl.Int64))
        .sort("priority", ~pl.col("is_control"), "place")
        .unique("customer_id", keep="first", maintain_order=True)
    )
    places = [kept.filter(is_control=is_control)["place"].sort() for is_control in (False, True)]
    return arms[0][places[0]], arms[1][places[1]]


def with_addresses(actions: pl.DataFrame, people: pl.DataFrame, statements: pl.DataFrame) -> pl.DataFrame:
    """The rows of `actions` (columns of NextAction, or of ActionControls), in their order, with the `email` to write to.

    `people` has the addresses of a list in its order: `customer_id`, the person; `address`, its pseudonym; `email`.
    `statements` has what was said of an address itself, as `latest_statement` finds it, with the address as `customer_id`.
    Of a customer's addresses the one with the newest yes is taken, then one of which nothing was said. One that said no gets no
    marketing, whatever the customer said elsewhere, and a service message only where there is no other. Null without one.
    """
    said = statements.select(address="customer_id", said="accepts_marketing", said_at="updated_at")
    found = people.join(said, on="address", how="left", maintain_order="left").with_columns(
        has_agreed=pl.col("said").fill_null(False), has_refused=(~pl.col("said")).fill_null(False)
    )
    found = found.sort(
        *("has_refused", "has_agreed", "said_at"),
        descending=[False, True, True],
        nulls_last=True,
        maintain_order=True,
    )
    emails = {
        name: part.unique("customer_id", keep="first", maintain_order=True).select(
            "customer_id", pl.col("email").alias(name)
        )
        for name, part in (("may_market_to", found.filter(~pl.col("has_refused"))), ("any_address", found))
    }
    for one in emails.values():
        actions = actions.join(one, on="customer_id", how="left", maintain_order="left")
    of_service = pl.when(~pl.col("needs_consent")).then("any_address")
    return actions.with_columns(email=pl.coalesce("may_market_to", of_service)).drop(*emails)


def not_yet_contacted(
    actions: pl.DataFrame, contacts: pl.DataFrame, *, on: date, settings: ActionsSettings
) -> pl.DataFrame:
    """The rows of `actions` (columns of NextAction) that can still be carried out on a date, in their order.

    `contacts` have the local date of each export. Left out are rows that `hold_back` would hold back because of an
    export since the night, of another date or of another action for the same date. The same action of the same date can
    be exported again.
    """
    repeat_days = {action: entry.repeat_days for action, entry in settings.playbook.items()}
    days = days_before(on, "exported_date")
    is_same = pl.col("action") == pl.col("action_exported")
    is_again = is_same & (pl.col("as_of_date") == pl.col("as_of_date_exported"))
    is_repeated = is_same & (days < pl.col("action").replace_strict(repeat_days, return_dtype=pl.Int64))
    is_pressed = pl.col("needs_consent") & (days < settings.contact_days)
    held = actions.join(contacts, on="customer_id", suffix="_exported").filter(~is_again, is_repeated | is_pressed)
    return actions.join(held, on="customer_id", how="anti", maintain_order="left")
