"""A night that is killed at any step: the next run ends as if nothing had happened."""

import shutil
import signal
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import polars as pl
import pytest

from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from pipeline.run_records import NIGHTLY
from tests.processes import Moment, Strike, moments, run
from tests.two_nights import TUESDAY, Copy, after_monday, assert_as_undisturbed, contents

HOMES = 3
"""Homes that are killed in turn, each at every third of the struck steps; each then has one undisturbed run."""
PUBLISH = "publish__warehouse"


@dataclass
class Night:
    """A shop after Monday's run, with Tuesday's files; and an undisturbed Tuesday."""

    shop: Copy
    steps: list[str]
    moments: list[Moment]
    expected: dict[str, pl.DataFrame]

    def home(self, name: str) -> Copy:
        """A copy of the home as Monday left it."""
        copy = Copy(self.shop.folder, self.shop.environment, name)
        shutil.copytree(self.shop.home, copy.home)
        return copy

    @cached_property
    def moments_of_step(self) -> Counter[str]:
        return Counter(step for step, _ in self.moments)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    shop, twin = after_monday(tmp_path_factory.mktemp("killed"))
    told = moments(twin, TUESDAY)
    job = build_defs(load_settings(shop.config, home=shop.home)).resolve_job_def(NIGHTLY)
    return Night(shop, [node.name for node in job.nodes_in_topological_order], told, contents(twin))


def test_every_night_has_work_for_every_step(night: Night) -> None:
    assert len(night.steps) >= 20
    assert set(night.moments_of_step) == set(night.steps)


def struck(steps: list[str]) -> list[str]:
    """Every step that writes the lake or publishes; of those that stage a source or compute tables, all alike, every second."""
    alike = [step for step in steps if step.startswith("sources__") or ("__" not in step and step != "dbt")]
    return [step for step in steps if step not in alike[::2]]


@pytest.mark.parametrize("first", range(HOMES))
def test_a_night_killed_at_any_step_ends_like_an_undisturbed_one(night: Night, first: int) -> None:
    """A step is struck at its begin, half-way, when its first data is in the lake and not yet committed, or at its end."""
    shop = night.home(f"killed_{first}")
    for number, step in list(enumerate(struck(night.steps)))[first::HOMES]:
        last = night.moments_of_step[step] - 1
        killed = run(shop, TUESDAY, strike=Strike(step, [0, last // 2, None, last][number % 4]))
        assert killed.exit_code == -signal.SIGKILL, f"{step}: {killed.output}"
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, night.expected)


def test_a_night_killed_while_it_publishes_leaves_the_old_warehouse_or_the_new_one(night: Night) -> None:
    shop = night.home("publishing")
    old = shop.warehouse.read_bytes()
    for writing in ("call _in_edition", "call publish"):
        assert run(shop, TUESDAY, strike=Strike(PUBLISH, writing)).exit_code == -signal.SIGKILL
        assert shop.warehouse.read_bytes() == old
    assert run(shop, TUESDAY, strike=Strike(PUBLISH, "return publish")).exit_code == -signal.SIGKILL
    assert shop.query("select count(*) from marts.fct_orders") == [(42,)]
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, night.expected)
