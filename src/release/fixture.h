/** Test use: the hazard room's small project with two hazardous areas and a map. */
#ifndef TL_RELEASE_FIXTURE_H
#define TL_RELEASE_FIXTURE_H

#include "hazard/fixture.h"
#include "tilth/release.h"

/* HA-0001 lies in the cleared ground of S1, HA-0002 in ground that nobody searched, HA-0003 outside the project's area. */
static const char *const release_areas =
    "id,name,classification,status,evidence,wkt\n"
    "H1,Orchard,CHA,open,direct,\"POLYGON((15.0045 2.0125,15.0075 2.0125,15.0075 2.0155,15.0045 "
    "2.0155,15.0045 2.0125))\"\n"
    "H2,Pasture,SHA,open,indirect,\"POLYGON((15.0120 2.0080,15.0150 2.0080,15.0150 2.0110,15.0120 "
    "2.0110,15.0120 2.0080))\"\n"
    "H3,Far,SHA,open,indirect,\"POLYGON((15.1120 2.1080,15.1150 2.1080,15.1150 2.1110,15.1120 "
    "2.1110,15.1120 2.1080))\"\n";

__attribute__((unused)) static tl_err release_text(struct tl_ctx *ctx, struct tl_project *project,
                                                   const char *as, const char *text)
{
    static const char *const file = "release_fixture.csv";
    struct tl_import_options options = {.as = as, .today = "2026-01-01", .allow_outside = true};
    struct tl_import_report report;
    tl_err err = tl_file_write(ctx, file, text, (int64_t)strlen(text));
    if (err == TL_OK)
        err = tl_import_file(ctx, project, file, &options, &report);
    unlink(file);
    return err;
}

/** Open for writing, with a map of range about 500 m. */
__attribute__((unused)) static tl_err release_open(struct tl_ctx *ctx, const char *path,
                                                   struct tl_project **project)
{
    tl_err err = TL_OK;
    struct tl_project *made = NULL;
    struct tl_hazard_options options = tl_hazard_options_default();
    struct tl_hazard_result map = {0};
    TL_TRY(fixture_open(ctx, path, &made));
    TL_TRY(release_text(ctx, made, "hazard-area", release_areas));
    options.field.fixed_range_m = 500.0;
    options.field.fixed_sigma = 1.0;
    TL_TRY(tl_hazard_map(ctx, made, &options, &map));
    TL_TRY(tl_hazard_save(ctx, made, &map));
    *project = made;
    made = NULL;
done:
    tl_hazard_result_fini(&map);
    tl_project_close(made);
    return err;
}

#endif
