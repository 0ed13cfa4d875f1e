"""Telling people of a night: what is due, in which words, and to whom."""
