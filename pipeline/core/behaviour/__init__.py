"""What customers do: RFM scores and segment maps, journey, cohorts, preferences. What they say belongs to `attitude`."""
