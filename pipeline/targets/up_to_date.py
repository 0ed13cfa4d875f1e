"""Bringing the targets to the edition that is published, whenever it changes or a target was out of reach. How each holds it is its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import LoyaltyError
from pipeline.settings import PublishSettings, TargetSettings
from pipeline.targets.content import Content, edition_of, opened
from pipeline.targets.parquet import ParquetTarget
from pipeline.whole_files import write_whole

ERASED = "erased_for_targets"
"""In the folder `work` of a home: when a person was last erased. What each target has been cleared of, and where that was, stands in
CLEARED."""
CLEARED = "cleared_targets"


class Target(Protocol):
    """A place that holds a copy of the published edition."""

    @property
    def words(self) -> str:
        """The place as people may see it."""

    def current(self) -> str | None:
        """The edition that is published there, with all its tables; null where none is."""

    def publish(self, content: Content, work: Path) -> None:
        """Put an edition in the place of the one that is there, all of it at once."""

    def drop_others(self) -> None:
        """Delete what is there of other editions."""


def targets_of(publish: PublishSettings) -> dict[str, Target]:
    """The targets by name."""
    return {name: _target(target, publish.mode) for name, target in publish.targets.items()}


def _target(target: TargetSettings, mode: int) -> Target:
    if target.postgresql is not None:
        # Its driver takes time to load, in every command.
        from pipeline.targets.postgresql import PostgresqlTarget

        return PostgresqlTarget(target.postgresql.get_secret_value(), target.prefix)
    assert target.parquet is not None
    return ParquetTarget(target.parquet, mode)


@dataclass(frozen=True)
class Copy:
    """What a target holds; `edition` is null where none is there, `fault` says why it is not the published one."""

    name: str
    words: str
    edition: str | None
    fault: str | None


def copies_of(publish: PublishSettings, warehouse: Path) -> list[Copy]:
    """Every target against the published file; nothing is changed.

    Raises:
        EditionError: the published file cannot be read.
    """
    if not publish.targets:
        return []
    edition = edition_of(warehouse)
    return [_copy(name, target, edition) for name, target in targets_of(publish).items()]


def _copy(name: str, target: Target, edition: str) -> Copy:
    try:
        there = target.current()
    except Exception as error:
        return Copy(name, target.words, None, fault_of(target, error))
    behind = f"{target.words} holds {f'edition {there}' if there else 'no whole edition'}, published is {edition}"
    return Copy(name, target.words, there, None if there == edition else behind)


def fault_of(target: Target, error: Exception) -> str:
    """What failed at a target. Of an error that is not ours the words can hold a value of a row, so its kind alone is told."""
    return str(error) if isinstance(error, LoyaltyError) else f"{target.words}: {type(error).__name__}"


def bring_up_to_date(name: str, target: Target, warehouse: Path, work: Path) -> tuple[str, bool]:
    """Publish what is published, unless the target has it; returns the edition, and whether it is new there.

    The edition before stays for who is reading it, until the next one comes; not where a person was erased since.

    Raises:
        TargetError: the target cannot be reached or written; it stays as it was.
        EditionError: the published file cannot be read.
    """
    erased, cleared = _read(work / ERASED), work / CLEARED / name
    # A target can be switched to another place and back.
    until = f"{erased} {target.words}"
    edition = edition_of(warehouse)
    is_new = target.current() != edition
    if is_new:
        target.drop_others()
        with opened(warehouse) as content:
            target.publish(content, work / "targets")
    if erased and until != _read(cleared):
        target.drop_others()
        cleared.parent.mkdir(exist_ok=True)
        write_whole(cleared, until)
    return edition, is_new


def note_erasure(work: Path, erased_at: str) -> None:
    """Remember that no target may keep an edition of before."""
    write_whole(work / ERASED, erased_at, is_durable=True)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""
