/** tilth simulate: a district with a known truth. */
#include <stdlib.h>

#include "cli/cli.h"
#include "tilth/simulate.h"

static bool read_area(const char *text, double area_deg[4])
{
    const char *at = text;
    for (int i = 0; i < 4; i++) {
        char *end;
        area_deg[i] = strtod(at, &end);
        if (end == at || *end != (i < 3 ? ',' : '\0'))
            return false;
        at = end + 1;
    }
    return true;
}

static void print_json(struct tl_cli_run *run, const struct tl_simulate_report *report)
{
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.simulate/1");
    tl_cli_json_text(&json, "folder", run->args->words[0]);
    tl_cli_json_integer(&json, "items_mines", report->n_items_mines);
    tl_cli_json_integer(&json, "items_erw", report->n_items_erw);
    tl_cli_json_integer(&json, "found", report->n_found);
    tl_cli_json_integer(&json, "remaining", report->n_remaining);
    tl_cli_json_integer(&json, "accidents", report->n_accidents);
    tl_cli_json_integer(&json, "reports", report->n_reports);
    tl_cli_json_integer(&json, "false_reports", report->n_false_reports);
    tl_cli_json_integer(&json, "hazard_areas", report->n_hazard_areas);
    tl_cli_json_integer(&json, "searches", report->n_searches);
    tl_cli_json_integer(&json, "dirty", report->n_dirty);
    tl_cli_json_number(&json, "searched_m2", report->searched_m2);
    tl_cli_json_text(&json, "files", report->files);
    tl_cli_json_end(&json);
}

static void print_words(struct tl_cli_run *run, const struct tl_simulate_report *report)
{
    char area[32];
    fprintf(run->out,
            "%s: a made-up district with %lld mines and %lld other items of explosive ordnance\n"
            "%lld searches of %s in all found %lld; %lld remain\n"
            "%lld accidents, %lld reports (%lld of them false), %lld hazardous areas; %lld records "
            "are dirty\n\n%s",
            run->args->words[0], (long long)report->n_items_mines, (long long)report->n_items_erw,
            (long long)report->n_searches, tl_cli_units_area(report->searched_m2, area),
            (long long)report->n_found, (long long)report->n_remaining,
            (long long)report->n_accidents, (long long)report->n_reports,
            (long long)report->n_false_reports, (long long)report->n_hazard_areas,
            (long long)report->n_dirty, report->files);
}

tl_err tl_cli_cmd_simulate(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *area = tl_cli_args_text(args, "area", NULL);
    struct tl_simulate_report report;
    struct tl_simulate_options options = {.step_m = tl_cli_args_number(args, "cell", 0),
                                          .years = (int)tl_cli_args_integer(args, "years", 0),
                                          .dirt = tl_cli_args_number(args, "dirt", -1),
                                          .seed = (uint64_t)tl_cli_args_integer(args, "seed", 1),
                                          .overwrite = tl_cli_args_flag(args, "overwrite")};
    if (area != NULL && !read_area(area, options.area_deg))
        return tl_cli_run_fail(
            run, TL_EUSAGE,
            "--area: \"%.200s\" cannot be read; expected west,south,east,north in degrees", area);
    tl_err err = tl_simulate_district(run->ctx, args->words[0], &options, &report);
    tl_cli_progress_wipe(&run->progress);
    if (err != TL_OK)
        return err;
    if (run->json)
        print_json(run, &report);
    else if (!run->quiet)
        print_words(run, &report);
    return TL_OK;
}
