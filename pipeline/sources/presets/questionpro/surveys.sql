-- Grain: one row per response, and the row of parts below the header, which is left out.
-- An Excel file has dates; a date of another form than month/day/year is handed on as it is.
with timed as (
    select
        *,
        coalesce(
            strftime(
                try_strptime(
                    "Timestamp (mm/dd/yyyy)", ['%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y %I:%M:%S %p']
                ),
                '%Y-%m-%d %H:%M:%S'
            ),
            "Timestamp (mm/dd/yyyy)"
        ) as _sent_at,
    from responses
)

select
    "Response ID" as response_id,
    _sent_at as submitted_at,
    coalesce(customer_id, "External Reference") as customer_id,
    "Respondent Email" as email,
    order_id,
    comment,
    _sent_at as updated_at,
    case
        when _row = 1 and "Response ID" is null and _sent_at is null then 'header row'
        when lower("Response Status") = 'terminated' then 'screened out'
    end as exclude_reason,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from timed
