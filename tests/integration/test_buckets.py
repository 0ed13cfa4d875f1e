"""A shop so large that its customers are computed some after the others: its rows are those of a shop computed at once."""

import random
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.assets.dated import facts_now
from pipeline.assets.experience import compute_experience
from pipeline.assets.scores import _scored, _sources
from pipeline.configuration import load_settings
from pipeline.core.outlook.backtest import train
from pipeline.fact_files import Facts, write_known
from pipeline.lake import Lake, Stored
from pipeline.parts import computed
from pipeline.resources import Home
from schemas.registry import ENTITIES, KNOWN, SEGMENTS
from schemas.types import ITEM_ROLES
from tests.integration.conftest import DAY, DEMO_DAY
from tests.integration.large import Large, in_buckets
from tests.scenario import Shop, make_shop
from tests.unit.lake import delivered

AS_OF = date.fromisoformat(DEMO_DAY)

OF_CUSTOMERS = ("rfm", "rfm_cut_points", "segment_map", "sci", "sci_index")
OF_COMMENTS = ("nps_responses", "nps", "nps_index", "comment_themes", "theme_coverage", "nps_themes")


def test_its_dated_tables_have_the_same_rows(large: Large) -> None:
    # What a run that was stopped has left.
    parts = large.shop.home / "work" / "parts"
    left = parts / "customer_categories" / DEMO_DAY / "000099.parquet"
    left.parent.mkdir(parents=True)
    large.at_once["customer_categories"].write_parquet(left)
    large.shop.compute(DEMO_DAY, *SEGMENTS, force="yes")
    assert not parts.exists()
    for name, rows in large.at_once.items():
        assert_frame_equal(large.shop.partition(name, DEMO_DAY), rows, rel_tol=1e-12)


def test_what_is_said_of_an_order_of_another_customer_counts_as_it_would_at_once(large: Large, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", large.shop.environment)
    shutil.copytree(large.shop.folder, shop.folder)
    for name in ("reviews", "survey_responses"):
        rows = shop.entity(name)
        # Each names an order that somebody far away has bought; every third names no customer, and so is that buyer's.
        named = shop.entity("orders")["order_id"].sample(rows.height, with_replacement=True, seed=1)
        customer = pl.when(pl.int_range(pl.len()) % 3 > 0).then("customer_id")
        shop.lake.merge(ENTITIES[name], rows.with_columns(order_id=named, customer_id=customer).lazy())
    settings = load_settings(shop.config, home=shop.home)
    facts = facts_now(Home.of(settings), settings)
    assert len(facts.buckets()) > 3
    in_buckets, at_once = (
        compute_experience(some, AS_OF, by=settings.experience, time_zone=settings.shop.time_zone)
        for some in (facts, replace(facts, bounds=()))
    )
    for name, rows in at_once.items():
        key = [column for column in SEGMENTS[name].key if column in rows.collect_schema()]
        assert_frame_equal(in_buckets[name].collect().sort(key), rows.collect().sort(key), rel_tol=1e-12)


def test_the_same_is_known_of_it(large: Large, tmp_path: Path) -> None:
    write_known(tmp_path, large.facts, as_of=AS_OF, consent_without_flag=False)
    for name, rows in large.known.items():
        key = KNOWN[name].key
        assert_frame_equal(pl.read_parquet(tmp_path / name).sort(key), rows.sort(key))


def test_a_model_that_ranks_customers_ranks_all_of_them(large: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.core.outlook.backtest.CANDIDATES", ("base_rate", "rfm_sum"))
    training = train(_sources(large.facts), as_of=AS_OF, settings=large.settings.churn)
    assert training.chosen == "rfm_sum"
    table, at_once = SEGMENTS["churn_risk"], replace(large.facts, bounds=())

    def risk(facts: Facts) -> list[pl.DataFrame | Stored]:
        found = _scored(facts, training, {"model_id": "ranks"}, AS_OF, large.settings)
        return [computed(facts, part.rows)[table.name] for part in found]

    (whole,) = risk(at_once)
    assert isinstance(whole, pl.DataFrame)
    files = [
        f"{large.shop.lake.root}/{table.name}/{part.name}" for part in risk(large.facts) if isinstance(part, Stored)
    ]
    assert len(files) > 3
    assert_frame_equal(
        large.shop.lake.scan_files(table, files).collect().sort("customer_id"), whole.sort("customer_id"), rel_tol=1e-12
    )


@pytest.mark.parametrize("seed", range(2))
def test_whoever_writes_about_whose_order_the_rows_are_the_same(tmp_path: Path, seed: int) -> None:
    shop = make_shop(tmp_path / "shop", [], sci={"min_n": 1}, nps={"min_n": 1}, themes={"min_n": 1})
    write_about_orders_of_others(shop.lake, random.Random(seed))
    names = (*OF_CUSTOMERS, *OF_COMMENTS)
    shop.compute(DAY, *names)
    at_once = {name: shop.partition(name, DAY) for name in names}
    with in_buckets(shop, rows_per_bucket=20) as facts:
        assert len(facts.buckets()) > 5
        shop.compute(DAY, *names, force="yes")
    for name, rows in at_once.items():
        assert rows.height > 0
        assert_frame_equal(shop.partition(name, DAY), rows, rel_tol=1e-12)


def write_about_orders_of_others(lake: Lake, draw: random.Random) -> None:
    """Orders, and reviews, responses and invitations of anybody about any of them; some are of nobody, or about an order that is not there."""
    names = [*(f"c{number:02}" for number in range(12)), None]
    texts = ["prijs", "levering te laat", "prijs en levering", "mooi", None]

    def moment() -> str:
        return f"2026-{draw.randint(1, 6):02}-{draw.randint(1, 28):02}"

    def about(number: int, name: str) -> dict[str, Any]:
        return {name: f"{name} {number}", "customer_id": draw.choice(names), "order_id": f"o{draw.randint(0, 33)}"}

    placed = [
        {"order_id": f"o{number}", "customer_id": draw.choice(names), "ordered_at": moment()}
        | {"gross_amount": 100 * draw.randint(1, 50), "channel": draw.choice(["web", "app"])}
        for number in range(30)
    ]
    written = [
        about(number, "review_id") | {"created_at": moment(), "rating": draw.randint(1, 5), "body": draw.choice(texts)}
        for number in range(60)
    ]
    kinds = ("relational", "transactional")
    answered = [
        about(number, "response_id")
        | {"submitted_at": moment(), "comment": draw.choice(texts)}
        | {"survey_id": (kind := draw.choice(kinds)), "survey_type": kind}
        for number in range(60)
    ]
    invited = [
        about(number, "invitation_id") | {"invited_at": moment(), "survey_id": kind, "survey_type": kind}
        for number in range(40)
        for kind in kinds[number % 2 :][:1]
    ]
    answers = [
        {"response_id": each["response_id"], "survey_id": each["survey_id"], "item_id": role, "role": role}
        | {"scale_min": 0, "scale_max": 10, "value": draw.randint(0, 10), "is_nps": role == "recommend"}
        for each in answered
        for role in ITEM_ROLES
        if role == "recommend" or each["survey_id"] == "relational"
    ]
    tables = {"orders": placed, "reviews": written, "survey_responses": answered, "survey_invitations": invited}
    for name, rows in (tables | {"survey_answers": answers}).items():
        lake.merge(ENTITIES[name], delivered(name, rows).lazy())
