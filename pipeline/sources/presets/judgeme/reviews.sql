-- Grain: one row per review. Stars run from 1 to 5.
-- The API gives each review its number. The export has none: one is made of what is not personal and does not change by
-- itself, and of a count where several people wrote the same of one product at the same moment.
with

named as (
    select
        *,
        concat_ws(
            chr(31),
            coalesce(product_id, product_handle, ''),
            review_date,
            rating,
            coalesce(title, ''),
            coalesce(body, '')
        ) as wording,
    from reviews
)

select
    _file,
    -- The count makes a review of all that are worded alike.
    list(_row) over (partition by _file, wording, id) as _row,
    coalesce(
        id,
        md5(
            concat_ws(
                chr(31),
                wording,
                dense_rank() over (partition by _file, wording order by lower(reviewer_email), reviewer_name)
            )
        )
    ) as review_id,
    -- Reviews without an address carry one of Judge.me's own: it is no customer's.
    if(regexp_matches(lower(reviewer_email), '@judge\.me\s*$'), null, reviewer_email) as email,
    coalesce(product_id, product_handle) as product_id,
    rating as rating,
    '1' as rating_min,
    '5' as rating_max,
    title as title,
    body as body,
    regexp_replace(review_date, ' UTC$', 'Z') as created_at,
    regexp_replace(reply_date, ' UTC$', 'Z') as replied_at,
    if(verified in ('buyer', 'confirmed-buyer'), 'true', null) as is_verified,
    regexp_replace(updated_at, ' UTC$', 'Z') as updated_at,
    if(lower(curated) = 'spam', 'spam', null) as exclude_reason,
from named
