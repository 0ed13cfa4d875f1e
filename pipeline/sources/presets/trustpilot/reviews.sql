-- Grain: one row per review of the shop as a whole. Stars run from 1 to 5.
with

in_utc as (
    select
        *,
        -- The times do not say what their headers say: that they are UTC.
        list_transform(
            ["Review Created (UTC)", coalesce("Company Reply Date (UTC)", "Business Reply Date (UTC)")],
            lambda moment: regexp_replace(
                regexp_replace(moment, '^\s*(\d+-\d+-\d+)\s*$', '\1 00:00'),
                '^\s*(\d+-\d+-\d+[T\s\pZ]+\d+:\d+(:\d+(\.\d+)?)?)\s*$',
                '\1Z'
            )
        ) as moments,
    from reviews
)

select
    _file,
    _row,
    "Review Id" as review_id,
    "Reference Id" as order_id,
    "Review User Email" as email,
    "Review Stars" as rating,
    '1' as rating_min,
    '5' as rating_max,
    "Review Title" as title,
    "Review Content" as body,
    moments[1] as created_at,
    moments[2] as replied_at,
    "Verified" as is_verified,
    "Updated at" as updated_at,
from in_utc
