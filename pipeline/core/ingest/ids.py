"""Ids as their source wrote them: text, or a fault if a program has changed one. Whose they are does not belong here."""

import polars as pl

from pipeline.core.ingest.conform import EXACT_INTEGERS, FAULT_SCHEMA, Conformed, faults_at

SHORT_FLOAT_IDS = 10**6
"""Below it a float of four bytes holds every integer and every database writes it whole: MySQL shows six digits."""
AS_FLOAT = "is a number that a program has written as a float; export it as text or whole number"
KINDS = {
    r"\{\s*[\"}].*|\[.*\]": "is a JSON object or list; map one of its values",
    # 1E5 can be an article; one digit, a mark and more before the exponent is how programs write a large number.
    r"-?(?:[0-9]+(?:[.,][0-9]+)?[eE]\+|[0-9][.,][0-9]+[eE])[0-9]+": (
        "is a number that has lost digits to an exponent; export it as text"
    ),
    # With a comma no more than two: 1,000 can be a thousand.
    r"-?[0-9]+(?:\.0+|,00?)": AS_FLOAT,
}
"""Pattern of a text that was another id before some program wrote it -> what it is, and what to do."""
POINT = list(KINDS)[-1]
SPARED = ("product_id",)
"""Ids that people choose: an article number can be 10.0."""


def read_ids(rows: pl.DataFrame) -> Conformed:
    """The rows with every `*_id` as text, and null where it is a fault: a float or decimal that is not whole or too large to be
    exact, a number written as `123.0`, `123,0`, `1E+17` or `6,7E12`, and a JSON object or list.

    A whole number is the same id whatever its type: the double 123.0 is id 123. In a text the point or comma shows that some
    program took ids for floats, and that other exports of the shop write the same id differently.
    """
    faults = [pl.DataFrame(schema=FAULT_SCHEMA)]
    for name in (column for column in rows.columns if column.endswith("_id")):
        ids = rows[name]
        if ids.dtype.is_float() or ids.dtype.is_decimal():
            texts = _whole(ids)
            is_lost = ids.is_not_null() & texts.is_null()
            kind = "DECIMAL" if ids.dtype.is_decimal() else "FLOAT"
            faults.append(faults_at(is_lost, name, f"is not a whole number that a {kind} holds; make its column text"))
            rows = rows.with_columns(texts)
        elif ids.dtype == pl.String and _is_any(ids, "|".join(KINDS)).any():
            for kind, what in KINDS.items():
                if kind == POINT and name in SPARED:
                    continue
                is_other = _is_any(ids, kind)
                faults.append(faults_at(is_other, name, what))
                rows = rows.with_columns(rows[name].set(is_other, None))
    return Conformed(rows, pl.concat(faults))


def _is_any(ids: pl.Series, kinds: str) -> pl.Series:
    return ids.str.contains(rf"^\s*(?:{kinds})\s*$").fill_null(False)


def _whole(ids: pl.Series) -> pl.Series:
    """Whole numbers as text; null for any other."""
    if ids.dtype.is_decimal():
        texts = ids.cast(pl.String).str.replace(r"\.0*$", "")
        return texts.set(texts.str.contains(".", literal=True), None)
    limit = SHORT_FLOAT_IDS if ids.dtype == pl.Float32 else EXACT_INTEGERS
    is_whole = (ids == ids.round()) & (ids.abs() < limit)
    return ids.set(~is_whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
