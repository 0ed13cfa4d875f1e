from datetime import date

from pipeline.core.settings_used import SECTIONS, settings_rows
from schemas.registry import SEGMENTS
from tests.unit.contracts import follows

AS_OF = date(2026, 6, 30)


def test_each_setting_is_a_row_by_its_name_in_the_configuration() -> None:
    given = {section: {} for section in SECTIONS} | {
        "rfm": {"window_days": 365, "map": "rfm11", "edges": {"recency": [30, 60]}, "maps": {}},
        "loyalty": {"tiers": [{"name": "member", "from_amount": 0.0}], "window_days": None},
        "shop": {"name": "Ann's shop", "currency": "EUR", "time_zone": "Europe/Amsterdam"},
        "alerts": {"to": ["ann@example.org"]},
    }
    rows = settings_rows(given, as_of=AS_OF)
    assert dict(rows.select("setting", "value").iter_rows()) == {
        "rfm.window_days": "365",
        "rfm.map": "rfm11",
        "rfm.edges.recency": "[30, 60]",
        "loyalty.tiers": '[{"name": "member", "from_amount": 0.0}]',
        "loyalty.window_days": None,
        "shop.currency": "EUR",
        "shop.time_zone": "Europe/Amsterdam",
    }
    follows(SEGMENTS["settings_used"], rows)
