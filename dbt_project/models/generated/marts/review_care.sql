-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('review_care', months_of=['month']) }}
