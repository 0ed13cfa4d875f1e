"""A nightly pipeline that joins what customers buy with what they say. These modules join its rooms; each says what is in it."""

import os

# polars reads it when it is loaded: freed memory is kept for three times as long before it is handed back and asked for again.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:1500")
