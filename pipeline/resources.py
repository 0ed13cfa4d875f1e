"""What assets share: the home folder with all that the pipeline writes, and the dbt project. No knowledge of any table belongs here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import dagster as dg

from pipeline.computed import Begun
from pipeline.home_version import refuse_newer
from pipeline.lake import Lake
from pipeline.private_files import keep_private
from pipeline.run_lock import hold_lock, lock_holder
from pipeline.run_records import HOME_TAG
from pipeline.settings import PUBLISHED_FILE, PUBLISHED_MODE, Settings, slices_beside
from pipeline.sizes import note_sizes
from pipeline.sources.batches import Staged
from pipeline.warehouse.editions import list_editions, report_of
from pipeline.warehouse.slices import slices_of

WAIT_SECONDS = 3 * 60 * 60
"""How long a run waits for another to end."""


class Home(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The folder with everything the pipeline writes; a run holds its lock from its first step to its end."""

    root: str
    lake_root: str
    published: str = ""
    """Where the published file is; in the home when empty."""
    published_mode: int = PUBLISHED_MODE
    has_slices: bool = False
    """Whether large marts are published as slices."""
    is_locked: bool = False
    """Whether the command that starts the run holds the lock already."""

    @classmethod
    def of(cls, settings: Settings, *, is_locked: bool = False) -> "Home":
        """The home of a configuration."""
        return cls(
            root=str(settings.home),
            lake_root=settings.lake_root,
            published=str(settings.warehouse),
            published_mode=settings.publish.mode,
            has_slices=settings.publish.facts == "lake",
            is_locked=is_locked,
        )

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Home"]:
        """Hold the lock for the run; wait for it where another run has it.

        Raises:
            BusyError: it is not free within WAIT_SECONDS.
            ConfigError: a newer program has written the home.
        """
        # The program of a daemon can have become the older one meanwhile.
        refuse_newer(self.path)
        run_id = context.run.run_id if context.run else None
        if context.instance and run_id:
            context.instance.add_run_tags(run_id, {HOME_TAG: self.root})
        try:
            with self._lock_of(run_id, context):
                yield self
        finally:
            note_sizes(self.path, self.lake_root, datetime.now(UTC).date())

    @contextmanager
    def _lock_of(self, run_id: str | None, context: dg.InitResourceContext) -> Iterator[None]:
        if self.is_locked:
            yield
            return
        keep_private(self.path, self.lake_root)
        if (holder := lock_holder(self.path)) and context.log:
            context.log.info(f"waiting for {holder}")
        with hold_lock(self.path, f"run {run_id}", wait_seconds=WAIT_SECONDS):
            yield

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.root)

    @cached_property
    def lake(self) -> Lake:
        """The Delta tables, as one object, which remembers what it has looked at."""
        return Lake(self.lake_root)

    def staged(self, source: str) -> Staged:
        """The staged batches of a source."""
        return Staged(self.path / "work" / "staged" / source)

    @property
    def api_pages(self) -> Path:
        """What APIs have given and no table of the lake has yet."""
        return self.path / "work" / "api"

    @property
    def aside(self) -> Path:
        """Batches with too many rejected rows, kept for inspection."""
        return self.path / "aside"

    @property
    def erasures(self) -> Path:
        """The receipts of erasures."""
        return self.path / "erasures"

    @property
    def facts(self) -> Path:
        """What is true of the lake's rows whatever the date."""
        return self.path / "work" / "facts"

    @property
    def known(self) -> Path:
        """What is known of orders and customers at the date of the next edition."""
        return self.path / "work" / "known"

    @property
    def past(self) -> Path:
        """The earlier dates of dated tables, in a file each."""
        return self.path / "work" / "past"

    @property
    def parts(self) -> Path:
        """Rows of dated tables that are computed and not written yet."""
        return self.path / "work" / "parts"

    @property
    def computed(self) -> Path:
        """What the dates of each step were computed from."""
        return self.path / "work" / "computed"

    @property
    def begun(self) -> Begun:
        """The dates that a night has begun to compute, and not finished."""
        return Begun(self.path / "work")

    @property
    def build_file(self) -> Path:
        """The private DuckDB file with what dbt reads, and what it builds on the way to the marts."""
        return self.path / "work" / "build.duckdb"

    @property
    def built_edition(self) -> Path:
        """The DuckDB file that dbt builds the marts in, until it is published."""
        return self.path / "work" / "edition.duckdb"

    @property
    def warehouse(self) -> Path:
        """The published file: the only one that others read."""
        return Path(self.published) if self.published else self._own_warehouse

    @property
    def _own_warehouse(self) -> Path:
        return self.path / PUBLISHED_FILE

    @property
    def slices(self) -> Path:
        """Large marts as Parquet files that editions share, where they are published so."""
        return slices_beside(self.warehouse)

    def slice_folders(self) -> set[Path]:
        """Every folder with slices that an edition may read: also where files were published before."""
        read = {slice_.parent.parent for edition in list_editions(self.editions) for slice_ in slices_of(edition)}
        return {self.slices, slices_beside(self._own_warehouse), *read}

    def drop_former_warehouse(self) -> None:
        """Delete the file in the home once publishing goes elsewhere: nothing would renew it or erase from it."""
        if self.warehouse.resolve() != self._own_warehouse.resolve():
            self._own_warehouse.unlink(missing_ok=True)
            report_of(self._own_warehouse).unlink(missing_ok=True)

    @property
    def editions(self) -> Path:
        """The kept editions."""
        return self.path / "editions"
