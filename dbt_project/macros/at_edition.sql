{#- The rows of a lake table for the edition's date: with the currency of the shop where it has amounts, with the local time and
    the local date of moments, each named after its moment, and with the month that `value` is in the dimensions `months_of`. -#}
{% macro at_edition(table, with_currency=false, moments=[], months_of=[]) -%}
    {{ _of_edition(table, "=", with_currency, moments, months_of) }}
{%- endmacro %}

{#- The same for every date up to the edition's. The currency is what the shop's was when a date was computed: what the past of a
    first run has no settings of its own for is in that of the next date. -#}
{% macro up_to_edition(table, with_currency=false, moments=[], months_of=[]) -%}
    {{ _of_edition(table, "<=", with_currency, moments, months_of) }}
{%- endmacro %}

{% macro _of_edition(table, dates, with_currency, moments, months_of) -%}
    select
        rows_of_table.*,
        {%- if with_currency and dates == "<=" %}
        coalesce(settings_of_date.value, run_context.currency) as currency,
        {%- elif with_currency %}
        run_context.currency,
        {%- endif %}
        {%- for moment in moments %}
        {{ local_time("rows_of_table." ~ moment) }} as {{ moment }}_local,
        {{ local_date("rows_of_table." ~ moment) }} as {{ moment | replace("_at", "_date") }},
        {%- endfor %}
        {%- if months_of %}
        case
            when rows_of_table.dimension in ('{{ months_of | join("', '") }}')
                then try_cast(rows_of_table.value || '-01' as date)
        end as month,
        {%- endif %}
    from {{ source("lake", table) }} as rows_of_table
    inner join {{ source("lake", "run_context") }} as run_context
        on rows_of_table.as_of_date {{ dates }} run_context.as_of_date
    {%- if with_currency and dates == "<=" %}
    asof left join {{ source("lake", "settings_used") }} as settings_of_date
        on settings_of_date.setting = 'shop.currency' and rows_of_table.as_of_date <= settings_of_date.as_of_date
    {%- endif %}
{%- endmacro %}
