/* How fast records go in: store_bench [ROWS] [FILE]. Prints rows a second, stage by stage, and peak memory. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include <sys/resource.h>

#include "../processor.h"
#include "core/core.h"
#include "store/fixture.h"

/* A record like a line of a field CSV: id, date, category, killed, injured, activity, position. */
static tl_err put(struct tl_ctx *ctx, struct tl_project *project, int64_t import_id, int64_t i)
{
    unsigned char wkb[21];
    char id[32], date[16], killed[4], injured[4];
    struct tl_record record = {.source = "p.csv", .source_id = id, .import_id = import_id};
    enum tl_put what;
    uint64_t noise = (uint64_t)i * 0x9E3779B97F4A7C15u;
    noise ^= noise >> 29;
    noise *= 0xBF58476D1CE4E5B9u;
    noise ^= noise >> 32;
    fixture_point(-77.0 + 3.0 * (double)(noise & 0xffffff) / 16777216.0,
                  5.0 + 3.0 * (double)(noise >> 40) / 16777216.0, wkb);
    snprintf(id, sizeof id, "E%lld", (long long)i);
    snprintf(date, sizeof date, "20%02d-0%d-1%d", (int)(i % 23), (int)(i % 9 + 1), (int)(i % 10));
    snprintf(killed, sizeof killed, "%d", (int)(i % 3));
    snprintf(injured, sizeof injured, "%d", (int)(i % 4));
    record.source_row = i + 1;
    record.accuracy_m = (double)NAN;
    record.wkb = wkb;
    record.wkb_bytes = sizeof wkb;
    record.values[0] = date;
    record.values[1] = "AP mine";
    record.values[2] = killed;
    record.values[3] = injured;
    record.values[4] = "farming";
    return tl_register_put(ctx, project, TL_KIND_ACCIDENT, &record, false, &what, NULL);
}

static tl_err run(struct tl_ctx *ctx, const char *path, int64_t n, double stage_s[4])
{
    struct tl_import_entry entry = {.kind = "accident", .path = "p.csv", .source = "p.csv"};
    struct tl_project *project = NULL;
    int64_t import_id = 0;
    tl_err err = TL_OK;
    TL_TRY(fixture_open(ctx, path, &project));
    stage_s[0] = tl_clock_s();
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_import_begin(ctx, project, &entry, &import_id));
    for (int64_t i = 0; i < n; i++)
        TL_TRY(put(ctx, project, import_id, i));
    stage_s[1] = tl_clock_s();
    TL_TRY(tl_puts_flush(ctx, project));
    stage_s[2] = tl_clock_s();
    TL_TRY(tl_project_import_end(ctx, project, import_id, &entry));
    TL_TRY(tl_project_commit(ctx, project));
    stage_s[3] = tl_clock_s();
done:
    tl_project_close(project);
    return err;
}

int main(int argc, char **argv)
{
    int64_t n = argc > 1 ? atoll(argv[1]) : 1000000;
    const char *path = argc > 2 ? argv[2] : "store_bench.gpkg";
    struct tl_ctx *ctx = tl_ctx_create();
    struct rusage usage;
    double s[4] = {0};
    if (ctx == NULL)
        return 1;
    tl_err err = run(ctx, path, n, s);
    getrusage(RUSAGE_SELF, &usage);
    if (err == TL_OK)
        printf("rows %lld: put %.2f s, R-tree %.2f s, commit %.2f s, all %.2f s, cpu %.2f s, %.0f "
               "rows/s, peak %.0f MiB\n",
               (long long)n, s[1] - s[0], s[2] - s[1], s[3] - s[2], s[3] - s[0], processor_s(),
               (double)n / (s[3] - s[0]), (double)usage.ru_maxrss / 1024.0);
    else
        printf("%s\n", tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return err != TL_OK;
}
