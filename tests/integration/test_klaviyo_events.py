"""Events of Klaviyo's API as touchpoints, and what nobody may read of them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipeline.core.facts.settings import ShopSettings
from pipeline.core.ingest.personal import pseudonyms
from pipeline.sources.batches import Batch, Staged
from pipeline.sources.export_files import read_files
from pipeline.sources.preset import PRESETS
from pipeline.sources.recognise import recognise
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES

KEY = b"a key for the tests"
EXAMPLE = PRESETS / "klaviyo" / "example_events.jsonl"
ANNA, BO = pseudonyms(pl.Series(["anna.vos@example.com", "bo.bakker@example.com"]), KEY)


def stage(folder: Path, *contents: str) -> tuple[Batch, Staged]:
    """Stage files of `contents` in a shop in Amsterdam."""
    (folder / "exports").mkdir()
    for number, content in enumerate(contents):
        (folder / "exports" / f"{number}.jsonl").write_text(content, encoding="utf-8")
    source = SourceSettings(
        name="mail", entity="touchpoints", preset="klaviyo", inputs={"events": str(folder / "exports")}
    )
    (batch,) = stage_source(
        source,
        folder / "staged",
        shop=ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR"),
        survey=None,
        key=KEY,
        started_at=datetime(2026, 3, 6, 2, tzinfo=UTC),
    ).batches
    assert batch.is_balanced
    return batch, Staged(folder / "staged")


def touchpoints(staged: Staged) -> list[tuple[object, ...]]:
    columns = ("touchpoint_id", "kind", "channel", "occurred_at", "customer_id", "email_hash", "product_id")
    return staged.valid(ENTITIES["touchpoints"]).collect().sort("touchpoint_id").select(columns).rows()


EXPECTED = [
    ("4vRpBT", "email_open", "email", datetime(2026, 3, 2, 8, 18, 30, tzinfo=UTC), ANNA, ANNA, None),
    ("4vRpBU", "email_click", "email", datetime(2026, 3, 2, 8, 19, 30, tzinfo=UTC), ANNA, ANNA, None),
    ("4vRpBV", "product_view", "web", datetime(2026, 3, 2, 8, 20, tzinfo=UTC), "C-1002", BO, "KA-2"),
]


def test_an_event_is_a_touchpoint_of_the_kind_of_its_metric_and_of_the_person_of_its_profile(tmp_path: Path) -> None:
    batch, staged = stage(tmp_path, EXAMPLE.read_text())
    assert touchpoints(staged) == EXPECTED
    assert batch.excluded_by_reason == {"Received Email is no touchpoint": 1}
    (reasons, raw) = staged.rejected().collect().select("reasons", "raw").row(0)
    assert reasons.startswith("kind: is not one of visit, ")
    assert "Voorbeeld" not in raw
    assert "MGone1" in raw


def test_metrics_and_profiles_can_be_in_another_file_than_their_events(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text().splitlines(keepends=True)
    _, staged = stage(tmp_path, "".join(lines[:5]), "".join(lines[5:]))
    assert touchpoints(staged) == EXPECTED


def test_the_events_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    file = Path(shutil.copy(EXAMPLE, tmp_path / "exports" / "events.jsonl"))
    (found,) = recognise(read_files([file], tmp_path / "copies"))
    assert (found.preset, found.entity) == ("klaviyo", "touchpoints")
