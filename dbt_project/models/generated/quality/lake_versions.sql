-- Written from schemas/ before dbt parses; a change belongs there.
select * from {{ source('lake', 'lake_reads') }}
