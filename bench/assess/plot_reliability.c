/*
 * Draws what calibration of assessments found: reads a CSV with the columns p_any, p_any_independent (may be missing) and any (0 or 1), a
 * row an area, and writes the page; prints the figures.
 *   tl_plot_reliability areas.csv docs/img/assess-calibration.png
 */
#include <stdio.h>
#include <stdlib.h>

#include "geo/vector.h"
#include "tilth/report.h"

enum { AREAS_MAX = 1000000 };

static tl_err read_areas(struct tl_ctx *ctx, const char *path, struct tl_report_reliability *data,
                         double *p, double *independent, uint8_t *any)
{
    tl_err err = TL_OK;
    struct tl_vector *file = NULL;
    struct tl_vector_options options = {0};
    bool more = true;
    TL_TRY(tl_vector_open(ctx, path, &options, &file));
    int column[3] = {tl_vector_find_column(file, "p_any"), tl_vector_find_column(file, "any"),
                     tl_vector_find_column(file, "p_any_independent")};
    if (column[0] < 0 || column[1] < 0)
        TL_THROW(ctx, TL_EDATA, "%s: expected the columns p_any and any", path);
    for (int64_t n = 0; n < AREAS_MAX; n++) {
        TL_TRY(tl_vector_next(ctx, file, &more));
        if (!more)
            break;
        p[n] = strtod(tl_vector_text(file, column[0]), NULL);
        any[n] = strtod(tl_vector_text(file, column[1]), NULL) != 0.0;
        independent[n] = column[2] < 0 ? 0.0 : strtod(tl_vector_text(file, column[2]), NULL);
        data->n_areas = n + 1;
    }
    data->p_any = p;
    data->any = any;
    data->p_any_independent = column[2] < 0 ? NULL : independent;
done:
    tl_vector_close(file);
    return err;
}

int main(int argc, char **argv)
{
    static double p[AREAS_MAX], independent[AREAS_MAX];
    static uint8_t any[AREAS_MAX];
    char subtitle[200];
    struct tl_report_reliability_figures f;
    struct tl_report_reliability data = {
        .title = "Assessments against the truth: does a stated chance come true?",
        .subtitle = subtitle,
        .footer = "Tilth; dots: tenths of the areas by rising chance; bars: where 95 % of honest "
                  "forecasts fall (binomial); orange: outside"};
    struct tl_ctx *ctx = tl_ctx_create();
    if (ctx == NULL || argc != 3) {
        fprintf(stderr, "usage: tl_plot_reliability AREAS.csv PAGE.png|PAGE.pdf\n");
        return 2;
    }
    tl_err err = read_areas(ctx, argv[1], &data, p, independent, any);
    snprintf(subtitle, sizeof subtitle,
             "%lld simulated areas with correlated misses and process failures; in each the number "
             "of items that remain is known",
             (long long)data.n_areas);
    if (err == TL_OK)
        err = tl_report_reliability_draw(ctx, &data, argv[2], &f);
    if (err != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    for (int way = 0; err == TL_OK && way < (data.p_any_independent == NULL ? 1 : 2); way++)
        printf("%-12s stated %.4f observed %.4f outside %d/10 worst %.2f standard errors\n",
               way == 0 ? "correlated" : "independent", f.predicted[way], f.observed,
               f.n_outside[way], f.worst[way]);
    tl_ctx_free(ctx);
    return tl_err_exit(err);
}
