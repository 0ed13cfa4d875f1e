-- Grain: one row per review of the API, in the columns of the export.
select
    id,
    rating,
    replace(created_at, '+00:00', 'Z') as review_date,
    replace(updated_at, '+00:00', 'Z') as updated_at,
    title,
    body,
    curated,
    verified,
    json_extract_string(reviewer, '$.name') as reviewer_name,
    json_extract_string(reviewer, '$.email') as reviewer_email,
    product_external_id as product_id,
    product_handle,
from delivered
order by _row
