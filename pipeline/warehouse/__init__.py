"""The DuckDB warehouse: the build file, dbt, and the published editions. What the lake holds does not belong here."""
