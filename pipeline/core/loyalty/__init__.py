"""What customers have earned."""
