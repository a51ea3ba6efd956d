/* Progress tables as JSON, CSV and words. Areas are told to a tenth of a square metre: more is not known of any polygon. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "tilth/tally.h"

static double tenth(double area_m2)
{
    return round(area_m2 * 10.0) / 10.0;
}

static json_t *products_json(const double area_m2[TL_TALLY_PRODUCTS])
{
    json_t *json = json_object();
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++)
        json_object_set_new(json, tl_tally_product_name((enum tl_tally_product)p),
                            json_real(tenth(area_m2[p])));
    return json;
}

static json_t *items_json(const struct tl_tally_row *row)
{
    json_t *list = json_array();
    for (int c = 0; c < TL_TALLY_CATEGORIES; c++) {
        json_t *json = json_object();
        json_object_set_new(json, "category",
                            json_string(tl_tally_category_name((enum tl_tally_category)c)));
        json_object_set_new(json, "found", json_integer((json_int_t)row->found[c]));
        json_object_set_new(json, "destroyed", json_integer((json_int_t)row->destroyed[c]));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *moment_json(double suspected_m2, double confirmed_m2)
{
    json_t *json = json_object();
    json_object_set_new(json, "suspected_m2", json_real(tenth(suspected_m2)));
    json_object_set_new(json, "confirmed_m2", json_real(tenth(confirmed_m2)));
    return json;
}

static json_t *row_json(const struct tl_tally_row *row)
{
    json_t *json = json_object(), *accidents = json_object();
    json_object_set_new(json, "year", row->year == 0 ? json_null() : json_integer(row->year));
    json_object_set_new(json, "district",
                        row->district == NULL ? json_null() : json_string(row->district));
    json_object_set_new(json, "start",
                        moment_json(row->suspected_start_m2, row->confirmed_start_m2));
    json_object_set_new(json, "end", moment_json(row->suspected_end_m2, row->confirmed_end_m2));
    json_object_set_new(json, "recorded_m2", json_real(tenth(row->recorded_m2)));
    json_object_set_new(json, "released_m2", products_json(row->released_m2));
    json_object_set_new(json, "released_again_m2", products_json(row->again_m2));
    json_object_set_new(json, "closed_otherwise_m2", json_real(tenth(row->closed_m2)));
    json_object_set_new(json, "items", items_json(row));
    json_object_set_new(accidents, "accidents", json_integer((json_int_t)row->accidents));
    json_object_set_new(accidents, "during_demining",
                        json_integer((json_int_t)row->during_demining));
    json_object_set_new(accidents, "killed", json_integer((json_int_t)row->killed));
    json_object_set_new(accidents, "injured", json_integer((json_int_t)row->injured));
    json_object_set_new(json, "accidents", accidents);
    return json;
}

static json_t *apart_json(const struct tl_tally *t)
{
    json_t *list = json_array();
    for (int a = 0; a < TL_TALLY_APARTS; a++) {
        json_t *json = json_object();
        json_object_set_new(json, "what",
                            json_string(tl_tally_apart_words((enum tl_tally_apart)a)));
        json_object_set_new(json, "records", json_integer((json_int_t)t->apart[a].records));
        json_object_set_new(json, "area_m2", json_real(tenth(t->apart[a].area_m2)));
        json_object_set_new(json, "number", json_integer((json_int_t)t->apart[a].number));
        json_array_append_new(list, json);
    }
    return list;
}

tl_err tl_tally_json(struct tl_ctx *ctx, const struct tl_tally *t, char **json)
{
    static const char *const by[] = {"year", "district", "both"};
    json_t *root = json_object(), *rows = json_array();
    tl_err err = TL_OK;
    json_object_set_new(root, "schema", json_string("tilth.progress/1"));
    json_object_set_new(root, "project", json_string(t->title));
    json_object_set_new(root, "from", json_integer(t->from));
    json_object_set_new(root, "to", json_integer(t->to));
    json_object_set_new(root, "by", json_string(by[t->by]));
    json_object_set_new(root, "areas_measured_in", json_string(t->system));
    for (int64_t i = 0; i < t->n_rows; i++)
        json_array_append_new(rows, row_json(&t->rows[i]));
    json_object_set_new(root, "rows", rows);
    json_object_set_new(root, "total", row_json(&t->total));
    json_object_set_new(root, "apart", apart_json(t));
    json_object_set_new(root, "records_without_district",
                        json_integer((json_int_t)t->n_no_district));
    TL_TRY(tl_json_text(ctx, root, json));
done:
    json_decref(root);
    return err;
}

/* Year and district of a line. */
static tl_err csv_begin(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_tally_row *row)
{
    const char *name = row->district == NULL      ? "all"
                       : row->district[0] == '\0' ? "not known"
                                                  : row->district;
    tl_err err = TL_OK;
    if (row->year == 0)
        TL_TRY(tl_buf_add(ctx, buf, "all,"));
    else
        TL_TRY(tl_buf_printf(ctx, buf, "%d,", row->year));
    TL_TRY(tl_buf_add_cell(ctx, buf, name));
    TL_TRY(tl_buf_add(ctx, buf, ","));
done:
    return err;
}

static tl_err csv_row(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_tally_row *r)
{
    tl_err err = TL_OK;
    TL_TRY(csv_begin(ctx, buf, r));
    TL_TRY(tl_buf_printf(ctx, buf, "%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,",
                         r->suspected_start_m2, r->confirmed_start_m2, r->recorded_m2,
                         r->released_m2[0], r->released_m2[1], r->released_m2[2], r->again_m2[0],
                         r->again_m2[1], r->again_m2[2], r->closed_m2, r->suspected_end_m2,
                         r->confirmed_end_m2));
    TL_TRY(tl_buf_printf(ctx, buf, "%lld,%lld,%lld,%lld\n", (long long)r->accidents,
                         (long long)r->during_demining, (long long)r->killed,
                         (long long)r->injured));
done:
    return err;
}

tl_err tl_tally_csv(struct tl_ctx *ctx, const struct tl_tally *t, char **csv)
{
    struct tl_buf buf = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(
        ctx, &buf,
        "year,district,suspected_start_m2,confirmed_start_m2,recorded_m2,cancelled_m2,reduced_m2,"
        "cleared_m2,cancelled_again_m2,reduced_again_m2,cleared_again_m2,closed_otherwise_m2,"
        "suspected_end_m2,confirmed_end_m2,accidents,during_demining,killed,injured\n"));
    for (int64_t i = 0; i < t->n_rows; i++)
        TL_TRY(csv_row(ctx, &buf, &t->rows[i]));
    TL_TRY(csv_row(ctx, &buf, &t->total));
    *csv = buf.text;
    buf = (struct tl_buf){0};
done:
    tl_buf_fini(&buf);
    return err;
}

tl_err tl_tally_items_csv(struct tl_ctx *ctx, const struct tl_tally *t, char **csv)
{
    struct tl_buf buf = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, &buf, "year,district,category,found,destroyed\n"));
    for (int64_t i = 0; i <= t->n_rows; i++) {
        const struct tl_tally_row *r = i < t->n_rows ? &t->rows[i] : &t->total;
        for (int c = 0; c < TL_TALLY_CATEGORIES; c++) {
            TL_TRY(csv_begin(ctx, &buf, r));
            TL_TRY(tl_buf_printf(ctx, &buf, "%s,%lld,%lld\n",
                                 tl_tally_category_name((enum tl_tally_category)c),
                                 (long long)r->found[c], (long long)r->destroyed[c]));
        }
    }
    *csv = buf.text;
    buf = (struct tl_buf){0};
done:
    tl_buf_fini(&buf);
    return err;
}

tl_err tl_tally_apart_csv(struct tl_ctx *ctx, const struct tl_tally *t, char **csv)
{
    struct tl_buf buf = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, &buf, "what,records,area_m2,number\n"));
    for (int a = 0; a < TL_TALLY_APARTS; a++)
        TL_TRY(tl_buf_printf(
            ctx, &buf, "%s,%lld,%.1f,%lld\n", tl_tally_apart_words((enum tl_tally_apart)a),
            (long long)t->apart[a].records, t->apart[a].area_m2, (long long)t->apart[a].number));
    *csv = buf.text;
    buf = (struct tl_buf){0};
done:
    tl_buf_fini(&buf);
    return err;
}

static tl_err words_row(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_tally_row *r)
{
    char year[16] = "all";
    int64_t found = 0;
    for (int c = 0; c < TL_TALLY_CATEGORIES; c++)
        found += r->found[c];
    if (r->year != 0)
        snprintf(year, sizeof year, "%d", r->year);
    return tl_buf_printf(
        ctx, buf, "%5s %12.2f %12.2f %11.2f %11.2f %11.2f %12.2f %12.2f %8lld %8lld  %s\n", year,
        r->suspected_start_m2 / 1e4, r->confirmed_start_m2 / 1e4, r->released_m2[0] / 1e4,
        r->released_m2[1] / 1e4, r->released_m2[2] / 1e4, r->suspected_end_m2 / 1e4,
        r->confirmed_end_m2 / 1e4, (long long)found, (long long)r->accidents,
        r->district == NULL      ? ""
        : r->district[0] == '\0' ? "(not known)"
                                 : r->district);
}

static tl_err words_apart(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_tally *t)
{
    tl_err err = TL_OK;
    for (int a = 0; a < TL_TALLY_APARTS; a++) {
        const struct tl_tally_sum *sum = &t->apart[a];
        if (sum->records == 0)
            continue;
        TL_TRY(tl_buf_printf(ctx, buf, "counted apart: %s: %lld",
                             tl_tally_apart_words((enum tl_tally_apart)a),
                             (long long)sum->records));
        if (sum->area_m2 > 0.0)
            TL_TRY(tl_buf_printf(ctx, buf, ", %.2f ha", sum->area_m2 / 1e4));
        if (sum->number > 0)
            TL_TRY(tl_buf_printf(ctx, buf, ", %lld items", (long long)sum->number));
        TL_TRY(tl_buf_add(ctx, buf, "\n"));
    }
done:
    return err;
}

tl_err tl_tally_words(struct tl_ctx *ctx, const struct tl_tally *t, char **words)
{
    struct tl_buf buf = {0};
    double again = 0.0;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(ctx, &buf, "%s: %d to %d, areas in hectares\n", t->title, t->from, t->to));
    TL_TRY(tl_buf_printf(ctx, &buf, "%5s %12s %12s %11s %11s %11s %12s %12s %8s %8s  %s\n", "year",
                         "suspected", "confirmed", "cancelled", "reduced", "cleared", "suspected",
                         "confirmed", "items", "accident",
                         t->by == TL_TALLY_BY_YEAR ? "" : "district"));
    TL_TRY(tl_buf_printf(ctx, &buf, "%5s %12s %12s %11s %11s %11s %12s %12s %8s %8s\n", "",
                         "at start", "at start", "", "", "", "at end", "at end", "found", ""));
    for (int64_t i = 0; i < t->n_rows; i++)
        TL_TRY(words_row(ctx, &buf, &t->rows[i]));
    TL_TRY(words_row(ctx, &buf, &t->total));
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++)
        again += t->total.again_m2[p];
    if (again > 0.0)
        TL_TRY(tl_buf_printf(ctx, &buf,
                             "released again, in none of the three: %.2f ha over ground that was "
                             "released before\n",
                             again / 1e4));
    if (t->total.closed_m2 > 0.0)
        TL_TRY(tl_buf_printf(ctx, &buf, "closed or handed over, none of the three: %.2f ha\n",
                             t->total.closed_m2 / 1e4));
    TL_TRY(words_apart(ctx, &buf, t));
    if (t->by != TL_TALLY_BY_YEAR && t->n_no_district > 0)
        TL_TRY(tl_buf_printf(ctx, &buf,
                             "%lld records have no district: no place with one within 50 km\n",
                             (long long)t->n_no_district));
    *words = buf.text;
    buf = (struct tl_buf){0};
done:
    tl_buf_fini(&buf);
    return err;
}
