"""What the numbers mean: pure functions of frames, settings and a date. No Dagster, DuckDB, files or clock.

"Definitions, section N" in a docstring is a section of docs/definitions.md: what the number means, its default and source.
"""
