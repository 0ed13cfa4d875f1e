"""Hundreds of kinds of faulty exports, each with what must come out of it. Run by hand: `python -m tests.fuzz`."""
