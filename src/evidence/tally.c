/*
 * Progress tables. Overlaps are resolved exactly: the arrangement of all polygons (geo/cover.h) cuts the plane into pieces with the set of
 * polygons over each, and a piece is counted once by the rules in tilth/tally.h. The arrangement is walked on a grid of its own that holds
 * all polygons, wherever the project's grid ends; areas are planar in the project's system.
 */
#include "evidence/tally.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/cover.h"
#include "tilth/crs.h"

enum { YEARS_MAX = 300 };

static struct tl_tally_row *cell_at(struct tl_tally_maker *m, int district, int year)
{
    return &m->cells[district * m->n_years + (year - m->tally->from)];
}

static bool in_period(const struct tl_tally_maker *m, int year)
{
    return year >= m->tally->from && year <= m->tally->to;
}

/* A piece of the plane: the polygons over it, first those of areas, then those of releases in their order. */
struct piece {
    double area_m2;
    int64_t n_areas, n_releases;
    const int64_t *areas, *releases; /* numbers in the maker's lists; of releases less n of areas */
};

static const struct tl_tally_shape *area_of(const struct tl_tally_maker *m, const struct piece *p,
                                            int64_t k)
{
    return &m->areas.list[p->areas[k]];
}

static const struct tl_tally_shape *release_of(const struct tl_tally_maker *m,
                                               const struct piece *p, int64_t k)
{
    return &m->releases.list[p->releases[k] - m->areas.n];
}

/* Whether the piece was released by the moment, since the area was recorded: then it is not suspected twice over. */
static bool is_released(const struct tl_tally_maker *m, const struct piece *p,
                        const struct tl_tally_shape *area, int year, bool at_end)
{
    for (int64_t k = 0; k < p->n_releases; k++) {
        int when = release_of(m, p, k)->year;
        if (when >= area->year_recorded && (at_end ? when <= year : when < year))
            return true;
    }
    return false;
}

/* Of the areas over a piece: the one that it counts for among those open, confirmed before suspected. NULL = none. */
static const struct tl_tally_shape *counts_for(const struct tl_tally_maker *m,
                                               const struct piece *p, int year, bool at_end)
{
    const struct tl_tally_shape *best = NULL;
    for (int64_t k = 0; k < p->n_areas; k++) {
        const struct tl_tally_shape *a = area_of(m, p, k);
        bool there = at_end ? a->year_recorded <= year && a->year_closed > year
                            : a->year_recorded < year && a->year_closed >= year;
        if (there && (best == NULL || (a->is_confirmed && !best->is_confirmed)) &&
            !is_released(m, p, a, year, at_end))
            best = a;
    }
    return best;
}

static void add_moment(struct tl_tally_maker *m, const struct piece *p, int year, bool at_end)
{
    const struct tl_tally_shape *a = counts_for(m, p, year, at_end);
    if (a == NULL)
        return;
    struct tl_tally_row *row = cell_at(m, a->district, year);
    double *to = at_end ? (a->is_confirmed ? &row->confirmed_end_m2 : &row->suspected_end_m2)
                        : (a->is_confirmed ? &row->confirmed_start_m2 : &row->suspected_start_m2);
    *to += p->area_m2;
}

/* Ground of an area that was closed in the year without being released, now or before, where no other area is open: else it is in two figures. */
static void add_closed(struct tl_tally_maker *m, const struct piece *p, int year)
{
    if (counts_for(m, p, year, true) != NULL)
        return;
    for (int64_t k = 0; k < p->n_areas; k++) {
        const struct tl_tally_shape *a = area_of(m, p, k);
        if (a->product >= 0 || a->year_closed != year || is_released(m, p, a, year, true))
            continue;
        cell_at(m, a->district, year)->closed_m2 += p->area_m2;
        return;
    }
}

static void add_recorded(struct tl_tally_maker *m, const struct piece *p)
{
    const struct tl_tally_shape *first = area_of(m, p, 0);
    for (int64_t k = 1; k < p->n_areas; k++)
        if (area_of(m, p, k)->year_recorded < first->year_recorded)
            first = area_of(m, p, k);
    if (in_period(m, first->year_recorded))
        cell_at(m, first->district, first->year_recorded)->recorded_m2 += p->area_m2;
}

/* Releases are sorted: the first over a piece is the one that released it. */
static void add_released(struct tl_tally_maker *m, const struct piece *p)
{
    for (int64_t k = 0; k < p->n_releases; k++) {
        const struct tl_tally_shape *r = release_of(m, p, k);
        if (!in_period(m, r->year))
            continue;
        struct tl_tally_row *row = cell_at(m, r->district, r->year);
        (k == 0 ? row->released_m2 : row->again_m2)[r->product] += p->area_m2;
    }
}

struct walk {
    struct tl_tally_maker *maker;
    double cell_m2;
};

static tl_err add_piece(void *user, int64_t cell, double share, int64_t n, const int64_t *set)
{
    const struct walk *walk = user;
    struct tl_tally_maker *m = walk->maker;
    struct piece piece = {.area_m2 = share * walk->cell_m2, .areas = set};
    (void)cell;
    while (piece.n_areas < n && set[piece.n_areas] < m->areas.n)
        piece.n_areas++;
    piece.releases = set + piece.n_areas;
    piece.n_releases = n - piece.n_areas;
    for (int year = m->tally->from; piece.n_areas > 0 && year <= m->tally->to; year++) {
        add_moment(m, &piece, year, false);
        add_moment(m, &piece, year, true);
        add_closed(m, &piece, year);
    }
    if (piece.n_areas > 0)
        add_recorded(m, &piece);
    add_released(m, &piece);
    return TL_OK;
}

static tl_err walk_pieces(struct tl_tally_maker *m)
{
    struct walk walk = {.maker = m};
    struct tl_cover_search *searches = NULL;
    struct tl_grid grid;
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    double step = tl_project_grid(m->project).step_m;
    int64_t n = m->areas.n + m->releases.n;
    tl_err err = TL_OK;
    if (n == 0)
        return TL_OK;
    TL_TRY_ALLOC(m->ctx, searches, n);
    tl_tally_shapes_cover(&m->areas, searches, box);
    tl_tally_shapes_cover(&m->releases, searches + m->areas.n, box);
    step = fmax(step, fmax(box[2] - box[0], box[3] - box[1]) / 500.0);
    TL_TRY(tl_grid_cover_box(m->ctx, box, step, &grid));
    walk.cell_m2 = step * step;
    TL_TRY(tl_cover_classes(m->ctx, &grid, n, searches, add_piece, &walk));
done:
    tl_free(searches);
    return err;
}

static int by_release(const void *a, const void *b)
{
    const struct tl_tally_shape *p = a, *q = b;
    int order = strcmp(p->when, q->when);
    order = order != 0 ? order : q->product - p->product; /* cleared first */
    return order != 0 ? order : (p->order > q->order) - (p->order < q->order);
}

static void add_point(struct tl_tally_maker *m, const struct tl_tally_point *point)
{
    if (!in_period(m, point->year))
        return;
    struct tl_tally_row *row = cell_at(m, point->district, point->year);
    m->tally->n_no_district += point->district == 0;
    row->accidents += point->is_accident;
    row->during_demining += point->is_accident && point->during_demining;
    row->killed += point->killed;
    row->injured += point->injured;
    row->found[point->category] += point->number;
    row->destroyed[point->category] += point->is_destroyed ? point->number : 0;
}

static tl_err count_all(struct tl_tally_maker *m)
{
    tl_err err = TL_OK;
    if (m->releases.n > 0)
        qsort(m->releases.list, (size_t)m->releases.n, sizeof *m->releases.list, by_release);
    TL_TRY(walk_pieces(m));
    for (int64_t i = 0; i < m->areas.n; i++) {
        const struct tl_tally_shape *a = &m->areas.list[i];
        m->tally->n_no_district += a->district == 0 && a->year_recorded <= m->tally->to &&
                                   a->year_closed >= m->tally->from;
    }
    for (int64_t i = 0; i < m->releases.n; i++)
        m->tally->n_no_district +=
            m->releases.list[i].district == 0 && in_period(m, m->releases.list[i].year);
    for (int64_t i = 0; i < m->n_points; i++)
        add_point(m, &m->points[i]);
done:
    return err;
}

/* What happened in a year is added; what is there at its ends only where the ends are the row's own. */
static void add_cell(struct tl_tally_row *to, const struct tl_tally_row *from, bool is_first,
                     bool is_last)
{
    to->suspected_start_m2 += is_first ? from->suspected_start_m2 : 0.0;
    to->confirmed_start_m2 += is_first ? from->confirmed_start_m2 : 0.0;
    to->suspected_end_m2 += is_last ? from->suspected_end_m2 : 0.0;
    to->confirmed_end_m2 += is_last ? from->confirmed_end_m2 : 0.0;
    to->recorded_m2 += from->recorded_m2;
    to->closed_m2 += from->closed_m2;
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++) {
        to->released_m2[p] += from->released_m2[p];
        to->again_m2[p] += from->again_m2[p];
    }
    for (int c = 0; c < TL_TALLY_CATEGORIES; c++) {
        to->found[c] += from->found[c];
        to->destroyed[c] += from->destroyed[c];
    }
    to->accidents += from->accidents;
    to->during_demining += from->during_demining;
    to->killed += from->killed;
    to->injured += from->injured;
}

static bool is_empty(const struct tl_tally_row *row)
{
    static const struct tl_tally_row none;
    struct tl_tally_row figures = *row;
    figures.year = 0;
    figures.district = NULL;
    return memcmp(&figures, &none, sizeof none) == 0;
}

static int by_name(const void *a, const void *b)
{
    const struct tl_tally_row *p = a, *q = b;
    const char *x = p->district, *y = q->district;
    int order = x == NULL || y == NULL             ? 0
                : (x[0] == '\0') != (y[0] == '\0') ? (x[0] == '\0') - (y[0] == '\0')
                                                   : strcmp(x, y); /* not known comes last */
    return order != 0 ? order : p->year - q->year;
}

static tl_err make_rows(struct tl_tally_maker *m)
{
    struct tl_tally *t = m->tally;
    bool years = t->by != TL_TALLY_BY_DISTRICT, names = t->by != TL_TALLY_BY_YEAR;
    int64_t n_years = years ? m->n_years : 1, n_names = names ? t->n_districts : 1;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(m->ctx, t->rows, n_years * n_names);
    for (int64_t d = 0; d < t->n_districts; d++)
        for (int64_t y = 0; y < m->n_years; y++) {
            const struct tl_tally_row *cell = &m->cells[d * m->n_years + y];
            struct tl_tally_row *row = &t->rows[(names ? d : 0) * n_years + (years ? y : 0)];
            bool first = y == 0, last = y == m->n_years - 1;
            row->year = years ? t->from + (int)y : 0;
            row->district = names ? t->districts[d] : NULL;
            add_cell(row, cell, years || first, years || last);
            add_cell(&t->total, cell, first, last);
        }
    /* By district a row without anything says nothing; a year without anything does. */
    for (int64_t i = 0; i < n_years * n_names; i++)
        if (!names || !is_empty(&t->rows[i]))
            t->rows[t->n_rows++] = t->rows[i];
    qsort(t->rows, (size_t)t->n_rows, sizeof *t->rows, by_name);
done:
    return err;
}

static tl_err set_period(struct tl_tally_maker *m, const struct tl_tally_options *options)
{
    struct tl_tally *t = m->tally;
    if ((options->from == 0 || options->to == 0) && m->first_year == 0)
        return tl_fail(m->ctx, TL_EDATA,
                       "no hazardous area, release, item or accident of the register has a date; "
                       "expected one, or --from and --to");
    t->from = options->from != 0 ? options->from : m->first_year;
    t->to = options->to != 0 ? options->to : m->last_year;
    if (t->from > t->to)
        return tl_fail(m->ctx, TL_EUSAGE, "from %d to %d; expected the first year before the last",
                       t->from, t->to);
    if (t->to - t->from >= YEARS_MAX)
        return tl_fail(m->ctx, TL_EUSAGE, "from %d to %d; expected at most %d years", t->from,
                       t->to, YEARS_MAX);
    m->n_years = t->to - t->from + 1;
    return TL_OK;
}

static tl_err make(struct tl_tally_maker *m, const struct tl_tally_options *options)
{
    struct tl_tally *t = m->tally;
    char system[TL_CRS_TEXT_BYTES];
    tl_err err = TL_OK;
    t->by = options->by;
    snprintf(t->title, sizeof t->title, "%s", tl_project_title(m->project));
    TL_TRY(tl_crs_check(m->ctx, tl_project_crs(m->project), 0, system));
    snprintf(t->system, sizeof t->system, "%.*s", (int)sizeof t->system - 1, system);
    TL_TRY(tl_crs_map_create(m->ctx, "EPSG:4326", tl_project_crs(m->project), &m->to_grid));
    TL_TRY(tl_tally_read(m));
    TL_TRY(set_period(m, options));
    TL_TRY_ALLOC(m->ctx, m->cells, t->n_districts * m->n_years);
    TL_TRY(count_all(m));
    TL_TRY(make_rows(m));
done:
    return err;
}

tl_err tl_tally_make(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_tally_options *options, struct tl_tally **tally)
{
    struct tl_tally_maker m = {.ctx = ctx, .project = project};
    tl_err err = TL_OK;
    if (options->from != 0 && options->to != 0 && options->from > options->to)
        return tl_fail(ctx, TL_EUSAGE, "from %d to %d; expected the first year before the last",
                       options->from, options->to);
    TL_TRY_ALLOC(ctx, m.tally, 1);
    TL_TRY(make(&m, options));
    *tally = m.tally;
    m.tally = NULL;
done:
    tl_tally_free(m.tally);
    tl_tally_shapes_fini(&m.areas);
    tl_tally_shapes_fini(&m.releases);
    tl_free(m.points);
    tl_free(m.places);
    tl_free(m.cells);
    tl_crs_map_free(m.to_grid);
    return err;
}

void tl_tally_free(struct tl_tally *tally)
{
    if (tally == NULL)
        return;
    for (int64_t d = 0; d < tally->n_districts; d++)
        tl_free(tally->districts[d]);
    tl_free(tally->districts);
    tl_free(tally->rows);
    tl_free(tally);
}
