-- Written from schemas/ before dbt parses; a change belongs there.
{{ up_to_edition('sci_index', months_of=['acquisition_month']) }}
