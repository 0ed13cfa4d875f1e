"""What is true of a row whatever the date, and what was known of it on a date. What follows from it belongs to the other subjects.

Every function that returns a frame says what a row is, its key, and which columns it adds to those it is given; a line
that begins with `-` names columns, and `tests/unit/test_facts_columns.py` compares them with the frame. Columns of the
lake are described in `schemas/`. Amounts are in minor units of the shop's currency, dates are local dates of the shop,
moments are UTC.
"""
