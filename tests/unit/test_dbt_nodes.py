from typing import Any

from pipeline.warehouse.dbt import Nodes


def node(kind: str, name: str, *reads: str, **more: Any) -> dict[str, Any]:
    """A node as the manifest has it."""
    return {
        "unique_id": f"{kind}.{name}",
        "resource_type": kind,
        "name": name,
        "depends_on": {"nodes": list(reads)},
        "config": {"materialized": "ephemeral" if name.startswith("part_") else "table"},
        **more,
    }


SOURCE = {"unique_id": "source.orders", "resource_type": "source", "name": "orders"}
PART = node("model", "part_orders", "source.orders", "model.dates")
DATES = node("model", "dates")
SALES = node("model", "sales", "model.part_orders", "model.dates")


def nodes(*more: dict[str, Any]) -> Nodes:
    """The nodes of a project with more of them."""
    return Nodes({each["unique_id"]: each for each in (SOURCE, PART, DATES, SALES, *more)})


def test_an_ephemeral_model_is_no_asset_and_what_it_reads_is_read_by_its_readers() -> None:
    assert nodes().models == [DATES, SALES]
    assert nodes().parents(SALES) == [SOURCE, DATES]


def test_a_test_is_about_the_model_it_was_written_for_else_about_the_first_that_it_reads() -> None:
    of_model = node("test", "of_model", "model.dates", "model.sales", attached_node="model.sales")
    by_hand = node("test", "by_hand", "source.orders", "model.sales", "model.dates", attached_node=None)
    of_part = node("test", "of_part", "model.part_orders", attached_node="model.part_orders")
    of_source = node("test", "of_source", "source.orders")
    found = nodes(of_model, by_hand, of_part, of_source)
    assert [found.tested(test) for test in found.tests] == [SALES, SALES, DATES, None]
