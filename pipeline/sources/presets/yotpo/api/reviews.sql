-- noqa: disable=RF05
-- Grain: one row per review of the API, in the columns of the export.
select
    id as "Review ID",
    title as "Review Title",
    content as "Review Content",
    score as "Review Score",
    created_at as "Date",
    -- Reviews of the shop as a whole stand under a product that is none.
    nullif(sku, 'yotpo_site_reviews') as "Product ID",
    name as "Display Name",
    email as "Email",
    if(reviewer_type = 'verified_buyer', 'true', 'false') as "Verified Purchase",
    updated_at as "Updated at",
    deleted as "Deleted",
from delivered
order by _row
