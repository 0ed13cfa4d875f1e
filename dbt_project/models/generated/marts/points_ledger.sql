-- Written from schemas/ before dbt parses; a change belongs there.
{{ at_edition('points_ledger', moments=['occurred_at', 'expires_at']) }}
