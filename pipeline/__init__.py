"""A nightly pipeline that joins what customers buy with what they say. These modules join its rooms; each says what is in it."""

import gc
import os

# polars reads it when it is loaded: freed memory is kept for three times as long before it is handed back and asked for again.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:1500")

# The libraries keep two million objects to the end. Python would look through all of them again and again; looked through are those
# of the last moments alone, and often enough that what goes does not grow old among what stays.
gc.set_threshold(10_000, 20, 100)
