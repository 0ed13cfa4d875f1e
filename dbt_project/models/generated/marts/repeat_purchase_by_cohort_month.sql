-- Written from schemas/ before dbt parses; a change belongs there.
select * from ({{ up_to_edition('repeat_purchase') }}) where cohort_month is not null
