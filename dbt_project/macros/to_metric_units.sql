{#- A value of the metric of tiers: units of currency when it is net spend, else whole points or orders. -#}
{% macro to_metric_units(value) -%}
    case
        when tier_metric = 'net_spend' then {{ to_currency_units(value) }}
        else cast({{ value }} as decimal(18, 2))
    end
{%- endmacro %}
