-- Grain: one row per customer with a valid order, a product view or a stated preference, as of the edition's date.
-- Not additive: all but counts.
with customer_preferences as (
    select
        customer_id,
        as_of_date,
        n_orders,
        n_lines,
        n_lines_unknown,
        n_orders_known,
        category_1,
        pct_recent_1,
        category_2,
        pct_recent_2,
        category_3,
        pct_recent_3,
        n_categories,
        effective_categories,
        favourite_channel,
        n_orders_channel,
        favourite_hour,
        price_level,
        n_lines_priced,
        pct_discounted,
        discount_affinity,
        interest_category,
        n_interest_views,
        stated_category,
        stated_channel,
    from {{ ref('stg_lake__customer_preferences') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    customer_preferences.customer_id,
    customer_preferences.as_of_date,
    customer_preferences.n_orders,
    customer_preferences.n_lines,
    customer_preferences.n_lines_unknown,
    customer_preferences.n_orders_known,
    customer_preferences.category_1,
    customer_preferences.pct_recent_1,
    customer_preferences.category_2,
    customer_preferences.pct_recent_2,
    customer_preferences.category_3,
    customer_preferences.pct_recent_3,
    customer_preferences.n_categories,
    customer_preferences.effective_categories,
    customer_preferences.favourite_channel,
    customer_preferences.n_orders_channel,
    customer_preferences.favourite_hour,
    customer_preferences.price_level,
    customer_preferences.n_lines_priced,
    customer_preferences.pct_discounted,
    customer_preferences.discount_affinity,
    customer_preferences.interest_category,
    customer_preferences.n_interest_views,
    customer_preferences.stated_category,
    customer_preferences.stated_channel,
from customer_preferences
inner join run_context on customer_preferences.as_of_date = run_context.as_of_date
