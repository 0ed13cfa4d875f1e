from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.core.attitude.say_do import Sources, count_cells, name_cells
from pipeline.core.attitude.settings import SayDoRule, SayDoSettings
from pipeline.core.behaviour.segment_maps import MAPS
from pipeline.core.facts.customers import consent_is_told
from pipeline.core.frames import Frame
from schemas.registry import SEGMENTS
from schemas.types import CHURN_BANDS, CUSTOMER_STATES, NPS_CLASSES, SCI_CLASSES
from tests.unit.buckets import assert_buckets_agree, assert_counts_add_up
from tests.unit.lake import assert_rows_in_any_order_agree, on_polars, segment

AS_OF = date(2026, 6, 30)
Customer = tuple[str | None, str, str | None, int]
DEFAULTS = SayDoSettings()


def dated(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = SEGMENTS[name].polars_schema
    return pl.DataFrame([dict.fromkeys(schema) | {"as_of_date": AS_OF} | row for row in rows], schema=schema)


def tables(
    *customers: Customer, nps: dict[str, str] | None = None, consent: dict[str, bool | None] | None = None
) -> tuple[pl.DataFrame, ...]:
    """What each customer says and does: SCI class, segment, band, net spend; they are called a, b, c, …; `nps`: their classes.

    Everybody accepts marketing, unless `consent` tells.
    """
    named = list(zip("abcdefghijklmnopqrstuvwxyz", customers, strict=False))
    return (
        dated("sci", [{"customer_id": name, "sci_class": says} for name, (says, _, _, _) in named if says]),
        dated("nps", [{"customer_id": name, "nps_class": says} for name, says in (nps or {}).items()]),
        dated("rfm", [{"customer_id": name, "segment": does, "monetary": net} for name, (_, does, _, net) in named]),
        dated("churn_risk", [{"customer_id": name, "churn_band": band} for name, (_, _, band, _) in named if band]),
        pl.DataFrame(
            list(dict.fromkeys((name for name, _ in named), True).items() if consent is None else consent.items()),
            schema={"customer_id": pl.String, "accepts_marketing": pl.Boolean},
            orient="row",
        ),
    )


def namer(
    by: SayDoSettings = DEFAULTS, without_flag: bool = False, is_told: bool | None = None
) -> Callable[..., Frame]:
    def named(*frames: Frame) -> Frame:
        of_these = frames[-1].select(consent_is_told()).collect().item()
        return name_cells(
            Sources(*frames),
            settings=by,
            consent_without_flag=without_flag,
            is_consent_told=of_these if is_told is None else is_told,
        )

    return named


def say_do(
    *customers: Customer, by: SayDoSettings = DEFAULTS, without_flag: bool = False, **given: Any
) -> pl.DataFrame:
    return segment("say_do", namer(by, without_flag), *tables(*customers, **given))


def cell(says: str, does: str, band: str | None = "active", by: SayDoSettings = DEFAULTS) -> tuple[str, str, str]:
    """The cell, and the next action with consent to marketing and without."""
    rows = say_do((says, does, band, 0), (says, does, band, 0), by=by, consent={"a": True, "b": False}).to_dicts()
    assert rows[0]["cell"] == rows[1]["cell"]
    return rows[0]["cell"], rows[0]["next_action"], rows[1]["next_action"]


@pytest.mark.parametrize(
    ("says", "does", "band", "wanted"),
    [
        ("secure", "at_risk", "lost", "content_but_lapsing"),
        ("favorable", "lapsed", "lost", "content_but_lapsing"),
        ("secure", "champions", "at_risk", "content_but_overdue"),
        ("secure", "champions", "cooling_down", "content_and_buying"),
        ("secure", "champions", None, "content_and_buying"),
        ("at_risk", "champions", "active", "unhappy_but_still_buying"),
        ("vulnerable", "hibernating", "lost", "unhappy_and_lapsing"),
        ("unclassified", "champions", "active", "answer_unclear"),
        ("secure", "prospect", None, "no_order_yet"),
        ("secure", "a segment of an own map", "active", "unnamed"),
    ],
)
def test_the_shipped_rules_name_what_is_said_against_what_is_done(
    says: str, does: str, band: str | None, wanted: str
) -> None:
    assert cell(says, does, band)[0] == wanted


def classes_named(name: str) -> list[str]:
    return [word for word in (*SCI_CLASSES, *NPS_CLASSES) if f"_{word}_" in f"_{name}_"]


@pytest.mark.parametrize("says", [*SCI_CLASSES, None])
@pytest.mark.parametrize("nps", [*NPS_CLASSES, None])
def test_no_cell_is_named_by_a_class_that_its_customers_are_not_of(says: str | None, nps: str | None) -> None:
    everywhere = [(says, does, band, 0) for does in SEGMENTS_OF_RFM11 for band in (None, "active")]
    told = {name: nps for name, _ in zip("abcdefghijklmnopqrstuvwxyz", everywhere, strict=True)} if nps else {}
    for row in say_do(*everywhere, nps=told).to_dicts():
        assert set(classes_named(row["cell"])) <= {row["says"]}


def test_a_class_in_a_name_is_found() -> None:
    assert classes_named("secure_but_lapsing") == ["secure"]
    assert classes_named("really_at_risk") == ["at_risk"]
    assert classes_named("insecure_but_content") == []


def test_an_action_by_mail_has_another_without_and_any_other_action_stays() -> None:
    assert cell("secure", "lapsed")[1:] == ("invite_back_by_email", "invite_back_by_post")
    assert cell("at_risk", "champions")[1:] == ("call_to_put_right", "call_to_put_right")
    assert cell("unclassified", "champions")[1:] == ("none", "none")


MAILED: Customer = ("secure", "lapsed", "lost", 0)
BY_MAIL, BY_POST = "invite_back_by_email", "invite_back_by_post"


@pytest.mark.parametrize("without_flag", [True, False])
def test_no_action_by_mail_for_a_customer_who_is_not_known_to_accept_marketing(without_flag: bool) -> None:
    told = {"a": True, "b": False, "c": None}
    found = say_do(MAILED, MAILED, MAILED, MAILED, without_flag=without_flag, consent=told)
    assert found["next_action"].to_list() == [BY_MAIL, BY_POST, BY_POST, BY_POST]


@pytest.mark.parametrize(("without_flag", "wanted"), [(True, BY_MAIL), (False, BY_POST)])
@pytest.mark.parametrize("told", [{"a": None}, {}])
def test_where_nobody_tells_of_consent_the_configuration_may_assume_it(
    told: dict[str, None], without_flag: bool, wanted: str
) -> None:
    assert say_do(MAILED, without_flag=without_flag, consent=told)["next_action"].to_list() == [wanted]


def test_the_word_of_a_customer_who_answered_nothing_shows_that_the_shop_asks_too() -> None:
    found = say_do(MAILED, without_flag=True, consent={"a": None, "z": False})
    assert found["next_action"].to_list() == [BY_POST]


def test_every_shipped_action_by_mail_has_one_without() -> None:
    by_mail = [rule for rule in DEFAULTS.rules if "email" in rule.action]
    assert by_mail
    assert all(rule.action_without_email and "email" not in rule.action_without_email for rule in by_mail)


def test_the_class_of_the_nps_speaks_for_who_has_none_of_the_sci() -> None:
    customers: list[Customer] = [
        ("secure", "lapsed", "lost", 0),
        ("unclassified", "lapsed", "lost", 0),
        (None, "champions", "active", 0),
        ("unclassified", "champions", "active", 0),
    ]
    found = say_do(*customers, nps={"a": "detractor", "b": "promoter", "c": "detractor"})
    assert found.select("sci_class", "nps_class", "says", "cell").rows() == [
        ("secure", "detractor", "secure", "content_but_lapsing"),
        ("unclassified", "promoter", "promoter", "content_but_lapsing"),
        (None, "detractor", "detractor", "unhappy_but_still_buying"),
        ("unclassified", None, "unclassified", "answer_unclear"),
    ]


def test_the_first_rule_that_fits_names_the_cell() -> None:
    rules = [SayDoRule(cell="first", says=["secure"], action="one"), SayDoRule(cell="second", action="two")]
    by = SayDoSettings(rules=rules)
    assert (cell("secure", "loyal", by=by)[0], cell("at_risk", "loyal", by=by)[0]) == ("first", "second")
    assert cell("secure", "loyal", by=SayDoSettings(rules=rules[::-1]))[0] == "second"
    assert cell("secure", "loyal", by=SayDoSettings(rules=[], default_cell="rest", default_action="wait")) == (
        "rest",
        "wait",
        "wait",
    )


def test_a_customer_without_a_band_fits_no_rule_that_names_bands() -> None:
    by = SayDoSettings(rules=[SayDoRule(cell="banded", bands=["active", "lost"], action="one")])
    assert cell("secure", "loyal", None, by)[0] == "unnamed"
    assert cell("secure", "loyal", "lost", by)[0] == "banded"


def test_a_row_says_what_it_is_made_of() -> None:
    (row,) = say_do(("secure", "lost", "lost", 1234)).to_dicts()
    assert (row["sci_class"], row["rfm_segment"], row["segment_group"], row["churn_band"]) == (
        "secure",
        "lost",
        "gone",
        "lost",
    )
    assert (row["net_value"], row["as_of_date"]) == (1234, AS_OF)


def test_cells_count_customers_and_their_net_value() -> None:
    given = tables(
        ("secure", "lost", "lost", 100), ("secure", "loyal", "active", 50), ("favorable", "lapsed", "lost", 7)
    )

    def cells(*frames: Frame) -> Frame:
        return count_cells(namer()(*frames))

    found = segment("say_do_cells", cells, *given)
    assert found.select("cell", "n_customers", "net_value").rows() == [
        ("content_and_buying", 1, 50),
        ("content_but_lapsing", 2, 107),
    ]
    assert_rows_in_any_order_agree("say_do_cells", cells, *given)
    assert_rows_in_any_order_agree("say_do", namer(), *given)


def test_every_segment_of_a_shipped_map_and_every_state_outside_is_in_one_group() -> None:
    grouped = {segment for segments in DEFAULTS.segment_groups.values() for segment in segments}
    for segment_map in MAPS.values():
        assert set(segment_map.names) <= grouped | {"others"}
    assert set(CUSTOMER_STATES) - {"scored"} <= grouped


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"segment_groups": {"a": ["loyal"], "b": ["loyal"]}, "rules": []}, "segment 'loyal' is in two segment_groups"),
        (
            {"rules": [{"cell": "one", "action": "send_mail"}]},
            "rule one: 'send_mail' is an action by e-mail; give another as action_without_email",
        ),
        (
            {"rules": [{"cell": "one", "action": "call", "action_without_email": "remind_by_email"}]},
            "rule one: 'remind_by_email' is an action by e-mail; give another as action_without_email",
        ),
        ({"default_action": "email"}, "default_action: 'email' is an action by e-mail; make it a rule of its own"),
        ({"segment_groups": {"a": ["loyal"]}}, "rule content_but_lapsing: group 'slipping' is not one of a, other"),
    ],
)
def test_groups_and_actions_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SayDoSettings(**changes)


SEGMENTS_OF_RFM11 = [*MAPS["rfm11"].segments, "lapsed", "prospect"]
CUSTOMERS = st.tuples(
    st.sampled_from(SCI_CLASSES),
    st.sampled_from(SEGMENTS_OF_RFM11),
    st.one_of(st.none(), st.sampled_from(CHURN_BANDS)),
    st.integers(0, 10_000),
)


@settings(max_examples=8, deadline=None)
@given(st.lists(CUSTOMERS, min_size=1, max_size=12))
def test_every_customer_is_in_one_cell_and_the_cells_add_up(customers: list[Customer]) -> None:
    found = say_do(*customers)
    cells = segment("say_do_cells", lambda *frames: count_cells(namer()(*frames)), *tables(*customers))
    assert found.height == len(customers) == cells["n_customers"].sum()
    assert cells["net_value"].sum() == sum(net for *_, net in customers)
    assert set(cells["cell"]) == set(found["cell"]) <= {*(rule.cell for rule in DEFAULTS.rules), "unnamed"}


TOLD = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([True, False, None]))
SAID = st.lists(CUSTOMERS, max_size=8)


@settings(max_examples=6, deadline=None)
@given(SAID, TOLD, st.booleans())
def test_a_customer_has_the_same_cell_in_one_and_in_many_buckets(
    said: list[Customer], told: dict[str, bool | None], without_flag: bool
) -> None:
    given_tables = tables(*said, consent=told)
    # Whether anybody tells of consent is asked of all customers.
    asked = namer(without_flag=without_flag, is_told=any(word is not None for word in told.values()))
    assert_buckets_agree(partial(on_polars, asked), *given_tables, by=["customer_id"])
    assert_counts_add_up(
        lambda *parts: count_cells(asked(*(part.lazy() for part in parts))).collect(),
        *given_tables,
        by=["as_of_date", "cell"],
    )


@settings(max_examples=8, deadline=None)
@given(SAID, TOLD, st.booleans())
def test_cells_and_actions_agree_with_rules_read_one_after_the_other(
    said: list[Customer], told: dict[str, bool | None], without_flag: bool
) -> None:
    is_told = any(word is not None for word in told.values())
    groups = {name: group for group, names in DEFAULTS.segment_groups.items() for name in names}
    rest = SayDoRule(cell=DEFAULTS.default_cell, action=DEFAULTS.default_action)
    found = say_do(*said, consent=told, without_flag=without_flag).to_dicts()
    for row, (says, does, band, _) in zip(found, said, strict=True):
        values = ((says, "says"), (groups.get(does, "other"), "does"), (band, "bands"))
        fitting = [
            rule
            for rule in DEFAULTS.rules
            if all(not (of := getattr(rule, key)) or value in of for value, key in values)
        ]
        rule = [*fitting, rest][0]
        may = told.get(row["customer_id"]) if is_told else without_flag
        assert (row["cell"], row["next_action"]) == (
            rule.cell,
            rule.action if may else rule.action_without_email or rule.action,
        )
