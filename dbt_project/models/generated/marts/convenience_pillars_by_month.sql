-- Written from schemas/ before dbt parses; a change belongs there.
select * from ({{ up_to_edition('convenience_pillars') }}) where month is not null
