/*
 * Imports a CSV file as reports into a new project and prints one line: rows, seconds, peak memory [KiB]. Started by run.sh, which
 * puts ogr2ogr's figures for the same points beside it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "geo/geom.h"
#include "tilth/evidence.h"

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static tl_err create(struct tl_ctx *ctx, const char *path, struct tl_project **project)
{
    struct tl_project_new options = {.crs = "EPSG:32636",
                                     .area_deg = {30.0, 50.0, 31.0, 51.0},
                                     .grid = {280000, 5660000, 10000, 10, 13},
                                     .overwrite = true};
    void *wkb = NULL;
    tl_err err = tl_geom_from_wkt(ctx, "POLYGON((30 50,31 50,31 51,30 51,30 50))", &wkb,
                                  &options.area_wkb_bytes);
    options.area_wkb = wkb;
    if (err == TL_OK)
        err = tl_project_create(ctx, path, &options);
    tl_free(wkb);
    return err == TL_OK ? tl_project_open(ctx, path, TL_PROJECT_WRITE, project) : err;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    struct tl_project *project = NULL;
    struct tl_import_report report = {0};
    struct tl_import_options options = {.as = "report", .today = "2026-11-22"};
    struct rusage usage;
    if (argc != 3 || ctx == NULL)
        return 2;
    double begin = now_s();
    tl_err err = create(ctx, argv[2], &project);
    if (err == TL_OK)
        err = tl_import_file(ctx, project, argv[1], &options, &report);
    tl_project_close(project);
    double end = now_s();
    getrusage(RUSAGE_SELF, &usage);
    if (err != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    else
        printf("%lld %lld %.3f %ld\n", (long long)report.n_read, (long long)report.n_added,
               end - begin, usage.ru_maxrss);
    tl_ctx_free(ctx);
    return tl_err_exit(err);
}
