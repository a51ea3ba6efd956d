/* The table of methods as the YAML that tl_method_edit reads: whoever edits it sees every figure with its unit and source. */
#include "store/method.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] =
    "# Methods of searching: what they find, what they cost, and where each figure comes from.\n"
    "# Every figure needs its source; a figure that is not known is left out. `tilth methods "
    "P.gpkg\n"
    "# --edit FILE` makes the project's table what this file says.\n"
    "#\n"
    "# name        as searches name it; \"unknown\" stands for all names that have no row\n"
    "# group       mines or erw; left out = any        depth   figures hold down to it; left out = "
    "any\n"
    "# soil        as in the project's setting \"soil\"; left out = any\n"
    "# search      no = it asks and looks only (non-technical survey) and takes no effort\n"
    "# detectable  share of items it can find at all, and per_pass  chance to find one of those at "
    "each\n"
    "#             pass: as trials {found: 17, laid: 18} or as a Beta distribution {a: 18, b: 2}\n"
    "# Instead of these two: one_pass: {found: 150, laid: 200} and repeat_correlation: 0.4, the\n"
    "#             correlation of two passes over one item.\n"
    "# process_failure  chance that a lot of work fails as a whole, and finds in a failed lot\n"
    "# assumption  yes = no trial stands behind the chances: they are a wide guess\n"
    "# pace        of whom its source says, price of one pass; low to high hold about 90 % of the "
    "cases\n"
    "# terrain     factors on pace and on per_pass: vegetation none, light, medium, dense; slope "
    "flat\n"
    "#             (under 10 degrees), moderate (10 to 25), steep\n"
    "methods:\n";

/* The fewest digits that give the number back. */
static const char *number(double value, char text[32])
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}

static tl_err quoted(struct tl_ctx *ctx, struct tl_buf *yaml, const char *key, const char *text)
{
    tl_err err = tl_buf_printf(ctx, yaml, "%s: \"", key);
    for (; *text != '\0' && err == TL_OK; text++) {
        if (*text == '"' || *text == '\\')
            err = tl_buf_printf(ctx, yaml, "\\%c", *text);
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            err = tl_buf_printf(ctx, yaml, "\\x%02x", (unsigned char)*text);
        else
            err = tl_buf_add_bytes(ctx, yaml, text, 1);
    }
    return err == TL_OK ? tl_buf_add(ctx, yaml, "\"\n") : err;
}

/* "    pace:" with what is known of typical, low and high. */
static tl_err range(struct tl_ctx *ctx, struct tl_buf *yaml, const char *key,
                    const double values[3], const char *unit, const char *source)
{
    static const char *const names[3] = {"typical", "low", "high"};
    char text[32];
    tl_err err = TL_OK;
    if (isnan(values[0]) && isnan(values[1]) && isnan(values[2]) && source[0] == '\0')
        return TL_OK;
    TL_TRY(tl_buf_printf(ctx, yaml, "    %s:\n", key));
    for (int i = 0; i < 3; i++)
        if (!isnan(values[i]))
            TL_TRY(tl_buf_printf(ctx, yaml, "      %s: %s %s\n", names[i], number(values[i], text),
                                 unit));
    TL_TRY(quoted(ctx, yaml, "      source", source));
done:
    return err;
}

static bool any_factor(const double *pace, const double *detect, int n)
{
    for (int i = 0; i < n; i++)
        if (pace[i] != 1.0 || detect[i] != 1.0)
            return true;
    return false;
}

static tl_err factors(struct tl_ctx *ctx, struct tl_buf *yaml, const char *key, int n,
                      const char *const *names, const double *pace, const double *detect)
{
    char a[32], b[32];
    tl_err err = TL_OK;
    if (!any_factor(pace, detect, n))
        return TL_OK;
    TL_TRY(tl_buf_printf(ctx, yaml, "      %s:\n", key));
    for (int i = 0; i < n; i++)
        TL_TRY(tl_buf_printf(ctx, yaml, "        %s: {pace: %s, detection: %s}\n", names[i],
                             number(pace[i], a), number(detect[i], b)));
done:
    return err;
}

const char *const tl_method_vegetation[TL_METHOD_VEGETATION] = {"none", "light", "medium", "dense"};
const char *const tl_method_slope[TL_METHOD_SLOPE] = {"flat", "moderate", "steep"};

static tl_err terrain(struct tl_ctx *ctx, struct tl_buf *yaml, const struct tl_method *m)
{
    tl_err err = TL_OK;
    if (!any_factor(m->vegetation_pace, m->vegetation_detect, TL_METHOD_VEGETATION) &&
        !any_factor(m->slope_pace, m->slope_detect, TL_METHOD_SLOPE) &&
        m->terrain_source[0] == '\0')
        return TL_OK;
    TL_TRY(tl_buf_add(ctx, yaml, "    terrain:\n"));
    TL_TRY(factors(ctx, yaml, "vegetation", TL_METHOD_VEGETATION, tl_method_vegetation,
                   m->vegetation_pace, m->vegetation_detect));
    TL_TRY(factors(ctx, yaml, "slope", TL_METHOD_SLOPE, tl_method_slope, m->slope_pace,
                   m->slope_detect));
    TL_TRY(quoted(ctx, yaml, "      source", m->terrain_source));
done:
    return err;
}

static tl_err one(struct tl_ctx *ctx, struct tl_buf *yaml, const struct tl_method *m)
{
    const double pace[3] = {m->m2_per_day, m->m2_per_day_low, m->m2_per_day_high};
    const double price[3] = {m->price_per_m2, m->price_per_m2_low, m->price_per_m2_high};
    char a[32], b[32], unit[16];
    tl_err err = TL_OK;
    TL_TRY(quoted(ctx, yaml, "  - name", m->name));
    if (m->group[0] != '\0')
        TL_TRY(tl_buf_printf(ctx, yaml, "    group: %s\n", m->group));
    if (isfinite(m->depth_cm))
        TL_TRY(tl_buf_printf(ctx, yaml, "    depth: %s cm\n", number(m->depth_cm, a)));
    if (m->soil[0] != '\0')
        TL_TRY(quoted(ctx, yaml, "    soil", m->soil));
    TL_TRY(tl_buf_printf(ctx, yaml, "    search: %s\n", m->is_search ? "yes" : "no"));
    TL_TRY(tl_buf_printf(ctx, yaml, "    detectable: {a: %s, b: %s}\n", number(m->detectable_a, a),
                         number(m->detectable_b, b)));
    TL_TRY(tl_buf_printf(ctx, yaml, "    per_pass: {a: %s, b: %s}\n", number(m->per_pass_a, a),
                         number(m->per_pass_b, b)));
    TL_TRY(tl_buf_printf(ctx, yaml, "    process_failure: {chance: %s, finds: %s}\n",
                         number(m->process_failure, a), number(m->process_failure_p, b)));
    TL_TRY(tl_buf_printf(ctx, yaml, "    assumption: %s\n", m->is_assumption ? "yes" : "no"));
    TL_TRY(quoted(ctx, yaml, "    source", m->source));
    TL_TRY(range(ctx, yaml, "pace", pace, "m2/day", m->pace_source));
    snprintf(unit, sizeof unit, "%.7s/m2", m->currency);
    TL_TRY(range(ctx, yaml, "price", price, unit, m->price_source));
    TL_TRY(terrain(ctx, yaml, m));
done:
    return err;
}

tl_err tl_method_yaml(struct tl_ctx *ctx, struct tl_project *project, char **yaml)
{
    struct tl_buf text = {0};
    struct tl_method *methods = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_methods(ctx, project, &methods, &n));
    TL_TRY(tl_buf_add(ctx, &text, head));
    for (int64_t i = 0; i < n; i++)
        TL_TRY(one(ctx, &text, &methods[i]));
    *yaml = text.text;
    text.text = NULL;
done:
    tl_free(methods);
    tl_buf_fini(&text);
    return err;
}
