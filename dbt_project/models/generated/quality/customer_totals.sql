-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('customer_totals', with_currency=true) }}
