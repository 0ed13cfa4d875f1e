"""What the configuration says of the report."""

from typing import Literal

from pipeline.core.options import Section

ReportLanguage = Literal["en", "nl"]


class ReportSettings(Section):
    """The page that tells what an edition says."""

    language: ReportLanguage | None = None
    """Its language; when left out that of the shop where it is one of these, else English."""
