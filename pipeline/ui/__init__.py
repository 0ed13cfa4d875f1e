"""Dagster's UI as `loyalty ui` serves it. What a run does does not belong here."""
