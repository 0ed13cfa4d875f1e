-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('next_action', with_currency=true) }}
