"""`make bench`: what the job costs beside hand-written SQL that does the same. A benchmark, never a test with a time limit."""

from datetime import date

import pipeline  # noqa: F401  # before polars, as in a night

AS_OF = date(2025, 12, 31)
TIME_ZONE = "Europe/Amsterdam"
