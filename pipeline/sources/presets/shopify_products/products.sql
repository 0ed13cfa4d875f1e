-- Grain: one row per variant of a product: a product's own values are on the first of its rows, and rows that only add
-- an image are none. Amounts are text in whole units, with or without tax, as the shop enters them.
-- A variant goes by its SKU or, without one, by the name that order lines have for it.
with

filled as (
    select
        _file,
        _row,
        first_value("Title" ignore nulls) over whole_product as title,
        first_value("Type" ignore nulls) over whole_product as product_type,
        first_value("Product Category" ignore nulls) over whole_product as taxonomy,
        nullif(concat_ws(' / ', "Option1 Value", "Option2 Value", "Option3 Value"), '') as variant_title,
        -- The file puts a ' before what a spreadsheet would take for a number.
        regexp_replace("Variant SKU", '^''', '') as sku,
        "Variant Price" as price,
        "Variant Compare At Price" as compare_at_price,
        "Currency" as currency,
        "Updated at" as updated_at,
        try_cast("Variant Compare At Price" as decimal(18, 6)) > try_cast("Variant Price" as decimal(18, 6))
            as is_discounted,
    from products
    window
        whole_product as (
            partition by _file, "Handle"
            order by _row rows between unbounded preceding and unbounded following
        )
)

select
    _file,
    _row,
    coalesce(
        sku,
        if(coalesce(variant_title, 'Default Title') = 'Default Title', title, title || ' - ' || variant_title)
    ) as product_id,
    title as product_name,
    -- The shop's own type, or the last step of Shopify's taxonomy: "Home & Garden > Candles".
    coalesce(product_type, regexp_extract(taxonomy, '([^>]+)$', 1)) as category,
    coalesce(currency, getvariable('currency')) as currency,
    if(is_discounted, compare_at_price, price) as price_amount,
    if(is_discounted, price, null) as discounted_amount,
    updated_at,
    if(price is null, 'row without a variant', null) as exclude_reason,
from filled
