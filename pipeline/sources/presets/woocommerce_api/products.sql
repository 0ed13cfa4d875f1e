-- Grain: one row per product, and per variation with a SKU of its own. Amounts are text in whole units, as the shop
-- enters them: with or without tax. A product goes by its SKU, as order lines do, or by its number where it has none.
with

listed as (
    select
        *,
        from_json(
            variations,
            '[{"sku": "varchar", "regular_price": "varchar", "sale_price": "varchar",
            "date_on_sale_from_gmt": "varchar", "date_on_sale_to_gmt": "varchar"}]'
        ) as variants,
    from products
),

sold as (
    select
        _file,
        _row,
        coalesce(nullif(sku, ''), id) as product_id,
        name,
        categories,
        currency,
        date_modified_gmt,
        regular_price,
        sale_price,
        date_on_sale_from_gmt,
        date_on_sale_to_gmt,
    from listed
    union all by name
    select
        _file,
        _row,
        variant.sku as product_id,
        name,
        categories,
        currency,
        date_modified_gmt,
        variant.regular_price,
        variant.sale_price,
        variant.date_on_sale_from_gmt,
        variant.date_on_sale_to_gmt,
    from (
        select
            *,
            unnest(variants) as variant,
        from listed
    ) as unpacked
    -- A variation without a SKU is sold under that of its product.
    where variant.sku != '' and variant.sku != sku
)

select
    _file,
    _row,
    product_id,
    name as product_name,
    json_extract_string(categories, '$[0].name') as category,
    if(concat(regular_price, sale_price) = '', null, currency) as currency,
    nullif(regular_price, '') as price_amount,
    nullif(sale_price, '') as discounted_amount,
    date_on_sale_from_gmt || 'Z' as discount_starts_at,
    date_on_sale_to_gmt || 'Z' as discount_ends_at,
    date_modified_gmt || 'Z' as updated_at,
from sold
