"""What the numbers mean: pure functions of frames, settings and a date. No Dagster, DuckDB, files or clock."""
