-- Written from schemas/ before dbt parses; a change belongs there.
select * exclude (month) from ({{ up_to_edition('convenience_pillars') }}) where month is null
