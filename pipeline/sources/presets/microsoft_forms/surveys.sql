-- Grain: one row per response. Every form numbers its responses from 1, so the survey's name stands before the number.
-- A date of another form is handed on as it is.
select
    getvariable('survey') || '-' || "ID" as response_id,
    "Completion time" as submitted_at,
    customer_id,
    -- A form that does not ask who answers has this word in every row.
    nullif(lower("Email"), 'anonymous') as email,
    order_id,
    comment,
    coalesce("Last modified time", "Completion time") as updated_at,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from responses
