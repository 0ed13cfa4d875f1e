-- Grain: one row per flagged review and as_of_date; a review without a flag has no row.
-- Not additive: n_copies, n_lowest_on_day, n_lowest_expected.
select
    as_of_date,
    review_id,
    customer_id,
    order_id,
    is_duplicate_text,
    n_copies,
    duplicate_of,
    is_bombing,
    bombing_subject,
    n_lowest_on_day,
    n_lowest_expected,
from {{ source('lake', 'review_flags') }}
