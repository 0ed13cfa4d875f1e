"""Tools whose APIs give rows in ways that others have tests of: what becomes of their answers, and that no token is left."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.attitude.survey_settings import ItemSettings, SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.apis import tools
from pipeline.sources.apis.client import Api
from pipeline.sources.batches import Staged
from pipeline.sources.settings import ApiInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.api_servers import (
    LENT,
    TOKEN,
    Answer,
    Delighted,
    GoogleForms,
    Klaviyo,
    Magento,
    Qualtrics,
    Server,
    SurveyMonkey,
    Trustpilot,
    WooCommerce,
    Yotpo,
    two_a_page,
)

pytestmark = pytest.mark.usefixtures("waits")

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
KEY = b"a long secret text"
UNIT = "507f191e810c19729de860ea"

Row = dict[str, Any]


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]


def person(email: str) -> str:
    return hmac.new(KEY, email.encode(), "sha256").hexdigest()


@dataclass(frozen=True)
class Case:
    """Rows of a tool, two a page, and what they are in a table of ours."""

    tool: str
    input: str
    entity: str
    server: Callable[[], Server]
    expected: list[tuple[Any, ...]]
    columns: tuple[str, ...]
    keys: Mapping[str, str] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    table: str = ""
    """Of the entity, where its source delivers two."""
    items: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.tool} {self.table or self.entity}"


def woo(**places: list[Row]) -> Callable[[], Server]:
    return lambda: WooCommerce(places={f"/{name.replace('__', '/')}": rows for name, rows in places.items()})


def account(number: int, **changes: Any) -> Row:
    told = {"id": number, "email": f"p{number}@example.com", "role": "customer", "is_paying_customer": False}
    dates = {"date_created_gmt": "2025-01-02T03:04:05", "date_modified_gmt": None}
    return told | dates | {"billing": {"country": "NL", "phone": ""}} | changes


def product(number: int, **changes: Any) -> Row:
    told = {"id": number, "name": f"Kaars {number}", "sku": f"KA-{number}", "regular_price": "12.50", "sale_price": ""}
    sale = {"date_on_sale_from_gmt": None, "date_on_sale_to_gmt": None, "date_modified_gmt": "2026-01-02T03:04:05"}
    return told | sale | {"categories": [{"id": 9, "name": "Kaarsen"}], "variations": []} | changes


def woo_review(number: int, **changes: Any) -> Row:
    told = {"id": number, "date_created_gmt": f"2026-03-0{number}T10:00:00", "product_id": 31, "rating": number}
    text = f"<p>Fijn<br />\nen snel {number}</p>\n"
    return told | {"reviewer_email": f"p{number}@example.com", "review": text, "verified": number < 3} | changes


def trustpilot(number: int, **changes: Any) -> Row:
    told = {"id": f"TP{number}", "stars": number, "title": "Snel", "text": f"Text {number}"}
    dates = {"createdAt": f"2026-03-0{number}T10:00:00Z", "updatedAt": None, "companyReply": None}
    who = {"referralEmail": f"p{number}@example.com", "referenceId": f"#100{number}", "isVerified": number < 3}
    return told | dates | who | changes


def yotpo(number: int, **changes: Any) -> Row:
    told = {"id": number, "title": "Snel", "content": f"Text {number}", "score": number, "sku": "700", "deleted": False}
    dates = {"created_at": f"2026-03-0{number}T10:00:00.000Z", "updated_at": f"2026-03-0{number}T11:00:00.000Z"}
    who = {"name": "P.", "email": f"p{number}@example.com", "reviewer_type": "verified_buyer"}
    return told | dates | who | changes


def delighted(number: int, **changes: Any) -> Row:
    told = {"id": str(number), "survey_type": "nps", "score": number, "comment": None, "notes": [], "tags": []}
    who = {"person": {"id": "7", "email": f"p{number}@example.com"}, "person_properties": {"order_id": f"A-{number}"}}
    # 2026-03-02T08:18:30Z, and a day each.
    return told | {"created_at": 1772439510 + 86400 * number, "updated_at": None} | who | changes


def event(number: int, metric: str, profile: str) -> Row:
    named = {
        "metric": {"data": {"type": "metric", "id": metric}},
        "profile": {"data": {"type": "profile", "id": profile}},
    }
    told = {"datetime": f"2026-03-0{number}T08:18:30+00:00", "event_properties": {"ProductID": f"KA-{number}"}}
    return {"type": "event", "id": f"e{number}", "attributes": told, "relationships": named}


def magento(number: int, **changes: Any) -> Row:
    """An order of 25.00 after a discount of 5.00, of a configurable product, and its lines."""
    dates = {"created_at": f"2026-03-0{number} 23:30:00", "updated_at": f"2026-03-0{number} 23:45:00"}
    sums = {"base_grand_total": 25, "base_discount_amount": -5, "base_currency_code": "EUR"}
    line = {"sku": "KA-1", "qty_ordered": 2, "base_row_total": 24.7934, "base_discount_amount": 4.1322}
    items = [line, line | {"parent_item_id": 1, "base_row_total": 0, "base_discount_amount": 0}]
    told = {"entity_id": number, "increment_id": f"00000010{number}", "status": "complete", "items": items}
    return told | dates | sums | {"customer_email": f"p{number}@example.com"} | changes


def memo(order: int, day: int, state: int = 2) -> Row:
    return {"order_id": order, "created_at": f"2026-03-0{day} 22:00:00", "state": state}


def google(number: int, *answers: str, **changes: Any) -> Row:
    given = {f"q{n}": {"textAnswers": {"answers": [{"value": one}]}} for n, one in enumerate(answers, start=1)}
    when = f"2026-03-0{number}T08:18:30.123456Z"
    return {"responseId": f"g{number}", "createTime": when, "lastSubmittedTime": when, "answers": given} | changes


def monkey(number: int, *answers: Row, **changes: Any) -> Row:
    """Answers to the satisfaction, the recommendation and the two rows of the matrix."""
    asked = [{"id": f"q{n}", "answers": [one]} for n, one in enumerate(answers, start=1)]
    when = {"date_created": f"2026-03-0{number}T08:10:00+00:00", "date_modified": f"2026-03-0{number}T08:18:30+00:00"}
    who = {
        "custom_variables": {"order_id": f"A-{number}"},
        "email_address": f"p{number}@example.com",
        "custom_value": "",
    }
    return {"id": f"m{number}", "response_status": "completed", "pages": [{"questions": asked}]} | when | who | changes


def scale(question: str, lowest: int, highest: int) -> list[Row]:
    return [{"id": f"{question}c{n}", "text": str(n), "position": n - lowest + 1} for n in range(lowest, highest + 1)]


WORDS = [{"id": f"q1c{n}", "text": text, "position": n} for n, text in enumerate(("Bad", "Fair", "Good"), start=1)]
DETAILS: Row = {
    "custom_variables": {"order_id": "Order"},
    "pages": [
        {
            "questions": [
                {"id": "q1", "family": "single_choice", "headings": [{"heading": "<b>Satisfied</b>?"}]}
                | {"answers": {"choices": WORDS}},
                {"id": "q2", "family": "matrix", "headings": [{"heading": "Recommend?"}]}
                | {"answers": {"rows": [{"id": "q2r", "text": ""}], "choices": scale("q2", 0, 10)}},
            ]
        },
        {
            "questions": [
                {"id": "q3", "family": "matrix", "headings": [{"heading": "Rate:"}]}
                | {"answers": {"rows": [{"id": "r1", "text": "Delivery"}], "choices": scale("q3", 1, 5)}},
                {"id": "q4", "family": "presentation", "headings": [{"heading": "Thanks"}]},
            ]
        },
    ],
}
FORM: Row = {
    "formId": "1FAIpQLSd0example",
    "items": [
        {"title": "How satisfied  are you?", "questionItem": {"question": {"questionId": "q1"}}},
        {"title": "A picture", "imageItem": {}},
        {
            "title": "Rate",
            "questionGroupItem": {"questions": [{"questionId": "q2", "rowQuestion": {"title": "Delivery"}}]},
        },
    ],
}
QUALTRICS = """ResponseId,EndDate,RecordedDate,Status,ExternalReference,Q1,order_id
Response ID,End Date,Recorded Date,Response Type,External Data Reference,"All in all,
how satisfied?",order_id
"{""ImportId"":""_recordId""}","{""ImportId"":""endDate"",""timeZone"":""Z""}","{""ImportId"":""recordedDate""}",\
"{""ImportId"":""status""}","{""ImportId"":""externalDataReference""}","{""ImportId"":""QID1""}","{""ImportId"":""order_id""}"
R_1,2026-03-02 09:18:30,2026-03-02 09:18:31,0,C-1001,5,A-501
R_2,2026-03-20 22:40:00,2026-03-20 22:40:01,0,,4,
R_3,2026-03-21 08:01:00,2026-03-21 08:01:01,1,,3,
""".replace("\\\n", "")
SALE = {
    "sale_price": "9.99",
    "date_on_sale_from_gmt": "2026-02-01T00:00:00",
    "date_on_sale_to_gmt": "2026-02-08T00:00:00",
}
RED = {"sku": "MUG-R", "regular_price": "8.00", "sale_price": "", "date_on_sale_from_gmt": None}
REPLY = {"companyReply": {"text": "Dank", "createdAt": "2026-03-05T09:00:00Z", "updatedAt": None}}

CASES = [
    Case(
        "woocommerce",
        "customers",
        "customers",
        woo(
            customers=[
                account(1),
                account(2, role="administrator"),
                account(3, role="editor", is_paying_customer=True, date_modified_gmt="2026-04-05T06:07:08"),
            ]
        ),
        [
            ("1", person("p1@example.com"), "NL", at(2025, 1, 2, 3, 4, 5), at(2025, 1, 2, 3, 4, 5)),
            ("3", person("p3@example.com"), "NL", at(2025, 1, 2, 3, 4, 5), at(2026, 4, 5, 6, 7, 8)),
        ],
        ("customer_id", "email_hash", "country", "registered_at", "updated_at"),
        {"shop": "shop.example.com"},
        {"account without a purchase": 1},
    ),
    Case(
        "woocommerce",
        "products",
        "products",
        woo(
            products=[
                product(1, **SALE),
                product(2, sku="MUG", regular_price="", variations=[21, 22, 23]),
                product(3, sku="", categories=[]),
            ],
            products__2__variations=[RED, RED | {"sku": "MUG"}, RED | {"sku": ""}],
        ),
        [
            ("3", "Kaars 3", None, "EUR", 1250, None, None),
            ("KA-1", "Kaars 1", "Kaarsen", "EUR", 1250, 999, at(2026, 2, 8)),
            ("MUG", "Kaars 2", "Kaarsen", None, None, None, None),
            ("MUG-R", "Kaars 2", "Kaarsen", "EUR", 800, None, None),
        ],
        (
            *("product_id", "product_name", "category", "currency", "price_amount", "discounted_amount"),
            "discount_ends_at",
        ),
        {"shop": "shop.example.com"},
    ),
    Case(
        "woocommerce",
        "reviews",
        "reviews",
        woo(products__reviews=[woo_review(1), woo_review(2, rating=0), woo_review(3)]),
        [
            ("1", person("p1@example.com"), "31", 1.0, "Fijn en snel 1", True, at(2026, 3, 1, 10)),
            ("3", person("p3@example.com"), "31", 3.0, "Fijn en snel 3", False, at(2026, 3, 3, 10)),
        ],
        ("review_id", "email_hash", "product_id", "rating", "body", "is_verified", "created_at"),
        {"shop": "shop.example.com"},
        {"no stars": 1},
    ),
    Case(
        "trustpilot",
        "reviews",
        "reviews",
        lambda: Trustpilot(reviews=[trustpilot(3, referralEmail=None), trustpilot(2), trustpilot(1, **REPLY)]),
        [
            ("TP1", "#1001", person("p1@example.com"), 1.0, True, at(2026, 3, 5, 9), at(2026, 3, 5, 9)),
            ("TP2", "#1002", person("p2@example.com"), 2.0, True, None, at(2026, 3, 2, 10)),
            ("TP3", "#1003", None, 3.0, False, None, at(2026, 3, 3, 10)),
        ],
        ("review_id", "order_id", "email_hash", "rating", "is_verified", "replied_at", "updated_at"),
        {"shop": UNIT},
    ),
    Case(
        "yotpo",
        "reviews",
        "reviews",
        lambda: Yotpo(
            reviews=[
                yotpo(1),
                yotpo(2, deleted=True),
                yotpo(3, sku="yotpo_site_reviews", reviewer_type="anonymous_user"),
            ]
        ),
        [
            ("1", person("p1@example.com"), "700", 1.0, True, at(2026, 3, 1, 10), at(2026, 3, 1, 11)),
            ("3", person("p3@example.com"), None, 3.0, False, at(2026, 3, 3, 10), at(2026, 3, 3, 11)),
        ],
        ("review_id", "email_hash", "product_id", "rating", "is_verified", "created_at", "updated_at"),
        {"shop": "appkey"},
        {"deleted": 1},
    ),
    Case(
        "delighted",
        "responses",
        "surveys",
        lambda: Delighted(responses=[delighted(1, comment="Ja", updated_at=1772800000), delighted(2), delighted(3)]),
        [
            ("1", person("p1@example.com"), "A-1", "Ja", at(2026, 3, 3, 8, 18, 30), at(2026, 3, 6, 12, 26, 40)),
            ("2", person("p2@example.com"), "A-2", None, at(2026, 3, 4, 8, 18, 30), None),
            ("3", person("p3@example.com"), "A-3", None, at(2026, 3, 5, 8, 18, 30), None),
        ],
        ("response_id", "email_hash", "order_id", "comment", "submitted_at", "updated_at"),
        table="survey_responses",
        items={"score": (0, 10)},
    ),
    Case(
        "klaviyo",
        "events",
        "touchpoints",
        lambda: Klaviyo(
            events=[event(1, "M1", "P1"), event(2, "M2", "P1"), event(3, "M3", "P2")],
            included=[
                {"type": "metric", "id": "M1", "attributes": {"name": "Opened Email"}},
                {"type": "metric", "id": "M2", "attributes": {"name": "Received Email"}},
                {"type": "metric", "id": "M3", "attributes": {"name": "Viewed Product"}},
                {"type": "profile", "id": "P1", "attributes": {"email": "p1@example.com", "external_id": None}},
                {"type": "profile", "id": "P2", "attributes": {"email": "p2@example.com", "external_id": "C-2"}},
            ],
        ),
        [
            ("e1", "email_open", person("p1@example.com"), person("p1@example.com"), at(2026, 3, 1, 8, 18, 30), "KA-1"),
            ("e3", "product_view", "C-2", person("p2@example.com"), at(2026, 3, 3, 8, 18, 30), "KA-3"),
        ],
        ("touchpoint_id", "kind", "customer_id", "email_hash", "occurred_at", "product_id"),
        excluded={"Received Email is no touchpoint": 1},
    ),
    Case(
        "magento",
        "orders",
        "orders",
        lambda: Magento(
            orders=[
                magento(1, base_total_refunded=10.5),
                magento(2, status="canceled", base_currency_code="USD"),
                magento(3, base_discount_amount=0, base_total_refunded=1),
            ],
            # A page of two. That of another order, and the last one of the first order was cancelled.
            memos=[memo(1, 6), memo(9, 5), memo(1, 5), memo(1, 4), memo(1, 8, state=3), memo(3, 7)],
            most_memos=2,
        ),
        [
            (
                "000000101",
                at(2026, 3, 1, 23, 30),
                "shipped",
                "EUR",
                3000,
                500,
                1050,
                1450,
                at(2026, 3, 6, 22),
                at(2026, 3, 1, 23, 45),
            ),
            ("000000102", at(2026, 3, 2, 23, 30), "cancelled", "USD", 3000, 500, 0, 2500, None, at(2026, 3, 2, 23, 45)),
            (
                "000000103",
                at(2026, 3, 3, 23, 30),
                "shipped",
                "EUR",
                2500,
                0,
                100,
                2400,
                at(2026, 3, 7, 22),
                at(2026, 3, 3, 23, 45),
            ),
        ],
        (
            *("order_id", "ordered_at", "status", "currency", "gross_amount", "discount_amount", "refund_amount"),
            *("net_amount", "refunded_at", "updated_at"),
        ),
        {"shop": "shop.example.com"},
    ),
    Case(
        "magento",
        "lines",
        "order_lines",
        lambda: Magento(orders=[magento(1), magento(2, items=[]), magento(3)]),
        # 24.7934 less 4.1322 is 20.6612.
        [("000000101", 1, "KA-1", 2, 2066), ("000000103", 1, "KA-1", 2, 2066)],
        ("order_id", "line_number", "product_id", "quantity", "line_amount"),
        {"shop": "shop.example.com"},
    ),
    Case(
        "google_forms",
        "responses",
        "surveys",
        lambda: GoogleForms(
            form=FORM, responses=[google(1, "5", "4"), google(3, "3"), google(2, respondentEmail="p2@example.com")]
        ),
        [
            ("g1", "How satisfied are you?", 5),
            ("g1", "Rate [Delivery]", 4),
            ("g3", "How satisfied are you?", 3),
        ],
        ("response_id", "item_id", "value"),
        {"form": "1FAIpQLSd0example"},
        table="survey_answers",
        items={"How satisfied are you?": (1, 5), "Rate [Delivery]": (1, 5)},
    ),
    Case(
        "surveymonkey",
        "responses",
        "surveys",
        lambda: SurveyMonkey(
            details=DETAILS,
            responses=[
                monkey(
                    1,
                    {"choice_id": "q1c3"},
                    {"row_id": "q2r", "choice_id": "q2c0"},
                    {"row_id": "r1", "choice_id": "q3c4"},
                ),
                monkey(2, {"other_id": "x", "text": "None of these"}),
                monkey(3, {"choice_id": "q1c1"}),
            ],
        ),
        [("m1", "Rate: / Delivery", 4), ("m1", "Recommend?", 0), ("m1", "Satisfied ?", 3), ("m3", "Satisfied ?", 1)],
        ("response_id", "item_id", "value"),
        {"form": "123456789"},
        table="survey_answers",
        items={"Satisfied ?": (1, 3), "Recommend?": (0, 10), "Rate: / Delivery": (1, 5)},
    ),
    Case(
        "qualtrics",
        "responses",
        "surveys",
        lambda: Qualtrics(text=QUALTRICS),
        [
            ("R_1", "C-1001", "A-501", at(2026, 3, 2, 9, 18, 30)),
            ("R_2", None, None, at(2026, 3, 20, 22, 40)),
        ],
        ("response_id", "customer_id", "order_id", "submitted_at"),
        {"shop": "fra1", "form": "SV_1234567890abcde"},
        {"header row": 2, "survey preview": 1},
        table="survey_responses",
        items={"QID1": (1, 5)},
    ),
]


def place_of(case: Case, server: Server) -> ApiInput:
    given = {"api": case.tool, "token": server.token, "base_url": server.address} | dict(case.keys)
    return ApiInput.model_validate(given)


def stage(case: Case, server: Server, folder: Path) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
    """The valid rows by their first column, and how many rows were left out by reason."""
    about = {"survey": "care"} if case.entity == "surveys" else {}
    source = SourceSettings(
        name="source",
        entity=case.entity,
        preset=tools.TOOLS[case.tool].resources[case.input].preset,
        inputs={case.input: place_of(case, server)},
        **about,
    )
    items = {name: ItemSettings(scale=scale) for name, scale in case.items.items()}
    survey = SurveySettings(type="relational", items=items) if items else None
    shop = ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR", country="NL")
    staged = Staged(folder / "staged")
    report = stage_source(source, staged.folder, shop=shop, survey=survey, key=KEY, started_at=NOW)
    assert all(batch.is_balanced and batch.rows_rejected == 0 for batch in report.batches)
    octets = b"".join(file.read_bytes() for file in staged.folder.rglob("*") if file.is_file())
    assert not any(word in octets for word in (TOKEN.encode(), LENT.encode(), b"@example.com"))
    rows = staged.valid(ENTITIES[case.table or case.entity]).select(case.columns).collect().sort(case.columns[:2])
    return rows.rows(), report.batches[0].excluded_by_reason


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_tool_gives_is_laid_out_as_its_export_and_mapped(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tools.TOOLS, case.tool, two_a_page(case.tool))
    with case.server().running() as server:
        assert stage(case, server, tmp_path) == (case.expected, case.excluded)


def test_credit_memos_are_asked_for_once_a_page_and_only_of_orders_with_a_refund() -> None:
    orders = [magento(1, base_total_refunded=1), magento(2), magento(3, base_total_refunded=1)]
    server = Magento(orders=orders, memos=[memo(1, 4), memo(3, 5)])
    with server.running():
        ((one, two, three),) = Api(place_of(case_of("magento"), server), "orders").pages(since=None)
    assert [[each["created_at"][:10] for each in row["credit_memos"]] for row in (one, two, three)] == [
        ["2026-03-04"],
        [],
        ["2026-03-05"],
    ]
    assert [asked[tools.MAGENTO_SINCE] for asked in server.asked if asked["path"] == "/creditmemos"] == ["1,3"]


@pytest.mark.parametrize("when", ["2026-03-01 23:45:00", "2026-11-27 01:59:59"])
@pytest.mark.parametrize("n_orders", [1, 2, 3, 4, 5, 6])
def test_orders_of_one_moment_end_where_their_last_page_does(
    monkeypatch: pytest.MonkeyPatch, n_orders: int, when: str
) -> None:
    monkeypatch.setitem(tools.TOOLS, "magento", two_a_page("magento"))
    server = Magento(orders=[magento(number, updated_at=when) for number in range(1, n_orders + 1)])
    server.between = lambda: server.faults.extend([Answer("endless", 400)] if len(server.asked) > 20 else [])
    with server.running():
        pages = list(Api(place_of(case_of("magento"), server), "orders").pages(since=None, now=NOW))
    assert {row["entity_id"] for page in pages for row in page} == {str(number) for number in range(1, n_orders + 1)}


@pytest.mark.parametrize("case", {case.tool: case for case in CASES}.values(), ids=lambda case: case.tool)
def test_a_token_that_is_not_known_is_one_line_without_it(case: Case) -> None:
    with case.server().running() as server:
        place = place_of(case, server)
        server.token = "another"
        with pytest.raises(
            SourceShapeError, match=r"refuses the token \(40[13]\); set one that may read: \w"
        ) as caught:
            next(Api(place, case.input).pages(since=None))
    assert TOKEN not in repr(caught.value)


def case_of(tool: str) -> Case:
    return next(case for case in CASES if case.tool == tool)


@pytest.mark.parametrize(
    ("ends", "looks", "words"),
    [
        ("failed", 0, "its export has failed on its own side; the next run asks for another"),
        ("complete", 3, "its export is not ready after 0 minutes; the next run asks for another"),
    ],
)
def test_an_export_that_fails_or_does_not_come_is_one_line(
    monkeypatch: pytest.MonkeyPatch, waits: list[float], ends: str, looks: int, words: str
) -> None:
    monkeypatch.setattr("pipeline.sources.apis.client.MOST_LOOKS", 2)
    case = case_of("qualtrics")
    server = Qualtrics(text=QUALTRICS, ends=ends, looks=looks)
    with server.running(), pytest.raises(SourceShapeError, match=words):
        next(Api(place_of(case, server), "responses").pages(since=None))
    assert waits[0] == 5


@pytest.mark.parametrize(
    ("tool", "since", "parameter", "asked", "n_rows"),
    [
        ("klaviyo", "2026-03-02T08:18:30+00:00", "filter", "greater-or-equal(datetime,2026-03-02T08:18:30Z)", 2),
        # Rows of exactly the moment that is asked for are not given, so it is a second earlier.
        ("surveymonkey", "2026-03-02T10:18:30+02:00", "start_modified_at", "2026-03-02T08:18:29", 2),
        ("magento", "2026-03-02T23:45:00Z", tools.MAGENTO_SINCE, "2026-03-02 23:45:00", 2),
    ],
)
def test_a_next_read_asks_from_a_moment_on_as_the_tool_writes_it(
    tool: str, since: str, parameter: str, asked: str, n_rows: int
) -> None:
    case = case_of(tool)
    with case.server().running() as server:
        rows = [row for page in Api(place_of(case, server), case.input).pages(since=since) for row in page]
        assert len(rows) == n_rows
        assert asked in [one.get(parameter) for one in server.asked]


ONE_TO_NINE = list(map(str, range(1, 10)))


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["5 - very satisfied", "4", "3", "2", "1 - very dissatisfied"], ["5", "4", "3", "2", "1"]),
        (["0 - not at all", *ONE_TO_NINE, "10 - extremely"], list(map(str, range(11)))),
        (["1 star", "2 stars", "3 stars"], ["1", "2", "3"]),
        # The numbers that are there say where the places begin, and which way they count.
        (["Not at all", *ONE_TO_NINE, "Extremely"], list(map(str, range(11)))),
        (["Very satisfied", "4", "3", "2", "Very dissatisfied"], ["5", "4", "3", "2", "1"]),
        # One number tells neither, and numbers that jump tell nothing of the others.
        (["Never", "2 times", "Often"], ["1", "2", "3"]),
        (["Nothing", "10", "25", "50"], ["1", "2", "3", "4"]),
        # Ranges, amounts, parts of words, and one number twice are no numbers.
        (["0-5 minutes", "6-10 minutes", "11 minutes"], ["1", "2", "3"]),
        (["1.50", "2.50"], ["1", "2"]),
        (["1st", "2nd"], ["1", "2"]),
        (["1 day", "1 week"], ["1", "2"]),
        (["Bad", "Fair", "Good"], ["1", "2", "3"]),
    ],
)
def test_choices_of_a_question_have_their_numbers_by_one_rule(texts: list[str], numbers: list[str]) -> None:
    choices = [{"id": f"c{place}", "text": text, "position": place} for place, text in enumerate(texts, start=1)]
    none = {"id": "na", "text": "7 does not apply", "position": len(texts) + 1, "is_na": True}
    asked = {"id": "q1", "family": "single_choice", "headings": [{"heading": "How?"}]}
    details = {"pages": [{"questions": [asked | {"answers": {"choices": [*choices, none]}}]}]}
    responses = [monkey(n, {"choice_id": choice["id"]}) for n, choice in enumerate([*choices, none], start=1)]
    with SurveyMonkey(details=details, responses=responses).running() as server:
        (rows,) = Api(place_of(case_of("surveymonkey"), server), "responses").pages(since=None)
    found = {row["id"]: row["How?"] for row in rows}
    assert [found[response["id"]] for response in responses] == [*numbers, None]


def test_what_an_event_names_several_of_does_not_stop_it() -> None:
    case = case_of("klaviyo")
    server = case.server()
    assert isinstance(server, Klaviyo)
    several = {"data": [{"type": "attribution", "id": "A1"}, {"type": "attribution", "id": "A2"}]}
    server.events[0]["relationships"] |= {"attributions": several}
    with server.running():
        (rows,) = Api(place_of(case, server), "events").pages(since=None)
    assert [row["metric"]["name"] for row in rows] == ["Opened Email", "Received Email", "Viewed Product"]


def test_questions_of_one_wording_are_refused_by_name() -> None:
    twice = FORM | {
        "items": [FORM["items"][0], FORM["items"][0] | {"questionItem": {"question": {"questionId": "q9"}}}]
    }
    server = GoogleForms(form=twice)
    with server.running(), pytest.raises(SourceShapeError, match="two questions or fields are called 'How satisfied"):
        next(Api(place_of(case_of("google_forms"), server), "responses").pages(since=None))


def test_pictures_in_a_survey_have_the_number_of_their_question_and_their_place() -> None:
    picture = {"id": "q8", "family": "presentation", "headings": [{"image": {"url": "https://example.com/a.png"}}]}
    choices = [
        {"id": f"p{place}", "position": place, "text": text} for place, text in enumerate(["", "", "No"], start=1)
    ]
    liked = {
        "id": "q1",
        "family": "multiple_choice",
        "headings": [{"heading": "Liked?"}],
        "answers": {"choices": choices},
    }
    mood = {
        "id": "q2",
        "family": "single_choice",
        "headings": [{"image": {}}],
        "answers": {"choices": scale("q2", 1, 3)},
    }
    faces = {"id": "q3", "family": "matrix", "headings": [{"heading": "Rate"}]}
    rows = [{"id": "r1", "text": ""}, {"id": "r2", "text": ""}]
    faces |= {"answers": {"rows": rows, "choices": scale("q3", 1, 3)}}
    given = monkey(1, {"choice_id": "p1"}, {"choice_id": "q2c3"}, {"row_id": "r1", "choice_id": "q3c1"})
    given["pages"][0]["questions"][0]["answers"].append({"choice_id": "p2"})
    given["pages"][0]["questions"][2]["answers"].append({"row_id": "r2", "choice_id": "q3c2"})
    details = {"pages": [{"questions": [picture, liked, mood, faces]}]}
    with SurveyMonkey(details=details, responses=[given]).running() as server:
        ((row,),) = Api(place_of(case_of("surveymonkey"), server), "responses").pages(since=None)
    titles = ["Liked? / 1", "Liked? / 2", "Liked? / No", "question q2", "Rate / 1", "Rate / 2"]
    # The third choice was not made.
    assert [row[title] for title in titles] == ["1", "2", None, "3", "1", "2"]
    assert not {"question q8", "Liked?", "Rate"} & set(row)


def test_a_variable_that_is_called_as_a_column_of_the_response_leaves_it_as_it_is() -> None:
    named = {"ID": "C-1", "date_modified": "x", "customer_id": "C-2"}
    # One of the survey as it was before.
    responses = [monkey(1, custom_variables=named | {"pages": "3"}), monkey(2, custom_variables={})]
    with SurveyMonkey(details=DETAILS | {"custom_variables": named}, responses=responses).running() as server:
        (rows,) = Api(place_of(case_of("surveymonkey"), server), "responses").pages(since=None)
    told = [(row["id"], row["date_modified"], row["customer_id"]) for row in rows]
    assert told == [("m1", "2026-03-01T08:18:30+00:00", "C-2"), ("m2", "2026-03-02T08:18:30+00:00", None)]
    assert "ID" not in rows[0]
    assert rows[0]["pages"] == responses[0]["pages"]
    assert rows[0]["custom_variables"]["ID"] == "C-1"


def test_a_form_that_asks_for_an_address_itself_keeps_that_answer() -> None:
    asks = FORM | {"items": [{"title": "E-mail", "questionItem": {"question": {"questionId": "q1"}}}]}
    own = FORM | {"items": [{"title": "email address", "questionItem": {"question": {"questionId": "q1"}}}]}
    found = []
    for form in (asks, own):
        with GoogleForms(form=form, responses=[google(1, "a", respondentEmail="b")]).running() as server:
            ((row,),) = Api(place_of(case_of("google_forms"), server), "responses").pages(since=None)
        found.append({name: row[name] for name in row if "mail" in name.lower() and name != "respondentEmail"})
    assert found == [{"Email Address": "b", "E-mail": "a"}, {"email address": "a"}]
