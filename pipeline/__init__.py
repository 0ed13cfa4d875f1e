"""A nightly pipeline that joins what customers buy with what they say."""
