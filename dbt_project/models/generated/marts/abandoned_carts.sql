-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('abandoned_carts', with_currency=true, moments=['abandoned_at']) }}
