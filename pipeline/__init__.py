"""A nightly pipeline that joins what customers buy with what they say. Here is what joins the rooms; each room says what belongs in it."""
