{#- A table as its contract says, with its comments, made in its place in one call; dbt's own `table` takes 13, as it cannot
    know that the file is new and readers see it only when it is whole. -#}
{% materialization mart, adapter="duckdb" %}
    {%- set folder = env_var("LOYALTY_SLICES", "") | replace("'", "''") if model.config.meta.slice_by else "" -%}
    {%- set relation = this.incorporate(type="view" if folder else "table") -%}
    {%- set before = load_cached_relation(this) -%}
    {%- if before and before.type != relation.type -%}
        {%- do adapter.drop_relation(before) -%}
    {%- endif -%}
    {%- set columns = model.columns.keys() | map("lower") | join(", ") -%}
    {%- set made = namespace(of=get_table_columns_and_constraints() | trim) -%}
    {#- A renamed column can be read by its former name too, which takes no room. -#}
    {%- for name, column in model.columns.items() if column.config.meta.former_name -%}
        {%- set former = column.config.meta.former_name ~ " " ~ column.data_type ~ " generated always as (" ~ name ~ ") virtual" -%}
        {%- set made.of = made.of[:-1] ~ ", " ~ former ~ ")" -%}
    {%- endfor -%}
    {%- set kept = _divide(relation, columns, folder) if folder else [] -%}
    {%- call statement("main") -%}
        {{ _refuse_other_columns(compiled_code) }};
        {%- if folder %}
        {{ _write_slices(relation, columns, folder, kept) }};
        {%- else %}
        create or replace table {{ relation }} {{ made.of }};
        insert into {{ relation }} ({{ columns }}) (
            select {{ columns }} from (
                {{ compiled_code }}
            ) as mart
        );
        {%- endif %}
        {{ _refuse_broken_rows(relation) }};
        {{ alter_relation_comment(relation, model.description) }}
        {%- for name, column in model.columns.items() %}
        comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column.description) }};
            {%- if column.config.meta.former_name %}
        {{ comment_on_former_name(relation, name, column) }}
            {%- endif %}
        {%- endfor %}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({"relations": [relation]}) }}
{% endmaterialization %}

{#- Divides the rows of a mart into slices, as the contract says, in the table `slices` of the session; returns the places of those that are
    there already. A slice is named after its part of the mart and after its content: the number of its rows, and the sum and the exclusive
    or of their hashes. -#}
{% macro _divide(relation, columns, folder) -%}
    {%- call statement("slices") -%}
        create or replace temp table slices as
        with parts as (
            select
                {{ _part() }} as part,
                count(*) as n_rows,
                sum(hash({{ columns }})) as total,
                bit_xor(hash({{ columns }})) as mixed,
            from ({{ compiled_code }}) as mart
            group by part
        ),

        named as (
            select
                part,
                n_rows,
                part || '-' || left(md5(concat_ws(' ', '{{ _shape(columns) }}', n_rows, total, mixed)), 16) as name,
            from parts
        )

        select
            named.part,
            named.name,
            known.place,
        from named
        left join read_parquet('{{ folder }}/known.parquet') as known
            on known.mart = '{{ relation.identifier }}' and named.name = known.name and named.n_rows = known.n_rows
    {%- endcall -%}
    {{ return(run_query("select place from slices where place is not null order by all").columns[0].values()) }}
{%- endmacro %}

{#- The part of the mart that a row is in. A row without one is not to be lost, whatever the contract says of it later. -#}
{% macro _part() -%}
    coalesce({{ model.config.meta.slice_by }}, 'unknown')
{%- endmacro %}

{#- What tells apart the columns of a mart by two contracts. -#}
{% macro _shape(columns) -%}
    {{ return(columns ~ " " ~ model.columns.values() | map(attribute="data_type") | join(" ")) }}
{%- endmacro %}

{#- Writes the slices of a mart that are not there yet, and makes a view over all of them in the place of the table. The file without rows
    says what columns a mart without any has. -#}
{% macro _write_slices(relation, columns, folder, kept) -%}
    {%- set options = "format parquet, compression zstd" -%}
    copy (
        select
            {{ columns }},
            slices.name as slice,
        from (select {{ columns }}, {{ _part() }} as part from ({{ compiled_code }}) as mart) as mart
        inner join slices using (part)
        where slices.place is null
    ) to '{{ folder }}/{{ relation.identifier }}' ({{ options }}, partition_by (slice), write_partition_columns false, overwrite_or_ignore true);
    copy (
        select {{ columns }} from ({{ compiled_code }}) as mart limit 0
    ) to '{{ folder }}/{{ relation.identifier }}/slice=none/{{ local_md5(_shape(columns))[:16] }}.parquet' ({{ options }});
    create or replace view {{ relation }} as
        select {{ columns }} from read_parquet(
            [
                {%- for slice in kept %}'{{ slice | replace("'", "''") }}/*.parquet', {% endfor -%}
                '{{ folder }}/{{ relation.identifier }}/*/*.parquet'
            ],
            hive_partitioning = false
        );
    select error('{{ model.name }}: ' || missing || ' has no value in ' || count(*) || ' rows')
    from (
        select
            case
                {%- for name, column in model.columns.items() if column.constraints %}
                when {{ name }} is null then '{{ name }}'
                {%- endfor %}
            end as missing,
        from {{ relation }}
    )
    where missing is not null
    group by missing
{%- endmacro %}

{#- Stops where the query has other columns than the contract, or of other types: an insert would convert them in silence. -#}
{% macro _refuse_other_columns(query) -%}
    select
        error(
            '{{ model.name }}: column ' || column_name || ' is ' || coalesce(wanted.column_type, 'missing')
            || ' in the contract and ' || coalesce(given.column_type, 'missing') || ' in the query'
        )
    from (describe {{ get_empty_schema_sql(model.columns) }}) as wanted
    full join (describe {{ query }}) as given using (column_name)
    where wanted.column_type is distinct from given.column_type
{%- endmacro %}

{#- Stops where the rows break the contract, and says how many do and where. -#}
{% macro _refuse_broken_rows(relation) -%}
    select error('{{ model.name }}: rows that break its contract, by column: ' || string_agg(broken || ' ' || n, ', ' order by broken))
    from (
        select
            broken,
            count(*) as n,
        from ({{ broken_rows(relation, model.config.meta) }})
        group by broken
    )
    having count(*) > 0
{%- endmacro %}

{#- What the former name of a renamed column says. -#}
{% macro comment_on_former_name(relation, name, column) -%}
    {%- set words = "The former name of " ~ name ~ "; goes with " ~ column.config.meta.goes_with ~ "." -%}
    comment on column {{ relation }}.{{ column.config.meta.former_name }} is {{ duckdb_escape_comment(words) }};
{%- endmacro %}
