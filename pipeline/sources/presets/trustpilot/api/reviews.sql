-- noqa: disable=RF03,RF05
-- Grain: one row per review of the API, in the columns of the export.
select
    id as "Review Id",
    createdat as "Review Created (UTC)",
    referralemail as "Review User Email",
    title as "Review Title",
    text as "Review Content",
    stars as "Review Stars",
    referenceid as "Reference Id",
    json_extract_string(companyreply, '$.createdAt') as "Company Reply Date (UTC)",
    isverified as "Verified",
    -- A reply is a change, too. The times are of one form, so their order is that of their texts.
    greatest(
        createdat,
        updatedat,
        json_extract_string(companyreply, '$.createdAt'),
        json_extract_string(companyreply, '$.updatedAt')
    ) as "Updated at",
from delivered
order by _row
