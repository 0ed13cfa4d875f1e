"""A nightly pipeline that joins what customers buy with what they say. These modules join its rooms; each says what is in it."""
