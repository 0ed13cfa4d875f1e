-- One row per review. A review that covers several orders arrives once per order under one id: the first counts.
-- The answer time is the customer's, not a reply of the shop, which the export does not have.
select
    reviews.review_id,
    reviews.order_id,
    customers.customer_unique_id as customer_id,
    reviews.review_score as rating,
    '1' as rating_min,
    '5' as rating_max,
    reviews.review_comment_title as title,
    reviews.review_comment_message as body,
    reviews.review_creation_date as created_at,
    reviews._file,
    reviews._row,
from reviews
left join orders on reviews.order_id = orders.order_id
left join customers on orders.customer_id = customers.customer_id
