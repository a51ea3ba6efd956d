/* For qgis_check.py: store_tool make FILE (a project with some of everything), check FILE, settle FILE (open for writing). */
#include <stdio.h>
#include <string.h>

#include "store/fixture.h"

/* A rectangle as WKB. */
static void rectangle(double west, double south, double east, double north, unsigned char wkb[93])
{
    const double ring[10] = {west, south, east, south, east, north, west, north, west, south};
    memcpy(wkb, fixture_area, sizeof fixture_area);
    memcpy(wkb + sizeof fixture_area, ring, sizeof ring);
}

static tl_err put_area(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                       const char *column, const char *value, double west)
{
    unsigned char wkb[93];
    struct tl_record record = {
        .source = "tool", .wkb = wkb, .wkb_bytes = sizeof wkb, .accuracy_m = 5};
    enum tl_put put;
    rectangle(west, 7.01, west + 0.01, 7.02, wkb);
    record.values[tl_kind_column(kind, column)] = value;
    return tl_register_put(ctx, project, kind, &record, true, &put, NULL);
}

static tl_err put_point(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind, double x)
{
    unsigned char wkb[21];
    struct tl_record record = {
        .source = "tool", .wkb = wkb, .wkb_bytes = sizeof wkb, .accuracy_m = 5};
    enum tl_put put;
    fixture_point(x, 7.05, wkb);
    record.values[0] = kind == TL_KIND_PLACE ? "Puerto \"Nuevo\"" : "2001";
    return tl_register_put(ctx, project, kind, &record, true, &put, NULL);
}

static tl_err make(struct tl_ctx *ctx, const char *path)
{
    static const char *const types[] = {"NTS", "TS", "clearance", "inspection"};
    struct tl_hazard_cell cells[3] = {0};
    struct tl_project *project = NULL;
    enum tl_put put;
    tl_err err = TL_OK;
    TL_TRY(fixture_open(ctx, path, &project));
    TL_TRY(tl_project_begin(ctx, project));
    static const double per_ha[3] = {0.005, 0.05, 5.0}; /* three classes of the legend */
    for (int i = 0; i < 3; i++) {
        const double w = -75.2 + 0.01 * i,
                     corners[8] = {w, 7.02, w + 0.01, 7.02, w + 0.01, 7.01, w, 7.01};
        TL_TRY(fixture_put(ctx, project, 0, i, true, "AP mine", &put, NULL));
        cells[i] = (struct tl_hazard_cell){
            .cell = i, .density_per_ha = per_ha[i], .p_any = 0.1, .rank = i};
        memcpy(cells[i].corner_deg, corners, sizeof corners);
    }
    for (int i = 0; i < 4; i++)
        TL_TRY(put_area(ctx, project, TL_KIND_SEARCH, "type", types[i], -75.2 + 0.02 * i));
    TL_TRY(put_area(ctx, project, TL_KIND_HAZARD_AREA, "classification", "CHA", -75.2));
    TL_TRY(put_area(ctx, project, TL_KIND_HAZARD_AREA, "classification", "SHA", -75.17));
    TL_TRY(put_area(ctx, project, TL_KIND_HAZARD_AREA, "status", "cleared", -75.14));
    TL_TRY(put_area(ctx, project, TL_KIND_REPORT, "description", "a field <left> & forgotten",
                    -75.14));
    TL_TRY(put_point(ctx, project, TL_KIND_REPORT, -75.15));
    TL_TRY(put_point(ctx, project, TL_KIND_ITEM, -75.16));
    TL_TRY(put_point(ctx, project, TL_KIND_PLACE, -75.17));
    TL_TRY(tl_project_hazard_cells(ctx, project, 3, cells));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_project_close(project);
    return err;
}

static tl_err check(struct tl_ctx *ctx, const char *path)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_project_check(ctx, project, &lines, &n));
    for (int64_t i = 0; i < n; i++)
        printf("%s %s: %s\n", lines[i].severity, lines[i].check, lines[i].message);
done:
    tl_free(lines);
    tl_project_close(project);
    return err;
}

static tl_err settle(struct tl_ctx *ctx, const char *path)
{
    struct tl_project *project = NULL;
    tl_err err = tl_project_open(ctx, path, TL_PROJECT_WRITE, &project);
    if (err == TL_OK)
        tl_project_close(project);
    return err;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    if (ctx == NULL || argc != 3)
        return 2;
    tl_err err = strcmp(argv[1], "make") == 0    ? make(ctx, argv[2])
                 : strcmp(argv[1], "check") == 0 ? check(ctx, argv[2])
                                                 : settle(ctx, argv[2]);
    if (err != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return tl_err_exit(err);
}
