-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('abandoned_cart_products', with_currency=true) }}
