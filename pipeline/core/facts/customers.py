"""Customers: who they are over all of their accounts, who is known on a date, and who may get marketing."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline.core.facts.orders import totals_per_customer
from pipeline.core.frames import Frame, first_of, last_of


def customer_facts(accounts: Frame, orders: Frame) -> Frame:
    """One row per customer, all accounts together: what is true of them whatever the date. Key: `customer_id`.

    `accounts` has every row of the lake's customers, with its local dates, `account_id` as the source has it, and
    `customer_id`, the person; `orders` come from `order_facts`. Has only these columns:

    - `customer_id`: the person.
    - `registered_at`, `registered_date`: of the first account; null where no account has them.
    - `country`: by the newest statement, one without a date being the oldest.
    - `accepts_marketing`: by `latest_consent`; null where no account says.
    - `last_ordered_date`: of the last order of any status; null without one.
    - `stated_orders`, `stated_spent_amount`: orders, and minor units, of all accounts together; null where no source states them.
    """
    merged = accounts.group_by("customer_id").agg(
        pl.col("registered_at", "registered_date").min(),
        *(
            pl.when(pl.col(name).count() > 0).then(pl.col(name).sum())
            for name in ("stated_orders", "stated_spent_amount")
        ),
    )
    located = accounts.filter(pl.col("country").is_not_null()).select(
        "customer_id", "country", "updated_at", "account_id"
    )
    countries = located.pipe(last_of, "customer_id", order=["updated_at", "account_id"])
    ordered = orders.group_by("customer_id").agg(pl.col("ordered_date").max().alias("last_ordered_date"))
    for told in (countries.select("customer_id", "country"), latest_consent(accounts), ordered):
        merged = merged.join(told, on="customer_id", how="left")
    return merged


def latest_consent(accounts: Frame) -> Frame:
    """One row per customer with a statement on marketing in any account: the newest statement. Key: `customer_id`.

    Marketing needs a yes known to be newer than any no, so without a date a yes is the oldest statement and a no the
    newest. It is today's consent whatever the as_of date, because mail goes out now. Has only these columns:

    - `customer_id`: the person.
    - `accepts_marketing`: yes or no, never null.
    """
    return latest_statement(accounts).drop("updated_at")


def latest_statement(accounts: Frame) -> Frame:
    """As `latest_consent`, of whatever `customer_id` names: customers, or e-mail addresses. Key: `customer_id`. Has only these columns:

    - `customer_id`: who or what it is of.
    - `accepts_marketing`: yes or no, never null.
    - `updated_at`: when it was made; null where nothing says.
    """
    accepts = pl.col("accepts_marketing")
    undated = pl.when(accepts).then(pl.lit(0)).otherwise(pl.lit(2))
    return (
        accounts.filter(accepts.is_not_null())
        .with_columns(
            age=pl.when(pl.col("updated_at").is_null()).then(undated).otherwise(pl.lit(1)),
            is_no=(~accepts).cast(pl.Int64),
        )
        .pipe(last_of, "customer_id", order=["age", "updated_at", "is_no"])
        .select("customer_id", "accepts_marketing", "updated_at")
    )


def consent_is_told() -> pl.Expr:
    """Whether any of the rows, of accounts or of customers, says whether marketing is accepted."""
    return pl.col("accepts_marketing").count() > 0


def may_market(rows: Frame, customers: Frame, *, without_flag: bool, is_told: bool | None = None) -> Frame:
    """The rows, each of a customer, as many as before and with their key, with whether each customer may get marketing.

    `customers` are all of `customer_facts`, whatever the date; where they are only those of the rows, `is_told` is what
    `consent_is_told` says of all. Adds:

    - `is_consent_told`: whether any source records consent; the same in all rows.
    - `may_market`: whether this customer may get marketing: where consent is recorded only who agreed, else as
      `without_flag` says.
    """
    agreed = customers.filter(pl.col("accepts_marketing")).select("customer_id", has_agreed=pl.lit(True))
    may = pl.when("is_consent_told").then(pl.col("has_agreed").fill_null(False)).otherwise(without_flag)
    found = rows.join(agreed, on="customer_id", how="left")
    if is_told is None:
        found = found.join(customers.select(is_consent_told=consent_is_told()), how="cross")
    else:
        found = found.with_columns(is_consent_told=pl.lit(is_told))
    return found.with_columns(may_market=may).drop("has_agreed")


def customers_as_of(facts: Frame, *, as_of: date) -> Frame:
    """The rows of `customer_facts` of customers known on a date even without an order by then. Key: `customer_id`.

    Customers who registered later are not. Without a registration date, customers whose last order is later are left out,
    as only an order by then shows that they were known; customers who never ordered are known.
    """
    registered, ordered = pl.col("registered_date"), pl.col("last_ordered_date")
    return facts.filter((registered.is_null() & ~(ordered > as_of).fill_null(False)) | (registered <= as_of))


def customers_known(facts: Frame, orders: Frame, *, as_of: date) -> Frame:
    """One row per customer who is known at as_of or has ordered by then, prospects included. Key: `customer_id`.

    `orders` come from `orders_as_of`. The columns of `customer_facts` without `last_ordered_date`; null where a
    customer has no account. Adds, as `totals_per_customer` counts them:

    - `first_order_date`, `last_order_date`: of valid orders; null without one.
    - `n_orders`, `n_valid_orders`: orders of all time, all and valid.
    """
    totals = totals_per_customer(orders, customers_as_of(facts, as_of=as_of), first_date=date.min)
    of_orders = totals.select("customer_id", "first_order_date", "last_order_date", "n_orders", "n_valid_orders")
    return of_orders.join(facts.drop("last_ordered_date"), on="customer_id", how="left")


def with_persons(rows: Frame, identity: Frame) -> Frame:
    """The rows, each of a customer by a name of any date, as many as before and with their key. `identity` follows the contract Identity.

    Adds:

    - `person`: the name that this customer has today.
    """
    people = identity.select(customer_id="identifier", person="customer_id")
    return rows.join(people, on="customer_id", how="left").with_columns(person=pl.coalesce("person", "customer_id"))


def one_per_person(rows: Frame, identity: Frame, *, by: Sequence[str] = ()) -> Frame:
    """Of the rows, as `with_persons` takes them, one per person. Key: `person`, and the columns `by`.

    Names that were customers of their own can be one person today. The row is that under the name that stayed; where none
    stayed, under the first as persons are named: an account before an address, then by length and text. Definitions, section 8.
    Adds:

    - `person`: the name that this customer has today.
    """
    named = with_persons(rows, identity)
    names = identity.select(customer_id="identifier", is_address=(pl.col("kind") != "account").cast(pl.Int64))
    people = identity.select(person="customer_id").unique()
    # Few persons have several names: the others need no order.
    several = named.join(people, on="person", how="semi").join(names, on="customer_id", how="left")
    chosen = several.with_columns(
        is_former=(pl.col("customer_id") != pl.col("person")).cast(pl.Int64),
        n_letters=pl.col("customer_id").str.len_chars(),
    ).pipe(first_of, [*by, "person"], order=["is_former", "is_address", "n_letters", "customer_id"])
    columns = named.collect_schema().names()
    return pl.concat([named.join(people, on="person", how="anti").select(columns), chosen.select(columns)])
