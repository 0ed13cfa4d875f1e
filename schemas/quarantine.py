"""The contracts of what the pipeline records of itself: rejected rows, batches, and which table versions a computation read."""

import pandera.polars as pa
import polars as pl

from schemas.types import Contract, UtcTime


class RejectedRows(Contract):
    """One row per rejected row of a source, exactly as it arrived, with every reason."""

    rejected_id: str = pa.Field(
        description="Fingerprint of source, entity, file, row number and content: one entry however often it arrives."
    )
    entity: str = pa.Field(description="The table the row was meant for.")
    source: str = pa.Field(description="Name of the configured source.")
    file: str = pa.Field(nullable=True, description="The file it came from; null where the mapping hands no _file on.")
    row_number: int = pa.Field(
        nullable=True,
        description="Position among the parsed rows of the file, from 1; for a broken line its line number.",
    )
    batch_id: str = pa.Field(description="The batch that rejected it first.")
    reasons: str = pa.Field(str_length={"min_value": 1}, description="All reasons, separated by '; '.")
    raw: str = pa.Field(description="Every column as it arrived, as JSON; for a broken line the text.")
    is_released: bool = pa.Field(description="Whether a later batch accepted the row.")


class Batches(Contract):
    """One row per run, source and entity: what happened to the rows of a batch. mapped = valid + rejected + excluded."""

    run_id: str = pa.Field(description="The Dagster run.")
    source: str = pa.Field(description="Name of the configured source.")
    entity: str = pa.Field(description="The table the rows were meant for.")
    batch_id: str = pa.Field(
        description="Fingerprint of the files, the mapping and the rules: the same input is the same batch."
    )
    started_at: UtcTime = pa.Field(description="When the run began to read the source.")
    lines_read: int = pa.Field(ge=0, description="Records found in the files: parsed + broken.")
    lines_parsed: int = pa.Field(ge=0, description="Records that could be read.")
    lines_broken: int = pa.Field(ge=0, description="Records that could not be read, kept in quarantine.")
    rows_mapped: int = pa.Field(ge=0, description="Rows the mapping returned.")
    rows_valid: int = pa.Field(ge=0, description="Rows that passed every check.")
    rows_rejected: int = pa.Field(ge=0, description="Mapped rows that failed a check, kept in quarantine.")
    rows_excluded: int = pa.Field(ge=0, description="Rows the mapping leaves out on purpose.")
    rows_superseded: int = pa.Field(ge=0, description="Valid rows with a newer version of the same key in the batch.")
    excluded_by_reason: str = pa.Field(description="Rows left out on purpose by reason, as JSON.")
    rejected_by_rule: str = pa.Field(description="Rejected rows by rule, as JSON; a row can fail several.")


class LakeReads(Contract):
    """One row per as_of date, segment table and lake table: the version that the computation read."""

    as_of_date: pl.Date = pa.Field(description="The date computed.")
    segment_table: str = pa.Field(description="The table that was computed.")
    lake_table: str = pa.Field(description="The table that was read.")
    version: int = pa.Field(ge=0, description="Its Delta version at that moment.")
