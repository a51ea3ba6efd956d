/** The small project of the hazard room, with hazardous areas and, when asked for, a map. */
#ifndef TL_SURVEY_FIXTURE_H
#define TL_SURVEY_FIXTURE_H

#include "hazard/fixture.h"

/* Two areas of about 550 m by 440 m and one that crosses itself. */
__attribute__((unused)) static const char *fixture_areas =
    "id,name,wkt\n"
    "A,Field,\"POLYGON((15.010 2.008,15.015 2.008,15.015 2.012,15.010 2.012,15.010 2.008))\"\n"
    "B,Angle,\"POLYGON((15.002 2.002,15.008 2.002,15.008 2.004,15.004 2.004,15.004 2.008,15.002 "
    "2.008,15.002 2.002))\"\n"
    "C,Bow,\"POLYGON((15.016 2.010,15.018 2.012,15.018 2.010,15.016 2.012,15.016 2.010))\"\n";

__attribute__((unused)) static tl_err fixture_survey(struct tl_ctx *ctx, const char *path,
                                                     bool with_map, struct tl_project **project)
{
    tl_err err = TL_OK;
    char file[512];
    struct tl_project *made = NULL;
    struct tl_hazard_result map = {0};
    struct tl_hazard_options options = tl_hazard_options_default();
    snprintf(file, sizeof file, "%s.areas.csv", path);
    TL_TRY(fixture_open(ctx, path, &made));
    TL_TRY(tl_file_write(ctx, file, fixture_areas, (int64_t)strlen(fixture_areas)));
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

/* HA-0004, suspected, over all of the project and more; beside it a confirmed one and a closed one. */
__attribute__((unused)) static tl_err fixture_suspect(struct tl_ctx *ctx,
                                                      struct tl_project *project, const char *file)
{
    static const char areas[] =
        "id,classification,status,wkt\n"
        "S,SHA,open,\"POLYGON((14.9 1.9,15.1 1.9,15.1 2.1,14.9 2.1,14.9 1.9))\"\n"
        "T,CHA,open,\"POLYGON((15.010 2.008,15.015 2.008,15.015 2.012,15.010 2.008))\"\n"
        "U,SHA,cleared,\"POLYGON((15.002 2.002,15.004 2.002,15.004 2.004,15.002 2.002))\"\n";
    tl_err err = tl_file_write(ctx, file, areas, (int64_t)strlen(areas));
    if (err == TL_OK)
        err = fixture_import(ctx, project, file, "hazard-area");
    unlink(file);
    return err;
}

/* A folder without places, without clocks: text of a small file; owns: the caller. */
__attribute__((unused)) static char *fixture_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    static char text[1 << 20];
    if (file == NULL)
        return NULL;
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    return text;
}

#endif
