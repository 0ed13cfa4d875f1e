"""What the report reads of a published file, in one go. No sentence belongs here."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

TOP = 10
"""So many customers are named."""

WHOLE = (
    *("segment_sizes", "segment_migration", "nps_trend", "sci_trend", "churn_outcomes"),
    *("nps_by", "nps_themes", "promise_impact", "cohort_retention", "action_effects"),
)
"""Tables of which every date is shown, or that have the edition's own alone."""
OF_THE_DATE = ("driver_importance", "churn_calibration", "say_do_cells", "repeat_purchase")
"""Tables with every date, of which the edition's own is shown: an earlier one beside it would be drawn and counted with it."""
QUERIES = {
    **{name: f"select * from marts.{name}" for name in WHOLE},
    **{
        name: f"select * from marts.{name} where as_of_date = (select max(as_of_date) from quality.lake_versions)"
        for name in OF_THE_DATE
    },
    "rfm": "select r_score, f_score, fm_score from marts.customer_rfm",
    "say_do": "select says, segment_group, cell from marts.customer_say_do",
    "value_by_band": """select churn_band, count(*) as n_customers, any_value(currency) as currency,
        sum(value_at_risk)::double as value_at_risk, count(churn_probability) as n_predicted, count(value_at_risk) as n_valued
        from marts.customer_churn_risk group by churn_band""",
}
"""Name -> what is read. Of money only what a sentence or a picture shows, as a number to be rounded."""
AT_RISK = """
select customer_id, rfm_segment, churn_band, churn_probability, value_at_risk::double as value_at_risk, currency,
    risk_reason_1, next_action, next_action_reason
from marts.customer_360 where value_at_risk > 0 order by value_at_risk desc, customer_id limit ?
"""


@dataclass(frozen=True)
class Edition:
    """What the report is made of."""

    as_of: date
    tables: dict[str, pl.DataFrame]
    at_risk: list[dict[str, Any]]
    notices: list[str]


def read_edition(file: Path) -> Edition:
    """The tables of a published file.

    Raises:
        duckdb.Error: it is no such file, or an older version has written it.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        ((as_of,),) = connection.execute("select max(as_of_date) from quality.lake_versions").fetchall()
        tables = {name: connection.sql(query).pl() for name, query in QUERIES.items()}
        at_risk = connection.execute(AT_RISK, [TOP])
        columns = [column[0] for column in at_risk.description]
        named = [dict(zip(columns, row, strict=True)) for row in at_risk.fetchall()]
        notices = connection.execute(
            "select message from quality.notices where as_of_date = ? order by kind, subject", [as_of]
        ).fetchall()
    return Edition(as_of, tables, named, [message for (message,) in notices])
