-- Written from schemas/ before dbt parses; a change belongs there.
select * from ({{ at_edition('promise_impact', with_currency=true) }}) where month is not null
