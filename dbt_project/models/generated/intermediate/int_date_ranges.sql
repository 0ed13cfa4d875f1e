-- Written from schemas/ before dbt parses; a change belongs there.
select least(min(first_order_date), min(last_order_date)) as first_date, greatest(max(first_order_date), max(last_order_date)) as last_date from {{ ref('customer_rfm') }}
union all
select least(min(responded_date)) as first_date, greatest(max(responded_date)) as last_date from {{ ref('customer_sci') }}
union all
select least(min(discount_ends_on), min(expires_on)) as first_date, greatest(max(discount_ends_on), max(expires_on)) as last_date from {{ ref('customer_next_action') }}
union all
select least(min(first_date), min(last_date)) as first_date, greatest(max(first_date), max(last_date)) as last_date from {{ ref('action_effects') }}
union all
select least(min(cut_date), min(trained_at)) as first_date, greatest(max(cut_date), max(trained_at)) as last_date from {{ ref('churn_model_card') }}
union all
select least(min(prediction_date)) as first_date, greatest(max(prediction_date)) as last_date from {{ ref('churn_outcomes') }}
union all
select least(min(from_date)) as first_date, greatest(max(from_date)) as last_date from {{ ref('segment_migration') }}
union all
select least(min(occurred_date), min(expires_date)) as first_date, greatest(max(occurred_date), max(expires_date)) as last_date from {{ ref('points_ledger') }}
union all
select least(min(tier_since), min(tier_until), min(next_tier_on)) as first_date, greatest(max(tier_since), max(tier_until), max(next_tier_on)) as last_date from {{ ref('customer_loyalty') }}
union all
select least(min(responded_date)) as first_date, greatest(max(responded_date)) as last_date from {{ ref('customer_nps') }}
union all
select least(min(last_order_date), min(next_due_date)) as first_date, greatest(max(last_order_date), max(next_due_date)) as last_date from {{ ref('customer_categories') }}
union all
select least(min(abandoned_date)) as first_date, greatest(max(abandoned_date)) as last_date from {{ ref('abandoned_carts') }}
union all
select least(min(discount_ends_on)) as first_date, greatest(max(discount_ends_on)) as last_date from {{ ref('abandoned_cart_products') }}
union all
select least(min(local_date)) as first_date, greatest(max(local_date)) as last_date from {{ ref('comment_themes') }}
union all
select least(min(local_date), min(promised_date), min(redelivery_date), min(delivered_date)) as first_date, greatest(max(local_date), max(promised_date), max(redelivery_date), max(delivered_date)) as last_date from {{ ref('fct_orders') }}
union all
select least(min(local_date)) as first_date, greatest(max(local_date)) as last_date from {{ ref('fct_order_lines') }}
union all
select least(min(local_date), min(replied_date)) as first_date, greatest(max(local_date), max(replied_date)) as last_date from {{ ref('fct_reviews') }}
union all
select least(min(local_date)) as first_date, greatest(max(local_date)) as last_date from {{ ref('fct_survey_responses') }}
union all
select least(min(local_date)) as first_date, greatest(max(local_date)) as last_date from {{ ref('fct_survey_answers') }}
union all
select least(min(local_date), min(replied_date)) as first_date, greatest(max(local_date), max(replied_date)) as last_date from {{ ref('fct_touchpoints') }}
union all
select least(min(registered_date), min(first_order_date), min(last_order_date)) as first_date, greatest(max(registered_date), max(first_order_date), max(last_order_date)) as last_date from {{ ref('dim_customers') }}
union all
select least(min(discount_starts_date), min(discount_ends_date)) as first_date, greatest(max(discount_starts_date), max(discount_ends_date)) as last_date from {{ ref('dim_products') }}
union all
select least(min(valid_from), min(valid_to)) as first_date, greatest(max(valid_from), max(valid_to)) as last_date from {{ ref('customer_segment_history') }}
union all
select least(min(registered_date), min(first_order_date), min(last_order_date), min(sci_responded_date), min(tier_since), min(tier_until), min(next_tier_on), min(next_action_expires_on)) as first_date, greatest(max(registered_date), max(first_order_date), max(last_order_date), max(sci_responded_date), max(tier_since), max(tier_until), max(next_tier_on), max(next_action_expires_on)) as last_date from {{ ref('customer_360') }}
