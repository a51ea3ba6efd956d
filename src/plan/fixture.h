/** The small project of the hazard room with open areas, files of teams, and plans of it. */
#ifndef TL_PLAN_FIXTURE_H
#define TL_PLAN_FIXTURE_H

#include "hazard/fixture.h"
#include "plan/plan.h"

/* A field of about 20 ha, an angle, one that crosses itself, and one that is closed. */
__attribute__((unused)) static const char *fixture_areas =
    "id,name,classification,status,blocked_land_use,beneficiaries,priority,wkt\n"
    "A,Верхнє поле,CHA,open,cropland,120,high,\"POLYGON((15.004 2.012,15.008 2.012,15.008 "
    "2.016,15.004 2.016,15.004 2.012))\"\n"
    "B,Angle,SHA,,,,,\"POLYGON((15.002 2.002,15.008 2.002,15.008 2.004,15.004 2.004,15.004 "
    "2.008,15.002 2.008,15.002 2.002))\"\n"
    "C,Bow,SHA,open,pasture,30,low,\"POLYGON((15.016 2.010,15.018 2.012,15.018 2.010,15.016 "
    "2.012,15.016 2.010))\"\n"
    "D,Old,CHA,closed,,,,\"POLYGON((15.012 2.002,15.014 2.002,15.014 2.004,15.012 2.002))\"\n";

/* Base of both teams: the place Alpha, and a position. */
__attribute__((unused)) static const char *fixture_teams =
    "title: Fixture\ncurrency: USD\nstart: 2027-01-01\nteams:\n"
    "  - {name: One, base: Alpha, methods: [manual], pace: {manual: 2000 m2/day}, cost: 1000 "
    "USD/day, season: March to October}\n"
    "  - {name: Two, base: \"15.018, 2.003\", methods: [manual, dogs], pace: {manual: 1000 m2/day, "
    "dogs: 3000 m2/day}, cost: 900 USD/day, season: June to July}\n";

__attribute__((unused)) static tl_err fixture_write(struct tl_ctx *ctx, const char *path,
                                                    const char *text)
{
    return tl_file_write(ctx, path, text, (int64_t)strlen(text));
}

__attribute__((unused)) static tl_err fixture_project(struct tl_ctx *ctx, const char *path,
                                                      bool with_map, struct tl_project **project)
{
    struct tl_hazard_result map = {0};
    struct tl_hazard_options options = tl_hazard_options_default();
    struct tl_project *made = NULL;
    char file[512];
    tl_err err = TL_OK;
    snprintf(file, sizeof file, "%s.areas.csv", path);
    TL_TRY(fixture_open(ctx, path, &made));
    TL_TRY(fixture_write(ctx, file, fixture_areas));
    TL_TRY(fixture_import(ctx, made, file, "hazard-area"));
    if (with_map) {
        TL_TRY(tl_hazard_map(ctx, made, &options, &map));
        TL_TRY(tl_hazard_save(ctx, made, &map));
    }
    *project = made;
    made = NULL;
done:
    unlink(file);
    tl_hazard_result_fini(&map);
    tl_project_close(made);
    return err;
}

/* A plan of two years by the heuristic, from texts of the two files (objective: a built-in name, or a text with a colon). */
__attribute__((unused)) static tl_err fixture_plan(struct tl_ctx *ctx, struct tl_project *project,
                                                   const char *teams, const char *objective,
                                                   const char *budget, struct tl_plan **plan)
{
    char files[2][600];
    bool is_file = strchr(objective, ':') != NULL;
    tl_err err = TL_OK;
    snprintf(files[0], sizeof files[0], "%s.teams.yaml", tl_project_path(project));
    snprintf(files[1], sizeof files[1], "%s.objective.yaml", tl_project_path(project));
    const struct tl_plan_options options = {.budget = budget,
                                            .n_years = 2,
                                            .teams = files[0],
                                            .objective = is_file ? files[1] : objective,
                                            .heuristic = true};
    TL_TRY(fixture_write(ctx, files[0], teams));
    if (is_file)
        TL_TRY(fixture_write(ctx, files[1], objective));
    err = tl_plan_run(ctx, project, &options, plan);
done:
    unlink(files[0]);
    unlink(files[1]);
    return err;
}

/* A filled project and its plan in one. */
__attribute__((unused)) static tl_err fixture_both(struct tl_ctx *ctx, const char *path,
                                                   bool with_map, const char *objective,
                                                   const char *budget, struct tl_project **project,
                                                   struct tl_plan **plan)
{
    tl_err err = fixture_project(ctx, path, with_map, project);
    if (err == TL_OK)
        err = fixture_plan(ctx, *project, fixture_teams, objective, budget, plan);
    return err;
}

#endif
