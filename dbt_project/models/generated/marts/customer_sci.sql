-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('sci', moments=['responded_at']) }}
