"""The contracts of what the pipeline records about itself: rejected rows, batches, inputs read, lake versions, identity,
erasures."""

import pandera.polars as pa
import polars as pl

from schemas.types import IDENTIFIER_KINDS, IDENTITY_RULES, Contract, UtcTime


class RejectedRows(Contract, key=("rejected_id",), published_as="quality.rejected_rows"):
    """One row per rejected row of a source, as it arrived but with personal data as pseudonyms, and with every reason."""

    rejected_id: str = pa.Field(
        description="Fingerprint of source, entity, file and content; the same row has one entry however often it arrives."
    )
    entity: str = pa.Field(description="The table the row was meant for.")
    source: str = pa.Field(description="Name of the configured source.")
    input: str = pa.Field(
        nullable=True, description="The input it came from; null when the mapping does not pass on _file."
    )
    file: str = pa.Field(
        nullable=True, description="The file it came from; null when the mapping does not pass on _file."
    )
    exported_at: UtcTime = pa.Field(nullable=True, description="When that file was last changed.")
    row_number: int = pa.Field(
        nullable=True,
        description="Position among the parsed rows of the file, from 1; for a broken line its line number.",
    )
    row_key: str = pa.Field(nullable=True, description="Its key in the table it was meant for, where readable.")
    customer_id: str = pa.Field(nullable=True, description="The customer it names, where readable.")
    order_id: str = pa.Field(nullable=True, description="The order it names, where readable.")
    response_id: str = pa.Field(nullable=True, description="The survey response it belongs to, where readable.")
    session_id: str = pa.Field(nullable=True, description="The session it names, where readable.")
    batch_id: str = pa.Field(description="The batch that rejected it first.")
    reasons: str = pa.Field(str_length={"min_value": 1}, description="All reasons, separated by '; '.")
    raw: str = pa.Field(
        description="Every column as it arrived, as JSON; for a broken line its text. Personal data as pseudonyms."
    )
    is_released: bool = pa.Field(
        description="Whether the row has left the quarantine: a later batch no longer rejects it."
    )
    released_by: str = pa.Field(nullable=True, description="The batch that released it.")


class Batches(Contract, key=("run_id", "source", "entity"), published_as="quality.run_summary"):
    """One row per run, source and entity: what happened to the rows of a batch. mapped = valid + rejected + excluded.

    Not additive over runs: a rerun of the same batch counts its rows again.
    """

    run_id: str = pa.Field(description="The Dagster run.")
    source: str = pa.Field(description="Name of the configured source.")
    entity: str = pa.Field(description="The table the rows were meant for.")
    batch_id: str = pa.Field(
        description="Fingerprint of the files, the mapping and the rules: the same input gives the same batch."
    )
    started_at: UtcTime = pa.Field(description="When the run started reading the source.")
    lines_read: int = pa.Field(
        ge=0, description="Lines of the files that are not blank, the header aside: parsed + broken."
    )
    lines_parsed: int = pa.Field(ge=0, description="Lines of the records that were readable; a value can have several.")
    lines_broken: int = pa.Field(ge=0, description="Unreadable lines, each kept in quarantine.")
    rows_mapped: int = pa.Field(ge=0, description="Rows the mapping returned.")
    rows_valid: int = pa.Field(ge=0, description="Rows that passed every check.")
    rows_rejected: int = pa.Field(ge=0, description="Mapped rows that failed a check, kept in quarantine.")
    rows_excluded: int = pa.Field(ge=0, description="Rows the mapping left out on purpose.")
    rows_superseded: int = pa.Field(
        ge=0, description="Valid rows replaced by a newer version of the same key in the batch."
    )
    excluded_by_reason: str = pa.Field(description="Rows left out on purpose by reason, as JSON.")
    rejected_by_rule: str = pa.Field(description="Rejected rows by rule, as JSON; a row can fail several.")


class LakeReads(Contract, key=("as_of_date", "segment_table", "lake_table"), published_as="quality.lake_versions"):
    """One row per as_of date, segment table and lake table: the version the computation read. Not additive: version."""

    as_of_date: pl.Date = pa.Field(description="The date computed.")
    segment_table: str = pa.Field(description="The table that was computed.")
    lake_table: str = pa.Field(description="The table that was read.")
    version: int = pa.Field(ge=0, description="Its Delta version at that moment.")


class InputsRead(Contract, key=("source", "input", "file")):
    """One row per source, input and file (or database query, or API): what was last read from it and merged.

    The next run reads every file that is missing here or has another digest.
    """

    source: str = pa.Field(description="Name of the configured source.")
    input: str = pa.Field(description="Name of the input in the mapping.")
    file: str = pa.Field(description="The file, or the address of the database or API without its secrets.")
    digest: str = pa.Field(nullable=True, description="Fingerprint of the content; null for a database or an API.")
    rules: str = pa.Field(description="Fingerprint of the mapping and the rules under which it was read.")
    exported_at: UtcTime = pa.Field(description="When the file was last changed, or the database or API was read.")
    watermark: str = pa.Field(
        nullable=True,
        description="Last value of the cursor column; the next run continues there, of an API some hours earlier.",
    )
    columns: str = pa.Field(description="Its columns and their types, as JSON.")
    batch_id: str = pa.Field(description="The batch that read it.")


class Identity(Contract, key=("identifier",), published_as="marts.identity"):
    """One row per identifier of a customer with another name: a second account, or the e-mail address of an account.

    The identifier that names the customer has no row. Customers named only in reviews or surveys are not in
    dim_customers. Not additive: n_rows, as a row with an account and an address counts for both.
    """

    identifier: str = pa.Field(description="An account id of the shop, or the pseudonym of an e-mail address.")
    kind: str = pa.Field(isin=IDENTIFIER_KINDS, description="account or email.")
    customer_id: str = pa.Field(description="The customer it belongs to.")
    rule: str = pa.Field(
        isin=IDENTITY_RULES,
        description="same_row: identifier and customer_id appear together in a row; chain: linked through others.",
    )
    n_rows: int = pa.Field(ge=1, description="Rows in which the identifier appears together with another one.")


class Erased(Contract, key=("fingerprint",)):
    """One row per erased name: a customer, order, response or session whose rows are excluded if they arrive again."""

    fingerprint: str = pa.Field(
        description="What it names and the HMAC-SHA256 of the name, which is not kept itself; without what it names, it counts for all."
    )
    erased_at: UtcTime = pa.Field(description="When the person was erased.")
    key_print: str = pa.Field(
        nullable=True,
        description="What tells the key of the fingerprint from another, without being it; empty for none, null where an older version erased.",
    )
    id_prefixes: str = pa.Field(
        nullable=True,
        description="The id_prefix of every source when the person was erased, as JSON; null where an older version erased.",
    )
