{#- Fails on every row with a value outside its closed list; `lists` maps a column to its values. A null passes. -#}
{% test closed_lists(model, lists) %}
    select {{ lists.keys() | join(', ') }}
    from {{ model }}
    where
        {%- for column, members in lists.items() %}
        {{ 'or ' if not loop.first }}{{ column }} not in ('{{ members | join("', '") }}')
        {%- endfor %}
{% endtest %}
