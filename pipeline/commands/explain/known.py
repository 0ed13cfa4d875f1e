"""What is known of a customer: accounts, orders, the history of segments, and where all of it stands. No rule is computed here anew."""

from datetime import date, timedelta
from typing import Any

from pipeline.commands.explain.page import FROM, NOTHING, Section, count, grid, money, percent, text
from pipeline.commands.explain.published_rows import Row, Rows

ORDER_ROWS = 500
"""A reseller, or the account of a till, has a hundred thousand orders, which nobody reads to the end."""
AMOUNTS = ("gross_amount", "discount_amount", "refund_amount", "net_amount")


def who(rows: Rows, day: date) -> Section:
    """Who it is, and which accounts are theirs."""
    known = rows.one("marts.dim_customers")
    assert known is not None
    others = rows.of("select * from marts.identity where customer_id = ? order by identifier", rows.customer)
    names = [rows.customer, *(row["identifier"] for row in others)]
    origins = rows.origins("customers", names)
    accounts: list[tuple[Any, ...]] = [(rows.customer, "names the customer", None, origins[rows.customer])]
    accounts += [
        (
            row["identifier"],
            f"{row['kind']}, {row['rule']}",
            row["n_rows"],
            origins[row["identifier"]] if row["kind"] == "account" else None,
        )
        for row in others
    ]
    said = {True: "has agreed to marketing", False: "has refused marketing", None: "no word on marketing"}
    lines = [
        f"Registered {text(known['registered_date'])}, country {text(known['country'])}, "
        f"{said[known['accepts_marketing']]}; may get marketing: {text(known['may_market'])}.",
        f"{count(known['n_identifiers'], 'account or address', 'accounts and addresses')}; "
        f"{count(known['n_orders'], 'order')} up to {day}, {known['n_valid_orders']:,} of them valid.",
    ]
    header = ("account", "how it belongs", "rows that say so", FROM)
    return Section("Who", lines, [grid("Accounts", header, accounts, numbers=["rows that say so"])])


def glance(rows: Rows) -> Section:
    """The latest of everything in one table."""
    wide = rows.one("marts.customer_360")
    if wide is None:
        return Section("At a glance", ["Nothing is known."])
    facts = [
        ("RFM segment", wide["rfm_segment"]),
        ("What they say (SCI)", wide["sci_class"]),
        ("Net Promoter class", wide["nps_class"]),
        ("Churn band", wide["churn_band"]),
        ("Churn probability", percent(wide["churn_probability"])),
        ("Loyalty tier", wide["tier"]),
        ("VIP", wide["is_vip"]),
        ("Ambassador", wide["is_ambassador"]),
        ("Say and do", wide["say_do_cell"]),
        ("Net spend in the tier window", money(wide["net_spend"], wide["currency"])),
        ("Value at risk", money(wide["value_at_risk"], wide["currency"])),
        ("Broken delivery promises", wide["n_broken_promises"]),
        ("Next action", wide["next_action"]),
    ]
    return Section("At a glance", grids=[grid("Where the customer stands", ("what", "value"), facts)])


def orders(rows: Rows, day: date) -> Section:
    """The orders up to a day: all are counted, the newest ORDER_ROWS are shown."""
    placed = rows.theirs("marts.fct_orders", order="ordered_at, order_id", where=f"local_date <= date '{day}'")
    n_invoices, unpriced = sum(map(_is_invoice, placed)), [code for code in map(_without_rate, placed) if code]
    shown = placed[-ORDER_ROWS:]
    origins = rows.origins("orders", (row["order_id"] for row in shown))
    table = [
        (
            row["order_id"],
            row["local_date"],
            (day - row["local_date"]).days,
            row["status"],
            row["promise_status"],
            *(None if _without_rate(row) else row[name] for name in AMOUNTS),
            row["order_number"] if row["is_valid"] else f"no: {row['invalid_reason']}",
            origins[row["order_id"]],
        )
        for row in shown
    ]
    valid = [row for row in placed if row["is_valid"]]
    currency = placed[0]["currency"] if placed else None
    header = (
        "order",
        "date",
        "days ago",
        "status",
        "promise",
        "gross",
        "discount",
        "refund",
        "net",
        "valid order",
        FROM,
    )
    lines = [
        f"{count(len(placed) - n_invoices, 'order')}, {len(valid):,} valid; the valid ones add up to "
        f"{money(sum(row['net_amount'] for row in valid), currency) if valid else NOTHING}. "
        f"Amounts in {currency}: net = gross - discount - refund."
        if placed
        else "No order."
    ]
    if n_invoices:
        lines.append(
            f"{count(n_invoices, 'cancellation invoice')} beside them: a refund that names no order, and is none."
        )
    if unpriced:
        rates = "has no rate for its date" if len(unpriced) == 1 else "have no rate for their date"
        codes = ", ".join(sorted(set(unpriced)))
        lines.append(f"{count(len(unpriced), 'order')} in {codes} {rates}, so no amount in {currency} is known.")
    if shown != placed:
        lines.append(f"The newest {len(shown):,} are below; marts.fct_orders has all.")
    numbers = ["days ago", "gross", "discount", "refund", "net"]
    return Section("Orders", lines, [grid("Orders, oldest first", header, table, numbers=numbers)] if table else [])


def _is_invoice(row: Row) -> bool:
    """Whether it is a cancellation invoice, with nothing sold on it; without a rate the original amount tells."""
    is_return = row["status"] == "returned" and row["gross_amount"] == 0
    return is_return and (row["original_net_amount"] is None or row["original_net_amount"] < 0)


def _without_rate(row: Row) -> str | None:
    """The currency of an order whose amounts are 0 for want of a rate."""
    return row["original_currency"] if row["exchange_rate"] is None else None


def history(rows: Rows, day: date) -> Section:
    """Which segments the customer was in, and when."""
    spells = rows.theirs(
        "marts.customer_segment_history", order="kind, valid_from desc", where=f"valid_from <= date '{day}'"
    )
    table = []
    for row in spells:
        is_over = row["valid_to"] is not None and row["valid_to"] <= day
        end = row["valid_to"] if is_over else day + timedelta(days=1)
        last = end - timedelta(days=1)
        table.append(
            (row["kind"], row["segment"], row["valid_from"], last if is_over else "now", (end - row["valid_from"]).days)
        )
    header = ("kind", "segment", "first date", "last date", "days")
    lines = (
        [
            "Dates are those computed: a change shows on the first of them after it, and the oldest row of a kind can be older still."
        ]
        if table
        else ["No history."]
    )
    return Section(
        "History of segments", lines, [grid("Newest first", header, table, numbers=["days"])] if table else []
    )


def files(rows: Rows) -> Section:
    """The files that the page rests on."""
    read = rows.of(
        "select file, max((exported_at at time zone 'UTC')::date) as day from quality.inputs_read group by file"
    )
    changed = {row["file"]: row["day"] for row in read}
    table = [(file, len(shown), changed.get(file)) for file, shown in sorted(rows.files.items())]
    lines = [
        "Rows are counted among the parsed rows of a file, from 1, without its header; quality.row_origins has the same for every row."
    ]
    return Section(
        "Files",
        lines,
        [
            grid(
                "Read for this page",
                ("file", "rows shown here", "last changed (UTC)"),
                table,
                numbers=["rows shown here"],
            )
        ],
    )
