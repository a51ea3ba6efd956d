/** tilth new: begins a project. */
#include "cli/cli.h"
#include "tilth/new.h"

static void print_json(struct tl_cli_run *run, const char *path, const struct tl_new_report *report)
{
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.new/1");
    tl_cli_json_text(&json, "project", path);
    tl_cli_json_text(&json, "crs", report->crs);
    tl_cli_json_text(&json, "crs_name", report->crs_name);
    tl_cli_json_array(&json, "area_deg");
    for (int i = 0; i < 4; i++)
        tl_cli_json_number(&json, NULL, report->area_deg[i]);
    tl_cli_json_close(&json);
    tl_cli_json_number(&json, "area_m2", report->area_m2);
    tl_cli_json_integer(&json, "polygons", report->n_polygons);
    tl_cli_json_object(&json, "grid");
    tl_cli_json_number(&json, "x0_m", report->grid.x0_m);
    tl_cli_json_number(&json, "y0_m", report->grid.y0_m);
    tl_cli_json_number(&json, "step_m", report->grid.step_m);
    tl_cli_json_integer(&json, "columns", report->grid.n_x);
    tl_cli_json_integer(&json, "rows", report->grid.n_y);
    tl_cli_json_close(&json);
    tl_cli_json_integer(&json, "memory_bytes", report->memory_bytes);
    tl_cli_json_end(&json);
}

static void print_words(struct tl_cli_run *run, const char *path,
                        const struct tl_new_report *report)
{
    char area[32], cell[32], memory[32];
    fprintf(run->out, "%s: %lld x %lld cells of %s, %s in %s\n", path, (long long)report->grid.n_x,
            (long long)report->grid.n_y, tl_cli_units_length(report->grid.step_m, cell),
            tl_cli_units_area(report->area_m2, area), report->crs_name);
    fprintf(run->out,
            "a map of it will need about %s of memory\nnext: tilth import %s FILE --as KIND\n",
            tl_cli_units_bytes((double)report->memory_bytes, memory), path);
}

tl_err tl_cli_cmd_new(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *path = args->words[0];
    struct tl_new_report report;
    struct tl_new_options options = {.area = tl_cli_args_text(args, "area", NULL),
                                     .cell_m = tl_cli_args_number(args, "cell", 0),
                                     .crs = tl_cli_args_text(args, "crs", NULL),
                                     .title = tl_cli_args_text(args, "title", NULL),
                                     .overwrite = tl_cli_args_flag(args, "overwrite")};
    tl_err err = tl_new_project(run->ctx, path, &options, &report);
    if (err != TL_OK)
        return err;
    if (run->json)
        print_json(run, path, &report);
    else if (!run->quiet)
        print_words(run, path, &report);
    return TL_OK;
}
