-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('cohort_retention', with_currency=true) }}
