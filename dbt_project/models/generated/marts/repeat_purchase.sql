-- Written from schemas/ before dbt parses; a change belongs there.
select * exclude (cohort_month) from ({{ up_to_edition('repeat_purchase') }}) where cohort_month is null
