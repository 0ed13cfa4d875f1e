-- Grain: one row per day of the years in which the published tables have a date. A mistyped date does not lengthen it.
with run_context as (
    select as_of_date,
    from {{ source('lake', 'run_context') }}
),

ranges as (
    select
        first_date,
        last_date,
    from {{ ref('int_date_ranges') }}
),

plausible as (
    select
        run_context.as_of_date,
        greatest(min(ranges.first_date), run_context.as_of_date - interval 50 year) as first_date,
        least(max(ranges.last_date), run_context.as_of_date + interval 10 year) as last_date,
    from run_context
    left join ranges on true
    group by run_context.as_of_date
),

bounds as (
    select
        least(first_date, as_of_date) as first_date,
        greatest(last_date, as_of_date) as last_date,
    from plausible
),

days as (
    select
        cast(
            unnest(
                generate_series(
                    date_trunc('year', first_date),
                    date_trunc('year', last_date) + interval 1 year - interval 1 day,
                    interval 1 day
                )
            ) as date
        ) as calendar_date,
    from bounds
)

select
    calendar_date,
    year(calendar_date) as calendar_year,
    quarter(calendar_date) as quarter_number,
    cast(date_trunc('month', calendar_date) as date) as month, -- noqa: RF04
    month(calendar_date) as month_number,
    day(calendar_date) as day_number,
    isoyear(calendar_date) as iso_year,
    week(calendar_date) as iso_week,
    cast(date_trunc('week', calendar_date) as date) as week_start,
    isodow(calendar_date) as weekday_number,
from days
