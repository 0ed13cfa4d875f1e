{#- The rows of a lake table for the edition's date, with the currency of the shop where it has amounts. -#}
{% macro at_edition(table, with_currency=false) -%}
    {{ _of_edition(table, "=", with_currency) }}
{%- endmacro %}

{#- The same for every date up to the edition's. -#}
{% macro up_to_edition(table, with_currency=false) -%}
    {{ _of_edition(table, "<=", with_currency) }}
{%- endmacro %}

{% macro _of_edition(table, dates, with_currency) -%}
    select rows_of_table.*{{ ", run_context.currency" if with_currency }}
    from {{ source("lake", table) }} as rows_of_table
    inner join {{ source("lake", "run_context") }} as run_context
        on rows_of_table.as_of_date {{ dates }} run_context.as_of_date
{%- endmacro %}
