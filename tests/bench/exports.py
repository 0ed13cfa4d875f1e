"""Made-up exports in the true shape of each tool: the same orders and responses, as every tool writes them.

Nothing is measured here, and nothing is expected: `Truth` says what was put in."""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from tests.excel import write_xlsx

Row: TypeAlias = dict[str, Any]

FIRST_DAY = datetime(2024, 11, 1, 9)
N_CUSTOMERS, N_ORDERS, N_RESPONSES = 900, 3_000, 800
PRODUCTS = (
    ("Mok", "MO-1", Decimal("7.95")),
    ("Kaars · groot", "KA-2", Decimal("24.50")),
    ("Plaid, wol", "PL-3", Decimal("1089.00")),
)
QUESTIONS = (
    "Hoe tevreden bent u al met al over onze winkel?",
    "Zult u opnieuw bij ons bestellen?",
    "Hoe waarschijnlijk is het dat u ons aanbeveelt bij vrienden?",
    "Wat kunnen wij verbeteren?",
)
SATISFIED = ("Zeer ontevreden", "Ontevreden", "Neutraal", "Tevreden", "Zeer tevreden")


@dataclass(frozen=True)
class Order:
    """An order of one line; `refund` is what was given back of its total."""

    number: int
    customer: int
    placed: datetime
    pieces: int
    product: int
    refund: Decimal

    @property
    def total(self) -> Decimal:
        """What the customer paid."""
        return self.pieces * PRODUCTS[self.product][2]

    @property
    def email(self) -> str:
        """Whose it is."""
        return f"customer{self.customer}@example.com"


@dataclass(frozen=True)
class Response:
    """A response; null is no answer."""

    number: int
    customer: int
    sent: datetime
    satisfied: int
    again: int
    recommend: int | None
    comment: str

    @property
    def email(self) -> str:
        """Whose it is."""
        return f"customer{self.customer}@example.com"


@dataclass(frozen=True)
class Truth:
    """What the exports of a shop hold."""

    orders: list[Order]
    responses: list[Response]


def make_shop() -> Truth:
    """The same shop every time."""
    draw = random.Random(16)
    orders = [
        Order(
            number=1001 + number,
            customer=draw.randrange(N_CUSTOMERS),
            placed=FIRST_DAY + timedelta(minutes=350 * number + draw.randrange(300)),
            pieces=draw.randint(1, 3),
            product=draw.choices(range(3), (6, 3, 1))[0],
            refund=Decimal("2.50") if draw.random() < 0.05 else Decimal(0),
        )
        for number in range(N_ORDERS)
    ]
    responses = [
        Response(
            number=number + 1,
            customer=draw.randrange(N_CUSTOMERS),
            sent=FIRST_DAY + timedelta(hours=21 * number, seconds=draw.randrange(3600)),
            satisfied=draw.randint(1, 5),
            again=draw.randint(1, 5),
            recommend=draw.choice([None, *range(11)]),
            comment=f'Antwoord {number}: de bezorging, "snel"\nen netjes' if draw.random() < 0.3 else "",
        )
        for number in range(N_RESPONSES)
    ]
    return Truth(orders, responses)


def write_csv(file: Path, rows: list[Row], *, delimiter: str = ",", bom: bool = False) -> None:
    """Write a CSV file as most tools do."""
    with file.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def dutch(amount: Decimal) -> str:
    """`1.234,50`."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def shopify(folder: Path, truth: Truth) -> None:
    """Orders, Export."""
    rows = []
    for one in truth.orders:
        name, sku, price = PRODUCTS[one.product]
        # Winter time in all rows: what matters is that each says so.
        placed = f"{one.placed:%Y-%m-%d %H:%M:%S} +0100"
        rows.append(
            {
                "Name": f"#{one.number}",
                "Email": one.email,
                "Financial Status": "partially_refunded" if one.refund else "paid",
                "Paid at": placed,
                "Fulfillment Status": "fulfilled",
                "Accepts Marketing": "yes",
                "Currency": "EUR",
                "Subtotal": one.total,
                "Shipping": "0.00",
                "Taxes": "0.00",
                "Total": one.total,
                "Discount Amount": "0.00",
                "Created at": placed,
                "Lineitem quantity": one.pieces,
                "Lineitem name": name,
                "Lineitem price": price,
                "Lineitem sku": sku,
                "Billing Name": f"Klant {one.customer}",
                "Billing Country": "NL",
                "Cancelled at": "",
                "Payment Method": "Shopify Payments",
                "Refunded Amount": f"{one.refund:.2f}",
                "Outstanding Balance": "0.00",
                "Id": 5_000_000_000_000 + one.number,
                "Source": "web",
                "Lineitem discount": "0.00",
                "Phone": "",
            }
        )
    write_csv(folder / "orders_export_1.csv", rows)


def woocommerce(folder: Path, truth: Truth) -> None:
    """WebToffee's export of a Dutch site: semicolons, decimal commas, days first, Dutch words."""
    rows = []
    for one in truth.orders:
        name, sku, _ = PRODUCTS[one.product]
        refunded = f"{one.placed + timedelta(days=1):%Y-%m-%d %H:%M:%S}"
        total = str(one.total).replace(".", ",")
        rows.append(
            {
                "order_id": one.number + 500,
                "order_number": one.number,
                "order_date": f"{one.placed:%d-%m-%Y %H:%M}",
                "status": "Afgerond",
                "discount_total": "0,00",
                "order_total": dutch(one.total),
                "order_currency": "EUR",
                "customer_id": 0,
                "billing_first_name": "Klant",
                "billing_last_name": one.customer,
                "billing_email": one.email,
                "billing_phone": "",
                "billing_country": "NL",
                "refund_items": f"amount:{dutch(one.refund)}|reason:kapot|date:{refunded}" if one.refund else "",
                "line_item_1": f"name:{name}|product_id:{one.product}|sku:{sku}|quantity:{one.pieces}|total:{total}",
            }
        )
    write_csv(folder / "order_export_2026-11-25.csv", rows, delimiter=";")


def magento(folder: Path, truth: Truth) -> None:
    """The grid of orders of a Dutch admin."""
    rows = []
    for one in truth.orders:
        total, klant = f"€ {dutch(one.total)}", f"Klant {one.customer}"
        rows.append(
            {
                "Id": f"{one.number:09}",
                "Verkooppunt": "Main Website",
                "Aankoopdatum": f"{one.placed:%b} {one.placed.day}, {one.placed:%Y} {one.placed:%I:%M:%S %p}",
                "Factuurnaam": klant,
                "Verzendnaam": klant,
                "Eindtotaal (Basis)": total,
                "Eindtotaal (Gekocht)": total,
                "status": "Voltooid",
                "Factuuradres": "Dorpsstraat 1",
                "Bezorgadres": "Dorpsstraat 1",
                "Klant e-mail": one.email,
                "Subtotaal": total,
                "Verzend- en administratiekosten": "€ 0,00",
                "Naam klant": klant,
                "Betaalmethode": "ideal",
                "Totaal terugbetaald": f"€ {dutch(one.refund)}",
            }
        )
    write_csv(folder / "export.csv", rows)


def order_export(folder: Path, truth: Truth) -> None:
    """Advanced Order Export's Excel file: numbers as numbers, one row per product."""
    rows = []
    for one in truth.orders:
        name, sku, price = PRODUCTS[one.product]
        rows.append(
            {
                "Order Number": str(one.number),
                "Order Status": "Afgerond",
                "Order Date": f"{one.placed:%Y-%m-%d %H:%M}",
                "First Name (Billing)": "Klant",
                "Last Name (Billing)": str(one.customer),
                "Country Code (Billing)": "NL",
                "Email (Billing)": one.email,
                "Phone (Billing)": "",
                "SKU": sku,
                "Item #": 1,
                "Item Name": name,
                "Quantity (- Refund)": one.pieces,
                "Item Cost": float(price),
                "Cart Discount Amount": 0,
                "Order Refund Amount": float(one.refund),
                "Order Total Amount": float(one.total),
            }
        )
    _write_sheet(folder / "orders-2026-11-25-09-00-00.xlsx", rows)


def analytics(folder: Path, truth: Truth) -> None:
    """WooCommerce Analytics by e-mail: refunds as rows of their own, a sign before each minus."""
    rows = []
    for one in truth.orders:
        row = {
            "Datum": f"{one.placed:%Y-%m-%d %H:%M:%S}",
            "Bestelnummer": one.number,
            "N. inkomsten (geformatteerd)": f"€ {dutch(one.total)}",
            "Status": "completed",
            "Klant": f"Klant {one.customer}",
            "Klanttype": "returning",
            "Product(en)": f"{one.pieces}\u00d7 {PRODUCTS[one.product][0]}",
            "Verkochte artikelen": one.pieces,
            "N. Inkomsten": str(one.total),
        }
        if one.refund:
            refunded = f"{one.placed + timedelta(days=1):%Y-%m-%d %H:%M:%S}"
            rows.append(row | {"Datum": refunded, "Verkochte artikelen": 0, "N. Inkomsten": f"'-{one.refund}"})
        rows.append(row)
    write_csv(folder / "wc-orders-report-export-17628076961787.csv", rows, bom=True)


def typeform(folder: Path, truth: Truth) -> None:
    """Typeform: questions first, a hidden field among them, times in UTC."""
    rows = [
        {
            "#": f"r{one.number:08}",
            **_answers(one, QUESTIONS),
            "email": one.email,
            "Response Type": "completed",
            "Start Date (UTC)": f"{one.sent:%Y-%m-%d %H:%M:%S}",
            "Stage Date (UTC)": "",
            "Submit Date (UTC)": f"{one.sent:%Y-%m-%d %H:%M:%S}",
            "Network ID": "98eebf37",
            "Tags": "",
        }
        for one in truth.responses
    ]
    write_csv(folder / "responses.csv", rows)


def google_forms(folder: Path, truth: Truth) -> None:
    """Google Forms' own CSV of a Dutch form: every time with its zone, answers in words."""
    rows = [
        {
            "Tijdstempel": f"{one.sent:%Y/%m/%d} {one.sent.hour % 12 or 12}:{one.sent:%M:%S} "
            f"{'p' if one.sent.hour >= 12 else 'a'}.m. CET",
            "E-mailadres": one.email,
            **_answers(one, QUESTIONS, in_words=True),
        }
        for one in truth.responses
    ]
    write_csv(folder / "Klanttevredenheid.csv", rows)


def microsoft_forms(folder: Path, truth: Truth) -> None:
    """Microsoft Forms' Excel file of a Dutch form: dates as dates, answers in words."""
    rows = [
        {
            "ID": one.number,
            "Begintijd": one.sent - timedelta(minutes=3),
            "Tijd van voltooien": one.sent,
            "E-mail": one.email,
            "Naam": f"Klant {one.customer}",
            **_answers(one, QUESTIONS, in_words=True),
        }
        for one in truth.responses
    ]
    _write_sheet(folder / "Klanttevredenheid.xlsx", rows)


def qualtrics_legacy(folder: Path, truth: Truth) -> None:
    """Qualtrics' older form: V1, V2, … above the names and the questions."""
    columns = ("Q1", "Q2", "Q3", "Q4")
    rows = [
        {
            "ResponseID": f"R_{one.number:015}",
            "ResponseSet": "Default Response Set",
            "Name": f"Klant {one.customer}",
            "ExternalDataReference": "",
            "EmailAddress": one.email,
            "IPAddress": "192.0.2.14",
            "Status": 0,
            "StartDate": f"{one.sent:%Y-%m-%d %H:%M:%S}",
            "EndDate": f"{one.sent:%Y-%m-%d %H:%M:%S}",
            "Finished": 1,
            **_answers(one, columns),
        }
        for one in truth.responses
    ]
    shown_as = {name: f"V{number}" for number, name in enumerate(rows[0], start=1)} | {name: name for name in columns}
    asked = dict(zip(columns, QUESTIONS, strict=True))
    named = [{name: asked.get(name, name) for name in rows[0]}, *rows]
    write_csv(folder / "Care.csv", [{shown_as[name]: value for name, value in row.items()} for row in named])


def _answers(one: Response, columns: tuple[str, ...], *, in_words: bool = False) -> Row:
    satisfied = SATISFIED[one.satisfied - 1] if in_words else one.satisfied
    recommend = "" if one.recommend is None else one.recommend
    return dict(zip(columns, (satisfied, one.again, recommend, one.comment), strict=True))


def _write_sheet(file: Path, rows: list[Row]) -> None:
    write_xlsx(file, {"Sheet1": [list(rows[0]), *(list(row.values()) for row in rows)]})


Writer = Callable[[Path, Truth], None]

EXPORTS: dict[str, tuple[Writer, ...]] = {
    "Shopify": (shopify,),
    "WooCommerce, Dutch, decimal comma": (woocommerce,),
    "Magento, Dutch": (magento,),
    "Typeform": (typeform, woocommerce),
    "Google Forms, Dutch": (google_forms, woocommerce),
    "Microsoft Forms, xlsx, Dutch": (microsoft_forms, woocommerce),
    "Qualtrics, older form": (qualtrics_legacy, woocommerce),
    "Advanced Order Export, xlsx": (order_export,),
    "WooCommerce Analytics, Dutch": (analytics,),
}
"""What is in the folder; a survey stands beside orders, without which nobody is known."""
