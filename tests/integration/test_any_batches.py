"""Whatever arrives, in whatever order and however often: the lake is what a few lines of plain Python say. No single rule is tested here."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.assets.lake import lake_assets
from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.core.ingest.settings import QualitySettings
from pipeline.lake_rows import DELETED_AT, MONTH
from pipeline.resources import Home
from pipeline.settings import Settings
from pipeline.sources.batches import Batch
from pipeline.sources.retry import rows_to_retry
from pipeline.sources.settings import OF_SURVEYS, ApiInput, DatabaseInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES, RECORDS, Table
from tests.unit.lake import orders

FIRST_EXPORT = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
SECONDS_PER_DAY = 86_400

HEADER = "order_id,ordered_at,status,amount,channel,updated_at"
ORDERS_SQL = """select order_id, null as customer_id, ordered_at, status, 'EUR' as currency, amount as gross_amount,
0 as discount_amount, 0 as refund_amount, amount as net_amount, channel, updated_at, _file, _row from orders"""
CUSTOMERS_SQL = "select customer_id, country, updated_at, _file, _row from customers"


def bodies_of(settings: Settings) -> dict[str, Callable[..., Any]]:
    return {
        asset.key.path[-1]: asset.op.compute_fn.decorated_fn  # type: ignore[union-attr]
        for asset in lake_assets(settings)
        if isinstance(asset, dg.AssetsDefinition)
    }


Row = tuple[str, str, str, str]
"""order_id, ordered_at, channel, updated_at."""


@dataclass
class Nights:
    """One source and its lake: what a night does, asset by asset."""

    folder: Path
    entity: str
    sql: str
    is_snapshot: bool = False
    exclude: str | None = None
    database: DatabaseInput | ApiInput | None = None
    survey: SurveySettings | None = None
    orders: SourceSettings | None = None
    """A source of orders that the shop has beside, with nothing staged."""

    def __post_init__(self) -> None:
        (self.folder / "own.sql").write_text(self.sql)
        self.source = SourceSettings(
            name="shop",
            entity=self.entity,
            mapping=self.folder / "own.sql",
            inputs={self.entity: self.database or str(self.folder / "*.csv")},
            full_snapshot=self.is_snapshot,
            exclude=self.exclude,
            survey="care" if self.survey else None,
        )
        self.settings = Settings.model_construct(
            shop=ShopSettings(name="Test", time_zone="UTC", currency="EUR"),
            sources=[self.source],
            surveys={"care": self.survey} if self.survey else {},
            quality=QualitySettings(max_vanish_rate=1),
        )
        self.home = Home(root=str(self.folder / "home"), lake_root=str(self.folder / "home" / "lake"))
        # Their bodies alone: to run an asset alone costs more than all that it does here.
        self.bodies = bodies_of(self.settings)
        if self.orders:
            with_orders = self.settings.model_copy(update={"sources": [self.source, self.orders]})
            self.bodies["order_lines"] = bodies_of(with_orders)["order_lines"]

    def export(self, name: str, lines: Sequence[str], *, day: int) -> Path:
        """A file as the shop leaves it on a day."""
        file = self.folder / f"{name}.csv"
        file.write_text("".join(f"{line}\n" for line in lines))
        os.utime(file, (FIRST_EXPORT + day * SECONDS_PER_DAY,) * 2)
        return file

    def night(
        self,
        *,
        forgets: bool = False,
        retries: bool = False,
        started_at: datetime = datetime(2026, 6, 1, tzinfo=UTC),
    ) -> Batch:
        """Stage and merge what is new; a night that forgets reads every file again, one that retries only the quarantine."""
        known = None if forgets else self.rows(RECORDS["inputs_read"])
        batch, *_ = stage_source(
            self.source,
            self.home.staged("shop").folder,
            shop=self.settings.shop,
            survey=self.settings.survey_of(self.source),
            key=self.settings.pseudonym_key,
            started_at=started_at,
            known=known,
            kept=rows_to_retry(self.home.lake.scan(RECORDS["rejected_rows"]), "shop") if retries else None,
            pages=self.home.api_pages,
        ).batches
        entities = OF_SURVEYS if self.survey else (self.entity,)
        for name in (*entities, "rejected_rows", "inputs_read"):
            self.bodies[name](home=self.home)
        return batch

    def rows(self, table: Table) -> Any:
        return self.home.lake.scan(table).collect()


# Files of rows

MONTHS = st.sampled_from(["2026-01-15", "2026-02-15"])
VERSIONS = st.sampled_from(["", "2026-03-01", "2026-03-02"])
GOOD_LINES = st.tuples(st.sampled_from("abc"), MONTHS, st.sampled_from(["web", "app"]), VERSIONS)
GARBAGE = st.sampled_from(
    ["a,2026-01-15,lost,1.00,web,", "z,yesterday,paid,1.00,web,2026-03-01", ",2026-01-15,paid,1,,"]
)
BROKEN = st.sampled_from(["a,2026-01-15", "b,2026-01-15,paid,1.00,web,2026-03-01,more"])
FILES = st.lists(
    st.lists(st.one_of(GOOD_LINES, GOOD_LINES, GARBAGE, BROKEN), min_size=1, max_size=6), min_size=3, max_size=4
)


def is_broken(line: Row | str) -> bool:
    return isinstance(line, str) and line.count(",") != HEADER.count(",")


def written(line: Row | str) -> str:
    return line if isinstance(line, str) else "{},{},paid,1.00,{},{}".format(*line)


def newest_versions(files: Sequence[Sequence[Row | str]]) -> dict[str, Row]:
    """Per order the version with the greatest (updated_at, day of its file), the first of several in one file."""
    newest: dict[str, tuple[tuple[str, int], Row]] = {}
    for day, lines in enumerate(files):
        for line in lines:
            if not isinstance(line, str):
                version = (line[3], day)
                if line[0] not in newest or version > newest[line[0]][0]:
                    newest[line[0]] = (version, line)
    return {key: line for key, (_, line) in newest.items()}


def unusable(lines: Sequence[Row | str]) -> list[int]:
    """The numbers under which a file's lines are in quarantine: of a broken line its line, of a row its place among the rows."""
    numbers, seen, row = [], set(), 0
    for line_number, line in enumerate(lines, start=2):
        if is_broken(line):
            numbers.append(line_number)
            continue
        row += 1
        if isinstance(line, str) or (line[0], line[3]) in seen:
            numbers.append(row)
        else:
            seen.add((line[0], line[3]))
    return sorted(numbers)


def deliver(folder: Path, files: Sequence[Sequence[Row | str]], names: str, nights: Sequence[Sequence[int]]) -> Nights:
    """Deliver the files, by their days, in the given nights."""
    shop = Nights(folder, "orders", ORDERS_SQL)
    for night in nights:
        for day in night:
            shop.export(names[day], [HEADER, *map(written, files[day])], day=day)
        batch = shop.night()
        delivered = [line for day in night for line in files[day]]
        n_broken = sum(map(is_broken, delivered))
        assert batch.is_balanced
        assert (batch.lines_read, batch.lines_broken) == (len(delivered), n_broken)
        assert batch.rows_mapped == len(delivered) - n_broken
        assert batch.rows_rejected + n_broken == sum(len(unusable(files[day])) for day in night)
    return shop


@settings(max_examples=5, deadline=None)
@given(files=FILES, data=st.data())
def test_any_batches_in_any_order_and_again_end_in_the_newest_versions_and_a_full_quarantine(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[Row | str]], data: st.DataObject
) -> None:
    names = "".join(data.draw(st.permutations("pqrs"), label="names"))
    order = data.draw(st.permutations(range(len(files))), label="order")
    cut = data.draw(st.integers(1, len(files) - 1), label="cut")
    nights = [[day] for day in order[:cut]] + [order[cut:]]
    shop = deliver(tmp_path_factory.mktemp("any"), files, names, nights)
    expected = sorted(newest_versions(files).values())
    in_quarantine = sorted((names[day], number) for day, lines in enumerate(files) for number in unusable(lines))
    for forgets in (None, False, True):
        if forgets is not None:
            version = shop.home.lake.version(ENTITIES["orders"])
            assert shop.night(forgets=forgets).is_balanced
            assert shop.home.lake.version(ENTITIES["orders"]) == version
        orders = shop.rows(ENTITIES["orders"]).to_dicts()
        assert expected == sorted(
            (
                row["order_id"],
                f"{row['ordered_at']:%Y-%m-%d}",
                row["channel"],
                f"{row['updated_at']:%Y-%m-%d}" if row["updated_at"] else "",
            )
            for row in orders
        )
        rejected = shop.rows(RECORDS["rejected_rows"])
        assert not rejected["is_released"].any()
        assert sorted((Path(row["file"]).stem, row["row_number"]) for row in rejected.to_dicts()) == in_quarantine


# Other rules


AMBIGUOUS = st.sampled_from(["02/03/2026", "03/02/2026", "03/03/2026", "04/01/2026", ""])
"""Times of change that come in another order, when the day is first."""
FILES_OF_DATES = st.lists(
    st.dictionaries(st.sampled_from("ab"), st.tuples(AMBIGUOUS, st.sampled_from(["web", "app"])), min_size=1),
    min_size=2,
    max_size=4,
)


def of_dates(folder: Path, dates: str) -> Nights:
    shop = Nights(folder, "orders", ORDERS_SQL)
    shop.source = shop.source.model_copy(update={"dates": dates})
    return shop


def changes(shop: Nights) -> list[tuple[str, str, str]]:
    return sorted(
        (row["order_id"], row["channel"], f"{row['updated_at']:%Y-%m-%d}" if row["updated_at"] else "")
        for row in shop.rows(ENTITIES["orders"]).to_dicts()
    )


@settings(max_examples=5, deadline=None)
@given(files=FILES_OF_DATES, data=st.data())
def test_under_other_rules_the_lake_is_what_they_make_of_all_files_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, files: list[dict[str, tuple[str, str]]], data: st.DataObject
) -> None:
    shop = of_dates(tmp_path_factory.mktemp("rules"), "month-first")
    names = data.draw(st.permutations("pqrs"), label="names")
    for day in data.draw(st.permutations(range(len(files))), label="order"):
        lines = [f"{order},01/02/2026,paid,1.00,{channel},{at}" for order, (at, channel) in files[day].items()]
        shop.export(names[day], [HEADER, *lines], day=day)
        shop.night()
    shop.source = shop.source.model_copy(update={"dates": "day-first"})
    expected: dict[str, tuple[str, int, str]] = {}
    for day, rows in enumerate(files):
        for order, (at, channel) in rows.items():
            version = ("-".join(reversed(at.split("/"))), day, channel)
            expected[order] = max(expected.get(order, version), version)
    for _ in range(2):
        shop.night()
        assert changes(shop) == sorted((order, channel, at) for order, (at, _, channel) in expected.items())


def test_a_corrected_time_zone_counts_in_a_file_that_has_changed_too(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    line = "a,2026-01-15 23:30,paid,1.00,web,2026-01-16 12:00"
    for day, zone, ordered_at in ((0, "UTC", "23:30"), (1, "Europe/Amsterdam", "22:30")):
        shop.source = shop.source.model_copy(update={"time_zone": zone})
        # The second export has one order more, and the first one's are in no other file.
        shop.export("daily", [HEADER, line, *[line.replace("a,", "b,", 1)] * day], day=day)
        shop.night()
        times = {f"{moment:%H:%M}" for moment in shop.rows(ENTITIES["orders"])["ordered_at"]}
        assert times == {ordered_at}


def test_under_other_rules_an_older_file_takes_no_place_of_a_younger_one_that_is_gone(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    for day, name, channel in ((0, "older", "web"), (1, "younger", "app")):
        file = shop.export(name, [HEADER, f"a,2026-01-15,paid,1.00,{channel},2026-03-0{day + 1}"], day=day)
    shop.night()
    file.unlink()
    (tmp_path / "own.sql").write_text(f"{ORDERS_SQL} -- looked at")
    shop.night()
    assert changes(shop) == [("a", "app", "2026-03-02")]


# Rows left out on purpose

IN_STORE = "channel = 'till'"
BY_ITSELF = ORDERS_SQL.replace("_row from", f"_row, if({IN_STORE}, 'sold in the store', null) as exclude_reason from")
DAYS = st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["web", "till"])), min_size=2, max_size=4)


@settings(max_examples=5, deadline=None)
@given(days=DAYS, has_times=st.booleans(), files_a_night=st.integers(1, 2))
def test_an_order_whose_newest_version_is_left_out_on_purpose_is_gone_until_a_newer_one_comes(
    tmp_path_factory: pytest.TempPathFactory, days: list[dict[str, str]], has_times: bool, files_a_night: int
) -> None:
    shop = Nights(tmp_path_factory.mktemp("left_out"), "orders", ORDERS_SQL, exclude=IN_STORE)
    newest: dict[str, str] = {}
    for day, channels in enumerate(days):
        updated_at = f"2026-03-{day + 1:02}" if has_times else ""
        lines = [f"{order},2026-01-15,paid,1.00,{channel},{updated_at}" for order, channel in channels.items()]
        shop.export(f"day{day}", [HEADER, *lines], day=day)
        newest |= channels
        if day % files_a_night == files_a_night - 1 or day == len(days) - 1:
            shop.night()
            live = {order for order, channel in newest.items() if channel == "web"}
            assert set(shop.rows(ENTITIES["orders"])["order_id"]) == live


def test_rows_go_when_a_condition_leaves_them_out_and_are_back_when_it_does_no_more(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    shop.export(
        "orders", [HEADER, "a,2026-01-15,paid,1.00,web,2026-03-01", "b,2026-01-15,paid,1.00,till,2026-03-01"], day=1
    )
    for exclude, live in ((None, {"a", "b"}), (IN_STORE, {"a"}), (None, {"a", "b"})):
        shop.source = shop.source.model_copy(update={"exclude": exclude})
        shop.night()
        assert set(shop.rows(ENTITIES["orders"])["order_id"]) == live


def test_what_a_mapping_of_ones_own_leaves_out_takes_nothing_away(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", BY_ITSELF)
    for day, channel in enumerate(("web", "till")):
        shop.export(f"day{day}", [HEADER, f"a,2026-01-15,paid,1.00,{channel},"], day=day)
        shop.night()
        assert shop.rows(ENTITIES["orders"])["channel"].to_list() == ["web"]


def test_a_row_left_out_beside_a_valid_one_of_its_key_takes_nothing_away(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL, exclude=IN_STORE)
    lines = ["a,2026-01-15,paid,1.00,web,2026-03-01", "a,2026-01-15,paid,1.00,till,2026-03-02"]
    shop.export("orders", [HEADER, *lines], day=1)
    shop.night()
    assert shop.rows(ENTITIES["orders"])["order_id"].to_list() == ["a"]


# Customers of orders


def test_a_customer_whom_no_order_names_any_more_is_gone_and_one_of_a_customer_source_stays(tmp_path: Path) -> None:
    shop, table = Nights(tmp_path, "customers", CUSTOMERS_SQL), ENTITIES["orders"]
    # Of bare nothing is known but that the source of customers has it.
    shop.export("customers", ["customer_id,country,updated_at", "ann,NL,", "bare,,"], day=0)
    placed = {"ordered_at": "2026-01-01"}
    first = [{"order_id": f"o{name}", "customer_id": name} | placed for name in ("typo", "ben", "cut")]
    shop.home.lake.merge(table, orders(*first).lazy())
    shop.night()
    assert set(shop.rows(ENTITIES["customers"])["customer_id"]) == {"ann", "bare", "typo", "ben", "cut"}
    # The order of typo was ben's, and that of cut is no longer in its export.
    shop.home.lake.merge(table, orders({"order_id": "otypo", "customer_id": "ben"} | placed).lazy())
    cut = pl.DataFrame({"order_id": ["ocut"], MONTH: ["2026-01"], DELETED_AT: [datetime(2026, 2, 1, tzinfo=UTC)]})
    shop.home.lake.mark_deleted(table, cut)
    shop.night()
    assert set(shop.rows(ENTITIES["customers"])["customer_id"]) == {"ann", "bare", "ben"}
    shop.home.lake.mark_deleted(table, cut.with_columns(pl.lit(None).alias(DELETED_AT)))
    shop.night()
    assert set(shop.rows(ENTITIES["customers"])["customer_id"]) == {"ann", "bare", "ben", "cut"}
    version = shop.home.lake.version(ENTITIES["customers"])
    shop.night()
    assert shop.home.lake.version(ENTITIES["customers"]) == version


# Full snapshots

COUNTRIES = st.sampled_from(["NL", "BE"])
SNAPSHOTS = st.lists(st.dictionaries(st.sampled_from("abcd"), COUNTRIES, max_size=4), min_size=3, max_size=4)


@pytest.mark.parametrize("updated_at", ["", "2026-01-01"])
@settings(max_examples=3, deadline=None)
@given(data=st.data(), snapshots=SNAPSHOTS)
def test_a_customer_is_live_when_the_newest_of_any_snapshots_in_any_order_has_it(
    tmp_path_factory: pytest.TempPathFactory,
    updated_at: str,
    data: st.DataObject,
    snapshots: list[dict[str, str]],
) -> None:
    order = data.draw(st.permutations(range(len(snapshots))), label="order")
    shop = Nights(tmp_path_factory.mktemp("snapshots"), "customers", CUSTOMERS_SQL, is_snapshot=True)
    for night, day in enumerate(order):
        lines = [f"{customer},{country},{updated_at}" for customer, country in snapshots[day].items()]
        # The file of one night takes the place of the one before.
        shop.export("customers", ["customer_id,country,updated_at", *lines], day=day)
        shop.night()
        newest = snapshots[max(order[: night + 1])]
        live = shop.rows(ENTITIES["customers"]).sort("customer_id")
        assert live.select("customer_id", "country").rows() == sorted(newest.items())


def test_a_snapshot_with_the_content_of_an_older_one_counts_from_its_own_day(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "customers", CUSTOMERS_SQL, is_snapshot=True)
    for day, customers, live in (
        (2, [], []),
        (0, ["x"], []),
        (3, ["x"], ["x"]),
        (4, [], []),
        (6, [], []),
        (5, ["x"], []),
    ):
        shop.export("customers", ["customer_id,country,updated_at", *(f"{name},NL," for name in customers)], day=day)
        shop.night()
        assert shop.rows(ENTITIES["customers"])["customer_id"].to_list() == live


def test_older_snapshots_in_the_place_of_the_newest_bring_nobody_back(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "customers", CUSTOMERS_SQL, is_snapshot=True)
    for day, customers in ((2, ["x"]), (0, ["x", "y"]), (1, ["x", "z"])):
        shop.export("customers", ["customer_id,country,updated_at", *(f"{name},NL," for name in customers)], day=day)
        shop.night()
        assert shop.rows(ENTITIES["customers"])["customer_id"].to_list() == ["x"]


def customers_of(shop: Nights) -> list[str]:
    return sorted(shop.rows(ENTITIES["customers"])["customer_id"])


@pytest.mark.parametrize("updated_at", ["2026-03-01", ""])
def test_a_customer_is_back_with_the_snapshot_whatever_its_time_of_change_says(tmp_path: Path, updated_at: str) -> None:
    shop = Nights(tmp_path, "customers", CUSTOMERS_SQL, is_snapshot=True)
    for day, of_y, live in (
        (0, ["y,NL,2026-03-02"], ["x", "y"]),
        (1, [], ["x"]),
        (3, [f"y,NL,{updated_at}"], ["x", "y"]),
        (2, ["y,NL,2026-03-03"], ["x", "y"]),
        (4, [], ["x"]),
    ):
        shop.export("customers", ["customer_id,country,updated_at", "x,NL,", *of_y], day=day)
        shop.night()
        assert customers_of(shop) == live


@pytest.mark.parametrize("updated_at", ["2026-03-02", ""])
@pytest.mark.parametrize(("exclude", "more"), [("country = 'BE'", ""), (None, " where country <> 'BE'")])
def test_a_customer_of_a_snapshot_is_back_when_it_is_left_out_no_more(
    tmp_path: Path, exclude: str | None, more: str, updated_at: str
) -> None:
    shop = Nights(tmp_path, "customers", CUSTOMERS_SQL, is_snapshot=True)
    both = ["customer_id,country,updated_at", "x,NL,", f"y,BE,{updated_at}"]
    shop.export("customers", both, day=0)
    shop.night()
    # One more, so that it is another snapshot; then only the rules change.
    shop.export("customers", [*both, "z,NL,"], day=1)
    for condition, where, live in ((exclude, more, ["x", "z"]), (None, "", ["x", "y", "z"])):
        (tmp_path / "own.sql").write_text(CUSTOMERS_SQL + where)
        shop.source = shop.source.model_copy(update={"exclude": condition})
        shop.night()
        assert customers_of(shop) == live


def test_a_rejected_row_of_a_snapshot_is_gone_when_a_younger_one_lacks_it(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "customers", CUSTOMERS_SQL, is_snapshot=True)
    for day, of_y in ((0, ["y,NL,soon"]), (1, [])):
        shop.export("customers", ["customer_id,country,updated_at", "x,NL,", *of_y, "z,NL,later"], day=day)
        shop.night()
    (tmp_path / "own.sql").write_text(CUSTOMERS_SQL.replace("updated_at", "null as updated_at"))
    shop.night(retries=True)
    # Both pass now; of y only the snapshot of day 0 knew.
    assert shop.rows(RECORDS["rejected_rows"])["is_released"].all()
    assert customers_of(shop) == ["x", "z"]


def test_a_vanished_customer_who_orders_is_a_customer_again(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "customers", CUSTOMERS_SQL, is_snapshot=True)
    for day, customers in enumerate((["x,NL,", "y,NL,"], ["y,NL,"])):
        shop.export("customers", ["customer_id,country,updated_at", *customers], day=day)
        shop.night()
    assert shop.rows(ENTITIES["customers"])["customer_id"].to_list() == ["y"]
    shop.home.lake.merge(ENTITIES["orders"], orders({"customer_id": "x", "ordered_at": "2026-01-01"}).lazy())
    shop.night()
    assert shop.rows(ENTITIES["customers"]).sort("customer_id")["customer_id"].to_list() == ["x", "y"]
    shop.export("customers", ["customer_id,country,updated_at", "y,BE,"], day=2)
    shop.night()
    assert sorted(shop.rows(ENTITIES["customers"]).select("customer_id", "country").rows()) == [
        ("x", None),
        ("y", "BE"),
    ]


CONSENT_SQL = "select customer_id, consent as accepts_marketing, country, updated_at, _file, _row from customers"


@pytest.mark.parametrize("updated_at", ["2026-03-02", ""])
def test_of_an_ordering_customer_whom_the_snapshot_lacks_no_consent_is_kept(tmp_path: Path, updated_at: str) -> None:
    shop = Nights(tmp_path, "customers", CONSENT_SQL, is_snapshot=True)
    placed = orders({"order_id": "1", "customer_id": "x", "ordered_at": "2026-01-01"})
    shop.home.lake.merge(ENTITIES["orders"], placed.lazy())
    x, y = f"x,true,NL,{updated_at}", "y,true,NL,"
    known, unknown = ("x", True, "NL"), ("x", None, None)
    # y has never ordered. The snapshot of day 2 comes late, and that of day 4 brings x back.
    for day, lines, of_x in (
        (0, [x, y], known),
        (1, [y], unknown),
        (3, [y], unknown),
        (2, [x, y], unknown),
        (4, [x, y], known),
    ):
        shop.export("customers", ["customer_id,consent,country,updated_at", *lines], day=day)
        shop.night()
        found = shop.rows(ENTITIES["customers"]).sort("customer_id")
        assert found.select("customer_id", "accepts_marketing", "country").rows() == [of_x, ("y", True, "NL")]


# Responses and their answers

RESPONSES_SQL = """select response_id, '2026-01-15' as submitted_at, null as customer_id, updated_at, q1, q2, _file, _row
from surveys"""
ANSWERS = st.sampled_from(["", "2", "4", "9"])
"""What stands in the cell of an item on 1 to 5: nothing, an answer, or what is none."""
RESPONSES = st.lists(
    st.lists(st.tuples(st.sampled_from("ab"), VERSIONS, ANSWERS, ANSWERS), min_size=1, max_size=3),
    min_size=2,
    max_size=4,
)


def answered(shop: Nights) -> list[tuple[str, str, float]]:
    return sorted(shop.rows(ENTITIES["survey_answers"]).select("response_id", "item_id", "value").rows())


def of_two_items(folder: Path) -> Nights:
    survey = SurveySettings.model_validate(
        {"type": "relational", "items": {"q1": {"scale": (1, 5)}, "q2": {"scale": (1, 5)}}}
    )
    return Nights(folder, "surveys", RESPONSES_SQL, survey=survey)


@settings(max_examples=5, deadline=None)
@given(files=RESPONSES, data=st.data())
def test_the_answers_are_those_of_the_newest_version_of_each_response_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[str, str, str, str]]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(files))), label="order")
    shop = of_two_items(tmp_path_factory.mktemp("answers"))
    for day in order:
        lines = [",".join(line) for line in files[day]]
        shop.export(f"file{day}", ["response_id,updated_at,q1,q2", *lines], day=day)
        shop.night()
    newest: dict[str, tuple[tuple[str, int], tuple[str, str]]] = {}
    for day, rows in enumerate(files):
        for response, updated_at, *cells in rows:
            if response not in newest or (updated_at, day) > newest[response][0]:
                newest[response] = ((updated_at, day), (cells[0], cells[1]))
    expected = [
        (response, item, float(value))
        for response, (_, cells) in newest.items()
        for item, value in zip(("q1", "q2"), cells, strict=True)
        if value in ("2", "4")
    ]
    assert answered(shop) == sorted(expected)
    shop.night(forgets=True)
    assert answered(shop) == sorted(expected)


def test_an_answer_left_empty_goes_and_comes_back_and_one_no_longer_asked_stays(tmp_path: Path) -> None:
    shop = of_two_items(tmp_path)
    for day, cells, expected in (
        (0, "4,2", [("a", "q1", 4.0), ("a", "q2", 2.0)]),
        (1, "4,", [("a", "q1", 4.0)]),
        (2, ",5", [("a", "q2", 5.0)]),
    ):
        shop.export("responses", ["response_id,updated_at,q1,q2", f"a,,{cells}"], day=day)
        shop.night()
        assert answered(shop) == expected
    assert shop.survey is not None
    del shop.survey.items["q2"]
    shop.export("responses", ["response_id,updated_at,q1", "a,,3"], day=3)
    (tmp_path / "own.sql").write_text(RESPONSES_SQL.replace("q2, ", ""))
    shop.night()
    assert answered(shop) == [("a", "q1", 3.0), ("a", "q2", 5.0)]


# Order lines

LINES_SQL = """select order_id, line_number, '2026-01-15' as ordered_at, product_id, 1 as quantity, 'EUR' as currency,
1 as line_amount, updated_at, _file, _row from order_lines"""
LINES_HEADER = "order_id,line_number,product_id,updated_at"
DELIVERIES = st.lists(
    st.dictionaries(st.sampled_from("ab"), st.dictionaries(st.sampled_from("12"), st.sampled_from("xy"), min_size=1)),
    min_size=2,
    max_size=4,
)
"""Per file and order: line number -> product."""


def lines_of(shop: Nights) -> list[tuple[str, int, str]]:
    return sorted(shop.rows(ENTITIES["order_lines"]).select("order_id", "line_number", "product_id").rows())


def of_lines(folder: Path, *, orders_from: str, exclude: str | None = None) -> Nights:
    orders = SourceSettings(
        name="orders", entity="orders", mapping=folder / "orders.sql", inputs={"orders": str(folder / orders_from)}
    )
    return Nights(folder, "order_lines", LINES_SQL, orders=orders, exclude=exclude)


@settings(max_examples=5, deadline=None)
@given(files=DELIVERIES, data=st.data())
def test_the_lines_are_those_of_the_newest_file_with_their_order_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, files: list[dict[str, dict[str, str]]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(files))), label="order")
    shop = of_lines(tmp_path_factory.mktemp("lines"), orders_from="*.csv")
    for day in order:
        lines = [
            f"{name},{number},{product}," for name, lines in files[day].items() for number, product in lines.items()
        ]
        shop.export(f"file{day}", [LINES_HEADER, *lines], day=day)
        shop.night()
    newest = {name: lines for delivery in files for name, lines in delivery.items()}
    expected = sorted(
        (name, int(number), product) for name, lines in newest.items() for number, product in lines.items()
    )
    assert lines_of(shop) == expected
    shop.night(forgets=True)
    assert lines_of(shop) == expected


@pytest.mark.parametrize(("orders_from", "updated_at"), [("orders/*.csv", ""), ("*.csv", "2026-02-01")])
def test_a_line_stays_where_its_file_has_no_orders_or_it_has_a_version_of_its_own(
    tmp_path: Path, orders_from: str, updated_at: str
) -> None:
    shop = of_lines(tmp_path, orders_from=orders_from)
    shop.export("first", [LINES_HEADER, f"a,1,x,{updated_at}", f"a,2,y,{updated_at}"], day=0)
    shop.night()
    shop.export("second", [LINES_HEADER, "a,1,z,2026-03-01"], day=1)
    shop.night()
    assert lines_of(shop) == [("a", 1, "z"), ("a", 2, "y")]


def test_a_line_that_a_condition_leaves_out_is_gone_though_its_file_has_its_order_whole(tmp_path: Path) -> None:
    shop = of_lines(tmp_path, orders_from="*.csv")
    shop.export("first", [LINES_HEADER, "a,1,x,", "a,2,tip,"], day=0)
    for exclude, live in ((None, [1, 2]), ("product_id = 'tip'", [1]), (None, [1, 2])):
        shop.source = shop.source.model_copy(update={"exclude": exclude})
        shop.night()
        assert [number for _, number, _ in lines_of(shop)] == live


# A database with a cursor


def test_rows_that_a_cursor_reads_again_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create table orders ({HEADER.replace(',', ' varchar, ')} timestamp)")
        connection.execute("insert into orders values ('a', '2026-01-15', 'paid', '1', 'web', '2026-03-01 12:00')")
        connection.execute("insert into orders values ('b', '2026-01-15', 'lost', '1', 'web', '2026-03-02 11:00')")
        connection.execute("insert into orders values ('c', '2026-01-15', 'paid', '1', 'web', '2026-03-02 12:00')")
    place = DatabaseInput(database=f"duckdb:///{file}", table="orders", cursor="updated_at")
    shop = Nights(tmp_path, "orders", ORDERS_SQL, database=place)
    shop.night()
    kept = ["order_id", "ordered_at", "net_amount", "updated_at"]
    orders_before = shop.rows(ENTITIES["orders"]).select(kept).sort("order_id")
    rejected_before = shop.rows(RECORDS["rejected_rows"])["rejected_id"].to_list()
    assert (orders_before.height, len(rejected_before)) == (2, 1)
    batch = shop.night(started_at=datetime(2026, 6, 2, tzinfo=UTC))
    # All that is at most 24 hours older than the last row.
    assert (batch.lines_read, batch.rows_valid, batch.rows_rejected) == (3, 2, 1)
    assert shop.rows(ENTITIES["orders"]).select(kept).sort("order_id").equals(orders_before)
    rejected = shop.rows(RECORDS["rejected_rows"])
    assert rejected.select("rejected_id", "is_released").rows() == [(rejected_before[0], False)]


# Several inputs


@pytest.mark.parametrize("join", ["join", "left join"])
def test_a_new_row_of_one_cursor_is_joined_with_old_rows_of_another(tmp_path: Path, join: str) -> None:
    sql = f"""select o.order_id, c.name as customer_id, o.ordered_at, 'paid' as status, 'EUR' as currency, '1' as gross_amount,
    '0' as discount_amount, '0' as refund_amount, '1' as net_amount, o._file, o._row
    from orders o {join} people c on o.person = c.number"""
    file = tmp_path / "shop.db"
    shop = Nights(tmp_path, "orders", sql)
    inputs = {
        name: DatabaseInput(database=f"sqlite:///{file}", table=name, cursor="changed") for name in ("orders", "people")
    }
    shop.source = shop.source.model_copy(update={"inputs": inputs})
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("create table orders (order_id, ordered_at, person, changed)")
        connection.execute("create table people (number, name, changed)")
        connection.execute("insert into people values (1, 'jan', 1), (2, 'piet', 2)")
        connection.execute("insert into orders values ('a', '2026-01-15', 1, 1), ('b', '2026-01-15', 2, 2)")
    shop.night()
    # An old customer's new order, and an old order that has changed.
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("insert into orders values ('c', '2026-01-16', 1, 3)")
        connection.execute("update orders set changed = 4 where order_id = 'a'")
    shop.night()
    names = shop.rows(ENTITIES["orders"]).sort("order_id").select("order_id", "customer_id").rows()
    assert names == [("a", "jan"), ("b", "piet"), ("c", "jan")]


# Quarantine


def test_a_row_that_its_file_no_longer_has_leaves_the_quarantine(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    good, bad = "a,2026-01-15,paid,1.00,web,", "b,2026-01-15,lost,1.00,web,"
    shop.export("p", [HEADER, good, bad], day=0)
    shop.export("q", [HEADER, bad], day=1)
    shop.night()
    shop.export("p", [HEADER, good, bad.replace("lost", "paid")], day=2)
    batch = shop.night()
    left = shop.rows(RECORDS["rejected_rows"]).sort("file")
    assert [(Path(row["file"]).stem, row["is_released"], row["released_by"]) for row in left.to_dicts()] == [
        ("p", True, batch.batch_id),
        ("q", False, None),
    ]
    shop.export("p", [HEADER, good, bad], day=3)
    shop.night()
    assert shop.rows(RECORDS["rejected_rows"]).sort("file")["is_released"].to_list() == [False, False]


def test_a_row_of_a_file_that_was_moved_is_in_quarantine_once_and_that_of_a_copy_twice(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    lines = [HEADER, "a,2026-01-15,paid,1.00,web,", "b,2026-01-15,lost,1.00,web,"]
    file = shop.export("p", lines, day=0)
    shop.night()
    file.rename(tmp_path / "q.csv")
    batch = shop.night()

    def left() -> list[tuple[str, bool, str | None]]:
        rows = shop.rows(RECORDS["rejected_rows"]).sort("file").to_dicts()
        return [(Path(row["file"]).stem, row["is_released"], row["released_by"]) for row in rows]

    assert left() == [("p", True, batch.batch_id), ("q", False, None)]
    shop.export("r", lines, day=1)
    shop.night()
    assert left() == [("p", True, batch.batch_id), ("q", False, None), ("r", False, None)]


def test_a_row_that_every_days_file_brings_again_is_in_quarantine_once_when_the_files_before_are_gone(
    tmp_path: Path,
) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    lost, other = "b,2026-01-15,lost,1.00,web,", "c,2026-01-15,lost,1.00,web,"
    broken = "e,2026-01-15"
    for day, lines in enumerate(([lost, other, broken], [lost, broken, "d,2026-01-15,paid,1.00,web,"])):
        for file in tmp_path.glob("day*.csv"):
            file.unlink()
        shop.export(f"day{day}", [HEADER, *lines], day=day)
        shop.night()
    left = shop.rows(RECORDS["rejected_rows"]).filter(~pl.col("is_released")).sort("row_key")
    # Of c nobody knows more than that its file is gone.
    assert [(row["row_key"], Path(row["file"]).stem) for row in left.to_dicts()] == [
        (None, "day1"),
        ("b", "day1"),
        ("c", "day0"),
    ]


def test_a_row_before_the_cursor_of_a_database_stays_in_quarantine(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    shop = Nights(
        tmp_path,
        "orders",
        ORDERS_SQL,
        database=DatabaseInput(database=f"duckdb:///{file}", table="orders", cursor="updated_at", lookback_hours=0),
    )
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create table orders ({HEADER.replace(',', ' varchar, ')} timestamp)")
        connection.execute("insert into orders values ('a', '2026-01-15', 'lost', '1', 'web', '2026-03-01')")
        connection.execute("insert into orders values ('b', '2026-01-15', 'paid', '1', 'web', '2026-03-02')")
    assert shop.night().lines_read == 2
    with duckdb.connect(str(file)) as connection:
        connection.execute("insert into orders values ('c', '2026-01-15', 'paid', '1', 'web', '2026-03-03')")
    assert shop.night().lines_read == 2
    assert sorted(shop.rows(ENTITIES["orders"])["order_id"]) == ["b", "c"]
    assert shop.rows(RECORDS["rejected_rows"])["is_released"].to_list() == [False]


def test_a_row_of_an_earlier_version_is_not_released_by_a_version_without_it(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    good = ordered("k", "1.00", "paid")
    for day, order in enumerate("ab"):
        shop.export(
            "daily", [HEADER, *[good] * (day == 0), ordered(order, "4.00"), ordered("m", "1.00", "paid")], day=day
        )
        shop.night()
    (tmp_path / "own.sql").write_text(IN_DUTCH)
    shop.night()
    assert by_amount(shop) == [("b", 400), ("k", 100), ("m", 100)]
    left = shop.rows(RECORDS["rejected_rows"]).sort("row_key")
    assert left.select("row_key", "is_released").rows() == [("a", False), ("b", True)]
    shop.night(retries=True)
    assert by_amount(shop) == [("a", 400), ("b", 400), ("k", 100), ("m", 100)]


def test_a_snapshot_that_is_read_for_another_file_releases_nothing_that_it_lacks(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL, is_snapshot=True)
    good = ordered("k", "1.00", "paid")
    for day, name, lines in ((0, "one", [good, ordered("a", "4.00")]), (1, "one", [good]), (2, "two", [good])):
        shop.export(name, [HEADER, *lines], day=day)
        shop.night()
    assert shop.rows(RECORDS["rejected_rows"])["is_released"].to_list() == [False]


def test_a_row_is_released_when_its_unchanged_file_came_with_a_later_time(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    for day, sql in enumerate((ORDERS_SQL.replace("order_id,", "null as order_id,", 1), ORDERS_SQL)):
        (tmp_path / "own.sql").write_text(sql)
        shop.export("daily", [HEADER, ordered("a", "4.00", "paid")], day=day)
        shop.night()
    assert by_amount(shop) == [("a", 400)]
    assert shop.rows(RECORDS["rejected_rows"])["is_released"].to_list() == [True]


IN_DUTCH = ORDERS_SQL.replace("status,", "if(status = 'betaald', 'paid', status) as status,", 1)


def by_amount(shop: Nights) -> list[tuple[str, int]]:
    return sorted(shop.rows(ENTITIES["orders"]).select("order_id", "net_amount").rows())


def ordered(order: str, amount: str, status: str = "betaald") -> str:
    return f"{order},2026-01-15,{status},{amount},web,"


def test_every_version_of_a_file_that_is_overwritten_is_tried_again_as_of_its_own_day(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    good, other = ordered("k", "1.00", "paid"), ordered("m", "1.00", "paid")
    # Rows 2 and 3 are others in each version. Of c the younger version counts, though it stands in a later row.
    first = [good, ordered("e", "2.00"), ordered("c", "8.00"), other, ordered("a", "4.00")]
    second = [good, ordered("b", "5.00"), ordered("d", "7.00"), ordered("c", "9.00")]
    for day, lines in ((0, first), (2, second)):
        shop.export("daily", [HEADER, *lines], day=day)
        shop.night()
    shop.export("corrected", [HEADER, ordered("d", "6.00", "paid"), ordered("a", "3.00", "paid")], day=1)
    shop.night()
    (tmp_path / "own.sql").write_text(IN_DUTCH)
    (tmp_path / "daily.csv").unlink()
    shop.night(retries=True)
    # The 3.00 of a is of day 1 and its 4.00 of day 0; the 7.00 of d is of day 2 and its 6.00 of day 1.
    assert by_amount(shop) == [("a", 300), ("b", 500), ("c", 900), ("d", 700), ("e", 200), ("k", 100), ("m", 100)]
    rejected = shop.rows(RECORDS["rejected_rows"])
    assert rejected["is_released"].all()
    assert sorted(rejected["row_number"]) == [2, 2, 3, 3, 4, 5]


def test_rows_that_fail_again_keep_their_file_their_day_and_their_number(tmp_path: Path) -> None:
    shop = Nights(tmp_path, "orders", ORDERS_SQL)
    for day, order in enumerate("ab"):
        shop.export("daily", [HEADER, ordered("k", "1.00", "paid"), ordered(order, "4.00", "lost")], day=day)
        shop.night()
    before = shop.rows(RECORDS["rejected_rows"]).drop("batch_id").sort("rejected_id")
    assert before.height == 2
    shop.night(retries=True)
    assert shop.rows(RECORDS["rejected_rows"]).drop("batch_id").sort("rejected_id").equals(before)


def test_every_row_that_a_cursor_has_gone_past_is_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    place = DatabaseInput(database=f"duckdb:///{file}", table="orders", cursor="updated_at")
    shop = Nights(tmp_path, "orders", ORDERS_SQL, database=place)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create table orders ({HEADER.replace(',', ' varchar, ')} timestamp)")
    # Each night reads from the last value on, so that its rows are numbered from 1 again.
    for first in (1, 4):
        with duckdb.connect(str(file)) as connection:
            for day in range(first, first + 3):
                row = f"('o{day}', '2026-01-15', 'betaald', '1', 'web', '2026-03-0{day}')"
                connection.execute(f"insert into orders values {row}")
        shop.night()
    assert shop.rows(ENTITIES["orders"]).is_empty()
    (tmp_path / "own.sql").write_text(IN_DUTCH)
    shop.night(retries=True)
    assert sorted(shop.rows(ENTITIES["orders"])["order_id"]) == ["o1", "o2", "o3", "o4", "o5", "o6"]
