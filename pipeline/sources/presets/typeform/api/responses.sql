-- Grain: one row per response of the API, in the columns of the export. Each question and each hidden field is a column
-- of its own already.
select
    token as "#", -- noqa: RF05
    submitted_at as "Submit Date (UTC)", -- noqa: RF05
    'completed' as "Response Type", -- noqa: RF05
    * exclude (token, submitted_at, landed_at, hidden, answers, _row),
from delivered
order by _row
