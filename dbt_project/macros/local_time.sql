{#- A moment on the clock of the shop, whatever the zone of the session, and its date there. The query reads run_context. -#}
{% macro local_time(moment) -%}
    timezone(run_context.time_zone, {{ moment }})
{%- endmacro %}

{% macro local_date(moment) -%}
    cast({{ local_time(moment) }} as date)
{%- endmacro %}

{#- The rows of a table that has no dates, with the local time of each of its moments. -#}
{% macro with_local_times(table, moments) -%}
    select
        rows_of_table.*,
        {%- for moment in moments %}
        {{ local_time("rows_of_table." ~ moment) }} as {{ moment }}_local,
        {%- endfor %}
    from {{ source("lake", table) }} as rows_of_table
    cross join {{ source("lake", "run_context") }} as run_context
{%- endmacro %}
