{#- Every value of the key that is there twice, and every row with a value outside its closed list, where a null passes; that no part of
    a key is missing is a constraint of the table. `broken` says which: key, or the column. `contract` has the `key`, and in `lists` the
    values of columns: what the yml of the table says as `meta`. Keys are counted by their hashes, which take a quarter of the memory of texts. -#}
{% macro broken_rows(relation, contract) -%}
    {%- set key = contract.key | join(', ') %}
    select 'key' as broken, {{ key }}
    from {{ relation }}
    where hash({{ key }}) in (select hash({{ key }}) from {{ relation }} group by hash({{ key }}) having count(*) > 1)
    group by {{ key }}
    having count(*) > 1
    {%- for column, members in contract.get("lists", {}).items() %}
    union all
    select '{{ column }}' as broken, {{ key }}
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
