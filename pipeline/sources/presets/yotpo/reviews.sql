-- Grain: one row per review. Stars run from 1 to 5.
-- The API gives each review its number. The export has none: one is made of what is not personal and does not change by
-- itself, and of a count where several people wrote the same of one product on the same day.
with

named as (
    select
        *,
        concat_ws(
            chr(31),
            coalesce("Product ID", ''),
            "Date",
            "Review Score",
            coalesce("Review Title", ''),
            coalesce("Review Content", '')
        ) as wording,
    from reviews
)

select
    _file,
    -- The count makes a review of all that are worded alike.
    list(_row) over (partition by _file, wording, "Review ID") as _row,
    coalesce(
        "Review ID",
        md5(
            concat_ws(
                chr(31),
                wording,
                dense_rank() over (partition by _file, wording order by lower("Email"), "Display Name")
            )
        )
    ) as review_id,
    "Email" as email,
    "Product ID" as product_id,
    "Review Score" as rating,
    '1' as rating_min,
    '5' as rating_max,
    "Review Title" as title,
    "Review Content" as body,
    "Date" as created_at,
    "Verified Purchase" as is_verified,
    "Updated at" as updated_at,
    if("Deleted" = 'true', 'deleted', null) as exclude_reason,
from named
