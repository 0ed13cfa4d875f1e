-- One row per respondent of the European Customer Satisfaction Index file; the items come under their own names.
select
    respondent_id as response_id,
    customer_unique_id as customer_id,
    submitted_at,
    * exclude (respondent_id, customer_unique_id, submitted_at),
from responses
