"""What is true of a row whatever the date, and what was known of it on a date. What follows from it belongs to the other subjects.

Every function that gives a frame says of what it has a row, its key, and what it adds to the columns that it is given; a line
that begins with `-` names columns, and `tests/unit/test_facts_columns.py` holds them against the frame. Columns of the lake are
told in `schemas/`. Amounts are in minor units of the shop's currency, dates are local dates of the shop, moments are UTC.
"""
