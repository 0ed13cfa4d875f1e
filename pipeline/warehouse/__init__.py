"""The DuckDB warehouse: the build file, dbt, and the published editions."""
