{#- Every value of the key that is there twice, and every row with a value outside its closed list, where a null passes; that no part of
    a key is missing is a constraint of the table. `broken` says which: key, or the column. `contract` has the `key`, and in `lists` the
    values of columns: what the yml of the table says as `meta`. -#}
{% macro broken_rows(relation, contract) -%}
    select 'key' as broken, {{ contract.key | join(', ') }}
    from {{ relation }}
    group by {{ contract.key | join(', ') }}
    having count(*) > 1
    {%- for column, members in contract.get("lists", {}).items() %}
    union all
    select '{{ column }}' as broken, {{ contract.key | join(', ') }}
    from {{ relation }}
    where {{ column }} not in ('{{ members | join("', '") }}')
    {%- endfor %}
{%- endmacro %}

{#- For who asks for it alone: a mart refuses such rows while it is made, as a test costs more than what it asks. -#}
{% test contract(model) %}
    {%- if execute -%}
        {{ broken_rows(model, (graph.nodes.values() | selectattr("name", "equalto", model.identifier) | first).config.meta) }}
    {%- endif -%}
{% endtest %}
