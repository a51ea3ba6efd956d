/*
 * What the latest map hands to a local solve: range and sigma (at their medians, as `explain` does), level, coefficients and channel effects.
 *
 * The map learned these from all of its data, the window's among them; the window's data are used here once more. So that they do not count
 * twice, the precision of each of these priors is multiplied by 1 - w, w being the window's share of the map's data (the
 * greatest over channels of its share of effort and of items). With the window's own information of about w times the whole the total is
 * then that of the map: where the window is a small part of it nothing is changed, and where it is the whole map the priors
 * fall away and the window speaks for itself. Means stay: what a window pulled the map's level by is again about w of it. The
 * sd never exceeds what the map itself began with (a channel's effect, 10 for the level). Range and sigma are held: their
 * posterior is narrow beside what a window could say.
 */
#include "release/prior.h"

#include <math.h>
#include <string.h>

static const double RANGE_CELLS_MIN = 0.5, RANGE_CELLS_MAX = 1000.0, SIGMA_MIN = 1e-3,
                    SIGMA_MAX = 30.0, SHARE_MAX = 0.98, LEVEL_SD_MAX = 10.0, LEVEL_SD_MIN = 1e-3;

static const json_t *posterior(const struct tl_release_map *map)
{
    return json_object_get(map->json, "posterior");
}

static double number(const json_t *object, const char *key, const char *field)
{
    const json_t *value = json_object_get(json_object_get(object, key), field);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static double option(const struct tl_release_map *map, const char *key)
{
    return json_number_value(json_object_get(json_object_get(map->json, "options"), key));
}

tl_err tl_release_map_load(struct tl_ctx *ctx, struct tl_project *project, const char *group,
                           struct tl_release_map *map)
{
    tl_err err = TL_OK;
    struct tl_release_map m = {0};
    char *text = NULL;
    TL_TRY(tl_project_map_load(ctx, project, &m.run, &text));
    if (text == NULL)
        TL_THROW(ctx, TL_ENOTFOUND, "%s holds no map yet; make one with: tilth map %s --out DIR",
                 tl_project_path(project), tl_project_path(project));
    m.json = json_loads(text, 0, NULL);
    const char *its_group =
        json_string_value(json_object_get(json_object_get(m.json, "options"), "group"));
    m.range_m = number(posterior(&m), "range_m", "q50");
    m.sigma = number(posterior(&m), "sigma", "q50");
    double step = tl_project_grid(project).step_m;
    if (its_group == NULL || !(m.range_m > 0.0) || !(m.sigma > 0.0))
        TL_THROW(ctx, TL_EINTEGRITY,
                 "the last map in the project is not readable; see `tilth check`");
    if (group != NULL && strcmp(group, its_group) != 0)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "the latest map is of the group '%s'; for '%s' make one with: tilth map %s "
                 "--group %s --out DIR",
                 its_group, group, tl_project_path(project), group);
    snprintf(m.group, sizeof m.group, "%s", its_group);
    m.range_m = fmin(fmax(m.range_m, RANGE_CELLS_MIN * step), RANGE_CELLS_MAX * step);
    m.sigma = fmin(fmax(m.sigma, SIGMA_MIN), SIGMA_MAX);
    m.evidence = (struct tl_evidence_options){
        .accident_sd = option(&m, "accident_sd"),
        .search_sd = option(&m, "search_sd"),
        .report_range_m = option(&m, "report_range_m"),
        .use_range_m = option(&m, "use_range_m"),
        .no_default_covariates = json_is_true(
            json_object_get(json_object_get(m.json, "options"), "no_default_covariates"))};
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(posterior(&m), "coefficients"), name, value)
    {
        if (m.n_names >= TL_EVIDENCE_COVARIATES_MAX)
            TL_THROW(ctx, TL_EINTEGRITY,
                     "the last map in the project lists more than %d covariates",
                     TL_EVIDENCE_COVARIATES_MAX);
        m.names[m.n_names++] = name;
    }
    *map = m;
    map->evidence.group = map->group;
    m = (struct tl_release_map){0};
done:
    tl_free(text);
    tl_release_map_fini(&m);
    return err;
}

void tl_release_map_fini(struct tl_release_map *map)
{
    json_decref(map->json);
    *map = (struct tl_release_map){0};
}

static const json_t *channel_of(const struct tl_release_map *map, const char *name)
{
    size_t at;
    json_t *value;
    json_array_foreach(json_object_get(json_object_get(map->json, "evidence"), "channels"), at,
                       value)
    {
        const char *its = json_string_value(json_object_get(value, "name"));
        if (its != NULL && strcmp(its, name) == 0)
            return value;
    }
    return NULL;
}

static double sum(const double *values, int64_t n)
{
    double s = 0.0;
    for (int64_t i = 0; i < n; i++)
        s += values[i];
    return s;
}

double tl_release_map_share(const struct tl_release_map *map, const struct tl_local *local)
{
    double share = 0.0;
    int64_t n = tl_grid_n_cells(&local->grid);
    for (int c = 0; c < local->evidence.n_channels; c++) {
        const struct tl_evidence_channel *here = &local->evidence.channels[c];
        const json_t *all = channel_of(map, here->name);
        double counts = json_number_value(json_object_get(all, "counts"));
        double effort = json_number_value(json_object_get(all, "effort_m2"));
        if (effort > 0.0)
            share = fmax(share, sum(here->effort, n) / effort);
        /* Half an item more, so that one item of one is not all there is to know. */
        if (all != NULL)
            share = fmax(share, sum(here->counts, n) / (counts + 0.5));
    }
    return fmin(fmax(share, 0.0), SHARE_MAX);
}

static double widen(double sd, double share)
{
    return sd / sqrt(1.0 - share);
}

/* Maps made without it (the lattice engine, older ones): coefficients are held, and the window's own averages are the centres. */
static void level_from_intercept(const struct tl_release_map *map, const struct tl_local *local,
                                 struct tl_release_prior *p)
{
    p->level_mean = number(posterior(map), "intercept", "mean");
    p->level_sd = fmin(number(posterior(map), "intercept", "sd"), 1.0);
    for (int k = 0; k < local->evidence.n_covariates; k++) {
        const double *values = local->evidence.covariates[k].values;
        double total = 0.0, n = 0.0;
        for (int64_t i = 0; i < tl_grid_n_cells(&local->grid); i++)
            if (local->cell_area[i] > 0.0 && isfinite(values[i])) {
                total += values[i];
                n += 1.0;
            }
        p->centre[k] = n > 0.0 ? total / n : 0.0;
        p->coefficient_sd[k] = 0.0;
        p->level_mean += p->coefficient[k] * p->centre[k];
    }
}

tl_err tl_release_prior_of(struct tl_ctx *ctx, const struct tl_release_map *map,
                           const struct tl_local *local, struct tl_release_prior *prior)
{
    struct tl_release_prior p = {.range_m = map->range_m, .sigma = map->sigma};
    const json_t *of = posterior(map), *level = json_object_get(of, "level");
    double share = tl_release_map_share(map, local);
    for (int k = 0; k < local->evidence.n_covariates; k++) {
        const char *name = local->evidence.covariates[k].name;
        const json_t *all = json_object_get(of, "coefficients");
        p.coefficient[k] = number(all, name, "mean");
        p.coefficient_sd[k] = widen(number(all, name, "sd"), share);
        p.centre[k] = json_number_value(json_object_get(json_object_get(of, "centres"), name));
        if (!isfinite(p.coefficient[k]) ||
            !isfinite(p.coefficient_sd[k])) /* the map did not use it */
            p.coefficient[k] = p.coefficient_sd[k] = 0.0;
    }
    p.level_mean = number(of, "level", "mean");
    p.level_sd = number(of, "level", "sd");
    if (level == NULL || !(p.level_sd > 0.0))
        level_from_intercept(map, local, &p);
    p.level_sd = fmax(fmin(widen(p.level_sd, share), LEVEL_SD_MAX), LEVEL_SD_MIN);
    if (!isfinite(p.level_mean))
        return tl_fail(ctx, TL_EINTEGRITY,
                       "the last map in the project is not readable; see `tilth check`");
    for (int c = 0; c < local->evidence.n_channels; c++) {
        const struct tl_evidence_channel *here = &local->evidence.channels[c];
        const json_t *all = json_object_get(of, "channels");
        p.effect_mean[c] = number(all, here->name, "mean");
        p.effect_sd[c] = fmin(widen(number(all, here->name, "sd"), share), here->effect_sd);
        if (!isfinite(p.effect_mean[c]) || !isfinite(p.effect_sd[c])) {
            p.effect_mean[c] = 0.0;
            p.effect_sd[c] = here->effect_sd;
        }
    }
    *prior = p;
    return TL_OK;
}
