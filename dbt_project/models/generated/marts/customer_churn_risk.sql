-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('churn_risk', with_currency=true) }}
