{#- The names of the columns that a model of the user's own adds to the model in which this is called. -#}
{% macro own_columns(relation) -%}
    {%- set added = [] -%}
    {%- if execute -%}
        {%- set names = adapter.get_columns_in_relation(relation) | map(attribute="name") | list -%}
        {%- if "customer_id" not in names -%}
            {%- do exceptions.raise_compiler_error(relation.identifier ~ " has no column customer_id; select it") -%}
        {%- endif -%}
        {%- set ours = model.columns.keys() | list -%}
        {%- for name in names if name != "customer_id" -%}
            {%- if name | lower in ours -%}
                {%- do exceptions.raise_compiler_error(
                    relation.identifier ~ ": column " ~ name ~ " is in " ~ model.name ~ " already; give it another name"
                ) -%}
            {%- endif -%}
            {%- do added.append(adapter.quote(name)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(added) }}
{%- endmacro %}

{#- What the contract of a model says of its table, where the table has columns that the contract does not know: constraints,
    and the comments of these columns. -#}
{% macro constrain_with_own_columns(relation, added_by) -%}
    {%- for name, column in model.columns.items() if column.constraints -%}
        alter table {{ relation }} alter column {{ adapter.quote(name) }} set not null;
    {% endfor -%}
    {%- for constraint in model.constraints -%}
        alter table {{ relation }} add primary key ({{ constraint.columns | join(", ") }});
    {% endfor -%}
    {%- for name, column in model.columns.items() if column.config.meta.former_name -%}
        {{ comment_on_former_name(relation, name, column) }}
    {% endfor -%}
    {%- if execute -%}
        {%- set comments = run_query(
            "select column_name, replace(comment, chr(39), repeat(chr(39), 2)) from duckdb_columns() where comment is not null and column_name <> 'customer_id' "
            ~ "and database_name = '" ~ added_by.database ~ "' and schema_name = '" ~ added_by.schema
            ~ "' and table_name = '" ~ added_by.identifier ~ "'"
        ) -%}
        {%- for name, comment in comments -%}
            comment on column {{ relation }}.{{ adapter.quote(name) }} is '{{ comment }}';
        {% endfor -%}
    {%- endif -%}
{%- endmacro %}
