{#- Fails on every value of the key that is there twice, and on every row with a value outside its closed list, where a null
    passes; that no part of a key is missing is a constraint of the table. `broken` says which: key, or the column. `lists` maps a
    column to its values. One test a table: each costs more than what it asks. -#}
{% test contract(model, key, lists={}) %}
    select 'key' as broken, {{ key | join(', ') }}
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1
    {%- for column, members in lists.items() %}
    union all
    select '{{ column }}' as broken, {{ key | join(', ') }}
    from {{ model }}
    where {{ column }} not in ('{{ members | join("', '") }}')
    {%- endfor %}
{% endtest %}
