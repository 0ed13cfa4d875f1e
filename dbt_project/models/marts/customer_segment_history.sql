-- Grain: one row per kind, customer and valid_from, up to the edition's date: a segment and the dates it was known for.
-- Not additive: counts over valid_from. On a date a customer has at most one segment of a kind.
-- Changes name a customer as on their date. What was known under a person's former name is the person's, unless it was
-- another customer beside one of the person's other names: that one keeps its name, and ends where the two were joined.
with segment_changes as (
    {{ up_to_edition('segment_changes') }}
),

identity as (
    select
        identifier,
        kind as identifier_kind,
        customer_id as person,
    from {{ source('lake', 'identity') }}
),

people as (
    select distinct person,
    from identity
),

names as (
    select
        identifier as customer_id,
        person,
        -- as persons are named: the name that stayed, else an account before an address, then by length and text
        row_number() over (
            partition by person order by identifier_kind <> 'account', length(identifier), identifier
        ) as place,
    from identity
    union all
    select
        person as customer_id,
        person,
        0 as place,
    from people
),

named as (
    select
        segment_changes.kind,
        segment_changes.customer_id,
        segment_changes.as_of_date,
        segment_changes.segment,
        names.person,
        names.place,
    from segment_changes
    inner join names on segment_changes.customer_id = names.customer_id
),

lives as (
    select
        kind,
        customer_id,
        person,
        place,
        min(as_of_date) as first_date,
        -- the change that ended it; without an end it goes on
        case
            when max(as_of_date) = max(as_of_date) filter (where segment is null) then max(as_of_date)
            else cast('infinity' as date)
        end as end_date,
    from named
    group by all
),

-- an address that many accounts share makes one person of all of them: few spans, and no pair of every two
spans as (
    select
        kind,
        person,
        first_date,
        end_date,
        min(place) as place,
    from lives
    group by all
),

beside_another as (
    select distinct
        lives.kind,
        lives.customer_id,
    from lives
    inner join spans
        on
            lives.kind = spans.kind
            and lives.person = spans.person
            and lives.place > spans.place
            and lives.first_date < spans.end_date
            and lives.end_date > spans.first_date
),

of_people as (
    select
        named.kind,
        case when beside_another.customer_id is null then named.person else named.customer_id end as customer_id,
        named.as_of_date,
        -- on the date of a new name the former one has no segment any more
        max(named.segment) as segment,
    from named
    left join beside_another
        on named.kind = beside_another.kind and named.customer_id = beside_another.customer_id
    group by all
),

changes as (
    select
        segment_changes.kind,
        segment_changes.customer_id,
        segment_changes.as_of_date,
        segment_changes.segment,
    from segment_changes
    anti join names on segment_changes.customer_id = names.customer_id
    union all
    select
        kind,
        customer_id,
        as_of_date,
        segment,
    from of_people
    -- under a new name in the same segment nothing has changed
    qualify
        segment is distinct from lag(segment) over (partition by kind, customer_id order by as_of_date)
),

periods as (
    select
        kind,
        customer_id,
        segment,
        as_of_date as valid_from,
        lead(as_of_date) over (partition by kind, customer_id order by as_of_date) as valid_to,
    from changes
)

select
    kind,
    customer_id,
    segment,
    valid_from,
    valid_to,
from periods
where segment is not null
