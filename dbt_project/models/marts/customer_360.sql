-- Grain: one row per customer, the latest of everything known at the edition's date; null where nothing is known. Not
-- additive: days, hours, scores, probabilities, shares, ratios and ratings. Amounts add up over customers,
-- value_at_risk too.
with customers as (
    select
        customer_id,
        registered_at,
        registered_at_local,
        registered_date,
        country,
        accepts_marketing,
        first_order_date,
        last_order_date,
        n_orders,
        n_valid_orders,
    from {{ ref('dim_customers') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ source('lake', 'run_context') }}
),

rfm as (
    select
        customer_id,
        state as rfm_state,
        recency_days,
        frequency,
        monetary,
        r_score,
        f_score,
        m_score,
        segment as rfm_segment,
    from {{ ref('customer_rfm') }}
),

sci as (
    select
        customer_id,
        sci_class,
        sci_missing_items,
        is_secure_top_box,
        is_secure_top2,
        responded_at as sci_responded_at,
        responded_at_local as sci_responded_at_local,
        responded_date as sci_responded_date,
        age_days as sci_age_days,
    from {{ ref('customer_sci') }}
),

promoters as (
    select
        customer_id,
        nps_class,
    from {{ ref('customer_nps') }}
),

churn_risk as (
    select
        customer_id,
        churn_probability,
        churn_band,
        is_held_by_rhythm,
        risk_reason_1,
        risk_reason_2,
        risk_reason_3,
        holding_reason_1,
        holding_reason_2,
        p_buy_h,
        model_id as churn_model_id,
        overdue_ratio,
        expected_spend_h,
        value_at_risk,
        expected_value_365d,
        value_basis,
    from {{ ref('customer_churn_risk') }}
),

loyalty as (
    select
        customer_id,
        tier,
        net_spend,
        amount_to_next_tier,
        pct_to_next_tier,
        is_vip,
        is_ambassador,
        tier_since,
        tier_until,
        is_in_grace,
        next_tier,
        next_tier_on,
        points_balance,
        points_expiring_30d,
        next_reward,
        pct_to_next_reward,
        vip_reason,
        ambassador_reason,
        n_referred_orders,
        referred_net_value,
    from {{ ref('customer_loyalty') }}
),

preferences as (
    select
        customer_id,
        category_1,
        pct_recent_1,
        favourite_channel,
        favourite_hour,
        discount_affinity,
        interest_category,
        stated_category,
        stated_channel,
    from {{ ref('customer_preferences') }}
),

pillars as (
    select
        customer_id,
        n_otif_known,
        pct_otif,
        n_honoured_known,
        pct_honoured,
        n_replies,
        median_reply_hours,
        n_in_full_known,
        pct_in_full,
    from {{ ref('customer_pillars') }}
),

say_do as (
    select
        customer_id,
        cell,
    from {{ ref('customer_say_do') }}
),

next_actions as (
    select
        customer_id,
        action,
        reason,
        expected_value,
        expires_on,
    from {{ ref('customer_next_action') }}
),

orders as (
    select
        customer_id,
        promise_status,
    from {{ ref('fct_orders') }}
),

reviews as (
    select
        review_id,
        customer_id,
        created_at,
        rating_pomp,
    from {{ ref('fct_reviews') }}
),

responses as (
    select
        response_id,
        customer_id,
        survey_type,
        submitted_at,
        nps_score,
    from {{ ref('fct_survey_responses') }}
),

promises as (
    select
        customer_id,
        count(*) filter (where promise_status in ('late', 'overdue')) as n_broken_promises,
    from orders
    group by customer_id
),

ratings as (
    select
        customer_id,
        count(*) as n_reviews,
        arg_max(rating_pomp, (created_at, review_id)) as last_rating_pomp,
    from reviews
    group by customer_id
),

nps_answers as (
    select
        customer_id,
        survey_type,
        nps_score,
        (submitted_at, response_id) as moment,
    from responses
    where nps_score is not null
),

nps as (
    select
        customer_id,
        arg_max(nps_score, moment) filter (where survey_type = 'relational') as relational_nps_score,
        arg_max(nps_score, moment) filter (where survey_type = 'transactional') as transactional_nps_score,
    from nps_answers
    group by customer_id
)

select
    customers.customer_id,
    run_context.as_of_date,
    customers.registered_at,
    customers.registered_at_local,
    customers.registered_date,
    customers.country,
    customers.accepts_marketing,
    customers.first_order_date,
    customers.last_order_date,
    customers.n_orders,
    customers.n_valid_orders,
    rfm.rfm_state,
    rfm.rfm_segment,
    rfm.recency_days,
    rfm.frequency,
    rfm.monetary,
    run_context.currency,
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    sci.sci_class,
    sci.sci_missing_items,
    sci.is_secure_top_box,
    sci.is_secure_top2,
    sci.sci_responded_at,
    sci.sci_responded_at_local,
    sci.sci_responded_date,
    sci.sci_age_days,
    promoters.nps_class,
    nps.relational_nps_score,
    nps.transactional_nps_score,
    coalesce(ratings.n_reviews, 0) as n_reviews,
    ratings.last_rating_pomp,
    coalesce(promises.n_broken_promises, 0) as n_broken_promises,
    pillars.n_otif_known,
    pillars.pct_otif,
    pillars.n_in_full_known,
    pillars.pct_in_full,
    pillars.n_honoured_known,
    pillars.pct_honoured,
    pillars.n_replies,
    pillars.median_reply_hours,
    preferences.category_1 as favourite_category,
    preferences.pct_recent_1 as favourite_category_pct,
    preferences.favourite_channel,
    preferences.favourite_hour,
    preferences.discount_affinity,
    preferences.interest_category,
    preferences.stated_category,
    preferences.stated_channel,
    churn_risk.churn_probability,
    churn_risk.p_buy_h,
    churn_risk.churn_model_id,
    churn_risk.overdue_ratio,
    churn_risk.expected_spend_h,
    churn_risk.value_at_risk,
    churn_risk.expected_value_365d,
    churn_risk.value_basis,
    churn_risk.churn_band,
    churn_risk.is_held_by_rhythm,
    churn_risk.risk_reason_1,
    churn_risk.risk_reason_2,
    churn_risk.risk_reason_3,
    churn_risk.holding_reason_1,
    churn_risk.holding_reason_2,
    loyalty.tier,
    loyalty.tier_since,
    loyalty.tier_until,
    loyalty.is_in_grace,
    loyalty.next_tier,
    loyalty.next_tier_on,
    loyalty.net_spend,
    loyalty.amount_to_next_tier,
    loyalty.pct_to_next_tier,
    loyalty.points_balance,
    loyalty.points_expiring_30d,
    loyalty.next_reward,
    loyalty.pct_to_next_reward,
    loyalty.is_vip,
    loyalty.vip_reason,
    loyalty.is_ambassador,
    loyalty.ambassador_reason,
    loyalty.n_referred_orders,
    loyalty.referred_net_value,
    say_do.cell as say_do_cell,
    next_actions.action as next_action,
    next_actions.reason as next_action_reason,
    next_actions.expected_value as next_action_expected_value,
    next_actions.expires_on as next_action_expires_on,
from customers
cross join run_context
left join rfm on customers.customer_id = rfm.customer_id
left join sci on customers.customer_id = sci.customer_id
left join nps on customers.customer_id = nps.customer_id
left join ratings on customers.customer_id = ratings.customer_id
left join promises on customers.customer_id = promises.customer_id
left join churn_risk on customers.customer_id = churn_risk.customer_id
left join loyalty on customers.customer_id = loyalty.customer_id
left join next_actions on customers.customer_id = next_actions.customer_id
left join promoters on customers.customer_id = promoters.customer_id
left join say_do on customers.customer_id = say_do.customer_id
left join preferences on customers.customer_id = preferences.customer_id
left join pillars on customers.customer_id = pillars.customer_id
