"""Copies of the published edition elsewhere: a folder of Parquet files, PostgreSQL. What is published is decided in `warehouse`."""
