"""Assets: read, call the core, write, report. Nothing is computed here."""
