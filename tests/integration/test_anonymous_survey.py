"""A survey that names no customer: its scores and themes are the shop's, and nobody's."""

from pathlib import Path

import yaml

from tests.scenario import configuration, make_shop, order_lines

DAY = "2026-06-29"
ITEMS = {
    "q1": {"scale": [1, 5], "role": "satisfaction"},
    "q2": {"scale": [1, 5], "role": "repurchase"},
    "q3": {"scale": [0, 10], "role": "recommend", "nps": True},
}


def test_a_survey_without_customers_has_scores_and_themes_and_makes_nobody_a_promoter(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "shop", order_lines(40))
    rows = "r1,2026-06-01,5,5,10,De levering was te laat\nr2,2026-06-02,4,4,9,\nr3,2026-06-03,1,1,2,\n"
    (shop.folder / "care.csv").write_text(f"response_id,submitted_at,q1,q2,q3,why\n{rows}")
    care = {"name": "care", "entity": "surveys", "preset": "wide", "survey": "care"}
    survey = {"type": "relational", "items": ITEMS, "comments": ["why"]}
    settings = configuration(
        sources=[*configuration()["sources"], care | {"inputs": {"responses": "care.csv"}}],
        surveys={"care": survey},
        nps={"min_n": 3},
        sci={"min_n": 3},
    )
    shop.config.write_text(yaml.safe_dump(settings))
    night = shop.run(DAY)
    assert night.exit_code == 0, night.output
    # Two promoters and one detractor; by top box r1 alone is secure.
    assert shop.query("select n, n_anonymous, round(nps, 1) from marts.nps_trend") == [(3, 3, 33.3)]
    secure = "select n_customers, n_anonymous, n_classified, n_secure from marts.sci_trend"
    assert shop.query(f"{secure} where dimension = 'all' and definition = 'top_box'") == [(0, 3, 3, 1)]
    themes = "select n_comments, n_anonymous, n_promoters from marts.nps_themes where theme = 'delivery'"
    assert shop.query(themes) == [(1, 1, 1)]
    assert shop.query("select source, language, n_matched from quality.theme_coverage") == [("care", "nl", 1)]
    for table in ("customer_nps", "customer_sci"):
        assert shop.query(f"select count(*) from marts.{table}") == [(0,)]
