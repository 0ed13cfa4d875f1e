{#- The date of a moment in the shop's time zone, whatever the zone of the session.
    The query reads run_context. -#}
{% macro local_date(moment) -%}
    cast(timezone(run_context.time_zone, {{ moment }}) as date)
{%- endmacro %}
