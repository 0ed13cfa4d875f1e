"""Every table of the lake and every published one, collected from the contracts. Nothing about a single table belongs here."""

from importlib import import_module
from pkgutil import iter_modules

import schemas
from schemas.marts import BY_HAND, Mart, shown
from schemas.types import Contract, Table

__all__ = ["ENTITIES", "KNOWN", "MARTS", "RECORDS", "SEGMENTS", "TABLES", "Table"]

for module in iter_modules(schemas.__path__, "schemas."):
    import_module(module.name)

TABLES: dict[str, Table] = {contract.__table__.name: contract.__table__ for contract in Contract.__subclasses__()}

ENTITIES = {name: table for name, table in TABLES.items() if table.is_delivered}
"""What sources deliver."""

WITH_ADDRESSES = tuple(table for table in ENTITIES.values() if "email_hash" in table.polars_schema)
"""Entities whose rows can have the pseudonym of an e-mail address beside the customer."""
SEGMENTS = {name: table for name, table in TABLES.items() if table.is_dated}
"""What is computed per as_of date."""

RECORDS = {name: table for name, table in TABLES.items() if name not in ENTITIES | SEGMENTS}
"""What the pipeline records about itself."""

MARTS: dict[str, Mart] = {
    mart.name: mart
    for mart in (*(mart for table in TABLES.values() if table.published_as for mart in shown(table)), *BY_HAND)
}
"""What an edition publishes."""

KNOWN: dict[str, Mart] = {mart.known_as: mart for mart in MARTS.values() if mart.known_as}
"""What was known at the edition's date, judged before dbt runs: file -> the mart that shows it."""
