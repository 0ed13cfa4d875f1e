-- Written from schemas/ before dbt parses; a change belongs there.
{{ up_to_edition('theme_coverage') }}
