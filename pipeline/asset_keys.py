"""Asset keys: `[layer, noun]`. The only place that knows which layer a lake table belongs to."""

import dagster as dg

from schemas.registry import MARTS, TABLES

DEMO_SHOP = dg.AssetKey(["sources", "demo_shop"])
RUN_CONTEXT = dg.AssetKey(["lake", "run_context"])
WAREHOUSE = dg.AssetKey(["publish", "warehouse"])
REPORT = dg.AssetKey(["publish", "report"])
ACTIONS_EXPORT = dg.AssetKey(["publish", "actions_export"])

LAYER_OF_DATED_TABLE = dict.fromkeys(
    ("churn_risk", "churn_model_card", "churn_calibration", "churn_outcomes"), "scores"
)


def source(name: str) -> dg.AssetKey:
    """The asset of a configured source."""
    return dg.AssetKey(["sources", name])


def place(source_name: str, input_name: str) -> dg.AssetKey:
    """The files, objects or database that an input of a source is read from."""
    return dg.AssetKey(["sources", f"{source_name}__{input_name}"])


def table(name: str) -> dg.AssetKey:
    """The asset of a lake table: lake, segments or scores."""
    layer = LAYER_OF_DATED_TABLE.get(name, "segments") if TABLES[name].is_dated else "lake"
    return dg.AssetKey([layer, name])


def fact(name: str) -> dg.AssetKey:
    """The asset of an entity's facts."""
    return dg.AssetKey(["facts", name])


def known(name: str) -> dg.AssetKey:
    """The asset of what is known of orders or customers at the edition's date."""
    return dg.AssetKey(["segments", name])


def mart(name: str) -> dg.AssetKey:
    """The asset of a published table of ours: marts or quality."""
    return dg.AssetKey([MARTS[name].schema, name])


def dashboard(name: str) -> dg.AssetKey:
    """The asset of a dashboard."""
    return dg.AssetKey(["bi", name])
