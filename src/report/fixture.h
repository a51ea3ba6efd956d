/** A project and a made-up assessment of it for the tests of the dossier, and the words of the PDF that comes of them. */
#ifndef TL_REPORT_FIXTURE_H
#define TL_REPORT_FIXTURE_H

#include <sys/stat.h>

#include "core/json.h"
#include "hazard/fixture.h"
#include "tilth/dossier.h"

/* A file of its own for each test program: they run at the same time. */
#define GPKG   FIXTURE_NAME ".gpkg"
#define FOLDER FIXTURE_NAME "_out"

/* Searches whose codes are those of the made-up assessment (tests/report/assess.json), another hazardous area, a road, a village. */
__attribute__((unused)) static tl_err fill(struct tl_ctx *ctx, struct tl_project *project)
{
    static const char *const files[][2] = {
        {"search",
         "id,type,method,passes,date_end,wkt\n"
         "S1,TS,dogs,1,2024-04-19,\"POLYGON((15.0037 2.0120,15.0060 2.0119,15.0060 2.0162,15.0037 "
         "2.0162,15.0037 2.0120))\"\n"
         "S2,clearance,manual,2,2024-08-30,\"POLYGON((15.0056 2.0119,15.0085 2.0120,15.0085 "
         "2.0147,15.0056 2.0147,15.0056 2.0119))\"\n"
         "S3,TS,flail 3000,1,2023-10-11,\"POLYGON((15.0086 2.0148,15.0104 2.0148,15.0104 "
         "2.0162,15.0086 2.0162,15.0086 2.0148))\"\n"
         "S4,inspection,manual,1,2024-09-12,\"POLYGON((15.0062 2.0124,15.0074 2.0124,15.0074 "
         "2.0131,15.0062 2.0131,15.0062 2.0124))\"\n"},
        {"hazard-area",
         "id,name,classification,wkt\n"
         "H1,own,CHA,\"POLYGON((15.0040 2.0125,15.0083 2.0125,15.0083 2.0160,15.0040 2.0125))\"\n"
         "H2,neighbour,SHA,\"POLYGON((15.0092 2.0119,15.0112 2.0119,15.0112 2.0137,15.0092 2.0137,"
         "15.0092 2.0119))\"\n"},
        {"line", "id,type,wkt\nL1,road,\"LINESTRING(15.000 2.0140,15.0036 2.0136,15.0095 2.0142,"
                 "15.0120 2.0170)\"\nL2,river,\"LINESTRING(15.003 2.0110,15.0086 2.0118,15.0090 "
                 "2.0147,15.0120 2.0146)\"\n"},
        {"place", "id,lon,lat,name,population\nP1,15.0098,2.0141,Вільхове,640\n"}};
    char file[64];
    tl_err err = TL_OK;
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        snprintf(file, sizeof file, FIXTURE_NAME "_%s.csv", files[k][0]);
        TL_TRY(tl_file_write(ctx, file, files[k][1], (int64_t)strlen(files[k][1])));
        TL_TRY(fixture_import(ctx, project, file, files[k][0]));
        unlink(file);
    }
done:
    return err;
}

__attribute__((unused)) static tl_err open_project(struct tl_ctx *ctx, struct tl_project **project)
{
    tl_err err = TL_OK;
    TL_TRY(fixture_create(ctx, GPKG));
    TL_TRY(tl_project_open(ctx, GPKG, TL_PROJECT_WRITE, project));
    TL_TRY(fill(ctx, *project));
done:
    return err;
}

/* A result as release makes it, from a JSON value: its text and the hash of that. */
__attribute__((unused)) static tl_err result_of(struct tl_ctx *ctx, const json_t *json,
                                                struct tl_release_result *result)
{
    tl_err err = tl_json_text(ctx, json, &result->json);
    if (err != TL_OK)
        return err;
    tl_hash_of(result->json, (int64_t)strlen(result->json), result->hash);
    return TL_OK;
}

__attribute__((unused)) static tl_err made_up(struct tl_ctx *ctx, json_t **json)
{
    return tl_json_read(ctx, TILTH_SOURCE "/tests/report/assess.json", json);
}

static const char *const files[] = {"dossier.pdf", "area.geojson", "turning_points.csv",
                                    "searches.csv", "assess.json"};

__attribute__((unused)) static void remove_folder(const char *folder)
{
    char path[256];
    for (int k = 0; k < 5; k++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[k]);
        unlink(path);
    }
    rmdir(folder);
}

static char words[1 << 20];

/* Output of a command; false where it is not installed or fails. */
__attribute__((unused)) static bool output_of(const char *command)
{
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        return false;
    size_t n = fread(words, 1, sizeof words - 1, pipe);
    words[n] = '\0';
    return pclose(pipe) == 0;
}

/**
 * Writes the dossier of the made-up assessment, changed by `change` (NULL = as it is), into FOLDER; the words of its PDF are then in
 * `words`, "" where pdftotext is not installed.
 */
__attribute__((unused)) static tl_err
write_dossier(struct tl_ctx *ctx, void (*change)(json_t *json), const char *language)
{
    tl_err err = TL_OK;
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    json_t *json = NULL;
    TL_TRY(made_up(ctx, &json));
    if (change != NULL)
        change(json);
    TL_TRY(result_of(ctx, json, &result));
    TL_TRY(open_project(ctx, &project));
    err = tl_dossier_write(ctx, project, &result, language, FOLDER, true);
    words[0] = '\0';
    output_of("pdftotext -layout " FOLDER "/dossier.pdf - 2>/dev/null");
done:
    tl_project_close(project);
    tl_free(result.json);
    json_decref(json);
    unlink(GPKG);
    return err;
}

/** How often a text is in the words. */
__attribute__((unused)) static int times(const char *text)
{
    int n = 0;
    for (const char *at = words; (at = strstr(at, text)) != NULL; at += strlen(text))
        n++;
    return n;
}

/** The words of a paragraph that Pango broke into lines: every run of blanks becomes one blank. */
__attribute__((unused)) static void join_lines(void)
{
    char *out = words;
    for (const char *at = words; *at != '\0'; at++)
        if (strchr(" \n\f", *at) == NULL)
            *out++ = *at;
        else if (out > words && out[-1] != ' ')
            *out++ = ' ';
    *out = '\0';
}

#endif
