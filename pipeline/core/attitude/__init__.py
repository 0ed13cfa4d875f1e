"""What customers say: surveys, NPS, SCI, reviews and themes. What they do belongs to `behaviour`."""
