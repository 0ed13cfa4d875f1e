{#- The rows of a lake table for the edition's date: with the currency of the shop where it has amounts, and with the local
    dates of moments, each named after its moment. -#}
{% macro at_edition(table, with_currency=false, dates_of=[]) -%}
    {{ _of_edition(table, "=", with_currency, dates_of) }}
{%- endmacro %}

{#- The same for every date up to the edition's. -#}
{% macro up_to_edition(table, with_currency=false, dates_of=[]) -%}
    {{ _of_edition(table, "<=", with_currency, dates_of) }}
{%- endmacro %}

{% macro _of_edition(table, dates, with_currency, dates_of) -%}
    select
        rows_of_table.*,
        {%- if with_currency %}
        run_context.currency,
        {%- endif %}
        {%- for moment in dates_of %}
        {{ local_date("rows_of_table." ~ moment) }} as {{ moment | replace("_at", "_date") }},
        {%- endfor %}
    from {{ source("lake", table) }} as rows_of_table
    inner join {{ source("lake", "run_context") }} as run_context
        on rows_of_table.as_of_date {{ dates }} run_context.as_of_date
{%- endmacro %}
