"""The configuration as a whole: its sections, and what must hold between them. The keys of a section stand beside its subject."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
)

from pipeline.core.as_of_dates import History
from pipeline.core.attitude.settings import ExperienceSettings, NpsSettings, SayDoSettings, SciSettings, ThemesSettings
from pipeline.core.attitude.survey_settings import (
    MAX_PREDICTORS,
    ConstructSettings,
    DriverSettings,
    OutcomeSettings,
    SurveySettings,
)
from pipeline.core.behaviour.settings import (
    CohortSettings,
    EngagementSettings,
    JourneySettings,
    PreferenceSettings,
    RfmSettings,
)
from pipeline.core.facts.settings import OrderSettings, ShopSettings
from pipeline.core.ingest.settings import QualitySettings
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.settings import LoyaltySettings, PillarSettings
from pipeline.core.options import MAX_DAYS, Days, Fault, Name, Section, TimeOfDay, not_one_of, used_twice
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.core.report.settings import ReportSettings
from pipeline.errors import ConfigError
from pipeline.sources.patterns import is_pattern
from pipeline.sources.rates import read_rates
from pipeline.sources.settings import CurrencySettings, DemoSettings, SourceSettings


def _known_store(place: str) -> str:
    if "://" in place and not place.startswith(("s3://", "gs://", "az://")):
        raise ValueError(f"'{place}' is neither a folder nor an address on s3://, gs:// or az://")
    return place


Place = TypeVar("Place", Path, str)


def _no_pattern(place: Place) -> Place:
    if "://" not in str(place) and is_pattern(place):
        raise ValueError(
            f"'{place}' has a bracket, * or ? in it, and its files could not be told from others; choose a folder without"
        )
    if "=" in str(place):
        raise ValueError(
            f"'{place}' has a = in it, and would be taken for a column and its value; choose a folder without"
        )
    return place


NOT_FOR_DELTA = re.compile(r"[\]^|\\\x00-\x1f]|%[0-9A-Fa-f]{2}")
"""What must not stand in the path of a table: the client of Delta 1.6 fails, or looks for another folder."""


def _for_lake(place: Place) -> Place:
    _no_pattern(place)
    found = NOT_FOR_DELTA.search(str(place))
    if found and "://" not in str(place):
        raise ValueError(
            f"{str(place)!r} has {found[0]!r} in it, and no table of the lake can be kept there; choose a folder without"
        )
    return place


PUBLISHED_FILE = "warehouse.duckdb"
MIN_KEY_CHARACTERS = 16
"""A shorter key can be guessed."""


def _hard_to_guess(key: SecretStr) -> SecretStr:
    if (length := len(key.get_secret_value())) < MIN_KEY_CHARACTERS:
        raise ValueError(
            f"{length} characters can be guessed; set a secret text of {MIN_KEY_CHARACTERS} or more and keep it: "
            "another key makes other customers"
        )
    return key


class ScheduleSettings(Section):
    """When the nightly job starts."""

    at: TimeOfDay = time(2, 0)
    """Start of the nightly job, in the shop's time zone."""


class RetentionSettings(Section):
    """How long things are kept."""

    editions: Annotated[int, Field(ge=1)] = 7
    daily_days: Days = 90
    """As_of dates for which segments per customer are kept day by day; older months keep their last date."""
    unread_file_hours: Annotated[int, Field(ge=1, le=24 * MAX_DAYS)] = 24
    """Hours after which a replaced file of the lake is deleted; no reader may take longer."""
    run_days: Days = 90
    """Days for which Dagster's records of a run are kept (what happened, checks, figures), and the files of the log."""
    maintain: bool = True
    """Whether maintenance comes by itself every week: after a night of `loyalty run`, and by its schedule."""
    maintain_at: TimeOfDay = time(4, 0)
    """Start of the schedule, on Sundays, in the shop's time zone."""


SPARK_ADDRESS = r"^sc://[^\s/:;@]+(:\d{1,5})?(/;?[^\s]*)?$"
WEB_ADDRESS = r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$"
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
PUBLISHED_MODE = 0o644
MODES = {"0600": 0o600, "0640": 0o640, "0644": PUBLISHED_MODE}


def _mode(given: object) -> object:
    """A file's mode as written: YAML reads 0640 as an octal number."""
    written = f"{given:04o}" if isinstance(given, int) and given in MODES.values() else f"{given!s:0>4}"
    if written not in MODES:
        raise ValueError(not_one_of(written, MODES))
    return MODES[written]


def _publishable(path: Path) -> Path:
    if path.suffix != ".duckdb":
        raise ValueError(f"'{path}' does not end in .duckdb; give it that ending")
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {path.parent}; make it first")
    return path


def slices_beside(warehouse: Path) -> Path:
    """Where the slices of a published file are: beside it, under its name."""
    return warehouse.with_suffix(".lake")


class TargetSettings(Section):
    """A copy of the published edition: Parquet files, or tables of PostgreSQL."""

    parquet: Annotated[str, AfterValidator(_known_store)] | None = None
    """A folder, or an address on s3://, gs:// or az://."""
    postgresql: SecretStr | None = None
    """The address of a database, postgresql://user:password@host/database; from an environment variable, as it holds a password."""
    prefix: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*)?$")] = ""
    """What stands before the names of the schemas in PostgreSQL."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if (self.parquet is None) == (self.postgresql is None):
            yield "", "needs either parquet or postgresql"
        if self.postgresql and not self.postgresql.get_secret_value().startswith("postgresql://"):
            yield "postgresql", "is not an address like postgresql://user:password@host/database"


class PublishSettings(Section):
    """The published file: where others read it, and who; and where copies of it go."""

    path: Annotated[Path, AfterValidator(_publishable)] | None = None
    """The file; `warehouse.duckdb` in the home when left out, which only its owner can enter."""
    mode: Annotated[int, BeforeValidator(_mode)] = PUBLISHED_MODE
    """Who may read it: 0644 everyone, 0640 its group, 0600 its owner."""
    facts: Literal["warehouse", "lake"] = "warehouse"
    """Where orders, lines, touchpoints, answers and origins are: in the file itself, or in Parquet files beside it that editions share."""
    targets: dict[Name, TargetSettings] = {}
    """Copies of the edition elsewhere, by a name of yours."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        for name in sorted({"warehouse", "report", "actions_export"} & set(self.targets)):
            yield f"targets.{name}", "is the name of a part of the publication itself; take another"
        if self.facts == "lake" and self.path:
            try:
                _no_pattern(self.path)
            except ValueError as error:
                yield "path", str(error)


def _with_models(folder: Path) -> Path:
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; make it with `loyalty add-models`")
    return folder


MODEL_FILES = (".sql", ".yml", ".yaml", ".md")


class DbtSettings(Section):
    """Models of one's own, built and tested with ours."""

    models: Annotated[Path, AfterValidator(_with_models)] | None = None
    """The folder of the models, in SQL; they are published in schema `custom`."""

    @property
    def files(self) -> list[Path]:
        """What the models are made of."""
        found = self.models.rglob("*") if self.models else []
        return sorted(file for file in found if file.suffix in MODEL_FILES and file.is_file())


ROWS_PER_BUCKET = 3_000_000


MEMORY = r"^(100|[1-9]\d?)%$|^\d+(\.\d+)? ?[KMGT]i?B$"
"""An amount of memory as DuckDB reads it."""


class EngineSettings(Section):
    """How the customers of a large shop are divided into buckets, where these are computed, and the memory that building marts takes."""

    rows_per_bucket: Annotated[int, Field(ge=1)] = ROWS_PER_BUCKET
    """About how many rows of all tables the customers of a bucket have; a shop with fewer in its largest table is one bucket."""
    spark: SecretStr | None = None
    """A Spark Connect server, as sc://host:15002, whose executors have this program and see the home; null computes on this machine."""
    at_once: Annotated[int, Field(ge=1, le=10_000)] = 8
    """Buckets that the server is asked to compute at the same time; each takes the memory of a bucket."""
    memory: Annotated[str, Field(pattern=MEMORY)] | None = None
    """What DuckDB takes at most while dbt builds the marts, as 25% of the machine's memory or 4 GB; beyond it, it works on disk. What it
    takes by default is in docs/sizing.md."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if self.spark and not re.match(SPARK_ADDRESS, self.spark.get_secret_value()):
            yield "spark", "is not an address like sc://host:15002"


def _host_name(name: str) -> str:
    if not HOST_NAME.fullmatch(name):
        raise ValueError(f"'{name}' is not a host name; write it as in the address, without https:// and port")
    return name


class UiSettings(Section):
    """The Dagster UI."""

    hosts: list[Annotated[str, AfterValidator(_host_name)]] = []
    """Names under which it is opened besides localhost: those of a proxy in front of it."""
    address: Annotated[str, Field(pattern=WEB_ADDRESS)] | None = None
    """How people open it, for links in alerts and in the report; by default https:// and the first of `hosts`, or this machine's port 3000."""
    code: Annotated[str, Field(pattern=WEB_ADDRESS)] | None = None
    """Where this repository can be read on the web, as https://github.com/shop/loyalty/blob/main; by default pages of assets name files."""

    def at(self, path: str) -> str:
        """The address of one of its pages."""
        known = self.address or (f"https://{self.hosts[0]}" if self.hosts else "http://localhost:3000")
        return f"{known.rstrip('/')}{path}"

    def page_of(self, run_id: str) -> str:
        """The address of a run's page."""
        return self.at(f"/runs/{run_id}")


def _as_list(given: object) -> object:
    return [given] if isinstance(given, str) else given


AlertKind = Literal["failure", "warnings", "missed", "success"]


class AlertSettings(Section):
    """Who is told of a night, and of what."""

    to: Annotated[list[SecretStr], BeforeValidator(_as_list)] = []
    """Addresses as the library apprise writes them (mailto://, slack://, ntfy://, json://, …); each from an environment variable, as it holds secrets."""
    about: list[AlertKind] = ["failure", "warnings", "missed"]
    """A failed or killed run; checks that warn and did not the night before; no edition by `missed_at`; a night that went well, with its figures."""
    attach_report: bool = False
    """Whether the report of a night that went well goes along by e-mail; it names ten customers by their numbers."""
    missed_at: TimeOfDay = time(6, 0)
    """From when on, in the shop's time zone, yesterday's edition is missed."""


class Settings(Section):
    """The whole configuration. Relative paths are relative to the configuration file; amounts are in whole currency units."""

    shop: ShopSettings
    sources: Annotated[list[SourceSettings], Field(min_length=1)]
    surveys: dict[Name, SurveySettings] = {}
    demo: DemoSettings | None = None
    schedule: ScheduleSettings = ScheduleSettings()
    orders: OrderSettings = OrderSettings()
    currency: CurrencySettings = CurrencySettings()
    rfm: RfmSettings = RfmSettings()
    sci: SciSettings = SciSettings()
    nps: NpsSettings = NpsSettings()
    themes: ThemesSettings = ThemesSettings()
    churn: ChurnSettings = ChurnSettings()
    constructs: ConstructSettings = ConstructSettings()
    drivers: DriverSettings = DriverSettings()
    say_do: SayDoSettings = SayDoSettings()
    loyalty: LoyaltySettings = LoyaltySettings()
    journey: JourneySettings = JourneySettings()
    engagement: EngagementSettings = EngagementSettings()
    experience: ExperienceSettings = ExperienceSettings()
    actions: ActionsSettings = ActionsSettings()
    cohorts: CohortSettings = CohortSettings()
    preferences: PreferenceSettings = PreferenceSettings()
    pillars: PillarSettings = PillarSettings()
    quality: QualitySettings = QualitySettings()
    retention: RetentionSettings = RetentionSettings()
    history: History = "monthly"
    """Which dates of the last two years the first run also computes to give trends a past: ends of months, Sundays, none."""
    dbt: DbtSettings = DbtSettings()
    engine: EngineSettings = EngineSettings()
    publish: PublishSettings = PublishSettings()
    report: ReportSettings = ReportSettings()
    ui: UiSettings = UiSettings()
    alerts: AlertSettings = AlertSettings()
    lake: Annotated[str, AfterValidator(_known_store), AfterValidator(_for_lake)] | None = None
    """Where the lake is: a folder or an address on s3://, gs:// or az://; the folder `lake` of the home when left out."""
    home: Annotated[Path, AfterValidator(_for_lake)]
    """Everything the pipeline writes; from LOYALTY_HOME."""
    pii_key: Annotated[SecretStr, AfterValidator(_hard_to_guess)] | None = None
    """The key of all pseudonyms; from LOYALTY_PII_KEY."""

    @property
    def lake_root(self) -> str:
        """The folder or address of the lake."""
        return self.lake or str(self.home / "lake")

    @property
    def warehouse(self) -> Path:
        """The published file: the only one that others read."""
        return self.publish.path or self.home / PUBLISHED_FILE

    @property
    def pseudonym_key(self) -> bytes | None:
        """The key of all pseudonyms; the demo shop's people are invented and need no secret."""
        if self.pii_key is not None:
            return self.pii_key.get_secret_value().encode()
        return b"demo" if self.demo else None

    def faults(self) -> Iterator[Fault]:
        """As the base class: what is wrong between sections."""
        for check, names in BETWEEN_SECTIONS.items():
            yield from check(*(getattr(self, name) for name in names))

    def survey_of(self, source: SourceSettings) -> SurveySettings | None:
        """The survey of a source, if it has one."""
        return self.surveys[source.survey] if source.survey else None

    @property
    def driver_plans(self) -> dict[str, OutcomeSettings]:
        """Survey -> its outcome with the predictors named; a survey without either has none."""
        return _plan_drivers(self.drivers, self.surveys)

    @property
    def measures(self) -> dict[str, dict[str, list[str]]]:
        """Survey -> construct -> its items; the outcome of its drivers is a construct too."""
        found = {survey_id: dict(survey.constructs) for survey_id, survey in self.surveys.items()}
        for survey_id, plan in self.driver_plans.items():
            found[survey_id].setdefault(plan.outcome, self.surveys[survey_id].items_of(plan.outcome))
        return found


def yesterday(settings: Settings) -> date:
    """The last date that has ended in the shop's time zone."""
    return datetime.now(ZoneInfo(settings.shop.time_zone)).date() - timedelta(days=1)


def _plan_drivers(drivers: DriverSettings, surveys: Mapping[str, SurveySettings]) -> dict[str, OutcomeSettings]:
    plans = {}
    for survey_id, survey in surveys.items():
        chosen = drivers.surveys.get(survey_id, OutcomeSettings())
        outcome = set(survey.items_of(chosen.outcome))
        apart = [name for name, items in survey.constructs.items() if not outcome.intersection(items)]
        predictors = list(dict.fromkeys(chosen.predictors)) or apart
        if outcome and predictors:
            plans[survey_id] = OutcomeSettings(outcome=chosen.outcome, predictors=predictors)
    return plans


def _faults_of_sources(sources: list[SourceSettings]) -> Iterator[Fault]:
    for words in used_twice([source.name for source in sources]):
        yield "sources", words
    if all(source.entity != "orders" for source in sources):
        yield "sources", "at least one source of entity orders is needed"


def _faults_of_their_surveys(sources: list[SourceSettings], surveys: Mapping[str, SurveySettings]) -> Iterator[Fault]:
    for number, source in enumerate(sources):
        if source.survey is not None and source.survey not in surveys:
            yield f"sources.{number}.survey", f"{not_one_of(source.survey, surveys)}; describe it under surveys"


def _faults_of_rates(currency: CurrencySettings, shop: ShopSettings) -> Iterator[Fault]:
    if currency.rates is not None:
        try:
            read_rates(currency.rates, shop.currency)
        except ConfigError as error:
            yield "currency.rates", str(error)


def _faults_of_scales(surveys: Mapping[str, SurveySettings], sci: SciSettings) -> Iterator[Fault]:
    for survey_id, survey in surveys.items():
        for item_id, item in survey.items.items():
            scale = f"{item.scale[0]}-{item.scale[1]}"
            if item.role in ("satisfaction", "repurchase", "recommend") and scale not in sci.boxes:
                yield f"surveys.{survey_id}.items.{item_id}", f"scale {scale} has no boxes; add them to sci.boxes"


def _faults_of_drivers(drivers: DriverSettings, surveys: Mapping[str, SurveySettings]) -> Iterator[Fault]:
    for survey_id, chosen in drivers.surveys.items():
        key = f"drivers.surveys.{survey_id}"
        if survey_id not in surveys:
            yield key, f"survey {not_one_of(survey_id, surveys)}"
            continue
        survey = surveys[survey_id]
        outcome = set(survey.items_of(chosen.outcome))
        if not outcome:
            yield f"{key}.outcome", f"no item of the survey has construct or role '{chosen.outcome}'"
        for name in chosen.predictors:
            if name not in survey.constructs:
                yield f"{key}.predictors", not_one_of(name, survey.constructs)
            elif shared := outcome.intersection(survey.constructs[name]):
                yield f"{key}.predictors", f"'{name}' shares item {min(shared)} with the outcome; leave it out"
    for survey_id, plan in _plan_drivers(drivers, surveys).items():
        if (n_predictors := len(plan.predictors)) > MAX_PREDICTORS:
            words = f"{n_predictors} constructs are more than {MAX_PREDICTORS}; name those that count"
            yield f"drivers.surveys.{survey_id}.predictors", words


BETWEEN_SECTIONS: dict[Callable[..., Iterator[Fault]], tuple[str, ...]] = {
    _faults_of_sources: ("sources",),
    _faults_of_their_surveys: ("sources", "surveys"),
    _faults_of_scales: ("surveys", "sci"),
    _faults_of_rates: ("currency", "shop"),
    _faults_of_drivers: ("drivers", "surveys"),
}
"""What finds faults between sections -> the sections it looks at: it is called once these have no faults."""
