-- Written from schemas/ before dbt parses; a change belongs there.
{{ with_local_times('orders_known', ['ordered_at', 'promised_at', 'redelivery_at', 'delivered_at']) }}
