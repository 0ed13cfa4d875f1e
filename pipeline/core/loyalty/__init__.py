"""What customers have earned, and what they get for it: tiers, points, pillars, next actions. Predictions belong to `outlook`."""
