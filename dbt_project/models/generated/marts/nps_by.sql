-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('nps_index', months_of=['acquisition_month']) }}
