"""Whatever comes night after night, the edition says what one from nothing says. No single rule is tested here."""

import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from tests.scenario import configuration
from tests.two_nights import ENVIRONMENT, OF_THE_RUN, SURVEY, Copy

PEOPLE = range(12)
DAYS = [f"2026-06-{day}" for day in range(21, 31)]
"""Mondays, when models are trained, are among them."""
FIRST_EXPORT = 1_790_000_000
MONTHS = range(1, 7)

COLUMNS = {
    "orders": "order_id,account,mail,ordered_at,status,amount,discount,refund,refunded_at,channel,promised_at,delivered_at",
    "order_lines": "order_id,line_number,ordered_at,product,category,quantity,amount",
    "customers": "account,mail,since,country,agrees",
    "reviews": "review_id,order_id,account,stars,body,written_at,product",
    "surveys": "response_id,account,order_id,submitted_at,happy,again,recommend,remark",
    "survey_invitations": "invitation_id,account,invited_at",
    "touchpoints": "touchpoint_id,account,session,happened_at,kind,category,order_id,amount",
    "loyalty_events": "event_id,account,happened_at,kind,points",
    "referrals": "referral_id,account,referred,given_at",
}
MAPPINGS = {
    "orders": """select order_id, account as customer_id, mail as email, ordered_at, status, 'EUR' as currency, amount as gross_amount,
        discount as discount_amount, refund as refund_amount, amount::int - discount::int - refund::int as net_amount, refunded_at,
        channel, promised_at, delivered_at, _file, _row from orders""",
    "order_lines": """select order_id, line_number, ordered_at, product as product_id, category, quantity, 'EUR' as currency,
        amount as line_amount, _file, _row from order_lines""",
    "customers": """select account as customer_id, mail as email, since as registered_at, country, agrees as accepts_marketing,
        _file, _row from customers""",
    "reviews": """select review_id, order_id, account as customer_id, stars as rating, '1' as rating_min, '5' as rating_max, body,
        product as product_id, written_at as created_at, _file, _row from reviews""",
    "surveys": """select response_id, account as customer_id, order_id, submitted_at, happy, again, recommend, remark as comment,
        _file, _row from surveys""",
    "survey_invitations": "select invitation_id, account as customer_id, invited_at, _file, _row from survey_invitations",
    "touchpoints": """select touchpoint_id, account as customer_id, session as session_id, happened_at as occurred_at, kind, category,
        order_id, amount as cart_amount, 'EUR' as currency, _file, _row from touchpoints""",
    "loyalty_events": "select event_id, account as customer_id, happened_at as occurred_at, kind, points, _file, _row from loyalty_events",
    "referrals": """select referral_id, account as customer_id, referred as referred_customer_id, given_at as referred_at, _file, _row
        from referrals""",
}
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "shop": [
        {"name": "Test", "currency": "EUR", "time_zone": zone} for zone in ("Europe/Amsterdam", "America/New_York")
    ],
    "rfm": [{"bins": 5}, {"map": "r_rfm"}, {"valid_statuses": ["shipped", "delivered"]}],
    "cohorts": [{"min_n": 1}, {"min_n": 2}],
    "nps": [{"min_n": 1}, {"min_n": 3}],
    "publish": [{"facts": "warehouse"}, {"facts": "lake"}],
    "preferences": [{"window_days": 365}, {"window_days": 60}],
}
TOLD_BY_NIGHTS = (
    # What was known on the dates before.
    *("customer_segment_history", "segment_migration", "notices"),
    # What each night has read and written.
    *("run_summary", "lake_versions", "row_origins"),
)
COMMENTS = ("Super snelle levering!", "the parcel came late and nobody answered", "", "prima", "slechte kwaliteit")


@dataclass
class Story:
    """A shop, and what happens to it."""

    shop: Copy
    draw: random.Random
    choices: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: dict(SETTINGS))
    """Of each section what it can be, what it is now first."""
    n_exports: int = 0
    n_orders: int = 0

    def begin(self) -> None:
        sources = []
        for entity, sql in MAPPINGS.items():
            (self.shop.folder / f"{entity}.sql").write_text(sql)
            (self.shop.folder / entity).mkdir(parents=True)
            source = {"name": f"shop_{entity}", "entity": entity, "mapping": f"{entity}.sql"}
            source["inputs"] = {entity: f"{entity}/*.csv"}  # type: ignore[assignment]
            if entity in ("surveys", "survey_invitations"):
                source["survey"] = "asked"
            sources.append(source)
        tree = configuration(sources=sources, surveys={"asked": SURVEY}, quality={"max_reject_rate": 1.0})
        self.shop.config.write_text(yaml.safe_dump(tree))

    def export(self, entity: str, rows: list[dict[str, Any]]) -> None:
        """A further file, later than any before."""
        names = COLUMNS[entity].split(",")
        lines = [COLUMNS[entity], *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
        self.n_exports += 1
        file = self.shop.folder / entity / f"{self.n_exports:03}.csv"
        file.write_text("\n".join(lines) + "\n")
        os.utime(file, (FIRST_EXPORT + 60 * self.n_exports,) * 2)

    def moment(self) -> str:
        day = f"2026-{self.draw.choice(MONTHS):02}-{self.draw.randint(1, 28):02}"
        # Some so late that in Amsterdam it is the next day.
        return f"{day}T{self.draw.choice(('09:15', '12:00', '22:30'))}:00Z"

    def account(self) -> str:
        return f"c{self.draw.choice(PEOPLE)}" if self.draw.random() < 0.85 else ""

    def order(self, number: int) -> dict[str, Any]:
        draw, who = self.draw, self.draw.choice(PEOPLE)
        amount, refund = draw.randint(5, 90), draw.choice((0, 0, 0, 3))
        return {
            "order_id": f"o{number}",
            "account": f"c{who}" if draw.random() < 0.7 else "",
            "mail": f"p{who % 10}@example.org" if draw.random() < 0.5 else "",
            "ordered_at": self.moment(),
            "status": draw.choice(("paid", "shipped", "delivered", "delivered", "pending", "cancelled", "returned")),
            "amount": amount,
            "discount": draw.choice((0, 0, 2)),
            "refund": refund,
            "refunded_at": self.moment() if refund else "",
            "channel": draw.choice(("web", "app", "")),
            "promised_at": self.moment() if draw.random() < 0.6 else "",
            "delivered_at": self.moment() if draw.random() < 0.6 else "",
        }

    def about(self) -> dict[str, Any]:
        """Whom and which order a row is about, as far as it says so."""
        order = f"o{self.draw.randint(0, self.n_orders + 3)}" if self.draw.random() < 0.6 else ""
        return {"account": self.account(), "order_id": order}

    def bring(self) -> None:
        """What a day brings: new rows, and newer versions of some that are there."""
        draw = self.draw
        news = range(self.n_orders, self.n_orders + draw.randint(1, 25))
        again = draw.sample(range(self.n_orders), min(self.n_orders, draw.randint(0, 4)))
        self.n_orders = news.stop
        self.export("orders", [self.order(number) for number in [*news, *again]])
        lines = [(order, line) for order in [*news, *again] for line in range(draw.randint(0, 3))]
        self.export(
            "order_lines",
            [
                {"order_id": f"o{order}", "line_number": line, "ordered_at": self.moment(), "product": f"p{draw.randint(1, 5)}"}
                | {"category": draw.choice(("shoes", "hats", "")), "quantity": draw.randint(1, 2), "amount": draw.randint(1, 40)}
                for order, line in lines
            ],
        )  # fmt: skip
        self.export(
            "customers",
            [
                {"account": f"c{who}", "mail": f"p{who % 10}@example.org", "since": "2026-01-01", "country": "NL"}
                | {"agrees": draw.choice(("true", "false", ""))}
                for who in draw.sample(PEOPLE, draw.randint(1, 5))
            ],
        )

        def some(most: int) -> range:
            return range(start := draw.randint(0, 40), start + draw.randint(0, most))

        said = {"body": draw.choice(COMMENTS), "remark": draw.choice(COMMENTS)}
        self.export(
            "reviews",
            [
                self.about() | said | {"review_id": f"r{n}", "stars": draw.randint(1, 5), "written_at": self.moment()}
                for n in some(8)
            ],
        )
        self.export(
            "surveys",
            [
                self.about() | said | {"response_id": f"s{n}", "submitted_at": self.moment()}
                | {"happy": draw.randint(1, 5), "again": draw.randint(1, 5), "recommend": draw.randint(0, 10)}
                for n in some(8)
            ],
        )  # fmt: skip
        self.export(
            "survey_invitations",
            [{"invitation_id": f"i{n}", "account": self.account(), "invited_at": self.moment()} for n in some(6)],
        )
        kinds = ("visit", "product_view", "cart", "checkout", "purchase")
        self.export(
            "touchpoints",
            [
                self.about() | {"touchpoint_id": f"t{n}", "session": f"v{n // 3}", "happened_at": self.moment()}
                | {"kind": draw.choice(kinds), "category": draw.choice(("shoes", "hats", "")), "amount": 10}
                for n in some(20)
            ],
        )  # fmt: skip
        self.export(
            "loyalty_events",
            [
                {"event_id": f"e{n}", "account": self.account(), "happened_at": self.moment()}
                | draw.choice(
                    ({"kind": "earn", "points": 20}, {"kind": "redeem", "points": -5}, {"kind": "expire", "points": -1})
                )
                for n in some(6)
            ],
        )
        self.export(
            "referrals",
            [
                {"referral_id": f"f{n}", "account": f"c{n % 7}", "referred": f"c{n % 5 + 7}", "given_at": self.moment()}
                for n in some(3)
            ],
        )

    def set_otherwise(self, n_sections: int) -> None:
        """Other settings in some sections, as the shop's people find better."""
        for name in self.draw.sample(list(SETTINGS), n_sections):
            self.choices[name] = [*self.choices[name][1:], self.choices[name][0]]
            self.shop.configure(**{name: self.choices[name][0]})


def does(shop: Copy, *command: str) -> None:
    result = shop.loyalty(*command)
    assert result.exit_code == 0, result.output


def published(shop: Copy, day: str) -> dict[str, pl.DataFrame]:
    """Every published table, of tables that have dates the rows of one, but by which run it was made."""
    found = {}
    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        query = "select table_schema, table_name from information_schema.tables order by all"
        for schema, name in connection.execute(query).fetchall():
            rows = connection.sql(f'select * from {schema}."{name}"').pl().drop(OF_THE_RUN | {"batch_id"}, strict=False)
            if "as_of_date" in rows.columns:
                rows = rows.filter(pl.col("as_of_date") == pl.lit(day).str.to_date())
            found[name] = rows.sort(pl.exclude(pl.List))
    return found


def assert_same(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> None:
    assert found.keys() == expected.keys()
    differ = {}
    for name in found.keys() - set(TOLD_BY_NIGHTS):
        try:
            assert_frame_equal(found[name], expected[name])
        except AssertionError as error:
            differ[name] = str(error)
    assert not differ, "\n".join(f"{name}: {error}" for name, error in differ.items())


@pytest.mark.parametrize("seed", [23])
def test_nights_end_in_the_edition_of_a_shop_that_reads_all_at_once(tmp_path: Path, seed: int) -> None:
    story = Story(Copy(tmp_path, ENVIRONMENT), random.Random(seed))
    story.begin()
    earlier, day = sorted(story.draw.sample(DAYS, 2))
    story.set_otherwise(3)
    story.bring()
    does(story.shop, "run", "--as-of", day)
    does(story.shop, "maintain")
    # A night has new rows or other settings, not both: each alone must be noticed. One for an earlier date keeps the newest up to date.
    story.bring()
    does(story.shop, "run", "--as-of", earlier)
    story.set_otherwise(1)
    does(story.shop, "run", "--as-of", day)
    at_once = Copy(tmp_path, ENVIRONMENT, "at_once")
    does(at_once, "run", "--as-of", day)
    assert_same(published(story.shop, day), published(at_once, day))
