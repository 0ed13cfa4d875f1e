-- Grain: one row per series and theme mentioned in the trailing window, as of the edition's date; themes all, matched
-- and unmatched are over many. Not additive: every figure over theme or series.
with nps_themes as (
    select
        as_of_date,
        series,
        theme,
        construct,
        pillar,
        n_comments,
        n_weighted,
        pct_of_comments,
        n_scored,
        n_promoters,
        n_passives,
        n_detractors,
        pct_of_promoters,
        pct_of_passives,
        pct_of_detractors,
        nps,
        nps_low,
        nps_high,
        n_without,
        nps_without,
        z_without,
        p_without,
        pull,
        n_rated,
        mean_rating_pomp,
        is_suppressed,
    from {{ ref('stg_lake__nps_themes') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    nps_themes.as_of_date,
    nps_themes.series,
    nps_themes.theme,
    nps_themes.construct,
    nps_themes.pillar,
    nps_themes.n_comments,
    nps_themes.n_weighted,
    nps_themes.pct_of_comments,
    nps_themes.n_scored,
    nps_themes.n_promoters,
    nps_themes.n_passives,
    nps_themes.n_detractors,
    nps_themes.pct_of_promoters,
    nps_themes.pct_of_passives,
    nps_themes.pct_of_detractors,
    nps_themes.nps,
    nps_themes.nps_low,
    nps_themes.nps_high,
    nps_themes.n_without,
    nps_themes.nps_without,
    nps_themes.z_without,
    nps_themes.p_without,
    nps_themes.pull,
    nps_themes.n_rated,
    nps_themes.mean_rating_pomp,
    nps_themes.is_suppressed,
from nps_themes
inner join run_context on nps_themes.as_of_date = run_context.as_of_date
