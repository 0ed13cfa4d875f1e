"""From mapped text to rows that keep their contract: types, pseudonyms, quarantine, identity. Reading belongs to `sources`."""
