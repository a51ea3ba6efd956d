#include "geo/vector_archive.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cpl_string.h>
#include <cpl_vsi.h>

/* What may lie in an archive, the better ones first: a shapefile's folder may well hold a table and a KML too. */
static const char *const endings[] = {".gdb", ".shp", ".gpkg", ".geojson", ".json",
                                      ".fgb", ".kml", ".gpx",  ".csv",     ".tsv"};

enum { N_ENDINGS = sizeof endings / sizeof *endings, ENTRIES_MAX = 10000 };

static bool ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    while (n > 0 && text[n - 1] == '/')
        n--;
    return n > m && strncasecmp(text + n - m, ending, m) == 0;
}

/* A name such as ../../x would be looked for outside. */
static bool leads_out(const char *name)
{
    for (const char *at = name; *at != '\0'; at += strcspn(at, "/\\"), at += *at != '\0')
        if (strncmp(at, "..", 2) == 0 && (at[2] == '\0' || at[2] == '/' || at[2] == '\\'))
            return true;
    return name[0] == '/' || name[0] == '\\';
}

/* The only entry of an ending; several shapefiles of one folder are that folder. */
static tl_err choose(struct tl_ctx *ctx, const char *path, char **entries, const char *ending,
                     char *chosen, size_t room)
{
    int n = 0;
    size_t folder = 0;
    bool same = true;
    chosen[0] = '\0';
    for (char **entry = entries; *entry != NULL; entry++) {
        const char *slash = strrchr(*entry, '/');
        size_t at = slash != NULL ? (size_t)(slash - *entry) : 0;
        /* What macOS adds to each file has its ending too. */
        if (!ends_with(*entry, ending) || strstr(*entry, "__MACOSX") != NULL)
            continue;
        if (n > 0)
            same = same && at == folder && strncmp(*entry, chosen, at) == 0;
        if (n++ == 0 && snprintf(chosen, room, "%s", *entry) >= (int)room)
            return tl_fail(ctx, TL_EDATA, "%s: a name in the archive is too long", path);
        folder = n == 1 ? at : folder;
    }
    bool is_kmz = ends_with(path, ".kmz");
    if (n > 1 && is_kmz)
        snprintf(chosen, room, "doc.kml");
    else if (n > 1 && same && strcmp(ending, ".shp") == 0)
        chosen[folder] = '\0';
    else if (n > 1)
        return tl_fail(ctx, TL_EDATA, "%s: the archive holds %d files ending in %s, expected one",
                       path, n, ending);
    if (n > 0 && chosen[0] == '\0')
        snprintf(chosen, room, ".");
    return TL_OK;
}

static tl_err look_into(struct tl_ctx *ctx, const char *path, const char *archive, char **entries,
                        char **inside)
{
    tl_err err = TL_OK;
    char chosen[1024] = "";
    for (char **entry = entries; entry != NULL && *entry != NULL; entry++)
        if (leads_out(*entry))
            TL_THROW(ctx, TL_EDATA, "%s: a name in the archive leads out of it", path);
    if (entries == NULL || *entries == NULL)
        TL_THROW(ctx, TL_EDATA, "%s: not an archive that can be read, or an empty one", path);
    for (int i = 0; i < N_ENDINGS && chosen[0] == '\0'; i++)
        TL_TRY(choose(ctx, path, entries, endings[i], chosen, sizeof chosen));
    if (chosen[0] == '\0')
        TL_THROW(ctx, TL_EDATA,
                 "%s: the archive holds nothing that can be read, expected a shapefile (.shp, "
                 ".dbf, .shx), a geodatabase or one file",
                 path);
    size_t n = strlen(archive) + strlen(chosen) + 2;
    TL_TRY_ALLOC(ctx, *inside, (int64_t)n);
    if (strcmp(chosen, ".") == 0)
        snprintf(*inside, n, "%s", archive);
    else
        snprintf(*inside, n, "%s/%s", archive, chosen);
done:
    return err;
}

tl_err tl_vector_archive(struct tl_ctx *ctx, const char *path, char **inside)
{
    tl_err err = TL_OK;
    char *archive = NULL, **entries = NULL;
    VSIStatBufL info;
    bool is_archive = ends_with(path, ".zip") || ends_with(path, ".kmz");
    if (!is_archive || strncmp(path, "/vsizip/", 8) == 0 || VSIStatL(path, &info) != 0 ||
        VSI_ISDIR(info.st_mode) || info.st_size == 0) {
        *inside = tl_strdup(ctx, path);
        return *inside == NULL ? TL_ENOMEM : TL_OK;
    }
    size_t n = strlen(path) + 9;
    TL_TRY_ALLOC(ctx, archive, (int64_t)n);
    snprintf(archive, n, "/vsizip/%s", path);
    entries = VSIReadDirRecursive(archive);
    if (CSLCount((CSLConstList)entries) > ENTRIES_MAX)
        TL_THROW(ctx, TL_EDATA, "%s: the archive holds more than %d files", path, ENTRIES_MAX);
    TL_TRY(look_into(ctx, path, archive, entries, inside));
done:
    CSLDestroy(entries);
    tl_free(archive);
    return err;
}
