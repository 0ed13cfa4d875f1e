"""What customers do: valid orders, RFM scores and segment maps. What they say belongs to `attitude`."""
