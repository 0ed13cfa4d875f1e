"""A CSV export through the pipeline's ingest: read, map, check, split, merged into an empty lake. `python -m tests.bench.ingest CSV FOLDER`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeline.core.facts.settings import ShopSettings
from pipeline.lake import Lake
from pipeline.sources.batches import Staged
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.bench import TIME_ZONE


def run(export: Path, folder: Path) -> int:
    """Ingest the orders of one file; returns how many are in the lake."""
    mapping = folder / "export.sql"
    mapping.write_text("select * exclude (remark), from orders")
    source = SourceSettings(name="shop", entity="orders", mapping=mapping, inputs={"orders": str(export)})
    shop = ShopSettings(name="Benchmark", time_zone=TIME_ZONE, currency="EUR")
    staged = folder / "staged" / source.name
    stage_source(source, staged, shop=shop, survey=None, key=None, started_at=datetime.now(UTC))
    merged = Lake(str(folder / "lake")).merge(ENTITIES["orders"], Staged(staged).valid(ENTITIES["orders"]))
    return merged.inserted


if __name__ == "__main__":
    print(run(Path(sys.argv[1]), Path(sys.argv[2])))
