/* The whole district in memory first, then its files: aside, and moved into place when all of them are there. */
#include "tilth/simulate.h"

#include <stdio.h>
#include <string.h>

#include "simulate/files.h"
#include "tilth/outdir.h"

static void fill_report(const struct tl_history *h, int64_t n_dirty,
                        struct tl_simulate_report *report)
{
    size_t at = 0;
    *report = (struct tl_simulate_report){.n_items_mines = h->n_of[TL_WORLD_MINES],
                                          .n_items_erw = h->n_of[TL_WORLD_ERW],
                                          .n_found = h->n_found,
                                          .n_remaining = h->n_items - h->n_found - h->n_exploded,
                                          .n_accidents = h->n_accidents,
                                          .n_reports = h->n_reports,
                                          .n_false_reports = h->n_false,
                                          .n_hazard_areas = h->n_areas,
                                          .n_searches = h->n_searches,
                                          .n_dirty = n_dirty,
                                          .searched_m2 = h->searched_m2};
    for (int k = 0; tl_files_names[k] != NULL; k++) {
        const char *meaning = tl_files_meaning(tl_files_names[k]);
        if (meaning != NULL && at < sizeof report->files)
            at += (size_t)snprintf(report->files + at, sizeof report->files - at, "%s: %s\n",
                                   tl_files_names[k], meaning);
    }
    if (at < sizeof report->files)
        snprintf(report->files + at, sizeof report->files - at,
                 "truth/: density.tif, remaining.tif, items.csv, dirt.csv, truth.json; for "
                 "calibration only\n");
}

tl_err tl_simulate_district(struct tl_ctx *ctx, const char *folder,
                            const struct tl_simulate_options *options,
                            struct tl_simulate_report *report)
{
    tl_err err = TL_OK;
    struct tl_outdir *outdir = NULL, *truth_outdir = NULL, *finished = NULL;
    struct tl_world *world = NULL;
    struct tl_history history = {0};
    struct tl_table ledger = {0};
    char truth_folder[4200];
    bool overwrite = options != NULL && options->overwrite;
    tl_progress_begin(ctx, "simulating a district");
    TL_TRY(tl_outdir_begin(ctx, folder, tl_files_names, overwrite, &outdir));
    snprintf(truth_folder, sizeof truth_folder, "%s/truth", folder);
    TL_TRY(tl_outdir_begin(ctx, truth_folder, tl_files_truth_names, overwrite, &truth_outdir));
    TL_TRY_ALLOC(ctx, world, 1);
    TL_TRY(tl_world_make(ctx, options, world));
    tl_progress_set(ctx, 0.3);
    TL_TRY(tl_history_make(ctx, world, &history));
    tl_progress_set(ctx, 0.6);
    tl_dirt_ledger(&ledger);
    TL_TRY(tl_files_write(ctx, &history, tl_outdir_path(outdir), &ledger));
    TL_TRY(tl_truth_write(ctx, &history, tl_outdir_path(truth_outdir), &ledger));
    finished = truth_outdir;
    truth_outdir = NULL;
    TL_TRY(tl_outdir_commit(ctx, finished));
    finished = outdir;
    outdir = NULL;
    TL_TRY(tl_outdir_commit(ctx, finished));
    if (report != NULL)
        fill_report(&history, ledger.n_rows, report);
done:
    tl_progress_end(ctx);
    tl_outdir_abort(truth_outdir);
    tl_outdir_abort(outdir);
    tl_table_fini(&ledger);
    tl_history_fini(&history);
    if (world != NULL)
        tl_world_fini(world);
    tl_free(world);
    return err;
}
