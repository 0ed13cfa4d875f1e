"""What a night says of what stays empty: in its last lines and in `quality.notices`, and no longer once it is filled."""

import pytest
import yaml

from tests.scenario import Result, Shop, configuration, make_shop, order_lines

DAY = "2026-06-29"
BARE = {"no_nps_item": 0, "no_sci_roles": 0, "churn_by_days": 20, "no_consent_known": 20}
"""Kind -> how many it concerns, of a shop of 20 customers that has nothing but orders."""


def notices(shop: Shop) -> dict[str, int]:
    return dict(shop.query(f"select kind, n from quality.notices where as_of_date = '{DAY}'"))


def notes(result: Result) -> list[str]:
    return [line.removeprefix("Note: ") for line in result.output.splitlines() if line.startswith("Note: ")]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Result, dict[str, int], Result]:
    """A shop of orders alone after a night, and after another one with a survey and assumed consent."""
    shop = make_shop(tmp_path_factory.mktemp("shop"), order_lines(40))
    bare = shop.run(DAY)
    found = notices(shop)
    head = "response_id,submitted_at,customer_id,q1,q2,q3,why\n"
    (shop.folder / "care.csv").write_text(
        f"{head}r1,2026-06-01,c1,zeer tevreden,5,10,xyz\nr2,2026-06-02,c2,Tevreden,4,8,\nr3,2026-06-03,c3,boos,4,2,\n"
        + "".join(f"s{n},2026-06-04,c{n},,4,9,\n" for n in range(4, 20))
    )
    care = {
        "name": "care",
        "entity": "surveys",
        "preset": "wide",
        "survey": "care",
        "inputs": {"responses": "care.csv"},
    }
    items = {
        "q1": {"scale": [1, 5], "role": "satisfaction", "labels": {"Zeer tevreden": 5, "Tevreden": 4}},
        "q2": {"scale": [1, 5], "role": "repurchase"},
        "q3": {"scale": [0, 10], "role": "recommend", "nps": True},
    }
    # One address stands in the rows of twelve accounts, which makes one customer of them.
    (shop.folder / "people.csv").write_text("id,mail\n" + "".join(f"k{n},desk@shop.example\n" for n in range(12)))
    (shop.folder / "people.sql").write_text("select id as customer_id, mail as email from people")
    people = {"name": "people", "entity": "customers", "mapping": "people.sql", "inputs": {"people": "people.csv"}}
    shop.environment["LOYALTY_PII_KEY"] = "a key for the tests"
    shop.config.write_text(
        yaml.safe_dump(
            configuration(
                sources=[*configuration()["sources"], people, care],
                surveys={"care": {"type": "relational", "items": items, "comments": ["why"]}},
                actions={"consent_without_flag": True},
            )
        )
    )
    return shop, bare, found, shop.run(DAY)


def test_a_night_ends_with_what_is_empty_and_why(nights: tuple[Shop, Result, dict[str, int], Result]) -> None:
    _, bare, found, _ = nights
    assert bare.exit_code == 0, bare.output
    assert found == BARE
    words = notes(bare)
    assert len(words) == len(BARE)
    assert any("20 customers with an order, below 500" in line for line in words)
    assert any(line.startswith("nps_trend, nps_by and customer_nps are empty: there is no survey") for line in words)
    # Before the place of the warehouse, which stays the last line.
    assert bare.output.splitlines()[-1].startswith("Warehouse: ")


def test_what_has_been_filled_is_no_longer_told(nights: tuple[Shop, Result, dict[str, int], Result]) -> None:
    shop, _, _, filled = nights
    assert filled.exit_code == 0, filled.output
    assert notices(shop) == {"churn_by_days": 20, "no_theme_matched": 1, "many_joined": 1}
    words = notes(filled)
    assert len(words) == 3
    assert any("the largest has 13 (accounts: 12, e-mail addresses: 1)" in line for line in words)


def test_answers_in_words_and_open_questions_reach_the_warehouse(
    nights: tuple[Shop, Result, dict[str, int], Result],
) -> None:
    shop = nights[0]
    classes = dict(
        shop.query("select customer_id, sci_class from marts.customer_sci where customer_id in ('c1', 'c2', 'c3')")
    )
    # c2: 4 of 5, 4 of 5 and 8 of 10 are favorable; of c3 one answer is rejected.
    assert classes == {"c1": "secure", "c2": "favorable", "c3": "unclassified"}
    assert shop.query("select reasons from quality.rejected_rows") == [("value: is not a number",)]
    comments = shop.query("select response_id, comment from marts.fct_survey_responses where comment is not null")
    assert comments == [("r1", "xyz")]
    # 10 and 16 times 9 are promoters, 8 is a passive, 2 a detractor.
    (counts,) = shop.query("select n, n_promoters, n_passives, n_detractors from marts.nps_trend")
    assert counts == (19, 17, 1, 1)
