"""The report of a night: where it is, who may read it, and that it says what the published file says."""

import html
import re
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import duckdb
import pytest
from polars.testing import assert_frame_equal

from pipeline import asset_keys
from pipeline.assets.shown import PICTURES
from pipeline.commands.report.as_html import Report, as_html
from pipeline.commands.report.reading import OF_THE_DATE, read_edition
from pipeline.commands.report.write import pictures_of
from pipeline.core.report.dutch import DUTCH
from pipeline.core.report.sentences import tell
from pipeline.core.report.words import Words
from pipeline.run_records import open_records
from pipeline.warehouse.editions import list_editions, report_of
from tests.integration.conftest import DEMO_DAY
from tests.scenario import Shop

TOP_TEN = """
select customer_id from marts.customer_360 where value_at_risk > 0 order by value_at_risk desc, customer_id limit 10
"""


def test_a_night_leaves_a_report_beside_its_edition_and_beside_the_published_file(demo_night: Shop) -> None:
    (edition,) = list_editions(demo_night.home / "editions")
    kept, beside = report_of(edition), report_of(demo_night.warehouse)
    assert kept.read_text() == beside.read_text()
    assert [file.stat().st_mode & 0o777 for file in (kept, beside)] == [0o600, 0o644]
    assert demo_night.loyalty("report").output.split() == [str(beside)]
    assert edition.stem in beside.read_text()
    with patch("pipeline.cli.typer.launch", side_effect=[0, 1]) as browser:
        assert demo_night.loyalty("report", "--open").exit_code == 0
        assert demo_night.loyalty("report", "--open").error_lines == [
            f"error: no browser opens {beside} here; open it by hand"
        ]
    assert [call.args for call in browser.call_args_list] == [(str(beside),)] * 2


def test_the_report_says_what_the_published_file_says(demo_night: Shop) -> None:
    page = report_of(demo_night.warehouse).read_text()
    assert '<html lang="en">' in page
    assert "report of 21 November 2026</h1>" in page
    named = re.findall(r'<th scope="row"><a href="http://localhost:3000/customers/(.*?)">(.*?)</a></th>', page)
    assert named == [(customer, customer) for (customer,) in demo_night.query(TOP_TEN)]
    verdicts = re.findall(r'<span class="verdict (\w+)">', page)
    assert len(verdicts) >= 12
    assert {"difference", "chance", "fact"} <= set(verdicts)
    ((n, pct, low, high),) = demo_night.query(
        "select n_classified, pct_secure, pct_secure_low, pct_secure_high from marts.sci_trend "
        f"where as_of_date = '{DEMO_DAY}' and dimension = 'all' and definition = 'top_box'"
    )
    said = f"{pct:.1f}% of the {n:,} who answered in full are secure (95% interval {low:.1f}% to {high:.1f}%)"
    assert said in html.unescape(page).replace("\xa0", " ")
    alts = [
        html.unescape(alt) for alt in re.findall(r'<img src="data:image/svg\+xml;base64,[\w+/=]+" alt="(.*?)">', page)
    ]
    # With one date nobody has moved yet.
    assert len(alts) == 10
    assert all(len(alt) > 60 for alt in alts)


def test_the_dutch_page_of_the_demo_shop_has_a_word_for_all_that_it_names(demo_night: Shop) -> None:
    edition, asked, name_of = read_edition(demo_night.warehouse), set(), Words.name

    def name(words: Words, code: str) -> str:
        asked.add(code)
        return name_of(words, code)

    with patch.object(Words, "name", name):
        sentences, pictures = tell(edition.tables, DUTCH, as_of=edition.as_of), list(pictures_of(edition, DUTCH))
        links = [""] * len(edition.at_risk)
        as_html(Report("Shop", edition.as_of, "1", sentences, [], edition.at_risk, links, []), DUTCH)
    assert len(sentences) >= 12
    assert len([picture for picture in pictures if picture]) == 10
    channels = {channel for (channel,) in demo_night.query("select distinct channel from marts.fct_orders")}
    assert asked - DUTCH.names.keys() - channels == set()


def test_an_earlier_date_is_not_told_of_as_if_it_were_the_editions_own(demo_night: Shop, tmp_path: Path) -> None:
    with_more = tmp_path / "warehouse.duckdb"
    shutil.copy(demo_night.warehouse, with_more)
    with duckdb.connect(str(with_more)) as connection:
        for name in OF_THE_DATE:
            connection.execute(
                f"insert into marts.{name} select * replace (as_of_date - 1 as as_of_date) from marts.{name}"
            )
    alone, beside = (read_edition(file).tables for file in (demo_night.warehouse, with_more))
    assert alone["churn_calibration"].height > 0
    for name in OF_THE_DATE:
        assert_frame_equal(beside[name], alone[name], check_row_order=False)


def test_a_report_that_is_not_there_is_made_and_one_of_a_date_without_edition_is_refused(
    demo_night: Shop, tmp_path: Path
) -> None:
    copy = Shop(tmp_path / "shop", demo_night.environment)
    shutil.copytree(demo_night.folder, copy.folder)
    before = report_of(copy.warehouse).read_text()
    for page in (report_of(copy.warehouse), *(copy.home / "editions").glob("*.html")):
        page.unlink()
    assert copy.loyalty("report", "--date", DEMO_DAY).output.split() == [str(report_of(copy.warehouse))]
    assert report_of(copy.warehouse).read_text() == before
    refused = copy.loyalty("report", "--date", "2026-11-20")
    assert refused.exit_code == 1
    assert refused.error_lines == [f"error: --date 2026-11-20: no edition of it is kept; there are those of {DEMO_DAY}"]


def test_without_a_warehouse_the_report_names_the_way_out(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    (tmp_path / "loyalty.yaml").write_text((Path(__file__).parents[2] / "loyalty.yaml").read_text())
    refused = shop.loyalty("report")
    assert refused.exit_code == 1
    assert "publish an edition with `loyalty run` first" in refused.output


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_shop_without_survey_or_review_has_a_report_in_its_language(night: Shop, language: str) -> None:
    text = re.sub(r"(?m)^report:.*\n", "", night.config.read_text())
    night.config.write_text(f"{text}report: {{language: {language}}}\n")
    for page in (report_of(night.warehouse), *(night.home / "editions").glob("*.html")):
        page.unlink(missing_ok=True)
    made = night.loyalty("report")
    assert made.exit_code == 0, made.output
    page = report_of(night.warehouse).read_text()
    assert f'<html lang="{language}">' in page
    missing = "geen antwoord op die vraag telt mee" if language == "nl" else "no answer to its question counts"
    assert missing in page


def test_the_pages_of_a_night_show_pictures_and_numbers_and_what_was_found_at_every_place(demo_night: Shop) -> None:
    with open_records(demo_night.home) as instance:
        assert instance

        def shown(key: dg.AssetKey) -> dict[str, Any]:
            (record,) = instance.fetch_materializations(key, limit=1).records
            assert record.asset_materialization
            return {name: entry.value for name, entry in record.asset_materialization.metadata.items()}

        def seen(key: dg.AssetKey) -> dict[str, Any]:
            (record,) = instance.fetch_observations(key, limit=1).records
            assert record.asset_observation
            return {name: entry.value for name, entry in record.asset_observation.metadata.items()}

        for name in set(PICTURES) - {"segment_migration"}:
            assert str(shown(asset_keys.table(name))["picture"]).startswith("!["), name
        ((champions,),) = demo_night.query("select count(*) from marts.customer_rfm where segment = 'champions'")
        assert shown(asset_keys.table("segment_sizes"))["rfm/champions"] == champions
        told = shown(asset_keys.REPORT)
        assert told["report"] == str(report_of(demo_night.warehouse))
        assert told["dagster/row_count"] == report_of(demo_night.warehouse).read_text().count('<span class="verdict')
        orders = list((demo_night.home / "demo").glob("orders_*.csv"))
        place = seen(asset_keys.place("shop_orders", "orders"))
    assert (place["files"], place["parts_read"]) == (len(orders), len(orders))
    assert place["bytes"] == sum(file.stat().st_size for file in orders)
    assert 0 <= place["age_of_newest_read_hours"] < 1
