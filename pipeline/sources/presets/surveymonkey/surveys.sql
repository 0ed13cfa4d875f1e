-- Grain: one row per response, and the row of sub-labels below the header, which is left out.
-- A date of another form than month/day/year is handed on as it is.
with timed as (
    select
        *,
        coalesce(
            strftime(
                try_strptime("End Date", ['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M']),
                '%Y-%m-%d %H:%M:%S'
            ),
            "End Date"
        ) as _ended_at,
    from responses
)

select
    "Respondent ID" as response_id,
    _ended_at as submitted_at,
    coalesce(customer_id, "Custom Data 1") as customer_id,
    "Email Address" as email,
    order_id,
    comment,
    _ended_at as updated_at,
    if(_row = 1 and "Respondent ID" is null and "End Date" is null, 'header row', null) as exclude_reason,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from timed
