-- Written from schemas/ before dbt parses; a change belongs there.
{{ with_local_times('customers_known', ['registered_at']) }}
