"""The data contracts: every table of the lake, its grain, columns and checks."""
