"""`python -m tests.bench [--quick]`: generates shops of 1 and 10 million orders, measures, prints one table.

Goals stand beside the figures; none fails the benchmark. A wrong result or a failed run does.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import AS_OF, TIME_ZONE
from tests.bench.measure import MIB, Cost, measure, middle
from tests.bench.shop import CHANGED_ORDERS, NEW_ORDERS, change

REPEATS = 3
TINY, SMALL, LARGE = 1_000, 1_000_000, 10_000_000
MAX_CORE_RATIO = 1.5
MAX_CORE_PEAK_MIB = 2048
MAX_INGEST_RATIO = 4
MAX_INGEST_PEAK_MIB = 2048
MAX_IMPORT_CPU_SECONDS = 2
MAX_UNCHANGED_RATIO = 3
N_DATES, MAX_NIGHTS_FOR_DATES = 30, 6
MAX_RFM_RATIO = 0.3
MAX_STEPS_CPU_SECONDS = 60
MAX_STEPS_PEAK_MIB = 3072

CONFIGURATION = """
shop: {{name: Benchmark, time_zone: {time_zone}, currency: EUR}}
history: none
sources:
  - {{name: shop_orders, entity: orders, mapping: {mapping}, inputs: {{orders: {orders}}}}}
"""

MAPPING = """
select
    * exclude (gross_amount, discount_amount, refund_amount, net_amount, source, batch_id),
    gross_amount / 100 as gross_amount,
    discount_amount / 100 as discount_amount,
    refund_amount / 100 as refund_amount,
    net_amount / 100 as net_amount,
from orders
"""

TABLE_WIDTH = 120
"""So that a log file shows whole names."""

out = Console(highlight=False)
progress = Console(stderr=True, highlight=False)


def main() -> None:
    """Measure everything in a temporary folder, which goes in any case."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only 1 million orders")
    sizes = [SMALL] if parser.parse_args().quick else [SMALL, LARGE]
    # A plain SIGTERM would leave gigabytes behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    table = Table("what", "orders", title="Benchmark: median per figure", title_justify="left")
    for name in ("runs", "CPU s", "wall s", "rows/s", "peak MiB", "CPU ratio"):
        table.add_column(name, justify="right")
    table.add_column("goal")
    is_same = True
    with tempfile.TemporaryDirectory(prefix="loyalty-bench-") as name:
        folder = Path(name)
        for n_orders in sizes:
            is_same &= _compare_cores(_shop(folder, n_orders), n_orders, table)
        for n_orders in sizes:
            _compare_ingest(folder / str(n_orders), n_orders, table)
        for n_orders in sizes:
            _measure_steps(folder / str(n_orders), n_orders, table)
        _measure_fixed_cost(_shop(folder, TINY), table)
        _measure_demo(folder / "demo", table)
        for n_orders in sizes:
            _measure_two_nights(folder / str(n_orders), n_orders, table)
    out.width = max(out.width, TABLE_WIDTH)
    out.print(table)
    out.print(f"same result: {'yes' if is_same else 'NO'}")
    sys.exit(0 if is_same else 1)


def _shop(folder: Path, n_orders: int) -> Path:
    """Generate orders and customers in a folder of their own."""
    shop = folder / str(n_orders)
    shop.mkdir()
    progress.print(f"generating {n_orders:,} orders")
    voices = [str(_voices(shop))] if n_orders > TINY else []
    _module("shop", str(n_orders), str(_orders(shop)), str(_customers(shop)), *voices)
    return shop


def _orders(shop: Path) -> Path:
    return shop / "orders.parquet"


def _customers(shop: Path) -> Path:
    return shop / "customers.parquet"


def _voices(shop: Path) -> Path:
    return shop / "voices"


def _module(name: str, *arguments: str) -> tuple[Cost, str]:
    return measure([sys.executable, "-m", f"tests.bench.{name}", *arguments])


def _compare_cores(shop: Path, n_orders: int, table: Table) -> bool:
    """Both programs in turn, so that a busy moment of the machine meets both; returns whether they found the same."""
    costs: dict[str, list[Cost]] = {"with_pipeline": [], "with_sql": []}
    found = []
    for number in range(REPEATS):
        for program in costs:
            cost, printed = _module(program, str(_orders(shop)), str(_customers(shop)), str(shop))
            progress.print(f"core {n_orders:,}, run {number + 1}, {program}: {_words(cost)}")
            costs[program].append(cost)
            found.append(json.loads(printed))
    ours, sql = middle(costs["with_pipeline"]), middle(costs["with_sql"])
    ratio = f"{ours.cpu_seconds / sql.cpu_seconds:.2f}"
    goal = f"ratio <= {MAX_CORE_RATIO}, peak < {MAX_CORE_PEAK_MIB} MiB" if n_orders == LARGE else ""
    _add(table, "core: pipeline", n_orders, REPEATS, ours, ratio, goal)
    _add(table, "core: SQL by hand", n_orders, REPEATS, sql, "1.00", "")
    return all(result == found[0] for result in found)


def _compare_ingest(shop: Path, n_orders: int, table: Table) -> None:
    """A CSV export into an empty lake, checked and split, against DuckDB's bare copy of the same file to Parquet."""
    file = shop / "orders.csv"
    _module("export_csv", str(_orders(shop)), str(file))
    megabytes = file.stat().st_size / 1e6
    ours, bare = [], []
    for number in range(REPEATS):
        with tempfile.TemporaryDirectory(dir=shop) as folder:
            ours.append(_module("ingest", str(file), folder)[0])
            bare.append(_module("copy_csv", str(file), str(Path(folder) / "orders.parquet"))[0])
        progress.print(f"ingest {n_orders:,}, run {number + 1}: {_words(ours[-1])}; bare copy {_words(bare[-1])}")
    file.unlink()
    ratio = f"{middle(ours).cpu_seconds / middle(bare).cpu_seconds:.2f}"
    goal = f"ratio <= {MAX_INGEST_RATIO}, peak <= {MAX_INGEST_PEAK_MIB} MiB" if n_orders == LARGE else ""
    _add(table, f"ingest: CSV of {megabytes:,.0f} MB", n_orders, len(ours), middle(ours), ratio, goal)
    _add(table, "ingest: bare copy", n_orders, len(bare), middle(bare), "1.00", "")


def _measure_steps(shop: Path, n_orders: int, table: Table) -> None:
    """Making the facts, and every step that reads them, of a shop in which one order in ten got a review and one a response."""
    cost, printed = _module("steps", str(_orders(shop)), str(_customers(shop)), str(_voices(shop)), "--train")
    progress.print(f"steps {n_orders:,}: {_words(cost)}: {printed.strip()}", markup=False, soft_wrap=True)
    shutil.rmtree(_voices(shop))
    steps = json.loads(printed)
    sql = middle(
        [
            _module("with_sql", *map(str, (_orders(shop), _customers(shop), shop)), "--unchecked")[0]
            for _ in range(REPEATS)
        ]
    )
    _add(table, "RFM: SQL by hand over the lake", n_orders, REPEATS, sql, "1.00", "")
    beside = {
        "rfm": (
            f"{steps['rfm']['cpu_seconds'] / sql.cpu_seconds:.2f}",
            f"ratio <= {MAX_RFM_RATIO} of SQL by hand over the lake",
        )
    }
    for name, step in steps.items():
        figures = f"{step['cpu_seconds']:.1f}", "", "", f"{step['peak_mib']:,}"
        table.add_row(name, f"{n_orders:,}", "1", *figures, *beside.get(name, ("", "")))
    # RFM is measured by itself, and a model is trained once a week.
    nightly = sum(step["cpu_seconds"] for name, step in steps.items() if name not in ("rfm", "scores"))
    goal = f"CPU < {MAX_STEPS_CPU_SECONDS} s, peak < {MAX_STEPS_PEAK_MIB} MiB" if n_orders == LARGE else ""
    _add(table, "facts and steps but rfm, scores", n_orders, 1, replace(cost, cpu_seconds=nightly), "", goal)


def _measure_fixed_cost(shop: Path, table: Table) -> None:
    """Nights of a tiny shop with nothing new, each for the next date: what a night costs by itself."""
    costs = [_night(shop, "fixed cost", number, as_of=AS_OF + timedelta(days=number)) for number in range(REPEATS + 1)]
    _add(table, "nightly: next date, nothing new", TINY, REPEATS, middle(costs[1:]), "", "")


def _measure_demo(home: Path, table: Table) -> None:
    """The bundled demo: a first night, the same date again, the next date, and many dates at once; and what must be loaded for any."""
    python, loyalty = sys.executable, str(Path(sys.executable).with_name("loyalty"))
    days = [date.today() - timedelta(days=ago) for ago in range(N_DATES + 2, 0, -1)]

    def cost(name: str, command: list[str], runs: int = 1) -> Cost:
        costs = [measure(command, {"LOYALTY_HOME": str(home)})[0] for _ in range(runs)]
        progress.print(f"{name}: {_words(middle(costs))}")
        return middle(costs)

    def night(*options: object) -> list[str]:
        return [loyalty, "run", *map(str, options)]

    def add(what: str, runs: int, cost: Cost, beside: Cost | None = None, goal: str = "") -> None:
        ratio = f"{cost.cpu_seconds / beside.cpu_seconds:.2f}" if beside else ""
        _add(table, what, None, runs, cost, ratio, goal)

    dagster = cost("import dagster", [python, "-c", "import dagster"], REPEATS)
    add("import dagster", REPEATS, dagster)
    loaded = cost("import of the definitions", [python, "-c", "import pipeline.definitions"], REPEATS)
    add("import of the definitions", REPEATS, loaded, dagster, f"CPU <= {MAX_IMPORT_CPU_SECONDS} s")
    first = cost("demo, first night", night("--as-of", days[0]))
    add("demo: first night", 1, first)
    unchanged = cost("demo, nothing new", night("--as-of", days[0]), REPEATS)
    goal = f"ratio <= {MAX_UNCHANGED_RATIO} of import dagster"
    add("demo: nothing new, date published", REPEATS, unchanged, dagster, goal)
    following = cost("demo, next date", night("--as-of", days[1]))
    add("demo: next date", 1, following, first, "of the first night")
    dates = cost(f"demo, {N_DATES} dates", night("--from", days[2], "--to", days[-1]))
    goal = f"ratio <= {MAX_NIGHTS_FOR_DATES} of the next date"
    add(f"demo: {N_DATES} dates, published once", 1, dates, following, goal)


def _measure_two_nights(shop: Path, n_orders: int, table: Table) -> None:
    """The first night of a shop, and the one after it with few new and changed orders."""
    first = _night(shop, f"nightly {n_orders:,}", 0)
    _add(table, "nightly: first load", n_orders, 1, first, "", "")
    change(str(_orders(shop)), str(_orders(shop).with_stem("orders_of_the_day")))
    after = _night(shop, f"nightly {n_orders:,}", 1, as_of=AS_OF + timedelta(days=1))
    what = f"nightly: {(NEW_ORDERS + CHANGED_ORDERS):,} new or changed"
    _add(table, what, n_orders, 1, after, f"{after.cpu_seconds / first.cpu_seconds:.2f}", "of the first load")


def _night(shop: Path, name: str, number: int, *, as_of: date = AS_OF) -> Cost:
    """One `loyalty run` for a date, the home being in the shop's folder."""
    mapping, configuration = shop / "orders.sql", shop / "loyalty.yaml"
    mapping.write_text(MAPPING)
    configuration.write_text(
        CONFIGURATION.format(time_zone=TIME_ZONE, mapping=mapping, orders=shop / "orders*.parquet")
    )
    loyalty = Path(sys.executable).with_name("loyalty")
    command = [str(loyalty), "run", "--config", str(configuration), "--as-of", str(as_of)]
    cost, _ = measure(command, {"LOYALTY_HOME": str(shop / "home")})
    progress.print(f"{name}, run {number + 1}: {_words(cost)}")
    return cost


def _words(cost: Cost) -> str:
    return f"{cost.cpu_seconds:.1f} CPU s, {cost.wall_seconds:.1f} s, {cost.peak_bytes / MIB:,.0f} MiB"


def _add(table: Table, what: str, n_orders: int | None, runs: int, cost: Cost, ratio: str, goal: str) -> None:
    """A row; without `n_orders` of what goes by no number of orders."""
    number, rows = ("", "") if n_orders is None else (f"{n_orders:,}", f"{n_orders / cost.wall_seconds:,.0f}")
    figures = f"{cost.cpu_seconds:.1f}", f"{cost.wall_seconds:.1f}", rows, f"{cost.peak_bytes / MIB:,.0f}"
    table.add_row(what, number, str(runs), *figures, ratio, goal)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        progress.print(f"error: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
