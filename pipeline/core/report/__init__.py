"""The report of an edition in words: which sentences its numbers carry, and how they are written. No table is computed here."""
