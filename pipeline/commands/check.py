"""The command `check`: a look at the home and at own models, and a trial of every source. How the findings look does not belong here."""

import os
import shutil
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipeline.commands.erased_names import refuse_other_key
from pipeline.commands.findings import Fact, Finding, one_line
from pipeline.commands.trial import LOOKED_UP_IN, People, Trial
from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import ConfigError, LoyaltyError
from pipeline.lake import Lake
from pipeline.private_files import is_there
from pipeline.settings import DbtSettings, Settings
from pipeline.sources.demo import simulate, write_exports
from pipeline.sources.object_stores import list_objects
from pipeline.sources.settings import ApiInput, DatabaseInput, DemoSettings, Input, SourceSettings, as_file
from pipeline.sources.stage import main_table
from pipeline.spark import Spark, TaskError
from pipeline.warehouse.editions import OWN_SCHEMA
from pipeline.warehouse.own_models import prepare_project
from schemas.registry import ENTITIES, TABLES

SAMPLE_ROWS = 100_000
"""Rows of each input that are tried."""
OF_A_RUN = ("lake", "work", "editions", "dagster")
"""Folders of a home in which every run writes."""
NO_ORDERS = (
    "there is no order, and no customer is known otherwise, so a run would have nobody to publish; "
    "see what the source of orders reads and excludes"
)
NOBODY = (
    "no order names a customer, and none is known otherwise, so a run would have nobody to publish; "
    "use a mapping of orders that returns customer_id, email or phone"
)


def check_sources(settings: Settings, folder: Path, *, now: datetime, rows: int = SAMPLE_ROWS) -> Iterator[Finding]:
    """Try the home, own models, then every source on at most `rows` rows of each input, those that others are looked up in first.

    Everything written is in `folder`. A source that fails is a finding too, and the others go on.

    Raises:
        ConfigError: the demo shop ends before it starts.
    """
    lake = Lake(settings.lake_root)
    home, known, people, erased = _check_home(settings, lake)
    sources, shown = settings.sources, dict[str, str]()
    if settings.demo is not None:
        made, meant = folder / "demo", settings.home / "demo"
        home.facts.append(_make_demo(settings.demo, settings.shop, made, meant, now))
        sources, shown = [_moved(source, meant, made) for source in sources], {str(made): str(meant)}
    home.facts += [
        Fact("segment map", f"{settings.rfm.map}: {rule} names nobody, as earlier rules take all of its scores", "warn")
        for rule in settings.rfm.segment_map.unreachable
    ]
    yield home
    if engine := Spark.of(settings):
        yield _check_engine(engine, settings.home, lake)
    is_known = home.mark != "fail"
    if settings.dbt.models:
        yield check_models(settings.dbt, folder / "models")
    tried: dict[str, list[pl.LazyFrame]] = {}
    keys: dict[str, dict[str, pl.DataFrame]] = {}
    for source in sorted(sources, key=lambda source: source.entity not in LOOKED_UP_IN):
        trial = Trial(
            source,
            folder / "sources" / source.name,
            shop=settings.shop,
            survey=settings.survey_of(source),
            key=settings.pseudonym_key,
            max_reject_rate=settings.quality.max_reject_rate,
            valid_statuses=settings.rfm.valid_statuses,
            shown=shown,
            people=people,
        )
        table = main_table(source)
        there = [lake.source_ids(table), *tried.get(table.name, [])]
        ids = [frame for frame in there if frame is not None]
        finding = trial.run(
            known.filter(source=source.name),
            ids=pl.concat(ids) if ids else None,
            others=keys.get(table.name, {}),
            now=now,
            rows=rows,
            erased=erased,
        )
        yield finding
        is_known &= source.entity not in LOOKED_UP_IN or finding.mark != "fail"
        if trial.keys is not None:
            keys.setdefault(table.name, {})[source.name] = trial.keys
        if trial.ids is not None:
            tried.setdefault(table.name, []).append(trial.ids.lazy())
        shutil.rmtree(trial.folder, ignore_errors=True)
    # What a failed source would have told is not missing.
    if is_known and (words := _why_nobody(people, now.astimezone(ZoneInfo(settings.shop.time_zone)))):
        yield Finding("customers", "who buys", [Fact("customers", words, "fail")])


def _why_nobody(people: People, now: datetime) -> str | None:
    """Why a run would have nobody to publish; null if it has somebody, or the sample cannot tell."""
    if people.names.null_count() == len(people.names):
        return NOBODY if people.n_orders else NO_ORDERS if people.is_whole else None
    latest = now.date() - timedelta(days=1)
    if people.first_order is None or not people.is_whole:
        return None
    first = people.first_order.astimezone(now.tzinfo).date()
    if first <= latest:
        return None
    return f"the first order is of {first}, and a run computes {latest}; it goes through from the day after the first order on"


def unwritable_folders(settings: Settings) -> Iterator[Fact]:
    """The folders that a run writes and may not, or that are on a disk that can only be read."""
    home, local = settings.home, "://" not in settings.lake_root
    within = [home / name for name in OF_A_RUN if (home / name).exists()] if is_there(home) else []
    places = dict.fromkeys([home, *within], "LOYALTY_HOME")
    places |= {Path(settings.lake_root): "lake"} if local and not Path(settings.lake_root).is_relative_to(home) else {}
    places |= {settings.warehouse.parent: "publish.path"} if settings.warehouse.parent != home else {}
    told: set[Path] = set()
    for place, key in places.items():
        existing = next(path for path in (place, *place.parents) if path.exists())
        is_folder = existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
        if not is_folder and told.isdisjoint((existing, *existing.parents)):
            told.add(existing)
            yield Fact("home", f"{existing} cannot be written; set {key} to another folder", "fail")


def _check_home(settings: Settings, lake: Lake) -> tuple[Finding, pl.DataFrame, People, list[str]]:
    """Whether the home and the lake can be used; what the lake has read, its customers, and fingerprints of the names of erased
    people: none where there is no lake.

    Rows of a source that is none of the configuration are a warning.
    """
    sources = {source.name for source in settings.sources}
    finding = Finding("home", str(settings.home), list(unwritable_folders(settings)))
    known = pl.DataFrame(schema=TABLES["inputs_read"].polars_schema)
    people, erased = People(pl.Series(dtype=pl.String)), list[str]()
    try:
        if lake.is_remote:
            list_objects(f"{lake.root}/")
        known = _in_lake(lake, "inputs_read").collect()
        erased = _in_lake(lake, "erased", "fingerprint").collect().to_series().to_list()
        customers = _in_lake(lake, "customers", "customer_id").collect()
        others = _in_lake(lake, "identity", "identifier").collect()
        orders = _in_lake(lake, "orders", "ordered_at").select(n=pl.len(), first=pl.col("ordered_at").min()).collect()
        ((people.n_orders, people.first_order),) = orders.rows()
        finding.facts += list(_of_former_sources(lake, sources))
        finding.facts += list(_of_other_key(lake, settings.pseudonym_key))
        people.names = pl.concat([frame.to_series().rename("") for frame in (customers, others)])
    except (LoyaltyError, DeltaError, OSError, pl.exceptions.PolarsError) as error:
        finding.facts.append(Fact("lake", f"{lake.root} cannot be read: {one_line(error)}", "fail"))
    else:
        words = f"{customers.height:,} customers in it" if known.height else "none yet; the first run makes it"
        finding.facts.append(Fact("lake", f"{lake.root}: {words}"))
    return finding, known, people, erased


def _check_engine(engine: Spark, home: Path, lake: Lake) -> Finding:
    """Whether the server answers, and its executors have this program and see the home and the lake."""
    finding = Finding("engine", engine.host)
    if not is_there(home):
        finding.facts.append(Fact("server", f"{home} is not there yet; check again after the first run", "warn"))
        return finding
    try:
        engine.refuse_other_sight(home, lake)
    except (LoyaltyError, TaskError) as error:
        finding.facts.append(Fact("server", one_line(error), "fail"))
    else:
        finding.facts.append(Fact("server", "answers; its executors have this program, and see the home and the lake"))
    return finding


def _of_former_sources(lake: Lake, sources: Collection[str]) -> Iterator[Fact]:
    """Rows that count on although the configuration no longer has their source: of one that was renamed they may be there twice."""
    for name in ENTITIES:
        counts = _in_lake(lake, name, "source").group_by("source").len().sort("source")
        for source, n in counts.collect(engine="streaming").rows():
            if source not in sources:
                words = (
                    f"{n:,} rows are of the source {source}, which is no longer there, and count on; if it has another name now, "
                    f"`loyalty run --rebuild {name}`"
                )
                yield Fact(name, words, "warn")


def _of_other_key(lake: Lake, key: bytes | None) -> Iterator[Fact]:
    """That erased people would come back, where they would."""
    try:
        refuse_other_key(_in_lake(lake, "erased"), key)
    except ConfigError as error:
        yield Fact("erased", one_line(error), "fail")


def check_models(own: DbtSettings, folder: Path) -> Finding:
    """Whether dbt can parse the user's own models with ours; none is built, so what only data shows is left to a run."""
    finding = Finding("own models", str(own.models))
    try:
        models = prepare_project(own, folder).models(OWN_SCHEMA)
    except ConfigError as error:
        finding.facts.append(Fact("models", one_line(error), "fail"))
    else:
        names = ", ".join(sorted(model["name"] for model in models))
        finding.facts.append(Fact("models", f"{len(models)} parsed, not built: {names}"))
    return finding


def _in_lake(lake: Lake, name: str, *columns: str) -> pl.LazyFrame:
    """Columns of a table of the lake; no rows where it is not made yet."""
    table = TABLES[name]
    is_made = DeltaTable.is_deltatable(f"{lake.root}/{name}")
    rows = lake.scan(table) if is_made else pl.LazyFrame(schema=table.polars_schema)
    return rows.select(columns or pl.all())


def _make_demo(demo: DemoSettings, shop: ShopSettings, made: Path, meant: Path, now: datetime) -> Fact:
    """Make the demo shop's exports in the folder `made` instead of the one that a run uses."""
    yesterday = now.astimezone(ZoneInfo(shop.time_zone)).date() - timedelta(days=1)
    end_date = demo.end_date or yesterday
    simulated = simulate(demo, end_date=end_date, time_zone=shop.time_zone)
    write_exports(simulated, made, dirt_rate=demo.dirt_rate, seed=demo.seed)
    return Fact("demo", f"a run makes the exports up to {end_date} in {meant}; this check makes its own")


def _moved(source: SourceSettings, meant: Path, made: Path) -> SourceSettings:
    """The source with its inputs in the folder `made` where they would be in the folder `meant`."""
    inputs: dict[str, Input] = {}
    for name, place in source.inputs.items():
        if isinstance(place, DatabaseInput | ApiInput):
            inputs[name] = place
        else:
            file = as_file(place)
            inputs[name] = file.model_copy(update={"path": file.path.replace(str(meant), str(made))})
    return source.model_copy(update={"inputs": inputs})
