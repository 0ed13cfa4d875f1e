"""The only list of tables in the lake: name, contract, key and partition. Nothing about how a table is made belongs here."""

from dataclasses import dataclass

import polars as pl

from schemas.customers import Customers
from schemas.nps import Nps, NpsIndex, NpsResponses
from schemas.order_lines import OrderLines
from schemas.orders import Orders
from schemas.quarantine import Batches, Erased, Identity, InputsRead, LakeReads, RejectedRows
from schemas.reviews import Reviews
from schemas.segments import ChurnRisk, Loyalty, Rfm, RfmCutPoints, Sci, SciIndex
from schemas.surveys import SurveyAnswers, SurveyResponses
from schemas.themes import CommentThemes, NpsThemes
from schemas.types import Contract


@dataclass(frozen=True)
class Table:
    """One lake table.

    `key` makes a row unique. `month_of` is the column whose UTC month partitions a growing table; a dated table holds one
    partition per as_of date; a delivered table is filled by sources, and the newest version of a row wins.
    """

    name: str
    model: type[Contract]
    key: tuple[str, ...]
    month_of: str | None = None
    is_dated: bool = False
    is_delivered: bool = False

    @property
    def polars_schema(self) -> pl.Schema:
        """Column names and polars types of the contract, in its order."""
        return pl.Schema({name: column.dtype.type for name, column in self.model.to_schema().columns.items()})


ENTITIES = {
    table.name: table
    for table in (
        Table("orders", Orders, ("order_id",), month_of="ordered_at", is_delivered=True),
        Table("order_lines", OrderLines, ("order_id", "line_number"), month_of="ordered_at", is_delivered=True),
        Table("reviews", Reviews, ("review_id",), is_delivered=True),
        Table("survey_responses", SurveyResponses, ("response_id",), is_delivered=True),
        Table("survey_answers", SurveyAnswers, ("response_id", "item_id"), is_delivered=True),
        Table("customers", Customers, ("customer_id",), is_delivered=True),
    )
}
"""What sources deliver."""

SEGMENTS = {
    table.name: table
    for table in (
        Table("rfm", Rfm, ("as_of_date", "customer_id"), is_dated=True),
        Table("rfm_cut_points", RfmCutPoints, ("as_of_date", "dimension", "bin"), is_dated=True),
        Table("sci", Sci, ("as_of_date", "customer_id"), is_dated=True),
        Table("sci_index", SciIndex, ("as_of_date", "definition", "dimension", "value"), is_dated=True),
        Table("nps_responses", NpsResponses, ("as_of_date", "response_id"), is_dated=True),
        Table("nps", Nps, ("as_of_date", "customer_id"), is_dated=True),
        Table("nps_index", NpsIndex, ("as_of_date", "survey_type", "dimension", "value"), is_dated=True),
        Table("comment_themes", CommentThemes, ("as_of_date", "subject_kind", "subject_id", "theme"), is_dated=True),
        Table("nps_themes", NpsThemes, ("as_of_date", "series", "theme"), is_dated=True),
        Table("churn_risk", ChurnRisk, ("as_of_date", "customer_id"), is_dated=True),
        Table("loyalty", Loyalty, ("as_of_date", "customer_id"), is_dated=True),
    )
}
"""What is computed per as_of date."""

RECORDS = {
    table.name: table
    for table in (
        Table("rejected_rows", RejectedRows, ("rejected_id",)),
        Table("batches", Batches, ("run_id", "source", "entity")),
        Table("inputs_read", InputsRead, ("source", "input", "file")),
        Table("identity", Identity, ("identifier",)),
        Table("erased", Erased, ("fingerprint",)),
        Table("lake_reads", LakeReads, ("as_of_date", "segment_table", "lake_table")),
    )
}
"""What the pipeline records of itself."""

TABLES = ENTITIES | SEGMENTS | RECORDS
