"""The shipped words of each language, one module per language."""
