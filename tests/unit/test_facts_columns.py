"""What a docstring of the facts says of columns is what the frame has."""

import re
from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from pipeline.core.facts.customers import (
    customer_facts,
    customers_known,
    latest_consent,
    latest_statement,
    may_market,
    one_per_person,
    with_persons,
)
from pipeline.core.facts.money import Money, paid_in_shop_currency
from pipeline.core.facts.names import number_customers
from pipeline.core.facts.orders import numbered_orders, order_facts, orders_as_of, totals_per_customer
from pipeline.core.facts.responses import boxes_per_response, response_facts
from pipeline.core.facts.reviews import review_facts, reviews_as_of
from pipeline.core.frames import Frame
from pipeline.core.local_dates import with_local_dates
from schemas.registry import ENTITIES, RECORDS

DAY, ZONE = date(2026, 6, 30), "Europe/Amsterdam"
BOXES = {"1-5": [3, 4, 5]}


def lake(name: str) -> Frame:
    return pl.LazyFrame(schema=ENTITIES[name].polars_schema)


ORDERS = order_facts(lake("orders"), time_zone=ZONE, valid_statuses=["paid"])
KNOWN = orders_as_of(ORDERS, as_of=DAY)
ACCOUNTS = with_local_dates(lake("customers").with_columns(account_id="customer_id"), ZONE)
CUSTOMERS = customer_facts(ACCOUNTS, ORDERS)
REVIEWS = review_facts(lake("reviews"), time_zone=ZONE)
ANSWERS = lake("survey_answers")
EUROS = Money.of(
    pl.DataFrame(schema={"currency": pl.String, "date": pl.Date, "rate": pl.Float64}), currency="EUR", max_age_days=7
)
DATED = with_local_dates(lake("orders"), ZONE)
PRICED = paid_in_shop_currency(DATED, None)
NOTHING = pl.LazyFrame()
IDENTITY = pl.LazyFrame(schema=RECORDS["identity"].polars_schema)


def names(rows: Frame) -> set[str]:
    return set(rows.collect_schema().names())


@pytest.mark.parametrize(
    ("function", "made", "given"),
    [
        (paid_in_shop_currency, PRICED, DATED),
        (paid_in_shop_currency, paid_in_shop_currency(DATED, EUROS), DATED),
        (order_facts, ORDERS.drop(names(PRICED) - names(DATED)), lake("orders")),
        (orders_as_of, KNOWN, ORDERS),
        (numbered_orders, numbered_orders(KNOWN), KNOWN),
        (totals_per_customer, totals_per_customer(KNOWN, CUSTOMERS, first_date=DAY), NOTHING),
        (customer_facts, CUSTOMERS, NOTHING),
        (latest_consent, latest_consent(ACCOUNTS), NOTHING),
        (latest_statement, latest_statement(ACCOUNTS), NOTHING),
        (may_market, may_market(KNOWN, CUSTOMERS, without_flag=False), KNOWN),
        (customers_known, customers_known(CUSTOMERS, KNOWN, as_of=DAY), CUSTOMERS),
        (with_persons, with_persons(KNOWN, IDENTITY), KNOWN),
        (one_per_person, one_per_person(KNOWN, IDENTITY), KNOWN),
        (number_customers, number_customers(NOTHING.with_columns(name=pl.lit("a")), IDENTITY), NOTHING),
        (boxes_per_response, boxes_per_response(ANSWERS, BOXES), NOTHING),
        (
            response_facts,
            response_facts(lake("survey_responses"), ANSWERS, ORDERS, boxes=BOXES, time_zone=ZONE).drop(
                names(boxes_per_response(ANSWERS, BOXES)) - {"response_id"}
            ),
            lake("survey_responses"),
        ),
        (review_facts, REVIEWS, lake("reviews")),
        (reviews_as_of, reviews_as_of(REVIEWS, KNOWN, as_of=DAY), REVIEWS),
    ],
)  # fmt: skip
def test_a_docstring_names_every_column_that_is_added(
    function: Callable[..., Frame], made: Frame, given: Frame
) -> None:
    told = re.findall(r"^ *- (`.*?): ", function.__doc__ or "", flags=re.MULTILINE)
    assert {name for names in told for name in re.findall(r"`(\w+)`", names + "`")} == names(made) - names(given)
