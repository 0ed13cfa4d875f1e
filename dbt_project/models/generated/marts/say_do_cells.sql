-- Written from schemas/ before dbt parses; a change belongs there.
{{ up_to_edition('say_do_cells', with_currency=true) }}
