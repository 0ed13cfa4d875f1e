"""The data contracts: every table of the lake, its grain, columns and checks."""

import sys
from importlib.abc import MetaPathFinder


class _WithoutPandas(MetaPathFinder):
    """Says that pandas and pyspark are not installed."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname.partition(".")[0] in ("pandas", "pyspark"):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


# The Spark client brings both, and pandera imports what it finds: a third of a second and 50 MiB of every command.
sys.meta_path.insert(0, _without_pandas := _WithoutPandas())
try:
    import pandera.polars  # noqa: F401
finally:
    sys.meta_path.remove(_without_pandas)
