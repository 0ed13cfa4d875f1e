"""Exports as shops in other countries have them: recognised, and run as `init` writes their configuration."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.core.facts.settings import ShopSettings
from pipeline.sources.batches import Batch
from pipeline.sources.preset import load_preset
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import RECORDS
from tests.scenario import Shop, configuration

AS_OF = "2026-01-31"
PLACED = """select order_id, status, net_amount, strftime(ordered_at at time zone 'UTC', '%Y-%m-%d %H:%M')
    from marts.fct_orders order by 1"""
DUTCH_WOOCOMMERCE = """order_number,order_id,order_date,status,order_total,order_currency,billing_email,refund_items,line_item_1
101,1,31-12-2025 14:30,Afgerond,"1.234,50",EUR,ann@example.com,,"name:Mok|product_id:7|sku:M7|quantity:2|total:1234,50"
102,2,02-01-2026 09:05,in behandeling,"12,50",EUR,bob@example.com,"amount:2,50|reason:kapot, 1,5 cm|date:2026-01-03 10:00:00",
103,3,03-01-2026 10:00,Wachtend op betaling,"7,00",EUR,cat@example.com,,
104,4,04-01-2026 10:00,Concept,"7,00",EUR,cat@example.com,,
"""
MAGENTO = {
    "nl": (
        "Id,Aankoopdatum,Factuurnaam,Eindtotaal (Basis),Eindtotaal (Gekocht),status,Klant e-mail,Totaal terugbetaald",
        ("Voltooid", "Bezig met verwerken", "gesloten"),
    ),
    "de": (
        "Id,Kaufdatum,Rechnungsname,Gesamtsumme (Basis),Gesamtsumme (Einkauf),Status,Kunden-E-Mail,Gesamterstattung",
        ("Vollständig", "Verarbeitung", "Geschlossen"),
    ),
    "es": (
        "ID,Fecha de compra,Bill-to Name,Gran Total (Base),Gran Total (comprado),Estado,Correo electrónico del cliente,"
        "Total reembolsado",
        ("Completo", "Procesando", "Cerrado"),
    ),
    "fr": (
        "Identifiant,Date d'achat,Nom (Fact.),Total Général (Base),Total général (acheté),Statut,Email du client,Total remboursé",
        ("Terminée", "En cours de traitement", "Fermé"),
    ),
    "pt": (
        "Id.,Data da Compra,Bill-to Name,Total geral (Base),Total geral (comprado),Situação,E-mail do cliente,"
        "Total reembolsado",
        ("Finalizado", "Processando", "Fechado"),
    ),
}


def written_by_init(folder: Path) -> Shop:
    """A shop as `init` writes it, without an edit."""
    shop = Shop(folder, {"LOYALTY_PII_KEY": "a key for the tests"})
    assert CliRunner().invoke(app, ["init", str(folder)]).exit_code == 0
    return shop


def placed_in_lake(shop: Shop) -> dict[str, tuple[str, int, str]]:
    """Orders of the lake: number -> status, net amount in cents and the time in UTC."""
    local = pl.col("ordered_at").dt.strftime("%Y-%m-%d %H:%M")
    orders = shop.entity("orders").select("order_id", "status", "net_amount", local)
    return {number: (status, amount, at) for number, status, amount, at in orders.iter_rows()}


def test_a_dutch_woocommerce_export_runs_as_init_writes_it(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(DUTCH_WOOCOMMERCE)
    shop = written_by_init(tmp_path)
    result = shop.run(AS_OF)
    assert result.exit_code == 0, result.output
    source = yaml.safe_load(shop.config.read_text())["sources"][0]
    assert (source["decimal"], source["dates"]) == (",", "day-first")
    assert shop.query(PLACED) == [
        ("101", "shipped", Decimal("1234.50"), "2025-12-31 14:30"),
        ("102", "paid", Decimal("10.00"), "2026-01-02 09:05"),
        ("103", "pending", Decimal("7.00"), "2026-01-03 10:00"),
    ]
    assert shop.query("select order_id, quantity, line_amount from marts.fct_order_lines") == [
        ("101", 2, Decimal("1234.50"))
    ]
    assert shop.query("select count(*) from quality.rejected_rows") == [(0,)]
    assert "Nothing new" in shop.loyalty("run", "--as-of", AS_OF).output


@pytest.mark.parametrize("language", list(MAGENTO))
def test_a_magento_grid_with_headers_of_its_language_runs_as_init_writes_it(tmp_path: Path, language: str) -> None:
    header, (complete, processing, closed) = MAGENTO[language]
    (tmp_path / "orders.csv").write_text(
        f"""{header}
1,"Jan 2, 2026 5:09:34 PM",Ann,"1.234,50 €","1.234,50 €",{complete},ann@example.com,"0,00 €"
2,"Jan 3, 2026 9:00:00 AM",Bob,"12,50 €","12,50 €",{processing},bob@example.com,"2,50 €"
3,"Jan 4, 2026 9:00:00 AM",Cat,"5,00 €","5,00 €",{closed},cat@example.com,"5,00 €"
4,"Jan 32, 2026 9:00:00 AM",Dan,"5,00 €","5,00 €",{closed},dan@example.com,"5,00 €"
"""
        + "".join(
            f'{number},"Jan 5, 2026 9:00:00 AM",Eve,"1,00 €","1,00 €",{complete},eve{number}@example.com,"0,00 €"\n'
            for number in range(5, 30)
        )
    )
    shop = written_by_init(tmp_path)
    shop.ingest(AS_OF)
    placed = placed_in_lake(shop)
    assert placed["1"] == ("shipped", 1234_50, "2026-01-02 17:09")
    assert (placed["2"][:2], placed["3"][:2]) == (("paid", 10_00), ("returned", 0))
    # Names are personal under any header.
    (raw,) = shop.lake.scan(RECORDS["rejected_rows"]).collect()["raw"]
    assert "Dan" not in raw
    assert "Jan 32" in raw


OWN_SQL = """
select nummer as order_id, klant as customer_id, datum as ordered_at, staat as status, 'EUR' as currency,
    bedrag as gross_amount, '0' as discount_amount, '0' as refund_amount, bedrag as net_amount, kanaal as channel, _file, _row,
from orders -- the shop's own"""
OWN = """nummer;klant;datum;staat;bedrag;kanaal
1;ann;31-12-2025;Klaar;1.234,50;web
2;bob;2-1-2026 10:00;BETAALD;12,50;web
3;cat;3-1-2026;Klaar;5,00;test
"""


def own_shop(folder: Path, **told: object) -> Shop:
    (folder / "orders.sql").write_text(OWN_SQL)
    (folder / "orders.csv").write_text(OWN)
    shop = Shop(folder)
    source = {"name": "own", "entity": "orders", "mapping": "orders.sql", "inputs": {"orders": "orders.csv"}, **told}
    shop.config.write_text(yaml.safe_dump(configuration() | {"sources": [source]}))
    return shop


def test_a_mapping_of_ones_own_can_leave_notation_to_the_configuration(tmp_path: Path) -> None:
    told = {"decimal": ",", "dates": "day-first", "statuses": {"klaar": "delivered", "Betaald": "paid"}}
    shop = own_shop(tmp_path, **told, exclude="channel = 'test'", extra_columns=["kanaal"])
    shop.ingest(AS_OF)
    # Local times of a winter, an hour before UTC.
    assert placed_in_lake(shop) == {
        "1": ("delivered", 1234_50, "2025-12-30 23:00"),
        "2": ("paid", 12_50, "2026-01-02 09:00"),
    }
    assert [json.loads(extra) for extra in shop.entity("orders")["extra"]] == [{"kanaal": "web"}] * 2
    (batch,) = shop.lake.scan(RECORDS["batches"]).collect().to_dicts()
    assert batch["rows_excluded"] == 1
    assert "exclude: channel = 'test'" in str(batch["excluded_by_reason"])


def staged_orders(folder: Path, **told: object) -> Batch:
    (folder / "orders.csv").write_text(DUTCH_WOOCOMMERCE)
    source = {
        "name": "own",
        "entity": "orders",
        "preset": "woocommerce",
        "inputs": {"orders": str(folder / "orders.csv")},
    }
    (batch,) = stage_source(
        SourceSettings.model_validate(source | {"decimal": ",", "dates": "day-first"} | told),
        folder / "staged",
        shop=ShopSettings(name="Test", time_zone="UTC", currency="EUR"),
        survey=None,
        key=b"a key for the tests",
        started_at=datetime(2026, 1, 31, tzinfo=UTC),
    ).batches
    return batch


def test_the_reason_of_an_exclusion_names_no_address(tmp_path: Path) -> None:
    batch = staged_orders(tmp_path, exclude="email = 'ann@example.com' -- ann is staff")
    # The checkout draft is left out as ever.
    assert batch.excluded_by_reason == {"exclude: email = '[personal]' -- ann is staff": 1, "checkout draft": 1}


def test_a_word_that_a_preset_learns_reads_its_files_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = staged_orders(tmp_path)
    preset = load_preset("woocommerce")
    told = preset.inputs["orders"].model_copy(update={"words": {"status": {"completed": ["Klaar"]}}})
    learnt = preset.model_copy(update={"inputs": {"orders": told}})
    assert staged_orders(tmp_path).batch_id == before.batch_id
    monkeypatch.setattr("pipeline.sources.stage.load_preset", lambda _: learnt)
    assert staged_orders(tmp_path).batch_id != before.batch_id


SHOPIFY = """Name,Email,Financial Status,Fulfillment Status,Currency,Total,Created at,Lineitem quantity,Lineitem price,Canceled at
#1,ann@example.com,paid,fulfilled,EUR,5.00,2026-01-02 10:00:00 +0000,1,5.00,
#2,bob@example.com,paid,in_queue,EUR,6.00,2026-01-03 10:00:00 +0000,1,6.00,
#3,cat@example.com,paid,fulfilled,EUR,7.00,2026-01-04 10:00:00 +0000,1,7.00,2026-01-05 10:00:00 +0000
"""
OWN_WORDS = [
    # Afgerond is a word of the preset's; on its own `on-hold` stays pending though the shop says that pending is paid.
    (
        "woocommerce",
        DUTCH_WOOCOMMERCE.replace("Wachtend op betaling", "in de wacht"),
        {"Afgerond": "delivered", "processing": "shipped", "Pending": "paid", "concept": "cancelled"},
        [("101", "delivered"), ("102", "shipped"), ("103", "pending"), ("104", "cancelled")],
    ),
    (
        "shopify",
        SHOPIFY,
        {"Fulfilled": "delivered", "in queue": "pending"},
        [("#1", "delivered"), ("#2", "pending"), ("#3", "cancelled")],
    ),
]


def test_check_finds_a_column_under_any_header_that_it_can_have(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(SHOPIFY)
    shop = Shop(tmp_path, {"LOYALTY_PII_KEY": "a key for the tests"})
    source = {"name": "own", "entity": "orders", "preset": "shopify", "inputs": {"orders": "orders.csv"}}
    shop.config.write_text(yaml.safe_dump(configuration() | {"sources": [source]}))
    told = " ".join(shop.loyalty("check").output.split())
    # Of the 18 optional columns it has Fulfillment Status, and Cancelled at as Shopify's help page writes it.
    assert "2 of 18 optional" in told
    assert "Cancelled at" not in told


@pytest.mark.parametrize(("preset", "export", "statuses", "placed"), OWN_WORDS)
def test_a_word_of_the_configuration_counts_for_more_than_what_a_preset_knows(
    tmp_path: Path, preset: str, export: str, statuses: dict[str, str], placed: list[tuple[str, str]]
) -> None:
    (tmp_path / "orders.csv").write_text(export)
    shop = Shop(tmp_path, {"LOYALTY_PII_KEY": "a key for the tests"})
    told = {"decimal": ",", "dates": "day-first"} if preset == "woocommerce" else {}
    source = {"name": "own", "entity": "orders", "preset": preset, "inputs": {"orders": "orders.csv"}, **told}
    shop.config.write_text(yaml.safe_dump(configuration() | {"sources": [source | {"statuses": statuses}]}))
    shop.ingest(AS_OF)
    assert shop.entity("orders").select("order_id", "status").rows() == placed
    assert shop.lake.scan(RECORDS["rejected_rows"]).collect().is_empty()


def test_an_exclusion_compares_amounts_as_numbers(tmp_path: Path) -> None:
    # As texts 12.50 comes before 5, and 1234.50 too.
    shop = own_shop(
        tmp_path,
        decimal=",",
        dates="day-first",
        statuses={"klaar": "delivered", "betaald": "paid"},
        exclude="net_amount < 12.6",
    )
    shop.ingest(AS_OF)
    assert shop.entity("orders").select("order_id", "net_amount").rows() == [("1", 1234_50)]
    assert shop.lake.scan(RECORDS["batches"]).collect()["rows_excluded"].to_list() == [2]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"exclude": "chanel = 'test'"}, "source own: exclude 'chanel = 'test'': "),
        ({"exclude": "channel ="}, "source own: exclude 'channel =': "),
        ({"exclude": "channel::int > 5"}, "look at exclude 'channel::int > 5' too"),
        ({"statuses": {"Klaar": "done"}}, "sources.0.statuses.Klaar"),
        ({"decimal": ";"}, "sources.0.decimal"),
    ],
)
def test_a_notation_that_cannot_be_is_one_line(tmp_path: Path, told: dict[str, object], words: str) -> None:
    result = own_shop(tmp_path, **told).run(AS_OF)
    assert result.exit_code != 0
    assert len(result.error_lines) == 1
    assert words in result.error_lines[0]
