-- Grain: one row per customer who came by the recommendation of another. The order that it led to is not in the export.
select
    _file,
    _row,
    referral_number as referral_id,
    customer_number as customer_id,
    referred_number as referred_customer_id,
    referred_at,
    referred_at as updated_at,
    null as exclude_reason,
from referrals
