"""What customers will do."""
