-- noqa: disable=RF05
-- Grain: one row per response of the API, in the columns of the export. Each question, or part of one, and each custom
-- variable is a column of its own already.
select
    id as "Respondent ID",
    date_modified as "End Date",
    coalesce(nullif(email_address, ''), json_extract_string(metadata, '$.contact.email.value')) as "Email Address",
    nullif(custom_value, '') as "Custom Data 1",
    * exclude (
        id, date_created, date_modified, response_status, custom_value, custom_variables, email_address, metadata,
        pages, _row
    ),
from delivered
order by _row
