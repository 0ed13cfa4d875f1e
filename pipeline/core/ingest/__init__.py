"""From mapped text to rows that keep their contract."""
