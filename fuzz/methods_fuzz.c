/*
 * Fuzzer of the table of methods as people edit it. What must hold for any file: no crash; an error has a message and leaves the table as it
 * was; what was taken is in range, holds "unknown", and the table written as YAML reads back as the same.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/fixture.h"
#include "store/method.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char project_path[] = "methods_fuzz.gpkg", file_path[] = "methods_fuzz.yaml";

static void must(int holds)
{
    if (!holds)
        abort();
}

static void write_file(const void *bytes, size_t n)
{
    FILE *file = fopen(file_path, "wb");
    must(file != NULL && fwrite(bytes, 1, n, file) == n);
    must(fclose(file) == 0);
}

/* One project serves all inputs, since making one takes longer than all the rest; a file says the whole table, so little depends on it. */
static struct tl_project *open_project(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    must(tl_project_open(ctx, project_path, TL_PROJECT_WRITE, &project) == TL_OK ||
         fixture_open(ctx, project_path, &project) == TL_OK);
    return project;
}

static bool is_share(double a, double b)
{
    return a > 0 && b > 0 && isfinite(a) && isfinite(b);
}

static void check_table(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_method *rows = NULL;
    struct tl_method_edit again = {0};
    char *yaml = NULL;
    int64_t n = 0;
    bool known = false;
    must(tl_project_methods(ctx, project, &rows, &n) == TL_OK && n > 0);
    (void)tl_method_pick(rows, n, "unknown", "mines", NAN, "", &known);
    must(known);
    for (int64_t i = 0; i < n; i++) {
        must(is_share(rows[i].detectable_a, rows[i].detectable_b));
        must(is_share(rows[i].per_pass_a, rows[i].per_pass_b));
        must(rows[i].process_failure >= 0 && rows[i].process_failure <= 1);
        must(!(rows[i].m2_per_day <= 0) && !(rows[i].price_per_m2 < 0) && rows[i].depth_cm > 0);
        double rho = tl_method_correlation(&rows[i]);
        must(rho >= 0 && rho <= 1);
    }
    must(tl_method_yaml(ctx, project, &yaml) == TL_OK);
    write_file(yaml, strlen(yaml));
    if (tl_method_edit(ctx, project, file_path, &again) != TL_OK || again.n_same != n) {
        fprintf(stderr, "%s\n%s\n", tl_ctx_message(ctx), yaml);
        abort();
    }
    tl_free(yaml);
    tl_free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_ctx *ctx = tl_ctx_create();
    struct tl_method_edit edit = {-7, -7, -7, -7};
    must(ctx != NULL);
    struct tl_project *project = open_project(ctx);
    write_file(data, size);
    if (tl_method_edit(ctx, project, file_path, &edit) == TL_OK)
        check_table(ctx, project);
    else
        must(edit.n_added == -7 && edit.n_same == -7 && tl_ctx_message(ctx)[0] != '\0');
    tl_project_close(project);
    tl_ctx_free(ctx);
    return 0;
}
