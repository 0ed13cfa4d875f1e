-- Grain: one row per response, finished or not, and per extra header row, which is left out.
-- `_time_zone` is what the row of ImportIds says of each file; null when it says nothing.
with parsed as (
    select
        *,
        -- Every spelling of a time that says no zone; a day begins at midnight.
        list_transform(
            [EndDate, RecordedDate],
            lambda given: if(
                regexp_full_match(given, '\s*\d+-\d+-\d+([T\s\pZ]+\d+:\d+(:\d+(\.\d+)?)?)?\s*'),
                try_cast(trim(regexp_replace(given, '[T\s\pZ]+', ' ', 'g')) as timestamp),
                null
            )
        ) as _local,
        try_cast(Status as integer) as _status,
        lower(Status) as _status_text,
    from responses
),

-- An hour that the clock shows twice is the first one.
placed as (
    select
        *,
        list_transform(
            _local,
            lambda moment: strftime(
                timezone(
                    'UTC',
                    least(
                        timezone(_time_zone, moment),
                        timezone(_time_zone, moment - interval 1 hour) + interval 1 hour
                    )
                ),
                '%Y-%m-%dT%H:%M:%S.%fZ'
            )
        ) as _utc,
    from parsed
)

select
    ResponseId as response_id,
    -- A time without a zone, or of another form, is handed on as it is.
    coalesce(_utc[1], EndDate) as submitted_at,
    coalesce(customer_id, ExternalReference, ExternalDataReference) as customer_id,
    coalesce(RecipientEmail, EmailAddress) as email,
    order_id,
    comment,
    coalesce(_utc[2], RecordedDate) as updated_at,
    -- Status is a sum of flags: 1 preview, 2 test, 4 imported, 8 spam, 16 offline; its text names them.
    case
        when starts_with(ResponseId, '{') then 'header row'
        when
            _row = 1 and not starts_with(ResponseId, 'R_') and not regexp_matches(EndDate, '[0-9]')
            then 'header row'
        when
            (_status & 1) = 1 or contains(_status_text, 'preview') or lower(DistributionChannel) = 'preview'
            then 'survey preview'
        when (_status & 2) = 2 or contains(_status_text, 'test') then 'survey test'
        when (_status & 8) = 8 or contains(_status_text, 'spam') then 'possible spam'
    end as exclude_reason,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from placed
