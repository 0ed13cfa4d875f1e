"""A night that goes wrong: one clear line, exit code 1, and yesterday's warehouse in place."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import DAY
from tests.scenario import HEADER, Shop, configuration, make_shop, order_lines

GARBAGE = [f"o{1000 + i},c1,31/02/2026,paid,ten" for i in range(12)]


def refused(shop: Shop, name: str, /, *words: str, **changes: Any) -> str:
    """Run with a changed configuration: it must fail in one line with `words` and leave the warehouse as it was."""
    config = shop.folder / f"{name}.yaml"
    config.write_text(yaml.safe_dump(configuration(**changes)))
    before = shop.warehouse.read_bytes(), shop.versions()
    result = shop.run(DAY, config=config)
    assert result.exit_code == 1, result.output
    assert len(result.error_lines) == 1, result.output
    for word in words:
        assert word in result.error_lines[0]
    assert "Traceback" not in result.output
    assert (shop.warehouse.read_bytes(), shop.versions()) == before
    return result.error_lines[0]


def source(**changes: Any) -> list[dict[str, Any]]:
    return [configuration()["sources"][0] | changes]


def export(shop: Shop, name: str, text: str | bytes) -> dict[str, str]:
    (shop.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return {"orders": name}


def test_a_missing_file_is_named(shop: Shop) -> None:
    refused(shop, "missing", "csv_orders", "nothing.csv", sources=source(inputs={"orders": "nothing.csv"}))


def test_a_missing_column_is_named_with_the_file_and_what_it_has(shop: Shop) -> None:
    inputs = export(shop, "renamed.csv", f"{HEADER.replace('status', 'state')}\no1,c1,2026-01-01,paid,1.00\n")
    refused(shop, "column", "csv_orders", "status", "renamed.csv", "state", sources=source(inputs=inputs))


def test_too_many_garbage_rows_stop_the_batch_and_keep_it_aside(shop: Shop) -> None:
    inputs = export(shop, "garbage.csv", "\n".join([HEADER, *order_lines(100), *GARBAGE]) + "\n")
    line = refused(
        shop,
        "garbage",
        "12 of 112",
        "10.7%",
        "garbage.csv row 101: ",
        "ordered_at: is not a date",
        sources=source(inputs=inputs),
    )
    aside = Path(line.rsplit(" kept in ", 1)[1].split(";")[0])
    assert {path.name for path in aside.rglob("*")} >= {"report.json", "rejected.parquet", "valid-000000.parquet"}


def test_rows_that_an_unclosed_quote_swallows_count_one_by_one(shop: Shop) -> None:
    lines = order_lines(100)
    lines[79] = lines[79].replace("c", '"c', 1)
    inputs = export(shop, "open.csv", "\n".join([HEADER, *lines]) + "\n")
    refused(shop, "open", "21 of 100 orders rejected (21.0%)", "in a record of 21 lines", sources=source(inputs=inputs))


def test_line_breaks_in_an_id_count_as_the_rows_that_they_can_hide(shop: Shop) -> None:
    lines = order_lines(100)
    lines[79] = lines[79].replace("c", '"c' + "\nof no row" * 10, 1).replace(",2", '",2', 1)
    inputs = export(shop, "breaks.csv", "\n".join([HEADER, *lines]) + "\n")
    words = ("11 of 110 orders rejected (10.0%), 10 of them as lines inside", "customer_id: ", "has a line break in it")
    refused(shop, "breaks", *words, sources=source(inputs=inputs))


def test_an_address_inside_an_id_reaches_neither_the_home_nor_the_screen(shop: Shop) -> None:
    lines = order_lines(100)
    lines[7] = lines[7].replace(",c", ",Jan <jan.voorbeeld@example.com> c", 1)
    inputs = export(shop, "named.csv", "\n".join([HEADER, *lines]) + "\n")
    changes = {"quality": {"max_reject_rate": 0.0}, "sources": source(inputs=inputs)}
    line = refused(shop, "named", "customer_id: holds an e-mail address; map it as email", **changes)
    assert "voorbeeld@" not in line
    readable = [file for file in shop.home.rglob("*") if file.is_file() and b"voorbeeld@" in file.read_bytes()]
    assert readable == []


def test_a_batch_of_garbage_alone_says_that_no_row_survived(shop: Shop) -> None:
    inputs = export(shop, "alone.csv", "\n".join([HEADER, *GARBAGE]) + "\n")
    changes = {"quality": {"max_reject_rate": 1.0}, "sources": source(inputs=inputs)}
    refused(shop, "alone", "12 of 12", "no row survived", **changes)


def test_an_empty_file_is_named(shop: Shop) -> None:
    refused(shop, "empty", "empty.csv", "is empty", sources=source(inputs=export(shop, "empty.csv", b"")))


def test_a_wrong_time_zone_is_refused_before_anything_runs(shop: Shop) -> None:
    zone = configuration()["shop"] | {"time_zone": "Europe/Amsterdm"}
    refused(shop, "zone", "shop.time_zone", "Europe/Amsterdm", shop=zone)


def test_an_unknown_key_is_refused_before_anything_runs(shop: Shop) -> None:
    refused(shop, "key", "rfm.windw_days", "unknown key", rfm={"windw_days": 90})


def test_a_missing_configuration_is_one_line(shop: Shop) -> None:
    result = shop.run(DAY, config=shop.folder / "no.yaml")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "no.yaml" in result.output


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "2999-01-01", "1999-01-01"])
def test_a_date_that_cannot_be_computed_is_one_line(shop: Shop, day: str) -> None:
    result = shop.run(day)
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert day in result.output


def test_a_mapping_that_is_no_sql_is_one_line(shop: Shop) -> None:
    (shop.folder / "broken.sql").write_text("selekt 1")
    refused(shop, "sql", "csv_orders", "broken.sql", "syntax error", sources=source(mapping="broken.sql"))


def test_a_file_cut_off_in_the_middle_is_one_line(shop: Shop) -> None:
    import gzip

    whole = gzip.compress("\n".join([HEADER, *order_lines(100)]).encode())
    inputs = export(shop, "cut.csv.gz", whole[: len(whole) // 2])
    refused(shop, "cut", "cut.csv.gz", "cannot be read", sources=source(inputs=inputs))


def test_a_lake_table_that_is_lost_stops_the_night_until_it_is_back(shop: Shop, tmp_path: Path) -> None:
    orders, kept = shop.home / "lake" / "orders", tmp_path / "orders"
    before = shop.warehouse.read_bytes()
    version = shop.versions()["orders"]
    orders.rename(kept)
    for _ in ("first night", "next night"):
        result = shop.run(DAY)
        assert (result.exit_code, len(result.error_lines)) == (1, 1)
        assert "table orders is lost or an old copy" in result.error_lines[0]
        assert f"was at version {version} and is at 0" in result.error_lines[0]
    shutil.rmtree(orders)
    kept.rename(orders)
    assert shop.warehouse.read_bytes() == before
    shop.ingest(DAY)


def test_a_shop_of_guests_alone_says_that_no_order_names_a_customer(tmp_path: Path) -> None:
    guests = make_shop(tmp_path, [_of_a_guest(line) for line in order_lines(3)])
    result = guests.run(DAY)
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "no order names one (customer_id in the mapping of orders)" in result.error_lines[0]


def test_two_surveys_that_number_their_responses_alike_do_not_overwrite_each_other(tmp_path: Path) -> None:
    surveys = {name: {"type": "relational", "items": {"q1": {"scale": [1, 5]}}} for name in ("first", "second")}
    sources = [
        *configuration()["sources"],
        *(
            {"name": name, "entity": "surveys", "survey": name, "mapping": "survey.sql", "inputs": {"a": f"{name}.csv"}}
            for name in surveys
        ),
    ]
    asked = make_shop(tmp_path, order_lines(2), sources=sources, surveys=surveys)
    (tmp_path / "survey.sql").write_text("select _file, _row, id as response_id, sent as submitted_at, q1 from a")
    (tmp_path / "first.csv").write_text("id,sent,q1\n1,2026-05-01,4\n2,2026-05-01,5\n")
    (tmp_path / "second.csv").write_text("id,sent,q1\n2,2026-06-01,1\n3,2026-06-01,1\n")
    words = "1 response_ids of survey second are in survey first too; numbers must be unique over all surveys"
    tried = asked.loyalty("check")
    assert (tried.exit_code, f"fail shared {words}" in " ".join(tried.output.split())) == (1, True)
    result = asked.run(DAY)
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert f"source second: {words}" in result.error_lines[0]
    assert asked.entity("survey_responses")["survey_id"].to_list() == ["first", "first"]


def _of_a_guest(line: str) -> str:
    order_id, _, *rest = line.split(",")
    return ",".join([order_id, "", *rest])
