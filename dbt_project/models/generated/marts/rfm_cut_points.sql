-- Written from schemas/ before dbt parses; a change belongs there.
{{ up_to_edition('rfm_cut_points', with_currency=true) }}
