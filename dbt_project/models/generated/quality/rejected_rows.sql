-- Written from schemas/ before dbt parses; a change belongs there.
{{ with_local_times('rejected_rows', ['exported_at']) }}
