-- noqa: disable=RF03,RF05
-- Grain: one row per variant of a product of the API, in the columns of the export. The title of a variant is all its
-- options, so it stands for them.
with

listed as (
    select
        *,
        from_json(
            variants,
            '[{"title": "varchar", "sku": "varchar", "price": "varchar", "compareAtPrice": "varchar"}]'
        ) as items,
    from delivered
),

laid_out as (
    select
        *,
        unnest(items) as item,
        generate_subscripts(items, 1) as variant_number,
    from listed
)

select
    handle as "Handle",
    title as "Title",
    nullif(producttype, '') as "Type",
    json_extract_string(category, '$.fullName') as "Product Category",
    item.title as "Option1 Value",
    nullif(item.sku, '') as "Variant SKU",
    item.price as "Variant Price",
    item.compareatprice as "Variant Compare At Price",
    json_extract_string(pricerangev2, '$.minVariantPrice.currencyCode') as "Currency",
    updatedat as "Updated at",
from laid_out
order by _row, variant_number
