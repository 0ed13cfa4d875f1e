-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('rfm', with_currency=true) }}
