-- Grain: one row per review. Stars run from 1 to 5; 0 is a comment without stars.
select
    _file,
    _row,
    id as review_id,
    reviewer_email as email,
    product_id,
    rating,
    '1' as rating_min,
    '5' as rating_max,
    -- The API makes paragraphs of what was written.
    trim(regexp_replace(review, '\s*</?(p|br)\s*/?>\s*', ' ', 'gi')) as body,
    date_created_gmt || 'Z' as created_at,
    verified as is_verified,
    if(rating = '0', 'no stars', null) as exclude_reason,
from reviews
