-- Grain: one row per response. The API gives each its number; in the export it goes by the survey's name, its moment,
-- and its place among those of the same moment.
-- 2026/10/03 5:09:34 PM GMT+2, 8:48:17 p.m. CET and 10:26:52 p. m. GMT-3 become ISO times; others are handed on.
with

given as (
    select
        *,
        "Timestamp" as _text,
        regexp_replace(_text, '(?i) ([ap])\.? ?m\.? .+$', ' \1m') as _clock,
        upper(regexp_extract(_text, '(?i) [ap]\.? ?m\.? (.+)$', 1)) as _zone,
    from responses
),

read_times as (
    select
        *,
        try_strptime(_clock, '%Y/%m/%d %I:%M:%S %p') as _local,
        case
            when _zone in ('GMT', 'UTC', 'WET') then '+00:00'
            when _zone in ('CET', 'MEZ', 'WEST', 'BST') then '+01:00'
            when _zone in ('CEST', 'MESZ', 'EET') then '+02:00'
            when _zone = 'EEST' then '+03:00'
            when regexp_full_match(_zone, '(GMT|UTC)[+-][0-9](:[0-9]{2})?')
                then substr(_zone, 4, 1) || '0' || substr(_zone, 5)
            when regexp_full_match(_zone, '(GMT|UTC)[+-][0-9]{2}(:[0-9]{2})?') then substr(_zone, 4)
        end as _offset,
        if(contains(_offset, ':'), _offset, _offset || ':00') as _whole_offset,
        coalesce(strftime(_local, '%Y-%m-%d %H:%M:%S') || _whole_offset, _text) as _submitted_at,
    from given
)

select
    coalesce(
        "Response ID",
        concat_ws(
            '-',
            getvariable('survey'),
            regexp_replace(_submitted_at, '[^0-9+]', '', 'g'),
            row_number() over (partition by _file, _submitted_at order by _row)
        )
    ) as response_id,
    _submitted_at as submitted_at,
    customer_id,
    "Email Address" as email,
    order_id,
    comment,
    _submitted_at as updated_at,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from read_times
