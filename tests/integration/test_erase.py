"""Erasing a person: nothing in the home names them afterwards, and everybody else is as before."""

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import polars as pl
import pytest
import yaml

from pipeline.assets.sources import source_assets
from pipeline.commands import erase
from pipeline.configuration import load_settings
from pipeline.errors import ConfigError
from pipeline.lake import Lake
from pipeline.resources import Home
from pipeline.sources.entity_rows import NAMES
from pipeline.warehouse import editions
from pipeline.warehouse.editions import list_editions
from schemas.registry import RECORDS
from tests.scenario import HEADER, Shop, configuration, make_shop

KEY = "a long secret of the tests"
AS_OF = ["2026-06-29", "2026-06-30"]
ORDERS_SQL = """
select order_id, account as customer_id, mail as email, ordered_at, status, 'EUR' as currency, amount as gross_amount,
    '0' as discount_amount, '0' as refund_amount, amount as net_amount, _file, _row,
from orders
"""
LINES_SQL = """
select order_id, '1' as line_number, ordered_at, 'p1' as product_id, '1' as quantity, 'EUR' as currency,
    amount as line_amount, _file, _row,
from orders
"""
REVIEWS_SQL = """
select review_id, mail as email, stars as rating, '1' as rating_min, '5' as rating_max, text as body,
    written_at as created_at, _file, _row,
from reviews
"""
SURVEY_SQL = """
select response_id, mail as email, sent_at as submitted_at, remark as comment, happy, _file, _row,
from responses
"""


def pseudonym(address: str) -> str:
    return hmac.new(KEY.encode(), address.encode(), hashlib.sha256).hexdigest()


TOUCHPOINTS_SQL = """
select
    touchpoint_id, mail as email, session_id, happened_at as occurred_at, kind,
    amount as cart_amount, 'EUR' as currency, _file, _row,
from touchpoints
"""
INVITATIONS_SQL = """
select invitation_id, mail as email, order_id, invited_at, _file, _row,
from invitations
"""
POINTS_SQL = """
select event_id, mail as email, happened_at as occurred_at, kind, points, _file, _row,
from points
"""
REFERRALS_SQL = """
select referral_id, account as customer_id, referred as referred_customer_id, given_at as referred_at, _file, _row,
from referrals
"""
MAPPINGS = {
    "orders": ORDERS_SQL,
    "lines": LINES_SQL,
    "reviews": REVIEWS_SQL,
    "survey": SURVEY_SQL,
    "touchpoints": TOUCHPOINTS_SQL,
    "invitations": INVITATIONS_SQL,
    "points": POINTS_SQL,
    "referrals": REFERRALS_SQL,
}
ERASED = {
    "account": "kunde-4711",
    "second account": "kunde-9815",
    "address": "Saskia.Uylenburgh@example.org",
    "pseudonym": pseudonym("saskia.uylenburgh@example.org"),
    "order": "bestelling-saskia",
    "guest order": "gastbestelling-saskia",
    "rejected order": "geweigerd-saskia",
    "response": "antwoord-saskia",
    "text": "de bruidsjurk kwam te laat",
    "remark": "bel me op de Breestraat",
    "session": "bezoek-saskia",
    "session of a rejected row": "sessie-uylenburgh",
}
"""What the exports say of the person who is erased: whatever of it were left would name her."""


def exports(folder: Path) -> None:
    mail = ERASED["address"]
    orders = [
        f"o{n:03},c{n // 2:03},c{n // 2:03}@example.com,2026-0{1 + n % 6}-10 12:00:00,paid,20.00" for n in range(200)
    ]
    orders += [
        f"{ERASED['order']},{ERASED['account']},{mail},2026-06-01 12:00:00,paid,35.00",
        f"{ERASED['order']}-2,{ERASED['second account']},{mail.lower()},2026-06-02 12:00:00,paid,36.00",
        f"{ERASED['guest order']},, {mail.upper()} ,2026-06-03 12:00:00,paid,37.00",
        f"{ERASED['rejected order']},{ERASED['account']},{mail},2026-06-31 12:00:00,paid,38.00",
        f"{ERASED['order']}-broken,{ERASED['account']},{mail}",
        # Its number is her address: the order is rejected, and so is its line, which names nobody.
        f"{mail},{ERASED['account']},{mail},2026-06-04 12:00:00,paid,39.00",
    ]
    (folder / "orders.csv").write_text("\n".join(["order_id,account,mail,ordered_at,status,amount", *orders]) + "\n")
    reviews = [f"r{n},c{n:03}@example.com,4,fine,2026-06-10" for n in range(20)]
    reviews += [f"r-hers,{mail},2,{ERASED['text']},2026-06-11", f"r-hers-2,{mail},7,{ERASED['text']},2026-06-11"]
    (folder / "reviews.csv").write_text("\n".join(["review_id,mail,stars,text,written_at", *reviews]) + "\n")
    touchpoints = [f"t{n},c{n:03}@example.com,s{n},2026-06-09,cart,10.00" for n in range(20)]
    touchpoints += [
        f"t-hers,{mail},{ERASED['session']},2026-06-01 11:58:00,cart,35.00",
        f"t-hers-2,,{ERASED['session']},2026-06-01 11:55:00,cart,35.00",
        f"t-hers-3,{mail},shared,2026-06-01 11:50:00,cart,35.00",
        "t-shared,c001@example.com,shared,2026-06-01 11:51:00,cart,35.00",
        f"t-hers-4,,{ERASED['session']},2026-06-31 11:56:00,cart,35.00",
        f"t-hers-5,{mail},{ERASED['session of a rejected row']},2026-06-31 11:50:00,cart,35.00",
        f"t-hers-6,,{ERASED['session of a rejected row']},2026-06-01 11:49:00,cart,35.00",
        f"t-hers-7,{mail},shared,2026-06-31 11:50:00,cart,35.00",
    ]
    header = "touchpoint_id,mail,session_id,happened_at,kind,amount"
    (folder / "touchpoints.csv").write_text("\n".join([header, *touchpoints]) + "\n")
    invitations = [f"i{n},c{n:03}@example.com,,2026-06-05" for n in range(20)]
    invitations += [f"i-hers,{mail},,2026-06-05", f"i-hers-2,,{ERASED['guest order']},2026-06-05"]
    (folder / "invitations.csv").write_text("\n".join(["invitation_id,mail,order_id,invited_at", *invitations]) + "\n")
    points = [f"e{n},c{n:03}@example.com,2026-06-05,earn,20" for n in range(20)]
    points += [f"e-hers,{mail},2026-06-05,earn,35", f"e-hers-2,{mail},2026-06-06,redeem,35"]
    (folder / "points.csv").write_text("\n".join(["event_id,mail,happened_at,kind,points", *points]) + "\n")
    referrals = [f"f{n},c{n:03},c{n + 1:03},2026-01-01" for n in range(20)]
    referrals += [f"f-hers,{ERASED['account']},c001,2026-01-01", f"f-of-her,c001,{ERASED['second account']},2026-01-01"]
    referrals += [f"f-of-her-2,c002,{ERASED['account']},2026-01-32"]
    (folder / "referrals.csv").write_text("\n".join(["referral_id,account,referred,given_at", *referrals]) + "\n")
    responses = [f"a{n},c{n:03}@example.com,2026-06-12,,4" for n in range(20)]
    responses += [
        f"{ERASED['response']},{mail},2026-06-13,{ERASED['remark']},9",
        f"{ERASED['response']}-2,{mail},2026-06-13,,5",
    ]
    (folder / "responses.csv").write_text("\n".join(["response_id,mail,sent_at,remark,happy", *responses]) + "\n")


def make(folder: Path) -> Shop:
    folder.mkdir(parents=True, exist_ok=True)
    exports(folder)
    sources: list[dict[str, Any]] = [
        {"name": "web_orders", "entity": "orders", "mapping": "orders.sql", "inputs": {"orders": "orders.csv"}},
        {"name": "web_lines", "entity": "order_lines", "mapping": "lines.sql", "inputs": {"orders": "orders.csv"}},
        {"name": "web_reviews", "entity": "reviews", "mapping": "reviews.sql", "inputs": {"reviews": "reviews.csv"}},
        {
            "name": "web_touchpoints",
            "entity": "touchpoints",
            "mapping": "touchpoints.sql",
            "inputs": {"touchpoints": "touchpoints.csv"},
        },
        {"name": "web_points", "entity": "loyalty_events", "mapping": "points.sql", "inputs": {"points": "points.csv"}},
        {
            "name": "web_referrals",
            "entity": "referrals",
            "mapping": "referrals.sql",
            "inputs": {"referrals": "referrals.csv"},
        },
        {
            "name": "web_invitations",
            "entity": "survey_invitations",
            "survey": "care",
            "mapping": "invitations.sql",
            "inputs": {"invitations": "invitations.csv"},
        },
        {
            "name": "web_survey",
            "entity": "surveys",
            "survey": "care",
            "mapping": "survey.sql",
            "inputs": {"responses": "responses.csv"},
        },
    ]
    for name, sql in MAPPINGS.items():
        (folder / f"{name}.sql").write_text(sql)
    surveys = {"care": {"type": "relational", "items": {"happy": {"scale": [1, 5], "role": "satisfaction"}}}}
    quality = {"max_reject_rate": 0.2}
    shop = Shop(folder, {"LOYALTY_PII_KEY": KEY})
    actions = {"consent_without_flag": True, "ask_for_a_survey": {"pause_days": 1}}
    tree = configuration(sources=sources, surveys=surveys, quality=quality, actions=actions)
    shop.config.write_text(yaml.safe_dump(tree))
    return shop


def traces(folder: Path) -> dict[str, list[str]]:
    """What of the person stands in which file, in its bytes or compressed in its rows."""
    found: dict[str, list[str]] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes().lower()
        if file.suffix == ".parquet":
            content += pl.read_parquet(file, hive_partitioning=False).write_ndjson().lower().encode()
        for what, text in ERASED.items():
            if text.lower().encode() in content:
                found.setdefault(what, []).append(str(file.relative_to(folder)))
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two nights: a change of an order in between, so that old versions are there, and an edition of tables and one with slices."""
    shop = make(tmp_path_factory.mktemp("erase"))
    for number, day in enumerate(AS_OF):
        export = shop.folder / "orders.csv"
        export.write_text(export.read_text().replace("paid,35", f"{'shipped' if number else 'paid'},35"))
        shop.configure(publish={"facts": "lake" if number else "warehouse"})
        result = shop.run(day)
        assert result.exit_code == 0, result.output
    return shop


def test_nothing_in_the_home_names_an_erased_person(shop: Shop, tmp_path: Path) -> None:
    copy = Shop(tmp_path / "shop", shop.environment)
    shutil.copytree(shop.folder, copy.folder)
    exported = copy.loyalty("export", "actions", "--to", str(tmp_path / "actions.csv"))
    assert exported.exit_code == 0, exported.output
    before = traces(copy.home)
    for place in ("lake/contacts/", "warehouse.lake/fct_orders/"):
        assert any(file.startswith(place) for file in before["account"])
    assert set(before) >= {"account", "second account", "pseudonym", "order", "text", "remark", "response", "session"}
    assert "address" not in before
    others = copy.query("select * from marts.customer_360 where customer_id like 'c%' order by all")
    assert len(others) == 100
    hers = "select count(*) from quality.row_origins where row_id similar to '.*(saskia|hers|kunde|of-her).*'"
    # Three orders with a line each, two accounts, a review, four touchpoints, two invitations, an event, two referrals, and
    # two responses of which one has an answer: the other rows that name her are rejected.
    assert copy.query(hers) == [(21,)]

    result = copy.loyalty("erase", "--customer", ERASED["account"])
    assert result.exit_code == 0, result.output
    assert traces(copy.home) == {}
    assert copy.query("select * from marts.customer_360 order by all") == others
    assert copy.query("select count(*) from marts.fct_orders") == [(200,)]
    # Of a session that others share only her own touchpoints go.
    assert copy.query("select touchpoint_id from marts.fct_touchpoints where session_id = 'shared'") == [("t-shared",)]
    assert copy.entity("touchpoints").height == 21
    assert copy.query("select count(*) from quality.rejected_rows where entity = 'touchpoints'") == [(0,)]
    assert copy.entity("survey_invitations").height == 20
    assert copy.entity("loyalty_events").height == 20
    assert copy.entity("referrals").height == 20
    assert copy.query(hers) == [(0,)]
    for edition in (copy.home / "editions").glob("*.duckdb"):
        assert Shop(copy.folder).warehouse.stat().st_size > 0 < edition.stat().st_size
    receipts = list((copy.home / "erasures").iterdir())
    assert len(receipts) == 1
    assert '"orders": 3' in receipts[0].read_text()

    assert "nothing" in copy.loyalty("erase", "--customer", ERASED["account"]).output
    assert list((copy.home / "erasures").iterdir()) == receipts
    assert copy.loyalty("rollback").exit_code == 0
    assert copy.run(AS_OF[-1]).exit_code == 0
    assert traces(copy.home) == {}


def test_the_pseudonym_of_an_address_finds_the_same_person_also_where_published_files_and_records_are_damaged(
    shop: Shop, tmp_path: Path
) -> None:
    copy = Shop(tmp_path / "shop", shop.environment)
    shutil.copytree(shop.folder, copy.folder)
    oldest, newest = list_editions(copy.home / "editions")
    copy.warehouse.write_text(f"no database; {ERASED['account']}")
    damage(oldest)
    (copy.home / "dagster" / "history" / "runs.db").write_text("no database")
    result = copy.loyalty("erase", "--email-hash", ERASED["pseudonym"])
    assert result.exit_code == 0, result.output
    assert traces(copy.home) == {}
    assert copy.warehouse.read_bytes() == newest.read_bytes()
    assert not oldest.exists()
    (receipt,) = (copy.home / "erasures").iterdir()
    assert json.loads(receipt.read_text())["damaged_editions"] == 2


def damage(database: Path) -> None:
    """Zeros in the place of the middle half of a file."""
    content = database.read_bytes()
    quarter = len(content) // 4
    database.write_bytes(content[:quarter] + bytes(2 * quarter) + content[3 * quarter :])


class CutOffError(BaseException):
    """As a power cut: nothing of ours handles it."""


@contextmanager
def cut_off(owner: Any, function: str, *, at: str = "") -> Iterator[None]:
    """Nothing more happens after the function's work, of a table if one is named."""
    works = getattr(owner, function)

    def work(*arguments: Any, **named: Any) -> None:
        works(*arguments, **named)
        if not at or at in [getattr(argument, "name", "") for argument in arguments]:
            raise CutOffError

    with patch.object(owner, function, work), pytest.raises(CutOffError):
        yield


def test_an_erasure_that_was_cut_off_is_finished_by_the_next_command_and_its_receipt_counts_all_that_went(
    shop: Shop, tmp_path: Path
) -> None:
    copy = Shop(tmp_path / "shop", shop.environment)
    shutil.copytree(shop.folder, copy.folder)
    home = Home(root=str(copy.home), lake_root=copy.lake.root)
    (home.aside / "web_orders" / "batch").mkdir(parents=True)
    home.past.mkdir()
    derived = (
        home.editions / ".edition.new",
        home.path / ".warehouse.duckdb.new",
        home.past / "segment_changes.parquet",
    )
    for half in derived:
        half.write_text(ERASED["account"])
    with cut_off(editions, "_remove_from"):
        erase.erase(home, ERASED["account"], [], key=KEY.encode(), erased_at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    for owner, function, at in ((Lake, "remove", "rejected_rows"), (erase, "write_receipt", "")):
        with cut_off(owner, function, at=at):
            erase.finish_erasure(home, [], key=KEY.encode())
    kept = (copy.home / "work" / "erasing.json").read_bytes()
    output = copy.loyalty("erase", "--customer", "nobody").output
    assert "the erasure that was cut off is finished" in output
    assert "nothing in the home names this customer" in output
    assert traces(copy.home) == {}
    assert copy.entity("touchpoints").height == 21
    assert not (copy.home / "work" / "erasing.json").exists()
    (file,) = (copy.home / "erasures").iterdir()
    receipt = json.loads(file.read_text())
    assert receipt["erased_at"] == "2026-07-01T12:00:00+00:00"
    rows = {name: receipt["rows_by_table"][name] for name in ("orders", "reviews", "touchpoints", "rejected_rows")}
    # Rejected: two orders with their lines, an answer, an event, a referral, a review and three touchpoints. Her broken line is
    # kept as one pseudonym, which names nobody.
    assert rows == {"orders": 3, "reviews": 1, "touchpoints": 4, "rejected_rows": 11}
    assert (receipt["editions"], receipt["damaged_editions"], receipt["batches_aside"]) == (3, 0, 1)
    assert copy.loyalty("rollback").exit_code == 0

    # A run that the schedule starts finishes it too, before it reads anything.
    (copy.home / "work" / "erasing.json").write_bytes(kept)
    with patch.dict(os.environ, copy.environment):
        settings = load_settings(copy.config, home=copy.home)
    assert dg.materialize(source_assets(settings)[:1], resources={"home": home}).success
    assert traces(copy.home) == {}
    assert list((copy.home / "erasures").iterdir()) == [file]


def test_customers_and_orders_of_the_same_numbers_are_not_taken_for_each_other(tmp_path: Path) -> None:
    broken = ["8,2,2026-06-01 10:03:01,paid,3.00,more", "9,1,2026-06-02 10:00:00,paid,5.00,more"]
    lines = [f"{order},{customer},2026-06-05 12:00:00,paid,20.00" for order, customer in enumerate("12133", start=1)]
    shop = make_shop(tmp_path, [*lines, *broken], quality={"max_reject_rate": 0.5})
    shop.ingest(AS_OF[0])
    # Nobody has that number: no customer's row says so, and what an order of that number says is not theirs.
    assert "nothing in the home names this customer" in shop.loyalty("erase", "--customer", "4").output
    assert shop.loyalty("erase", "--customer", "1").exit_code == 0
    assert shop.entity("orders")["order_id"].to_list() == ["2", "4", "5"]
    # The 3 of an amount, the 1 of a date and a second are no numbers of hers.
    assert shop.lake.scan(RECORDS["rejected_rows"]).collect()["raw"].to_list() == broken[:1]

    new = [f"{order},{customer},2026-06-06 12:00:00,paid,20.00" for order, customer in (("6", "2"), ("7", "3"))]
    (tmp_path / "orders.csv").write_text("\n".join([HEADER, *lines, *new]) + "\n")
    shop.ingest(AS_OF[1])
    assert shop.entity("orders").select("order_id", "customer_id").rows() == [
        ("2", "2"),
        ("4", "3"),
        ("5", "3"),
        ("6", "2"),
        ("7", "3"),
    ]


@pytest.mark.parametrize(
    ("text", "is_hers"),
    [
        ("3", True),
        ("8,3,2026-06-01,paid", True),
        ("8;3;paid", True),
        ('{"client": "3"}', True),
        ("Order 3.", True),
        ("#3: late", True),
        ("be-3", True),
        # As programs write it that take numbers for floats.
        ("8.0,3.0,2026-06-01", True),
        ("3.00", False),
        ("12.3", False),
        ("10:03, 2026-3-01, 1/3/2026", False),
        ("31, 13, x3, 3x", False),
        ("kunde-7 called", True),
        ("kunde-7-2", True),
        ("kunde-71", False),
    ],
)
def test_a_number_stands_in_a_text_that_names_nobody_when_it_is_no_part_of_another(text: str, is_hers: bool) -> None:
    found = pl.Series([text]).str.contains(erase._standing({"3", "kunde-7"}))
    assert found.to_list() == [is_hers]


@pytest.mark.parametrize("form", ["o{}", "{}"])
def test_a_customer_with_a_hundred_thousand_orders_is_looked_for_in_texts_that_name_nobody(form: str) -> None:
    orders = {form.format(number) for number in range(1_000_000, 1_100_000)}
    texts = [f'{{"order": "{form.format(number)}"}}' for number in (1_000_000, 1_099_999, 2_000_000)]
    rejected = pl.LazyFrame({"raw": texts, "entity": "orders", "reasons": "net_amount: is missing"})
    nobodys = rejected.with_columns(pl.lit(None, pl.String).alias(name) for name in NAMES)
    assert erase._nobodys(nobodys, {"kunde-7"}, orders) == texts[:2]


@pytest.mark.parametrize("arguments", [[], ["--customer", "a", "--email-hash", "b"]])
def test_an_erasure_must_name_one_person(shop: Shop, arguments: list[str]) -> None:
    result = shop.loyalty("erase", *arguments)
    assert (result.exit_code, len(result.error_lines)) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--email-hash", "jan@shop.example"], "--email-hash is no pseudonym of an address"),
        # As openssl prints it without -r.
        (["--email-hash", f"SHA2-256(stdin)= {64 * 'a'}"], "--email-hash is no pseudonym of an address"),
        (["--customer", " jan@shop.example"], "--customer is an e-mail address, by which nobody is named"),
    ],
)
def test_what_can_name_nobody_is_refused_and_not_repeated(shop: Shop, arguments: list[str], words: str) -> None:
    result = shop.loyalty("erase", *arguments)
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert words in result.error_lines[0]
    assert "jan@" not in result.output


def test_a_pseudonym_is_the_same_in_capitals() -> None:
    assert erase.as_pseudonym(" " + 64 * "A" + "\n") == 64 * "a"


@pytest.mark.parametrize(
    "command", [["erase", "--customer", "c1"], ["erase", "--forget-other-keys"], ["churn-horizon"]]
)
def test_nobody_is_looked_for_in_a_home_that_has_read_nothing(tmp_path: Path, command: list[str]) -> None:
    # LOYALTY_HOME names another folder than that of the nights.
    elsewhere = make_shop(tmp_path, ["o1,c1,2026-06-05 12:00:00,paid,20.00"])
    result = elsewhere.loyalty(*command)
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert f"home {elsewhere.home} has no lake, so nobody is in it" in " ".join(result.error_lines)
    assert not elsewhere.home.exists()


def keyed_shop(folder: Path, lines: list[str], **changes: Any) -> Shop:
    made = make_shop(folder, lines, **changes)
    return Shop(made.folder, {"LOYALTY_PII_KEY": KEY})


def customers_of(shop: Shop) -> set[str]:
    return set(shop.entity("orders")["customer_id"])


def test_under_another_key_nothing_runs_until_the_fingerprints_of_the_old_one_are_given_up(tmp_path: Path) -> None:
    lines = [f"o{n},c{n},2026-06-0{n} 12:00:00,paid,20.00" for n in range(1, 5)]
    shop = keyed_shop(tmp_path, lines)
    shop.ingest(AS_OF[0])
    assert shop.loyalty("erase", "--customer", "c1").exit_code == 0
    table = RECORDS["erased"]
    of_key = shop.lake.scan(table).collect()
    assert of_key["key_print"].n_unique() == 1
    # As a version before has left them; what it does not say is taken from the next run.
    shop.lake.merge(
        table, of_key.with_columns(pl.lit(None, pl.String).alias(name) for name in ("key_print", "id_prefixes")).lazy()
    )
    shop.ingest(AS_OF[0])
    assert shop.lake.scan(table).collect().sort("fingerprint").equals(of_key.sort("fingerprint"))
    assert customers_of(shop) == {"c2", "c3", "c4"}

    # The customer and the order.
    for environment in ({"LOYALTY_PII_KEY": "another secret of the tests"}, {}):
        other = Shop(shop.folder, environment)
        for command in (["run", "--as-of", AS_OF[1]], ["check"]):
            result = other.loyalty(*command)
            assert result.exit_code == 1
            assert "not the key that 2 names of erased people were fingerprinted with" in result.output
        with pytest.raises(ConfigError, match="put that key back"):
            other.ingest(AS_OF[1])
    assert customers_of(shop) == {"c2", "c3", "c4"}

    other = Shop(shop.folder, {"LOYALTY_PII_KEY": "another secret of the tests"})
    assert other.loyalty("erase", "--forget-other-keys").output.startswith("2 names of erased people forgotten")
    other.ingest(AS_OF[1])
    assert customers_of(other) == {"c1", "c2", "c3", "c4"}
    assert other.loyalty("erase", "--customer", "c1").exit_code == 0
    other.ingest(AS_OF[1])
    assert customers_of(other) == {"c2", "c3", "c4"}


def test_what_is_erased_without_a_key_stays_away_under_any(tmp_path: Path) -> None:
    made = make_shop(tmp_path, [f"o{n},c{n},2026-06-0{n} 12:00:00,paid,20.00" for n in range(1, 4)])
    made.ingest(AS_OF[0])
    assert made.loyalty("erase", "--customer", "c1").exit_code == 0
    for key in ("a first secret of the tests", "a second secret of the tests"):
        shop = Shop(made.folder, {"LOYALTY_PII_KEY": key})
        shop.ingest(AS_OF[1])
        assert customers_of(shop) == {"c2", "c3"}


def test_an_erased_person_stays_away_under_another_prefix_and_a_sister_shop_keeps_hers(tmp_path: Path) -> None:
    lines = [f"{n},{n},2026-06-0{n} 12:00:00,paid,20.00" for n in range(1, 4)]
    shop = keyed_shop(tmp_path, lines, quality={"max_reject_rate": 0.9})
    (tmp_path / "sister.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    tree = yaml.safe_load(shop.config.read_text())
    (ours,) = tree["sources"]
    sister = {**ours, "name": "sister", "inputs": {"orders": "sister.csv"}, "id_prefix": "be-"}

    def ingest(*sources: dict[str, Any]) -> set[str]:
        shop.config.write_text(yaml.safe_dump({**tree, "sources": [*sources]}))
        shop.ingest(AS_OF[0])
        return customers_of(shop)

    assert ingest(ours, sister) == {"1", "2", "3", "be-1", "be-2", "be-3"}
    assert shop.loyalty("erase", "--customer", "1").exit_code == 0
    # What the lake has under the former names stays beside the new ones. The row without a date names nobody but in its cells.
    (tmp_path / "orders.csv").write_text("\n".join([HEADER, *lines, ",1,2026-06-31 12:00:00,paid,20.00"]) + "\n")
    prefixed = {**ours, "id_prefix": "nl-"}
    assert ingest(prefixed, sister) == {"2", "3", "nl-2", "nl-3", "be-1", "be-2", "be-3"}
    # A source that is new shares the numbers of the shop whose prefix it has.
    (tmp_path / "more.csv").write_text("\n".join([HEADER, *lines, "9,1,2026-06-09 12:00:00,paid,20.00"]) + "\n")
    more = {**prefixed, "name": "more", "inputs": {"orders": "more.csv"}}
    assert ingest(prefixed, sister, more) == {"2", "3", "nl-2", "nl-3", "be-1", "be-2", "be-3"}
    assert shop.loyalty("erase", "--customer", "be-2").exit_code == 0
    assert ingest(prefixed, {**sister, "id_prefix": "vl-"}) == {
        "2",
        "3",
        "nl-2",
        "nl-3",
        "be-1",
        "be-3",
        "vl-1",
        "vl-3",
    }


def test_many_who_are_joined_are_erased_only_when_their_number_is_given(tmp_path: Path) -> None:
    """Five accounts with an order each, entered under the till's address; and one customer beside them."""
    (tmp_path / "till").mkdir()
    shop = keyed_shop(tmp_path / "till", [])
    rows = [f"o{n},k{n},till@shop.example,2026-06-0{n} 12:00:00,paid,20.00" for n in range(1, 6)]
    rows += ["o8,z,z@x.example,2026-06-08 12:00:00,paid,20.00"]
    (shop.folder / "orders.csv").write_text("\n".join([HEADER.replace(",ordered", ",mail,ordered"), *rows]) + "\n")
    (shop.folder / "orders.sql").write_text(ORDERS_SQL.replace("account as ", ""))
    shop.ingest(AS_OF[0])
    assert shop.lake.scan(RECORDS["identity"]).collect().height == 6
    for arguments in ([], ["--identifiers", "5"]):
        result = shop.loyalty("erase", "--customer", "k3", *arguments)
        assert (result.exit_code, len(result.error_lines)) == (1, 1)
        assert "6 identifiers for good (accounts: 5, e-mail addresses: 1), with 5 orders" in result.error_lines[0]
        assert shop.entity("orders").height == 6
        assert shop.lake.scan(RECORDS["erased"]).collect().is_empty()
    result = shop.loyalty("erase", "--customer", "z")
    assert "accounts: 1, e-mail addresses: 1, orders: 1" in result.output
    assert shop.loyalty("erase", "--customer", "k3", "--identifiers", "6").exit_code == 0
    assert shop.entity("orders").is_empty()


def test_a_former_name_of_the_person_goes_too_unless_it_can_be_somebody_elses() -> None:
    old = pl.DataFrame({"identifier": ["old", "older"], "customer_id": ["a1", "old"]})
    till = pl.DataFrame({"identifier": ["k2", "till"], "customer_id": ["k1", "k1"]})
    living = {"a1", "k1", "k2", "new"}
    # Through the address of one night that of an earlier one; what is alive stays, and so does what k1 and k2 had in common.
    assert erase.former_names({"a1", "new"}, [old, till], living.intersection) == {"old", "older"}
    assert erase.former_names({"k2"}, [old, till], living.intersection) == set()
    assert erase.former_names({"k2"}, [old, till], {"k2"}.intersection) == {"k1", "till"}
    assert erase.former_names({"k2"}, [], living.intersection) == set()


@pytest.mark.parametrize("is_kept", [True, False])
def test_rows_under_an_address_that_the_shop_has_replaced_go_with_the_person(tmp_path: Path, is_kept: bool) -> None:
    """A guest's address became account a1; then the shop replaced the address in its orders, by file."""
    (tmp_path / "shop").mkdir()
    shop = keyed_shop(tmp_path / "shop", [])
    (shop.folder / "orders.sql").write_text(ORDERS_SQL.replace("account as ", "").replace("mail as ", ""))
    others = [f"f{n},k{n},,2026-06-02 12:00:00,paid,20.00" for n in range(8)]
    for day, names in (
        ("2026-06-28", ",old@x.example"),
        (AS_OF[0], "a1,old@x.example"),
        (AS_OF[1], "a1,new@x.example"),
    ):
        rows = [f"o1,{names},2026-06-20 12:00:00,paid,20.00", *others]
        header = "order_id,customer_id,email,ordered_at,status,amount"
        (shop.folder / "orders.csv").write_text("\n".join([header, *rows]) + "\n")
        if is_kept:
            assert shop.run(day).exit_code == 0
        else:
            shop.ingest(day)
            shop.compute(day, "rfm", "rfm_cut_points", "segment_map")
    if is_kept:
        # The upkeep has deleted the earlier versions: only the editions still say who was whom.
        shop.lake.vacuum(RECORDS["identity"])
    old = pseudonym("old@x.example")
    assert any(old.encode() in file.read_bytes() for file in shop.home.rglob("*") if file.is_file())
    assert shop.loyalty("erase", "--customer", "a1").exit_code == 0
    left = [file for file in shop.home.rglob("*") if file.is_file() and old.encode() in file.read_bytes()]
    assert left == []
