"""Pictures of tables, the same on the pages of assets and in the report. What is computed for them does not belong here."""
