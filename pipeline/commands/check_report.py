"""What a person sees of a check: one block per finding, and the verdict. What is found does not belong here."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pipeline.commands.findings import Finding, Mark

STYLES: dict[Mark, str] = {"ok": "green", "warn": "yellow", "fail": "red"}
MARK_WIDTH, SUBJECT_WIDTH = 4, 16


def show_finding(out: Console, finding: Finding) -> None:
    """Print one block: a marked head, a line per fact, the first rows."""
    out.print(_marked(finding.mark), f"[bold]{escape(finding.name)}[/]", escape(finding.what), soft_wrap=True)
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(width=MARK_WIDTH)
    facts.add_column(width=SUBJECT_WIDTH)
    facts.add_column(overflow="fold")
    for fact in finding.facts:
        facts.add_row(
            _marked(fact.mark) if fact.mark != "ok" else "", f"[dim]{escape(fact.subject)}[/]", Text(fact.words)
        )
    if finding.examples:
        examples = Table.grid(padding=(0, 2, 0, 0))
        for row in finding.examples:
            examples.add_row(*(Text(value) for value in row))
        facts.add_row("", "[dim]first rows[/]", examples)
    out.print(facts, "")


def _marked(mark: Mark) -> str:
    return f"[{STYLES[mark]}]{mark:<{MARK_WIDTH}}[/]"


def verdict(findings: Iterable[Finding]) -> Text:
    """One line: whether a run would go through."""
    by_mark: dict[Mark, list[str]] = {"ok": [], "warn": [], "fail": []}
    for finding in findings:
        by_mark[finding.mark].append(finding.name)
    if by_mark["fail"]:
        return Text(f"a run would fail: look at {', '.join(by_mark['fail'])}", style=STYLES["fail"])
    if by_mark["warn"]:
        return Text(f"a run would go through, with warnings for {', '.join(by_mark['warn'])}", style=STYLES["warn"])
    return Text("a run would go through", style=STYLES["ok"])
