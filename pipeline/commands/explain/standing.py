"""What a customer has earned, and what to do next: tier, points, and every action of the playbook. No rule is computed here anew."""

import json
from typing import Any

from pipeline.commands.explain.page import FROM, NOTHING, Grid, Section, count, grid, money, text
from pipeline.commands.explain.published_rows import Row, Rows
from schemas.actions import HELD_BY

LEDGER_ROWS = 12
"""How many of the newest entries of a points ledger are shown one by one."""


def loyalty(rows: Rows) -> Section:
    """Tier and points, as arithmetic."""
    row = rows.one("marts.customer_loyalty")
    if row is None:
        return Section("Tier and points", ["Not in the loyalty programme on this date."])
    lines, grids = _tier(rows, row), []
    tiers = json.loads(rows.setting("loyalty.tiers") or "[]")
    if tiers:
        table = [
            (tier["name"], _metric(row, tier["from_amount"]), float(row["tier_value"]) >= tier["from_amount"])
            for tier in tiers
        ]
        grids.append(grid("Tiers", ("tier", "from", "reached now"), table, numbers=["from"]))
    if row["points_balance"] is not None:
        points_lines, ledger = _points(rows, row)
        lines += points_lines
        grids += ledger
    return Section("Tier and points", lines, grids)


def _metric(row: Row, value: Any) -> str:
    unit = {"net_spend": row["currency"], "points": "points", "orders": "orders"}[row["tier_metric"]]
    return f"{value:,.2f} {unit}" if row["tier_metric"] == "net_spend" else f"{value:,.0f} {unit}"


def _tier(rows: Rows, row: Row) -> list[str]:
    window, value = rows.setting("loyalty.window_days"), row["tier_value"]
    span = f"in the {window} days up to {row['as_of_date']}" if window else f"up to {row['as_of_date']}"
    tiers = json.loads(rows.setting("loyalty.tiers") or "[]")
    since = f"since {text(row['tier_since'])}"
    if tiers and row["tier"] == tiers[0]["name"]:
        # Everyone has it, as the history says; its date is that of a gain.
        counted = f"counted from {text(row['tier_since'])} (the first gain, or the fall from a higher tier)"
        since = "which everyone has, " + (counted if row["tier_since"] else "without any gain yet")
    lines = [
        f"Tier {text(row['tier'])}, {since}, until {text(row['tier_until'])} if nothing more is gained: "
        f"{row['tier_metric']} {span} is {_metric(row, value)}."
    ]
    if row["is_in_grace"]:
        lines.append(f"Only grace keeps the tier: {_metric(row, row['amount_to_keep_tier'])} are lacking.")
    if row["next_tier"] is not None:
        goal = value + row["amount_to_next_tier"]
        when = f", at the present pace on {row['next_tier_on']}" if row["next_tier_on"] else ""
        lines.append(
            f"Next tier {text(row['next_tier'])}: {_metric(row, goal)} - {_metric(row, value)} = "
            f"{_metric(row, row['amount_to_next_tier'])} to go, {text(row['pct_to_next_tier'])}% of the way{when}."
        )
    why = {"vip_reason": "VIP", "ambassador_reason": "Ambassador"}
    lines += [f"{name}: {row[column]}." for column, name in why.items() if row[column]]
    return lines


def _points(rows: Rows, row: Row) -> tuple[list[str], list[Grid]]:
    ledger = rows.theirs("marts.points_ledger", order="entry_number")
    older, newest = ledger[:-LEDGER_ROWS], ledger[-LEDGER_ROWS:]
    events = [entry["event_id"] for entry in newest if entry["event_id"]]
    origins = rows.origins("loyalty_events", events)
    table = [
        (
            entry["entry_number"],
            entry["occurred_date"],
            entry["kind"],
            f"{entry['points']:+,}",
            entry["balance"],
            entry["expires_date"],
            entry["order_id"],
            origins.get(entry["event_id"], "computed by rule"),
        )
        for entry in newest
    ]
    if older:
        words = f"{len(older):,} older entries"
        sums = f"{sum(entry['points'] for entry in older):+,}"
        table.insert(0, (NOTHING, None, words, sums, older[-1]["balance"], None, None, NOTHING))
    lines = [
        f"Points: {count(len(ledger), 'entry', 'entries')} add up to {row['points_balance']:,}; "
        f"{text(row['points_expiring_30d'])} of them expire within 30 days."
    ]
    if row["next_reward"] is not None:
        lines.append(
            f"Next reward {text(row['next_reward'])}: {row['points_balance'] + row['points_to_next_reward']:,} - "
            f"{row['points_balance']:,} = {row['points_to_next_reward']:,} points to go."
        )
    header = ("entry", "date", "kind", "points", "balance", "expires", "order", FROM)
    return lines, [grid("Points ledger", header, table, numbers=["entry", "points", "balance"])] if table else []


OUTCOMES = {
    "chosen": "chosen: the next action",
    "after_another": "due and allowed, but another comes first",
    **{cause: f"due, held back: {words}" for cause, words in HELD_BY.items()},
}
STANDS = {
    "vip_care": ("is_vip", "says", "churn_band"),
    "win_back": ("churn_band",),
    "welcome_series": ("n_valid_orders", "recency_days"),
    "tier_nudge": ("next_tier", "pct_to_next_tier"),
    "ask_what_is_missing": ("sci_missing_items", "sci_age_days"),
    "ask_for_a_survey": ("recency_days", "sci_responded_date"),
    "thank_and_ask_for_a_review": ("last_order_date", "n_reviews"),
    "mend_a_broken_promise": ("n_broken_promises",),
}
"""The facts of a customer to show beside an action that is not due."""


def actions(rows: Rows) -> Section:
    """Every action of the playbook, and why it was chosen or not."""
    playbook = rows.of("select * from marts.action_playbook order by priority, action")
    due = {row["action"]: row for row in rows.theirs("marts.action_verdicts")}
    known = (rows.one("marts.customer_360") or {}) | {"says": (rows.one("marts.customer_say_do") or {}).get("says")}
    table = []
    for entry in playbook:
        verdict = due.get(entry["action"])
        if verdict is not None:
            outcome, why = OUTCOMES[verdict["outcome"]], _why_due(verdict)
        elif not entry["is_enabled"]:
            outcome, why = "switched off, or without a survey", f"due when {entry['due_when']}"
        else:
            stands = [f"{name} {text(known.get(name))}" for name in STANDS.get(entry["action"], ())]
            outcome, why = "not due", "; ".join([f"due when {entry['due_when']}", *stands])
        stake = money(verdict["expected_value"], verdict["currency"]) if verdict else NOTHING
        kind = "marketing" if entry["needs_consent"] else "service"
        table.append((entry["priority"], entry["action"], kind, outcome, why, stake))
    chosen = rows.one("marts.customer_next_action")
    lines = [
        f"Next action: {chosen['action']} by {text(chosen['channel'])}, until {chosen['expires_on']}; rank {chosen['rank']:,} "
        f"among all customers; {count(chosen['n_due'], 'action')} due, {chosen['n_held_back']} held back."
        if chosen
        else "No next action: nothing is both due and allowed, or the customer is in a control group."
    ]
    lines.append(
        "Of the due and allowed actions the one with the lowest priority number is taken, then the one with the highest value."
    )
    header = ("priority", "action", "kind", "outcome", "why", "at stake")
    return Section("Actions", lines, [grid("The playbook", header, table, numbers=["priority", "at stake"])])


def _why_due(verdict: Row) -> str:
    told = [str(verdict["reason"])]
    if verdict["reason_days"] is not None:
        told.append(f"{count(verdict['reason_days'], 'day')} since")
    if verdict["reason_amount"] is not None:
        told.append(money(verdict["reason_amount"], verdict["currency"]))
    if verdict["order_id"] is not None:
        told.append(f"order {text(verdict['order_id'])}")
    if verdict["days_since_same"] is not None:
        told.append(f"same action exported {_ago(verdict['days_since_same'])}")
    elif verdict["days_since_contact"] is not None:
        told.append(f"last contact {_ago(verdict['days_since_contact'])}")
    return ", ".join(told)


def _ago(days: int) -> str:
    """How long before the date of the edition something was; an export can come after it."""
    return f"{count(days, 'day')} ago" if days >= 0 else f"{count(-days, 'day')} after the date"
