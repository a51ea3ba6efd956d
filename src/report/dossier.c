/*
 * Everything on the dossier comes from the assessment's JSON, which holds no clock, and from the polygons and attachments that the register
 * keeps under the codes named there; so the same assessment of the same register gives the same bytes. The PDF is drawn twice, since each page tells of how many
 * it is one.
 */
#include "report/dossier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/retell.h"
#include "tilth/outdir.h"

static const char *const names[] = {"dossier.pdf",  "area.geojson", "turning_points.csv",
                                    "searches.csv", "assess.json",  NULL};

static tl_err take_search(struct tl_dossier *d, struct tl_dossier_search *s,
                          const struct tl_cursor *cursor)
{
    tl_err err = TL_OK;
    int64_t bytes = 0;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    if (wkb == NULL || s->wkb != NULL)
        return TL_OK;
    TL_TRY(tl_outline_from_wkb(d->ctx, wkb, bytes, &s->outline));
    tl_outline_map(&s->outline, d->to_grid);
    TL_TRY_ALLOC(d->ctx, s->wkb, bytes);
    memcpy(s->wkb, wkb, (size_t)bytes);
    s->wkb_bytes = bytes;
done:
    return err;
}

static tl_err set_place(struct tl_dossier *d, json_t *places, const json_t *row, int64_t place)
{
    const char *code = tl_dossier_string(d, row, "code");
    if (code != NULL && json_object_set_new(places, code, json_integer(place)) != 0)
        return tl_fail(d->ctx, TL_ENOMEM, "no memory for the codes of searches");
    return TL_OK;
}

/* Searches, then inspections; an inspection is counted as effort as well: it stands in both lists and is taken as inspection. */
static tl_err list_searches(struct tl_dossier *d, json_t *places)
{
    tl_err err = TL_OK;
    const json_t *by = tl_dossier_at(d, NULL, "searched.by"),
                 *quality = tl_dossier_at(d, NULL, "quality");
    size_t n_by = json_array_size(by), n_quality = json_array_size(quality);
    TL_TRY_ALLOC(d->ctx, d->searches, (int64_t)(n_by + n_quality));
    for (size_t k = 0; k < n_quality; k++)
        TL_TRY(set_place(d, places, json_array_get(quality, k), -1));
    for (size_t k = 0; k < n_by + n_quality; k++) {
        const json_t *row = k < n_by ? json_array_get(by, k) : json_array_get(quality, k - n_by);
        const char *code = tl_dossier_string(d, row, "code");
        const json_t *place = code == NULL ? NULL : json_object_get(places, code);
        if (k < n_by && json_integer_value(place) < 0)
            continue;
        TL_TRY(set_place(d, places, row, d->n_searches));
        d->searches[d->n_searches++] =
            (struct tl_dossier_search){.row = row, .is_quality = k >= n_by};
    }
done:
    return err;
}

/* One pass over the searches around the area, looking each up among the codes of the assessment. */
static tl_err read_searches(struct tl_dossier *d, const double box_deg[4])
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    json_t *places = json_object();
    bool more = true;
    TL_TRY(list_searches(d, places));
    if (d->n_searches == 0)
        goto done;
    TL_TRY(tl_register_select(d->ctx, d->project, TL_KIND_SEARCH, box_deg, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(d->ctx, cursor, &more));
        if (!more)
            break;
        const char *code = tl_cursor_code(cursor);
        const json_t *place = code == NULL ? NULL : json_object_get(places, code);
        if (place != NULL)
            TL_TRY(take_search(d, &d->searches[json_integer_value(place)], cursor));
    }
done:
    json_decref(places);
    tl_cursor_free(cursor);
    return err;
}

static tl_err read_json(struct tl_dossier *d, const char *text)
{
    json_error_t error;
    d->root = json_loads(text == NULL ? "" : text, JSON_REJECT_DUPLICATES, &error);
    if (d->root == NULL)
        return tl_fail(d->ctx, TL_EDATA, "the assessment is not JSON: line %d: %s", error.line,
                       error.text);
    const char *schema = tl_dossier_string(d, NULL, "schema");
    if (schema == NULL || strcmp(schema, "tilth.assess/1") != 0)
        return tl_fail(d->ctx, TL_EDATA,
                       "the assessment is of schema \"%.60s\"; expected tilth.assess/1",
                       schema == NULL ? "" : schema);
    return TL_OK;
}

static tl_err gather(struct tl_dossier *d, const char *language, const char *json)
{
    tl_err err = TL_OK;
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    TL_TRY(tl_catalogue_open(d->ctx, language, &d->words));
    TL_TRY(read_json(d, json));
    TL_TRY(tl_retell_kept(d->ctx, d->root,
                          language)); /* as it was kept, in the words of whoever reads it */
    TL_TRY(tl_crs_map_create(d->ctx, "EPSG:4326", tl_project_crs(d->project), &d->to_grid));
    TL_TRY(tl_outline_from_geojson(d->ctx, tl_dossier_at(d, NULL, "area.geometry"), &d->area));
    if (d->area.n_rings > 0) {
        tl_outline_widen(&d->area, box);
        TL_TRY(tl_outline_to_wkb(d->ctx, &d->area, &d->area_wkb, &d->area_wkb_bytes));
        tl_outline_map(&d->area, d->to_grid);
    }
    TL_TRY(read_searches(d, d->area.n_rings > 0 ? box : NULL));
    err = tl_dossier_take_attached(d);
done:
    return err;
}

static void set_edges(struct tl_dossier *d)
{
    const char *code = tl_dossier_string(d, NULL, "area.code"),
               *name = tl_dossier_string(d, NULL, "area.name");
    d->flow.left = code != NULL && name != NULL ? tl_dossier_say(d, "%s · %s", code, name)
                   : code != NULL               ? code
                                                : name;
    d->flow.right = tl_catalogue_text(d->words, "Land-release dossier");
    d->flow.foot = tl_dossier_say(d, tl_catalogue_text(d->words, "assessment %s"), d->hash);
}

static tl_err draw(struct tl_dossier *d, const char *path, bool keep)
{
    tl_err err = TL_OK;
    const char *title = d->flow.left == NULL
                            ? d->flow.right
                            : tl_dossier_say(d, "%s: %s", d->flow.right, d->flow.left);
    err = tl_flow_open(d->ctx, path, title, &d->flow);
    if (err != TL_OK)
        return err;
    tl_dossier_summary(d);
    TL_TRY(tl_dossier_map(d));
    tl_dossier_turning_points(d);
    tl_dossier_work(d);
    tl_dossier_remains(d);
    tl_dossier_criteria(d);
    tl_dossier_grounds(d);
    tl_dossier_decisions(d);
    tl_dossier_attached(d);
    tl_dossier_signatures(d);
    tl_dossier_provenance(d);
    TL_TRY(d->err);
    if (keep)
        TL_TRY(tl_page_write(&d->flow.page));
    d->flow.n_pages = d->flow.number;
done:
    tl_page_fini(&d->flow.page);
    return err;
}

static void fini(struct tl_dossier *d)
{
    for (int64_t k = 0; k < d->n_searches; k++) {
        tl_outline_fini(&d->searches[k].outline);
        tl_free(d->searches[k].wkb);
    }
    tl_free(d->searches);
    tl_free(d->attached);
    tl_outline_fini(&d->area);
    tl_free(d->area_wkb);
    tl_crs_map_free(d->to_grid);
    tl_dossier_texts_free(d);
    tl_catalogue_free(d->words);
    json_decref(d->root);
}

tl_err tl_dossier_write(struct tl_ctx *ctx, struct tl_project *project,
                        const struct tl_release_result *result, const char *language,
                        const char *folder, bool overwrite)
{
    tl_err err = TL_OK;
    struct tl_outdir *out = NULL;
    struct tl_dossier d = {.ctx = ctx, .project = project, .hash = result->hash};
    TL_TRY(gather(&d, language == NULL ? "en" : language, result->json));
    TL_TRY(tl_outdir_begin(ctx, folder, names, overwrite, &out));
    set_edges(&d);
    TL_TRY(draw(&d, tl_outdir_file(out, names[0]), false));
    TL_TRY(draw(&d, tl_outdir_file(out, names[0]), true));
    TL_TRY(tl_dossier_geojson(&d, tl_outdir_file(out, names[1])));
    TL_TRY(tl_dossier_points_csv(&d, tl_outdir_file(out, names[2])));
    TL_TRY(tl_dossier_searches_csv(&d, tl_outdir_file(out, names[3])));
    TL_TRY(tl_file_write(ctx, tl_outdir_file(out, names[4]), result->json,
                         (int64_t)strlen(result->json)));
    err = tl_outdir_commit(ctx, out);
    out = NULL;
done:
    tl_outdir_abort(out);
    fini(&d);
    return err;
}
