-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('nps', dates_of=['responded_at']) }}
