-- Grain: one row per delivered row that counts: the line of an export that its newest version came from.
{%- set keys = {
    "customers": "customer_id",
    "loyalty_events": "event_id",
    "order_lines": "order_id, line_number",
    "orders": "order_id",
    "products": "product_id",
    "referrals": "referral_id",
    "reviews": "review_id",
    "survey_answers": "response_id, item_id",
    "survey_invitations": "invitation_id",
    "survey_responses": "response_id",
    "touchpoints": "touchpoint_id",
} %}
with delivered (row_id, entity, source, file, row_number, more_rows) as (
    {% for entity, key in keys.items() %}
        {% if not loop.first %}union all{% endif %}
        select
            concat_ws(' ', '{{ entity }}', {{ key }}),
            '{{ entity }}',
            source,
            origin_file,
            origin_row,
            origin_more_rows,
        from {{ source("lake", entity) }}
    {% endfor %}
)

select
    row_id,
    entity,
    source,
    file,
    row_number,
    more_rows,
from delivered
