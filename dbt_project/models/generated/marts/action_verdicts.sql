-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('action_verdicts', with_currency=true) }}
