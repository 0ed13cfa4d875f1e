-- Written from schemas/ before dbt parses; a change belongs there.
{{ with_local_times('batches', ['started_at']) }}
