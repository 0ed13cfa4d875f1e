"""A night that is killed at any step: the next run ends as if nothing had happened."""

import signal
from collections import Counter

import pytest

from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from pipeline.run_records import NIGHTLY
from tests.processes import Strike, run
from tests.two_nights import ENVIRONMENT, TUESDAY, Copy, TwoNights, assert_as_undisturbed

HOMES = 2
"""Homes that are killed in turn, each at every second of the struck steps; each then has one undisturbed run."""
PUBLISH = "publish__warehouse"


@pytest.fixture(scope="module")
def steps(two_nights: TwoNights) -> list[str]:
    """The steps of a night in their order."""
    shop = Copy(two_nights.folder, ENVIRONMENT)
    job = build_defs(load_settings(shop.config, home=shop.home)).resolve_job_def(NIGHTLY)
    return [node.name for node in job.nodes_in_topological_order]


def test_every_night_has_work_for_every_step(two_nights: TwoNights, steps: list[str]) -> None:
    assert len(steps) >= 20
    assert {step for step, _ in two_nights.moments} == set(steps)


def struck(steps: list[str]) -> list[str]:
    """Every step that writes the lake or publishes; of those that stage a source or compute tables, all alike, every fourth."""
    alike = [step for step in steps if step.startswith("sources__") or ("__" not in step and step != "dbt")]
    return [step for step in steps if step not in alike or step in alike[1::4]]


@pytest.mark.parametrize("first", range(HOMES))
def test_a_night_killed_at_any_step_ends_like_an_undisturbed_one(
    two_nights: TwoNights, steps: list[str], first: int
) -> None:
    """A step is struck at its begin, half-way, when its first data is in the lake and not yet committed, or at its end."""
    shop = two_nights.home(f"killed_{first}")
    moments_of_step = Counter(step for step, _ in two_nights.moments)
    for number, step in list(enumerate(struck(steps)))[first::HOMES]:
        last = moments_of_step[step] - 1
        killed = run(shop, TUESDAY, strike=Strike(step, [0, last // 2, None, last][number % 4]))
        assert killed.exit_code == -signal.SIGKILL, f"{step}: {killed.output}"
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, two_nights.undisturbed)


def test_a_night_killed_while_it_publishes_leaves_the_old_warehouse_or_the_new_one(two_nights: TwoNights) -> None:
    shop = two_nights.home("publishing")
    old = shop.warehouse.read_bytes()
    assert run(shop, TUESDAY, strike=Strike(PUBLISH, "call publish")).exit_code == -signal.SIGKILL
    assert shop.warehouse.read_bytes() == old
    assert run(shop, TUESDAY, strike=Strike(PUBLISH, "return publish")).exit_code == -signal.SIGKILL
    assert shop.query("select count(*) from marts.fct_orders") == [(42,)]
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, two_nights.undisturbed)
