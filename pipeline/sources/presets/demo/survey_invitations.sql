-- Grain: one row per invitation to the survey, one for each order that arrived.
select
    _file,
    _row,
    invitation_number as invitation_id,
    customer_number as customer_id,
    order_number as order_id,
    invited_at,
    invited_at as updated_at,
    null as exclude_reason,
from survey_invitations
