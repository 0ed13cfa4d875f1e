"""What a person sees while the job runs: one line per finished asset or failed check. The summary afterwards belongs to `cli`."""

import logging

import dagster as dg
from rich.console import Console
from rich.markup import escape

console = Console(stderr=True, highlight=False)


class _ProgressHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        known = getattr(record, "dagster_meta", {})
        event = known.get("dagster_event")
        if event is None:
            return
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            if event.partition not in (None, known["job_tags"].get("dagster/partition")):
                # A date before the run's own.
                return
            rows = event.materialization.metadata.get("dagster/row_count")
            name = "/".join(event.asset_key.path)
            if event.asset_key.path[0] != "intermediate":
                console.print(f"  [green]done[/]  {name:<42} {f'{rows.value:>12,} rows' if rows else ''}")
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed:
                is_error = check.severity == dg.AssetCheckSeverity.ERROR
                label = "[red]fail[/]" if is_error else "[yellow]warn[/]"
                name = "/".join([*check.asset_key.path, check.check_name])
                console.print(
                    f"  {label}  {name}: {escape(check.description or 'the check did not pass')}", soft_wrap=True
                )


def tell(words: str) -> None:
    """A line about a step that takes long, or leaves something unread."""
    console.print(f"  [dim]read[/]  {escape(words)}", soft_wrap=True)


@dg.logger
def progress_logger(_context: dg.InitLoggerContext) -> logging.Logger:
    """One line per finished asset or failed check, and nothing else."""
    logger = logging.Logger("progress")
    logger.addHandler(_ProgressHandler())
    return logger
