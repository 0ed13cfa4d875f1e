-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('say_do', with_currency=true) }}
