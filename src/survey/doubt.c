/*
 * Items of the map take every suspicion as true. An assessment says how sure that is (docs/rationale/0010), and keeps it; this room does not know the
 * other, so it goes by what is kept. With chance h the suspicion holds, else the density is `factor` times that: the items expected on ground of which a share s
 * lies in the area are then items × (1 - s (1 - h)(1 - factor)). It is told beside and changes no order: the share of true suspicions rests on few
 * areas, and along a front the doubt was found to say too little (docs/rooms/release.md).
 */
#include "survey/doubt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "geo/geom.h"
#include "tilth/decision.h"

/* Not known to be anything else, as where areas are assessed. */
static bool is_open(struct tl_cursor *cursor)
{
    const char *text = tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "status"));
    return text == NULL || text[0] == '\0' || strcmp(text, "open") == 0;
}

static bool is_suspected(struct tl_cursor *cursor)
{
    const char *text =
        tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "classification"));
    return text != NULL && strcasecmp(text, "SHA") == 0;
}

/* What is kept of the area that the cursor stands at; false = not in doubt, as far as is known. */
static bool is_doubted(struct tl_cursor *cursor, const json_t *summaries,
                       struct tl_survey_doubts *doubts, struct tl_survey_doubt *doubt)
{
    const char *code = tl_cursor_code(cursor);
    if (code == NULL || !is_suspected(cursor) || !is_open(cursor))
        return false;
    const json_t *kept = json_object_get(summaries, code);
    const json_t *holds = json_object_get(json_object_get(kept, "doubt"), "holds");
    const json_t *factor = json_object_get(json_object_get(kept, "doubt"), "factor");
    doubts->n_unknown += kept == NULL;
    if (!json_is_number(holds) || !json_is_number(factor))
        return false;
    snprintf(doubt->code, sizeof doubt->code, "%s", code);
    doubt->holds = fmin(fmax(json_number_value(holds), 0.0), 1.0);
    doubt->factor = fmin(fmax(json_number_value(factor), 0.0), 1.0);
    return true;
}

/* Its ground; one without any on the grid is left out. */
static tl_err take(struct tl_ctx *ctx, struct tl_cursor *cursor, const struct tl_grid *grid,
                   struct tl_crs_map *to_grid, struct tl_survey_doubts *doubts,
                   struct tl_survey_doubt *doubt)
{
    tl_err err = TL_OK;
    void *moved = NULL;
    int64_t n = 0, n_moved = 0;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    if (wkb == NULL)
        return TL_OK;
    TL_TRY(tl_geom_transform(ctx, to_grid, wkb, n, &moved, &n_moved));
    TL_TRY(tl_cover_polygon(ctx, grid, moved, n_moved, &doubt->cells, &doubt->n_cells));
    if (doubt->n_cells > 0)
        doubts->areas[doubts->n++] = *doubt;
    else
        tl_free(doubt->cells);
    doubt->cells = NULL;
done:
    tl_free(moved);
    return err == TL_EDATA ? TL_OK : err; /* not a polygon: no ground of its own */
}

tl_err tl_survey_doubts_init(struct tl_ctx *ctx, struct tl_project *project,
                             const struct tl_grid *grid, struct tl_crs_map *to_grid,
                             struct tl_survey_doubts *doubts)
{
    tl_err err = TL_OK;
    struct tl_survey_doubts made = {0};
    struct tl_survey_doubt doubt = {.n_cells = 0};
    struct tl_cursor *cursor = NULL;
    json_t *summaries = NULL;
    char *text = NULL;
    bool more = true;
    int64_t room = 0;
    TL_TRY(tl_decision_summaries(ctx, project, &text));
    summaries = json_loads(text, 0, NULL);
    if (summaries == NULL)
        TL_THROW(ctx, TL_EINTEGRITY, "the kept assessments are not readable; see `tilth check`");
    TL_TRY(tl_register_count(ctx, project, TL_KIND_HAZARD_AREA, &room));
    TL_TRY_ALLOC(ctx, made.areas, room);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_HAZARD_AREA, NULL, &cursor));
    while (made.n < room) {
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        if (is_doubted(cursor, summaries, &made, &doubt))
            TL_TRY(take(ctx, cursor, grid, to_grid, &made, &doubt));
    }
    *doubts = made;
    made = (struct tl_survey_doubts){0};
done:
    tl_cursor_free(cursor);
    json_decref(summaries);
    tl_free(text);
    tl_survey_doubts_fini(&made);
    return err;
}

void tl_survey_doubts_fini(struct tl_survey_doubts *doubts)
{
    for (int64_t a = 0; a < doubts->n; a++)
        tl_free(doubts->areas[a].cells);
    tl_free(doubts->areas);
    *doubts = (struct tl_survey_doubts){0};
}

/* Part of a cell that an area covers [m2]. */
static double covered(const struct tl_survey_doubt *doubt, int64_t cell)
{
    int64_t low = 0, high = doubt->n_cells;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (doubt->cells[middle].i < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low < doubt->n_cells && doubt->cells[low].i == cell ? doubt->cells[low].area_m2 : 0.0;
}

tl_err tl_survey_doubts_place(struct tl_ctx *ctx, const struct tl_survey_doubts *doubts,
                              const struct tl_survey_worth *worth, const int64_t *cells, int64_t n,
                              struct tl_survey_doubted *doubted)
{
    tl_err err = TL_OK;
    struct tl_survey_doubted d = {.area = -1};
    double *ground = NULL, land = 0.0, inside = 0.0, most = 0.0;
    double square = worth->grid.step_m * worth->grid.step_m;
    TL_TRY_ALLOC(ctx, ground, doubts->n);
    for (int64_t k = 0; k < n; k++) {
        double shares = 0.0, taken = 0.0;
        for (int64_t a = 0; a < doubts->n; a++) {
            const struct tl_survey_doubt *of = &doubts->areas[a];
            double share = fmin(covered(of, tl_survey_worth_cell(worth, cells[k])) / square, 1.0);
            ground[a] += share * worth->area_m2[cells[k]];
            shares += share;
            taken += share * (1.0 - of->holds) * (1.0 - of->factor);
        }
        double once = fmin(shares, 1.0);
        d.items += worth->items[cells[k]] * (1.0 - (shares > 0.0 ? taken * once / shares : 0.0));
        inside += once * worth->area_m2[cells[k]];
        land += worth->area_m2[cells[k]];
    }
    for (int64_t a = 0; a < doubts->n; a++) {
        d.n += ground[a] > 0.0;
        if (ground[a] > most) {
            most = ground[a];
            d.area = a;
        }
    }
    d.share = land > 0.0 ? inside / land : 0.0;
    *doubted = d;
done:
    tl_free(ground);
    return err;
}
