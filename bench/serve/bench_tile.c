/*
 * bench_tile vector PROJECT TILES | raster FILE TILES: tiles by function calls, one thread, in processor time: made when nothing is kept, from memory, from
 * disk as after a new start, and made when only what they are made of is kept. TILES has lines "z x y".
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../processor.h"
#include "tilth/ctx.h"
#include "tilth/tile.h"

enum { TILES_MAX = 20000 };

struct bench {
    struct tl_ctx *ctx;
    struct tl_project *project;
    const char *file;
    int n;
    struct tl_tile_id ids[TILES_MAX];
};

static tl_err one(struct bench *b, struct tl_tiles *tiles, int i, struct tl_tile *tile)
{
    const struct tl_tile_layer layer = {TL_KIND_HAZARD_AREA, false};
    const struct tl_tile_raster raster = {.path = b->file};
    const struct tl_tile_style style = {TL_TILE_VIRIDIS, TL_TILE_LOG, (double)NAN, (double)NAN};
    return b->file == NULL
               ? tl_tiles_vector(b->ctx, tiles, b->project, &layer, b->ids[i], tile)
               : tl_tiles_raster(b->ctx, tiles, b->project, &raster, &style, b->ids[i], tile);
}

static int pass(struct bench *b, struct tl_tiles *tiles, const char *name)
{
    double begun = processor_s();
    long long bytes = 0, n_some = 0;
    for (int i = 0; i < b->n; i++) {
        struct tl_tile tile = {0};
        if (one(b, tiles, i, &tile) != TL_OK) {
            fprintf(stderr, "%s\n", tl_ctx_message(b->ctx));
            return 1;
        }
        bytes += tile.n_bytes;
        n_some += !tile.is_empty;
        tl_tile_release(&tile);
    }
    double s = processor_s() - begun;
    printf(
        "%-44s %9.1f us of CPU a tile, %8.0f tiles/s, %lld of %d with something, %.1f KiB each\n",
        name, 1e6 * s / b->n, b->n / s, n_some, b->n,
        (double)bytes / 1024.0 / (double)(n_some > 0 ? n_some : 1));
    return 0;
}

/* How tiles are had, each way in a set of its own. */
static int way(struct bench *b, const struct tl_tiles_options *options, const char *name,
               const char *again, bool forget)
{
    struct tl_tiles *tiles = NULL;
    struct tl_tile first = {0};
    if (tl_tiles_create(b->ctx, options, &tiles) != TL_OK)
        return 1;
    if (forget)
        tl_tiles_clear(tiles);
    double begun = processor_s();
    if (one(b, tiles, 0, &first) != TL_OK) {
        fprintf(stderr, "%s\n", tl_ctx_message(b->ctx));
        return 1;
    }
    tl_tile_release(&first);
    if (b->file != NULL && forget)
        printf("%-44s %9.3f s of CPU\n", "the first look at the raster", processor_s() - begun);
    int bad = pass(b, tiles, name) || (again != NULL && pass(b, tiles, again));
    tl_tiles_free(tiles);
    return bad;
}

static int run(struct bench *b)
{
    struct rusage use;
    const char *beside = b->file != NULL ? b->file : tl_project_path(b->project);
    const struct tl_tiles_options kept = {.project = beside},
                                  few = {.project = beside, .tile_bytes = 1},
                                  unkept = {.project = beside, .tile_bytes = 1, .shelf_bytes = 1};
    int bad =
        way(b, &kept, "made anew, nothing is kept at first", "from memory", true) ||
        way(b, &few, "from disk, as after a new start", NULL, false) ||
        way(b, &unkept, "(warming)",
            b->file != NULL ? "made, the raster's copy on disk" : "made, records decoded", true);
    getrusage(RUSAGE_SELF, &use);
    printf("%-44s %9.1f MiB\n", "most memory", (double)use.ru_maxrss / 1024.0);
    return bad;
}

int main(int argc, char **argv)
{
    static struct bench b;
    long long x, y;
    int z;
    FILE *list = argc == 4 ? fopen(argv[3], "r") : NULL;
    if (list == NULL) {
        fprintf(stderr, "bench_tile vector PROJECT TILES | raster FILE TILES\n");
        return 2;
    }
    while (b.n < TILES_MAX && fscanf(list, "%d %lld %lld", &z, &x, &y) == 3)
        b.ids[b.n++] = (struct tl_tile_id){z, x, y};
    fclose(list);
    b.ctx = tl_ctx_create();
    tl_ctx_set_threads(b.ctx, 1);
    if (strcmp(argv[1], "raster") == 0)
        b.file = argv[2];
    else if (tl_project_open(b.ctx, argv[2], TL_PROJECT_READ, &b.project) != TL_OK) {
        fprintf(stderr, "%s\n", tl_ctx_message(b.ctx));
        return 1;
    }
    int bad = run(&b);
    tl_project_close(b.project);
    tl_ctx_free(b.ctx);
    return bad;
}
