-- noqa: disable=RF03,RF05
-- Grain: one row per customer of the API, in the columns of the export.
select
    regexp_extract(id, '([0-9]+)$', 1) as "Customer ID",
    json_extract_string(defaultemailaddress, '$.emailAddress') as "Email",
    json_extract_string(defaultphonenumber, '$.phoneNumber') as "Phone",
    json_extract_string(defaultaddress, '$.countryCodeV2') as "Default Address Country Code",
    case json_extract_string(defaultemailaddress, '$.marketingState')
        when 'SUBSCRIBED' then 'yes'
        else if(defaultemailaddress is null, null, 'no')
    end as "Accepts Email Marketing",
    numberoforders as "Total Orders",
    json_extract_string(amountspent, '$.amount') as "Total Spent",
    createdat as "Registered at",
    updatedat as "Updated at",
from delivered
order by _row
