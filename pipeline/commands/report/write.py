"""Making the report of an edition, and where it is kept: beside the edition, and beside the published file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipeline.charts import attitude, customers, outlook
from pipeline.charts.picture import Picture, to_svg, unchecked
from pipeline.commands.explain.address import path_of
from pipeline.commands.report.as_html import Drawn, Report, as_html
from pipeline.commands.report.reading import Edition, read_edition
from pipeline.core.report.dutch import DUTCH
from pipeline.core.report.english import ENGLISH
from pipeline.core.report.sentences import tell
from pipeline.core.report.words import Words
from pipeline.errors import ConfigError, EditionError
from pipeline.resources import Home
from pipeline.settings import Settings
from pipeline.warehouse.editions import is_report, list_editions, published_edition, report_of, telling_why_unreadable
from pipeline.warehouse.published import published, refuse_unpublished
from pipeline.whole_files import OWNERS_ALONE, write_whole

LANGUAGES = {"en": ENGLISH, "nl": DUTCH}


def words_of(settings: Settings) -> Words:
    """The language of the report."""
    return LANGUAGES.get(settings.report.language or settings.shop.language, ENGLISH)


def told_of(home: Home, day: date | None = None) -> Path:
    """The file that the report of a date tells of: the published one, or the newest kept edition of the date.

    Raises:
        ConfigError: no edition of that date is kept.
        EditionError: nothing is published.
    """
    refuse_unpublished(home.warehouse)
    there = published(home.warehouse)
    if day is None or (there and there.as_of == day):
        return home.warehouse
    dates = {edition: known.as_of for edition in list_editions(home.editions) if (known := published(edition))}
    kept = next((edition for edition in reversed(dates) if dates[edition] == day), None)
    if kept is None:
        named = ", ".join(sorted({str(one) for one in dates.values() if one}))
        raise ConfigError(f"--date {day}: no edition of it is kept; there are those of {named or 'no date'}")
    return kept


@dataclass(frozen=True)
class Written:
    """A page that was written, and how many sentences are on it."""

    page: Path
    n_sentences: int


def write_report(home: Home, settings: Settings, file: Path | None = None) -> Written:
    """Make the report of an edition, by default of the published one, where it is kept beside both.

    Raises:
        EditionError: nothing is published, another version of the program has published it, or the page cannot be written, as
            where a file that is no report has its name.
    """
    is_published = file in (None, home.warehouse)
    edition = published_edition(home.editions, home.warehouse) if is_published else file
    report, words = collect_report(edition or home.warehouse, settings), words_of(settings)
    page = as_html(report, words)
    written = _keep(report_of(edition), page, mode=OWNERS_ALONE) if edition else report_of(home.warehouse)
    if is_published:
        beside = report_of(home.warehouse)
        if beside.exists() and not is_report(beside):
            raise EditionError(f"report {beside}: a file of that name is there that is no report; move it away")
        written = _keep(beside, page, mode=home.published_mode)
    return Written(written, len(report.sentences))


def _keep(place: Path, page: str, *, mode: int) -> Path:
    try:
        write_whole(place, page, mode=mode)
    except OSError as error:
        raise EditionError(f"report {place} cannot be written: {error.strerror}; the warehouse is published") from None
    return place


def collect_report(file: Path, settings: Settings) -> Report:
    """All that is on the page of an edition, or of the published file.

    Raises:
        EditionError: it cannot be read, or another version of the program has written it.
    """
    try:
        with telling_why_unreadable():
            edition = read_edition(file)
    except duckdb.Error:
        raise EditionError(
            f"{file} cannot be told of, as another version has made it; publish an edition with `loyalty run` first"
        ) from None
    words = words_of(settings)
    with unchecked():
        pictures = [
            Drawn(to_svg(picture), f"{picture.title}. {picture.says}")
            for picture in pictures_of(edition, words)
            if picture
        ]
    sentences = tell(edition.tables, words, as_of=edition.as_of)
    links = [settings.ui.at(path_of(row["customer_id"])) for row in edition.at_risk]
    return Report(
        settings.shop.name, edition.as_of, file.stem, sentences, pictures, edition.at_risk, links, edition.notices
    )


def pictures_of(edition: Edition, words: Words) -> Iterator[Picture | None]:
    """Every picture of an edition, in the order of the page."""
    tables = edition.tables
    yield customers.segment_sizes(tables["segment_sizes"], words)
    yield customers.rfm_map(tables["rfm"], words)
    yield attitude.nps_trend(tables["nps_trend"], words)
    yield attitude.sci_trend(tables["sci_trend"], words)
    yield attitude.says_does(tables["say_do"], words)
    yield attitude.drivers(tables["driver_importance"], words)
    yield outlook.value_by_band(tables["value_by_band"], words)
    yield outlook.calibration(tables["churn_calibration"], words)
    yield attitude.promise(tables["promise_impact"], words)
    yield customers.retention(tables["cohort_retention"], words)
    yield customers.migration(tables["segment_migration"], words)
