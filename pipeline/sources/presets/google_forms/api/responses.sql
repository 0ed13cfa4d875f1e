-- noqa: disable=RF03,RF05
-- Grain: one row per response of the API, in the columns of the export. Each question is a column of its own already.
select
    coalesce(lastsubmittedtime, createtime) as "Timestamp",
    responseid as "Response ID",
    * exclude (responseid, createtime, lastsubmittedtime, respondentemail, answers, _row),
from delivered
order by _row
