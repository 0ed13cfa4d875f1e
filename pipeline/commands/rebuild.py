"""Making a table of the lake anew from the files of its sources. Noticing that it is damaged does not belong here."""

import polars as pl

from pipeline.core.options import not_one_of
from pipeline.errors import ConfigError
from pipeline.resources import Home
from pipeline.sources.settings import OF_SURVEYS, SourceSettings
from schemas.registry import ENTITIES, RECORDS


def forget_table(home: Home, name: str, sources: list[SourceSettings]) -> None:
    """Take a table out of the lake, and forget that its sources were read, so that the next run reads all of their files.

    Rows whose files are no longer there do not come back.

    Raises:
        ConfigError: sources fill no table of that name, or no configured source does.
    """
    if name not in ENTITIES:
        raise ConfigError(f"--rebuild: {not_one_of(name, ENTITIES)}")
    entity = "surveys" if name in OF_SURVEYS else name
    filling = [source.name for source in sources if source.entity == entity]
    if not filling and name != "customers":
        raise ConfigError(f"--rebuild: no source fills {name}; put back a copy of the whole lake")
    # In this order, so that wherever it is stopped, the table is filled anew or refused as before.
    home.lake.remove(RECORDS["inputs_read"], pl.col("source").is_in(filling))
    home.lake.remove(RECORDS["lake_reads"], pl.col("lake_table") == name)
    home.lake.drop(ENTITIES[name])
