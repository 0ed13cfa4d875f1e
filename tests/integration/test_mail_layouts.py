"""The shop's own addresses beside next actions, in the layouts of mail tools; and what keeps them out of everything else."""

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.commands.mail_layouts import lay_out, read_addresses, without_formulas
from pipeline.core.ingest.personal import pseudonyms
from pipeline.errors import ConfigError, LoyaltyError
from schemas.registry import RECORDS
from tests.scenario import ORDERS_SQL, Shop, make_shop, order_lines

DAY = "2026-06-30"
KEY = "a key of sixteen characters or more"
SECRET = {"LOYALTY_PII_KEY": KEY}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop that knows its 50 customers by e-mail alone, after its first night."""
    folder = tmp_path_factory.mktemp("mail")
    lines = [
        line.replace(f",c{number // 2},", f",c{number // 2}@shop.example,")
        for number, line in enumerate(order_lines(100))
    ]
    shop = make_shop(folder, lines, actions={"consent_without_flag": True})
    (folder / "orders.sql").write_text(ORDERS_SQL.replace("customer_id", "customer_id as email", 1))
    shop = Shop(folder, SECRET)
    result = shop.run(DAY)
    assert result.exit_code == 0, result.output
    return shop


@pytest.fixture
def shop(night: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(night.folder, tmp_path / "shop")
    return Shop(tmp_path / "shop", SECRET)


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    """The shop's list: semicolons, a column of yes and no with mail in its name, and 40 of the 50 customers."""
    file = tmp_path / "customers.csv"
    rows = [f"{number};yes;C{number}@Shop.example " for number in range(40)]
    file.write_text("\n".join(["Number;Accepts Email Marketing;Email Address", *rows]) + "\n")
    return file


def export(shop: Shop, *arguments: str | Path) -> Any:
    return shop.loyalty("export", "actions", *(str(argument) for argument in arguments))


@pytest.mark.parametrize(("tool", "first"), [("klaviyo", "Email"), ("mailchimp", "Email Address")])
def test_a_mail_tool_gets_the_address_and_where_the_customer_stands_in_words(
    shop: Shop, contacts: Path, tmp_path: Path, tool: str, first: str
) -> None:
    file = tmp_path / "out.csv"
    result = export(shop, "--to", file, "--for", tool, "--contacts", contacts)
    assert result.exit_code == 0, result.output
    with file.open() as lines:
        written = list(csv.reader(lines))
    header, rows = written[0], written[1:]
    assert header[0] == first
    wanted = shop.query(
        "select customer_id, action, reason, rfm_segment, tier, churn_band from marts.customer_next_action "
        "join marts.customer_360 using (customer_id) order by rank"
    )
    address_of = {pseudonyms(pl.Series([a]), KEY.encode()).item(): a for a in (f"c{n}@shop.example" for n in range(40))}
    listed = [row for row in wanted if row[0] in address_of]
    assert len(listed) > 0
    assert [(row[0].lower(), *row[1:6]) for row in rows] == [
        (address_of[name], *(word.replace("_", " ").capitalize() for word in words)) for name, *words in listed
    ]
    assert f"{len(wanted) - len(listed)} left out: the list of contacts has no address for them" in result.output
    # Nobody counts as contacted without a mail.
    assert shop.lake.scan(RECORDS["contacts"]).collect().height == len(listed)


def test_the_plain_file_keeps_everyone_with_the_address_where_there_is_one(
    shop: Shop, contacts: Path, tmp_path: Path
) -> None:
    assert export(shop, "--to", tmp_path / "out.csv", "--contacts", contacts).exit_code == 0
    written = pl.read_csv(tmp_path / "out.csv")
    assert written.height == shop.query("select count(*) from marts.customer_next_action")[0][0]
    assert 0 < written["email"].count() < written.height
    assert set(written["churn_band"].drop_nulls()) <= {"active", "cooling_down", "at_risk", "highly_at_risk", "lost"}


def test_addresses_are_in_the_export_alone(shop: Shop, contacts: Path, tmp_path: Path) -> None:
    assert export(shop, "--to", tmp_path / "out.csv", "--for", "klaviyo", "--contacts", contacts).exit_code == 0
    for file in (path for path in shop.home.rglob("*") if path.is_file()):
        assert b"@shop.example" not in file.read_bytes().lower(), file


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--for", "pigeon"], "--for 'pigeon' is not one of klaviyo, mailchimp, csv"),
        (["--for", "klaviyo"], "add --contacts FILE"),
        (["--for", "mailchimp", "--contacts", "{list}", "--to", "x.parquet"], "mailchimp reads .csv"),
        (["--contacts", "nowhere.csv"], "--contacts nowhere.csv: there is no such file"),
        (["--contacts", "{other}"], "no column with mail in its name has addresses; it has Number, Name"),
        (["--contacts", "{strangers}"], "has no address for the"),
    ],
)
def test_a_list_or_tool_that_cannot_be_used_is_told_in_one_line(
    night: Shop, contacts: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "other.csv").write_text("Number,Name\n1,Ann\n")
    (tmp_path / "strangers.csv").write_text("mail\neve@other.example\n")
    places = {"list": contacts, "other": tmp_path / "other.csv", "strangers": tmp_path / "strangers.csv"}
    result = export(night, *(argument.format(**places) for argument in arguments))
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert words in result.error_lines[0]
    assert night.lake.scan(RECORDS["contacts"]).collect().is_empty()


def test_addresses_without_the_key_of_the_warehouse_are_refused(night: Shop, contacts: Path) -> None:
    result = Shop(night.folder, {"LOYALTY_PII_KEY": ""}).loyalty("export", "actions", "--contacts", str(contacts))
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "LOYALTY_PII_KEY" in result.error_lines[0]


def test_cells_that_a_spreadsheet_would_compute_are_texts() -> None:
    cells = ["=1+1", "+1", "-1", "@a", "\tx", "plain", "a=b", None]
    written = without_formulas(pl.DataFrame({"cell": cells, "n": [-1] * 8}))
    assert written["cell"].to_list() == ["'=1+1", "'+1", "'-1", "'@a", "'\tx", "plain", "a=b", None]
    assert written["n"].to_list() == [-1] * 8


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Shirt;=1+1", "Shirt;'=1+1"),
        ("Shirt\n=1+1", "Shirt\n'=1+1"),
        ("Shirt\t@a\r-1", "Shirt\t'@a\r'-1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\n=1+1", "'\n'=1+1"),
        ("a-b; -c, +d", "a-b; -c, +d"),
    ],
)
def test_a_text_after_what_another_spreadsheet_takes_for_a_separator_is_no_formula_either(
    cell: str, written: str
) -> None:
    assert without_formulas(pl.DataFrame({"cell": [cell]})).item() == written


def test_an_address_that_would_be_a_formula_is_no_address(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("e-mail\n=ann@shop.example\nbob@shop.example\nno address\n\nBob@shop.example\n")
    found = read_addresses(file, KEY.encode()).people
    assert found["email"].to_list() == ["bob@shop.example"]
    assert found["customer_id"].to_list() == pseudonyms(pl.Series(["bob@shop.example"]), KEY.encode()).to_list()
    file.write_text("e-mail\nnobody\n")
    with pytest.raises(ConfigError, match="no column with mail"):
        read_addresses(file, KEY.encode())


def test_the_list_itself_is_read_whatever_is_in_its_path(tmp_path: Path) -> None:
    (tmp_path / "list1.csv").write_text("e-mail\nann@shop.example\n")
    file = tmp_path / "list[1].csv"
    file.write_text("e-mail\nbob@shop.example\n")
    assert read_addresses(file, KEY.encode()).people["email"].to_list() == ["bob@shop.example"]


def test_every_column_of_a_layout_is_one_of_the_actions() -> None:
    columns = ("email", "action", "reason", "rfm_segment", "tier", "churn_band", "customer_id", "consent_basis")
    row = dict.fromkeys(columns, "at_risk") | {
        "needs_consent": True,
        "expires_on": None,
        "product_name": "=Tol Nova",
        "discount_ends_on": None,
    }
    row |= {"price_amount": Decimal("8.95"), "discounted_amount": Decimal("6.71")}
    for tool in ("klaviyo", "mailchimp"):
        laid = lay_out(pl.DataFrame([row]), tool)
        assert laid.row(0)[1] == "At risk"
        assert laid.row(0)[-2:] == ("Marketing", "At risk")
        assert without_formulas(laid).row(0)[6:9] == ("'=Tol Nova", Decimal("8.95"), Decimal("6.71"))
    assert all(len(name) <= 10 for name in laid.columns[1:])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        # As Excel saves a CSV in the west: José is on line 3, Zoë on line 4.
        ("Email;Name\na@x.example;Ann\nb@x.example;José\nc@x.example;Zoë\n".encode("cp1252"), "line 3 cannot be read (not UTF-8, save the file as UTF-8), and 1 more"),
        (b"Email,Name\na@x.example,Ann\nb@x.example,Bob, Jr\n", "line 3 cannot be read (too many columns)"),
        (b"Email,Name,City\na@x.example,Ann\nb@x.example,Bob,Ghent\n", "line 2 cannot be read (missing columns)"),
        ("Email,Name\na@x.example,Ann\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (b"", "is empty"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_whole_is_refused_with_its_line(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(LoyaltyError) as caught:
        read_addresses(file, KEY.encode())
    assert str(caught.value).startswith(f"--contacts {file}: {words}")
    other = file.rename(tmp_path / "list.xlsx")
    with pytest.raises(ConfigError, match=r"is no \.csv"):
        read_addresses(other, KEY.encode())


def test_every_column_of_addresses_is_read_and_what_is_none_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    rows = [
        "a@x.example,yes,z@x.example",
        ",no,b@x.example",
        "+c@x.example,no,two at@once",
        "none,no,",
        "A@x.example,,",
    ]
    file.write_text("\n".join(["Contact email,Accepts email,Invoice e-mail", *rows]) + "\n")
    listed = read_addresses(file, KEY.encode())
    assert listed.people["email"].to_list() == ["a@x.example", "z@x.example", "b@x.example"]
    # What a spreadsheet would compute, and what has a blank in it.
    assert listed.n_unusable == 2


def test_an_address_that_said_no_is_not_written_whatever_the_order_of_the_list(tmp_path: Path) -> None:
    """z1 said no in 2024 as old@, z2 yes in 2026 as new@; an order of z1 from new@ joins them. f said yes; g's only listed
    address said no, though g agreed as another account of theirs later."""
    shop = make_shop(tmp_path / "shop", [])
    shop = Shop(shop.folder, SECRET)
    orders = ["o1,z1,new@x.example", "o2,f,f@x.example", "o3,g1,g2@x.example"]
    rows = [f"{order},2026-06-25 12:00:00,paid,20.00" for order in orders]
    (shop.folder / "orders.csv").write_text(
        "\n".join(["order_id,customer_id,email,ordered_at,status,amount", *rows]) + "\n"
    )
    (shop.folder / "orders.sql").write_text(ORDERS_SQL.replace("customer_id", "customer_id, email", 1))
    said = [
        "z1,old@x.example,false,2024-02-01",
        "z2,new@x.example,true,2026-02-01",
        "f,f@x.example,true,2026-01-01",
        "g1,g1@x.example,false,2024-01-01",
        "g2,g2@x.example,true,2025-01-01",
    ]
    columns = "customer_id, email, accepts as accepts_marketing, updated_at, _file, _row"
    shop.add_people(columns, "customer_id,email,accepts,updated_at", *said)
    assert shop.run(DAY).exit_code == 0
    names = shop.query("select customer_id, action from marts.customer_next_action order by customer_id")
    assert names == [("f", "welcome_series"), ("g1", "welcome_series"), ("z1", "welcome_series")]
    listed = tmp_path / "list.csv"
    listed.write_text("Email\nold@x.example\nnew@x.example\nf@x.example\ng1@x.example\n")
    file = tmp_path / "out.csv"
    result = export(shop, "--for", "klaviyo", "--contacts", listed, "--to", file)
    assert result.exit_code == 0, result.output
    assert set(pl.read_csv(file)["Email"]) == {"new@x.example", "f@x.example"}
    assert "1 left out: marketing, and their address in the list of contacts has said no" in result.output
    assert set(shop.lake.scan(RECORDS["contacts"]).collect()["customer_id"]) == {"f", "z1"}
    listed.write_text("Email\nold@x.example\ng1@x.example\n")
    result = export(shop, "--for", "klaviyo", "--contacts", listed, "--to", file)
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "2 have only addresses in it that said no to marketing" in result.error_lines[0]


def join_all(shop: Shop) -> None:
    """Every guest gets an account: a list of customers names it beside the address. The night stops after the lake."""
    rows = [f"{1000 + number},c{number}@shop.example" for number in range(50)]
    shop.add_people("customer_id, email, _file, _row", "customer_id,email", *rows)


def test_people_who_were_joined_since_the_edition_are_found_in_the_list_and_not_written_to_twice(
    shop: Shop, contacts: Path, tmp_path: Path
) -> None:
    wanted = {
        name: number
        for number in range(50)
        for name in pseudonyms(pl.Series([f"c{number}@shop.example"]), KEY.encode())
    }
    names = {name for (name,) in shop.query("select customer_id from marts.customer_next_action")}
    first = export(shop, "--to", tmp_path / "one.csv", "--for", "klaviyo", "--contacts", contacts)
    assert first.exit_code == 0, first.output
    recorded = shop.lake.scan(RECORDS["contacts"]).collect()
    join_all(shop)
    shop.ingest("2026-07-01")
    # The same edition again: the same people under the names of their accounts, recorded already.
    again = export(shop, "--to", tmp_path / "two.csv", "--for", "klaviyo", "--contacts", contacts)
    assert again.exit_code == 0, again.output
    one, two = (pl.read_csv(tmp_path / f"{name}.csv", infer_schema=False) for name in ("one", "two"))
    assert two.drop("Customer").equals(one.drop("Customer"))
    assert two["Customer"].to_list() == [str(1000 + wanted[name]) for name in one["Customer"]]
    assert shop.lake.scan(RECORDS["contacts"]).collect().equals(recorded)
    # A newer edition reaches the rest; then the older one, with the former names, is put back.
    assert shop.run("2026-07-01").exit_code == 0
    assert export(shop, "--to", tmp_path / "newer.csv").exit_code == 0
    newer = set(pl.read_csv(tmp_path / "newer.csv", infer_schema=False)["customer_id"])
    assert newer & {f"{1000 + wanted[name]}" for name in names}
    assert shop.loyalty("rollback").exit_code == 0
    assert export(shop, "--to", tmp_path / "older.csv").exit_code == 0
    older = set(pl.read_csv(tmp_path / "older.csv", infer_schema=False)["customer_id"])
    # What was exported of the older one can be exported again.
    assert older == {f"{1000 + wanted[name]}" for name in names} - newer


def test_a_mail_tool_gets_no_calls_and_hears_how_many_there_are(shop: Shop, contacts: Path, tmp_path: Path) -> None:
    """The playbook has the nudge to the next tier by phone: all else goes by mail."""
    tree = yaml.safe_load(shop.config.read_text())
    tree["actions"]["tier_nudge"] = {"channel": "phone"}
    shop.config.write_text(yaml.safe_dump(tree))
    assert shop.run(DAY).exit_code == 0
    ((n_calls,),) = shop.query("select count(*) from marts.customer_next_action where channel = 'phone'")
    assert n_calls > 0
    file = tmp_path / "out.csv"
    result = export(shop, "--to", file, "--for", "klaviyo", "--contacts", contacts)
    assert result.exit_code == 0, result.output
    assert f"{n_calls} left out: they go by another channel than e-mail" in result.output
    written = pl.read_csv(file)
    assert "Tier nudge" not in set(written["Next action"])
    assert (set(written["Message"]), set(written["Consent"])) == ({"Marketing"}, {"Assumed"})
    result = export(shop, "--to", file, "--for", "klaviyo", "--contacts", contacts, "--action", "tier_nudge")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "go by another channel than e-mail" in result.error_lines[0]
    assert export(shop, "--to", tmp_path / "all.csv").exit_code == 0
    assert "phone" in set(pl.read_csv(tmp_path / "all.csv")["channel"])
