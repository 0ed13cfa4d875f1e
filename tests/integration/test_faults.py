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
PUBLISH, REPORT = "publish__warehouse", "publish__report"
UNPUBLISHED, PUBLISHED = "call publish", "return publish"
"""Right before and right after the new warehouse takes the place of the old one."""


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
    """A step is struck at its begin, half-way, when its first data is in the lake and not yet committed, or at its end.

    That which publishes is struck before it does so and after it too: until then the old warehouse is there, byte by byte,
    and from then on the new one.
    """
    shop = two_nights.home(f"killed_{first}")
    old = shop.warehouse.read_bytes()
    moments_of_step = Counter(step for step, _ in two_nights.moments)
    is_published = False
    for number, step in list(enumerate(struck(steps)))[first::HOMES]:
        last = moments_of_step[step] - 1
        planned = [0, last // 2, None, last][number % 4]
        for at in (UNPUBLISHED, PUBLISHED, planned) if step == PUBLISH else (planned,):
            killed = run(shop, TUESDAY, strike=Strike(step, at))
            assert killed.exit_code == -signal.SIGKILL, f"{step} {at}: {killed.output}"
            is_published = is_published or at == PUBLISHED
            if is_published:
                assert shop.query("select count(*) from marts.fct_orders") == [(42,)]
            elif step != REPORT:
                assert shop.warehouse.read_bytes() == old, f"{step} {at}"
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, two_nights.undisturbed)
