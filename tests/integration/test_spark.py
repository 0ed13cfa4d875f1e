"""A large shop whose buckets a Spark Connect server computes: its rows are those computed here, and every failure is one line.

The server is Sail, on this machine; or the one of SPARK_CONNECT_ADDRESS, as `make test-spark` starts one of Apache Spark.
"""

import errno
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pydantic import SecretStr

from pipeline import spark
from pipeline.assets.dated import fact_rules
from pipeline.errors import EngineError, LakeError
from pipeline.fact_files import (
    ACCOUNTS,
    CUSTOMER_NAMES,
    CUSTOMERS,
    FACTS,
    ORDER_NAMES,
    ORDER_NAMES_ELSEWHERE,
    TEXTS,
    Facts,
    write_known,
)
from pipeline.facts import facts_of
from pipeline.lake import Stored
from pipeline.parts import Found, Parts
from pipeline.spark import Spark, TaskError
from schemas.registry import KNOWN, SEGMENTS
from tests.integration.conftest import DEMO_DAY
from tests.integration.large import ROWS_PER_BUCKET, Large
from tests.integration.test_buckets import AS_OF
from tests.sail import sail
from tests.scenario import ROOT, Shop

OF_CUSTOMERS = ("cohort_retention", "repeat_purchase", "customer_preferences", "customer_categories")
A_LINE_WITHIN_SECONDS = 30
PAGE = ROOT / "docs" / "scaling.md"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if given := os.environ.get("SPARK_CONNECT_ADDRESS"):
        yield given
        return
    with sail() as (address, _):
        yield address


def on_spark(shop: Shop, address: str) -> None:
    shop.configure(engine={"rows_per_bucket": ROWS_PER_BUCKET, "spark": address})


def engine_at(address: str) -> Spark:
    return Spark(SecretStr(address), at_once=2)


def test_its_dated_tables_have_the_same_rows(large: Large, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    through, by_tasks, run, add = list[int](), set[str](), Spark._run, Parts.add

    def counted(self: Spark, job: bytes, n_buckets: int) -> dict[int, Any]:
        assert n_buckets == len(large.facts.buckets())
        results = run(self, job, n_buckets)
        through.append(len(job) + len(pickle.dumps(results)))
        for found in results.values():
            if isinstance(found, Found):
                # Of a table in which nobody has a row there is no file.
                by_tasks.update(found.rows)
                assert all(isinstance(rows, Stored) or rows.is_empty() for rows in found.rows.values())
        return results

    def noted(self: Parts, rows: pl.DataFrame | Stored) -> None:
        if isinstance(rows, Stored):
            by_tasks.add(self.table.name)
        add(self, rows)

    monkeypatch.setattr(Spark, "_run", counted)
    monkeypatch.setattr(Parts, "add", noted)
    on_spark(large.shop, address)
    large.shop.compute(DEMO_DAY, *SEGMENTS, force="yes")
    assert not (large.shop.home / "work" / "parts").exists()
    for name, rows in large.at_once.items():
        assert_frame_equal(large.shop.partition(name, DEMO_DAY), rows, rel_tol=1e-12)
    listed = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE.read_text(encoding="utf-8"), flags=re.M))
    assert listed.keys() == {*SEGMENTS, *KNOWN}
    assert {name for name, place in listed.items() if place == "tasks"} - {*KNOWN} == by_tasks
    # The rows are 60 MB, and those of orders alone 5: what comes and goes at once is less than any whole table of customers.
    assert max(through) < 2_000_000


def test_its_facts_are_made_by_tasks(
    large: Large, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works, each = list[str](), Spark.each

    def noted(self: Spark, facts: Facts, work: Callable[..., Any], given: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        works.extend([work.__name__] * len(given))
        return each(self, facts, work, given)

    monkeypatch.setattr(Spark, "each", noted)
    rules, lake = fact_rules(large.settings), large.facts.lake
    facts = facts_of(tmp_path / "facts", lake, rules, rows_per_bucket=ROWS_PER_BUCKET, engine=engine_at(address))
    assert works.count("name_months") > 3
    assert works.count("make_rows") > len(FACTS)
    assert works.count("read_texts_of") == 1
    with monkeypatch.context() as patch:
        # Tasks know nothing of the small groups of rows of this test, which tell more exactly where a bucket is full.
        patch.setattr("pipeline.fact_rows.ROWS_PER_GROUP", 50_000)
        alike = facts_of(tmp_path / "alike", lake, rules, rows_per_bucket=ROWS_PER_BUCKET)
    assert facts.bounds == alike.bounds
    for name in (*FACTS, ACCOUNTS, CUSTOMERS, CUSTOMER_NAMES, ORDER_NAMES, ORDER_NAMES_ELSEWHERE, TEXTS):
        made, here = ([*map(pl.read_parquet, some.files(name))] for some in (facts, large.facts))
        assert_frame_equal(pl.concat(made), pl.concat(here), check_row_order=False)


def test_the_same_is_known_of_it(large: Large, address: str, tmp_path: Path) -> None:
    (tmp_path / "known").mkdir()
    facts = replace(large.facts, engine=engine_at(address), aside=tmp_path / "parts")
    write_known(tmp_path / "known", facts, as_of=AS_OF, consent_without_flag=False)
    for name, rows in large.known.items():
        key = KNOWN[name].key
        assert_frame_equal(pl.read_parquet(tmp_path / "known" / name).sort(key), rows.sort(key))


def test_results_come_in_the_order_of_buckets(large: Large, address: str, tmp_path: Path) -> None:
    facts = replace(large.facts, engine=engine_at(address), aside=tmp_path)
    first = [part.bucket and part.bucket.first for part in large.facts.buckets()]
    assert [*facts.over(first_of)] == first


def first_of(part: Facts) -> int | None:
    return part.bucket.first if part.bucket else None


def test_without_a_server_a_line_says_so(large: Large, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    facts = replace(large.facts, engine=engine_at(f"sc://127.0.0.1:{port}/;token=secret"), aside=tmp_path)
    with pytest.raises(
        EngineError, match=rf"^engine.spark: sc://127.0.0.1:{port} does not answer \(.*\); start"
    ) as told:
        facts.over(first_of)
    assert "secret" not in str(told.value)


def test_the_client_is_loaded_wherever_a_run_is_started() -> None:
    # As a process is that another one has spawned: started from no file.
    code = "from pipeline.spark import _load_client; _load_client(); print('__file__' in globals())"
    started = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (started.returncode, started.stdout) == (0, "False\n"), started.stderr


def test_a_server_that_dies_is_told_in_a_line(large: Large, tmp_path: Path) -> None:
    with sail() as (address, server):
        facts = replace(large.facts, engine=engine_at(address), aside=tmp_path)
        began = time.monotonic()
        with pytest.raises(EngineError, match=r"^engine.spark: sc://127.0.0.1:\d+: .*run again") as told:
            facts.over(partial(kill, pid=server.pid))
    assert time.monotonic() - began < A_LINE_WITHIN_SECONDS
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("after", [0, 1])
def test_what_a_dead_server_has_left_undone_the_next_run_does(
    large: Large, address: str, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    written = large.shop.lake.version(SEGMENTS["customer_preferences"])
    with sail() as (dying, server):
        calls, run = iter(range(99)), Spark._run

        def struck(self: Spark, job: bytes, n_buckets: int) -> dict[int, Any]:
            if next(calls) == after:
                # While its tasks run.
                Timer(0.2, server.kill).start()
            return run(self, job, n_buckets)

        monkeypatch.setattr(Spark, "_run", struck)
        on_spark(large.shop, dying)
        with pytest.raises(EngineError, match=r"^engine.spark: sc://127.0.0.1:\d+"):
            large.shop.compute(DEMO_DAY, *OF_CUSTOMERS, force="yes")
    assert large.shop.lake.version(SEGMENTS["customer_preferences"]) == written
    monkeypatch.undo()
    on_spark(large.shop, address)
    large.shop.compute(DEMO_DAY, *OF_CUSTOMERS, force="yes")
    assert not (large.shop.home / "work" / "parts").exists()
    for name in OF_CUSTOMERS:
        assert_frame_equal(large.shop.partition(name, DEMO_DAY), large.at_once[name], rel_tol=1e-12)


def kill(_: Facts, *, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_what_a_task_raises_is_raised_here(large: Large, address: str, tmp_path: Path) -> None:
    facts = replace(large.facts, engine=engine_at(address), aside=tmp_path)
    with pytest.raises(LakeError, match=r"^the table is lost$"):
        facts.over(lose)
    with pytest.raises(OSError, match=r"No space left on device") as full:
        facts.over(fill)
    assert full.value.errno == errno.ENOSPC
    with pytest.raises(TaskError, match=r"(?s)^task 0: Traceback .* in fail.*ZeroDivisionError"):
        facts.over(fail)


def lose(_: Facts) -> None:
    raise LakeError("the table is lost")


def fill(_: Facts) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fail(_: Facts) -> float:
    return 1 / 0


def test_executors_with_another_program_compute_nothing(
    large: Large, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = spark.stamp_of_program()
    monkeypatch.setattr(spark, "stamp_of_program", lambda: "0.1.0 (1234abcd)")
    facts = replace(large.facts, engine=engine_at(address), aside=tmp_path)
    with pytest.raises(EngineError) as told:
        facts.over(first_of)
    assert str(told.value) == (
        f"engine.spark: the executors have program {own}, and this machine has 0.1.0 (1234abcd); install the same there"
    )


def test_executors_that_do_not_see_the_home_compute_nothing(large: Large, address: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    facts = replace(large.facts, engine=engine_at(address), aside=tmp_path / "parts", folder=elsewhere)
    with pytest.raises(
        EngineError, match=rf"^engine.spark: the executors do not see {elsewhere}; put the home on a disk"
    ):
        facts.over(first_of)


def test_executors_without_the_program_compute_nothing(large: Large, tmp_path: Path) -> None:
    # What finds the modules of a program that is installed for development is taken away as Python starts.
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.meta_path[:] = [finder for finder in sys.meta_path if 'ditable' not in str(finder)]\n"
    )
    with sail(tmp_path) as (address, _):
        facts = replace(large.facts, engine=engine_at(address), aside=tmp_path / "parts")
        with pytest.raises(
            EngineError, match=r"^engine.spark: \S+ the executors lack this program; install loyalty-w\S+ 0"
        ):
            facts.over(first_of)


def test_what_listens_and_is_no_such_server_is_told(large: Large, tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        facts = replace(large.facts, engine=engine_at(f"sc://127.0.0.1:{silent.getsockname()[1]}"), aside=tmp_path)
        began = time.monotonic()
        with pytest.raises(EngineError, match=r"does not answer \(what listens there speaks another language\); start"):
            facts.over(first_of)
        assert time.monotonic() - began < A_LINE_WITHIN_SECONDS


def test_check_says_whether_the_server_can_compute(night: Shop, address: str) -> None:
    night.configure(engine={"spark": address})
    checked = night.loyalty("check")
    assert "answers; its executors have this program, and see the home and the lake" in " ".join(checked.output.split())
    night.configure(engine={"spark": "sc://127.0.0.1:1"})
    checked = night.loyalty("check")
    assert checked.exit_code == 1
    assert "engine.spark: sc://127.0.0.1:1 does not answer" in " ".join(checked.output.split())


def test_executors_that_see_another_home_are_told(large: Large, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Spark, "_run", lambda *_: [(["home"], {})])
    home = large.shop.home
    with pytest.raises(
        EngineError, match=rf"^engine.spark: the executors see another {home} than this machine; put it"
    ):
        engine_at(address).refuse_other_sight(home, large.shop.lake)
