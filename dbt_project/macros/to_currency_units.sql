{#- Integer minor units (hundredths) to exact units of currency.
    A division would go through a float; this product stays decimal. -#}
{% macro to_currency_units(minor_units) -%}
    cast({{ minor_units }} * 0.01 as decimal(18, 2))
{%- endmacro %}
