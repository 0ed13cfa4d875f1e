"""Kills by the hundred: SIGKILL ends every command in its middle, and the next one must leave the home as if nothing had happened.

Run by hand, as it takes an hour: `python -m tests.kills`; `--only "last steps"` strikes after the marts are made, and
`--only "steps of"` within `run --rebuild`, `erase` and `export`. `two_nights` says what must hold: all tables of the
lake and of the warehouse are those of a home in which the same commands were never disturbed.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import yaml
from polars.testing import assert_frame_equal

from tests.processes import PROCESSES, START, Strike, _main, kill, moments, run
from tests.scenario import Result
from tests.two_nights import MONDAY, TUESDAY, Copy, contents, write_night, write_shop

WORKERS = 2
OF_THE_MOMENT = {"erased_at", "exported_at", "exported_at_local"}
"""Columns that say when a command was given."""
ERASED = "c3"
NIGHT = ["run", "--as-of", TUESDAY]
FILE = "{home}/actions.csv"
AGAIN: list[str] = []
OF_TWO_NIGHTS = {"LOYALTY_PII_KEY": "a key for the tests"}


@dataclass(frozen=True)
class Scenario:
    """A command that is killed on a home, and the one that follows; `share` of all kills.

    `struck_from`: the step from which it is struck as our own functions begin and end; null: at any time.
    """

    name: str
    home: str
    command: list[str]
    share: float
    after: list[str] = field(default_factory=lambda: AGAIN)
    struck_from: str | None = None

    def following(self) -> list[str]:
        return self.after or self.command


SCENARIOS = [
    Scenario("run", "monday", NIGHT, 0.32),
    Scenario("last steps of run", "monday", NIGHT, 0.30, struck_from="dbt"),
    Scenario("last steps of run --rebuild", "tuesday", [*NIGHT, "--rebuild", "orders"], 0.12, struck_from="dbt"),
    Scenario("steps of run --rebuild", "tuesday", [*NIGHT, "--rebuild", "reviews"], 0.12, struck_from=START),
    Scenario("steps of erase", "tuesday", ["erase", "--customer", ERASED], 0.20, struck_from=START),
    Scenario("steps of export actions", "tuesday", ["export", "actions", "--to", FILE], 0.10, struck_from=START),
    Scenario("run --rebuild", "tuesday", [*NIGHT, "--rebuild", "orders"], 0.08),
    Scenario("run --rebuild, then run", "tuesday", [*NIGHT, "--rebuild", "reviews"], 0.08, NIGHT),
    Scenario("erase", "tuesday", ["erase", "--customer", ERASED], 0.18),
    Scenario("erase, then run", "tuesday", ["erase", "--customer", ERASED], 0.06, NIGHT),
    Scenario("export actions", "tuesday", ["export", "actions", "--to", FILE], 0.14),
    Scenario("maintain", "tuesday", ["maintain"], 0.12),
    Scenario("check --lake", "tuesday", ["check", "--lake"], 0.08),
]


@dataclass(frozen=True)
class Kill:
    """One kill: of which scenario, where, and what was wrong after the command that followed; empty when nothing."""

    scenario: str
    where: str
    fault: str


class Command:
    """A command in a process of its own, which can be killed from outside, even in compiled code."""

    def __init__(
        self, shop: Copy, arguments: list[str], *, strike: Strike | None = None, told: Path | None = None
    ) -> None:
        filled = [argument.format(home=shop.home) for argument in arguments]
        environment = {**shop.environment, "LOYALTY_HOME": str(shop.home)}
        self.receiver, output = PROCESSES.Pipe(duplex=False)
        arguments = [*filled, "--config", str(shop.config)]
        self.process = PROCESSES.Process(target=_main, args=(arguments, environment, output, strike, kill, told, True))
        self.started = time.monotonic()
        self.process.start()
        output.close()

    def end(self) -> Result:
        """Wait for the end."""
        with open(self.receiver.fileno(), encoding="utf-8", closefd=False) as stream:
            text = stream.read()
        self.process.join()
        self.receiver.close()
        assert self.process.exitcode is not None
        return Result(self.process.exitcode, text)

    def killed_after(self, seconds: float) -> Result:
        time.sleep(max(0.0, self.started + seconds - time.monotonic()))
        self.process.kill()
        return self.end()


def made_shop(folder: Path) -> Copy:
    """The shop of `two_nights`, with actions to export, after Monday and after Tuesday; reused if it exists."""
    if (folder / "tuesday").exists():
        return Copy(folder, OF_TWO_NIGHTS)
    shop = write_shop(folder)
    tree = yaml.safe_load(shop.config.read_text())
    tree["actions"] = {"consent_without_flag": True, "ask_for_a_survey": {"pause_days": 1}}
    shop.config.write_text(yaml.safe_dump(tree))
    write_night(shop, 1)
    monday = Copy(shop.folder, shop.environment, "monday")
    assert run(monday, MONDAY).exit_code == 0
    write_night(shop, 2)
    tuesday = copied(shop, "monday", "tuesday")
    assert run(tuesday, TUESDAY).exit_code == 0
    return shop


def copied(shop: Copy, home: str, name: str) -> Copy:
    copy = Copy(shop.folder, shop.environment, name)
    shutil.rmtree(copy.home, ignore_errors=True)
    shutil.copytree(shop.folder / home, copy.home)
    return copy


def state(shop: Copy) -> dict[str, pl.DataFrame]:
    """Everything in the home, and what an export or an erasure left beside it."""
    found = {name: rows.drop(OF_THE_MOMENT, strict=False) for name, rows in contents(shop).items()}
    found = {name: rows.sort(pl.all().cast(pl.String)) if rows.width else rows for name, rows in found.items()}
    receipts = [json.loads(file.read_text()) for file in (shop.home / "erasures").glob("*")]
    found["receipts"] = pl.DataFrame(
        {"receipt": sorted(json.dumps({**receipt, "erased_at": ""}) for receipt in receipts)},
        schema={"receipt": pl.String},
    )
    exported = shop.home / "actions.csv"
    lines = exported.read_text().splitlines() if exported.exists() else []
    found["exported"] = pl.DataFrame({"line": lines}, schema={"line": pl.String})
    left = {path.name for path in shop.home.rglob("*") if path.suffix in {".wal", ".new", ".building", ".dropped"}}
    left |= {path.name for path in (shop.home / "work").glob("erasing*")}
    found["half-written"] = pl.DataFrame({"file": sorted(left)}, schema={"file": pl.String})
    return found


def differences(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> str:
    """How it differs from an undisturbed home, in a line; empty if it does not."""
    faults = sorted(found.keys() ^ expected.keys())
    for name in sorted(found.keys() & expected.keys()):
        try:
            assert_frame_equal(found[name], expected[name])
        except AssertionError as error:
            faults.append(f"{name}: {' '.join(str(error).split())[:300]}")
    return "; ".join(faults[:5])


@dataclass
class Trial:
    """All kills of one scenario."""

    shop: Copy
    scenario: Scenario
    seconds: float = 0.0
    expected: dict[str, pl.DataFrame] = field(default_factory=dict)
    untouched: dict[str, pl.DataFrame] = field(default_factory=dict)

    def learn(self) -> None:
        """Run undisturbed: how long it takes, and what it leaves."""
        twin = copied(self.shop, self.scenario.home, f"undisturbed {self.scenario.name}")
        began = time.monotonic()
        result = Command(twin, self.scenario.command).end()
        self.seconds = time.monotonic() - began
        assert result.exit_code == 0, result.output
        if self.scenario.after:
            result = Command(twin, self.scenario.after).end()
            assert result.exit_code == 0, result.output
        self.expected = state(twin)
        self.untouched = state(Copy(self.shop.folder, self.shop.environment, self.scenario.home))

    def at_time(self, number: int, part: float) -> Kill:
        """Killed after `part` of its usual time, or sooner if it would have ended by then."""
        while True:
            home = copied(self.shop, self.scenario.home, f"{self.scenario.name} {number}")
            killed = Command(home, self.scenario.command).killed_after(part * self.seconds)
            if killed.exit_code == -signal.SIGKILL:
                return self.judged(home, f"{part:.0%} of {self.seconds:.1f} s")
            shutil.rmtree(home.home)
            part *= 0.8

    def at_step(self, number: int, strike: Strike) -> Kill:
        """Killed within a step of the night, or before or after all of them."""
        home = copied(self.shop, self.scenario.home, f"{self.scenario.name} {number}")
        killed = Command(home, self.scenario.command, strike=strike).end()
        where = f"{strike.step}, {strike.at}"
        if killed.exit_code != -signal.SIGKILL:
            return Kill(self.scenario.name, where, f"was not struck: {killed.output[-300:]}")
        return self.judged(home, where)

    def judged(self, home: Copy, where: str) -> Kill:
        # The next run does not know of an erasure that had changed nothing yet.
        has_begun = self.scenario.command[0] != "erase" or any(
            path.exists() for path in (home.home / "work" / "erasing.json", home.home / "erasures")
        )
        expected = self.expected if has_begun or not self.scenario.after else self.untouched
        result = Command(home, self.scenario.following()).end()
        try:
            fault = result.output[-500:] if result.exit_code else differences(state(home), expected)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        if not fault:
            shutil.rmtree(home.home)
        return Kill(self.scenario.name, where, fault)


def strikes(shop: Copy, n: int) -> Iterator[Strike]:
    """Spread over the steps of a night: at the beginning, half-way, at the first new data and at the end."""
    told = Counter(step for step, _ in moments(copied(shop, "monday", "told"), TUESDAY))
    steps = list(told)
    for number in range(n):
        step = steps[number * len(steps) // n]
        last = told[step] - 1
        yield Strike(step, [0, last // 2, None, last][number % 4])


def last_strikes(trial: Trial, n: int) -> Iterator[Strike]:
    """Spread over the calls and returns of our own functions, from a step on to the end of the command."""
    home = copied(trial.shop, trial.scenario.home, f"told {trial.scenario.name}")
    told = home.home.with_suffix(".moments")
    result = Command(home, trial.scenario.command, told=told).end()
    assert result.exit_code == 0, result.output
    moments = list(dict.fromkeys(tuple(line.split("\t")) for line in told.read_text().splitlines()))
    first = next(number for number, (step, _) in enumerate(moments) if step == trial.scenario.struck_from)
    struck = moments[first:]
    for number in range(n):
        step, what = struck[min(len(struck) - 1, round((number + 0.5) * len(struck) / n))]
        yield Strike(step, what)


def planned(trials: list[Trial], n_kills: int) -> Iterator[Callable[[], Kill]]:
    for trial in trials:
        n = round(trial.scenario.share * n_kills)
        if trial.scenario.name == "run" or trial.scenario.struck_from:
            spread = last_strikes(trial, n) if trial.scenario.struck_from else strikes(trial.shop, n)
            for number, strike in enumerate(spread):
                yield lambda trial=trial, number=number, strike=strike: trial.at_step(number, strike)  # type: ignore[misc]
        else:
            for number in range(n):
                part = (number + 0.5) / n
                yield lambda trial=trial, number=number, part=part: trial.at_time(number, part)  # type: ignore[misc]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", nargs="*", help="the scenarios whose names begin with this", default=[""])
    parser.add_argument("--folder", type=Path, help="where an earlier call has left its homes")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="kills-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"homes in {folder}", flush=True)
    shop = made_shop(folder)
    # The first process waits for the imports of all.
    Command(shop, ["--help"]).end()
    trials = [Trial(shop, scenario) for scenario in SCENARIOS if scenario.name.startswith(tuple(given.only))]
    for trial in trials:
        trial.learn()
    told: list[Kill] = []
    with ThreadPoolExecutor(WORKERS) as workers:
        for one in workers.map(lambda do: do(), list(planned(trials, given.kills))):
            told.append(one)
            print(f"{len(told):>4} {one.scenario:<24} {one.where:<60} {one.fault or 'as undisturbed'}", flush=True)
    for name, n in Counter(one.scenario for one in told).items():
        n_wrong = sum(one.scenario == name and bool(one.fault) for one in told)
        print(f"{name:<26} {n:>4} kills, {n_wrong} with a difference")
    n_wrong = sum(bool(one.fault) for one in told)
    print(f"{'all':<26} {len(told):>4} kills, {n_wrong} with a difference")
    if not n_wrong and not given.folder:
        shutil.rmtree(folder)
    sys.exit(n_wrong > 0)


if __name__ == "__main__":
    main()
