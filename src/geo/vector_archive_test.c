#include "unit.h"

#include <cpl_vsi.h>
#include <unistd.h>

#include "geo/gdal.h"
#include "geo/vector.h"
#include "geo/vector_archive.h"

/* An archive with empty-looking members, in memory. */
static void put_archive(const char *path, int n, const char *const *names)
{
    VSILFILE *archive, *member;
    char inside[512];
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    VSIUnlink(path);
    snprintf(inside, sizeof inside, "/vsizip/%s", path);
    archive = VSIFOpenL(inside, "wb");
    if (archive == NULL) { /* no archive by its name */
        tl_gdal_end();
        return;
    }
    for (int i = 0; i < n; i++) {
        snprintf(inside, sizeof inside, "/vsizip/%s/%s", path, names[i]);
        member = VSIFOpenL(inside, "wb");
        VSIFWriteL("id,name\n7,a\n", 1, 12, member);
        VSIFCloseL(member);
    }
    VSIFCloseL(archive);
    tl_gdal_end();
}

TEST(what_is_meant_in_an_archive)
{
    static const struct {
        const char *archive;
        int n;
        const char *names[4];
        const char *inside; /* NULL = refused, with `words` */
        const char *words;
    } cases[] = {
        {"/vsimem/a.zip", 3, {"a.shp", "a.dbf", "a.shx"}, "/vsizip//vsimem/a.zip/a.shp", NULL},
        {"/vsimem/b.zip", 2, {"d/a.SHP", "d/x.csv"}, "/vsizip//vsimem/b.zip/d/a.SHP", NULL},
        {"/vsimem/c.zip", 2, {"d/a.shp", "d/b.shp"}, "/vsizip//vsimem/c.zip/d", NULL},
        {"/vsimem/d.zip", 2, {"a.shp", "b.shp"}, "/vsizip//vsimem/d.zip", NULL},
        {"/vsimem/e.zip", 2, {"d/a.shp", "e/b.shp"}, NULL, "2 files ending in .shp"},
        {"/vsimem/f.zip", 2, {"a.csv", "__MACOSX/._a.csv"}, "/vsizip//vsimem/f.zip/a.csv", NULL},
        {"/vsimem/g.zip", 1, {"x.gdb/a00.gdbtable"}, "/vsizip//vsimem/g.zip/x.gdb/", NULL},
        {"/vsimem/h.zip", 1, {"a.vrt"}, NULL, "nothing that can be read"},
        {"/vsimem/j.kmz", 2, {"doc.kml", "more.kml"}, "/vsizip//vsimem/j.kmz/doc.kml", NULL},
        {"/vsimem/k.csv", 1, {"x"}, "/vsimem/k.csv", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *inside = NULL;
        put_archive(cases[i].archive, cases[i].n, cases[i].names);
        tl_err err = tl_vector_archive(ctx, cases[i].archive, &inside);
        printf("  %s: %s\n", cases[i].archive, err == TL_OK ? inside : tl_ctx_message(ctx));
        if (cases[i].inside == NULL)
            CHECK_FAILS(err, TL_EDATA, cases[i].words);
        else
            CHECK_OK(err);
        if (cases[i].inside != NULL)
            CHECK_STR(inside, cases[i].inside);
        tl_free(inside);
        VSIUnlink(cases[i].archive);
    }
}

TEST(a_table_in_an_archive_is_read)
{
    static const char *const names[] = {"d/table.csv"};
    struct tl_vector *v = NULL;
    bool more = false;
    put_archive("archive_test.zip", 1, names);
    CHECK_OK(tl_vector_open(ctx, "archive_test.zip", NULL, &v));
    CHECK_STR(tl_vector_layer(v), "table");
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(more);
    CHECK_STR(tl_vector_text(v, 0), "7");
    tl_vector_close(v);
    unlink("archive_test.zip");
    put_archive("archive_test.zip", 0, names);
    CHECK(tl_vector_open(ctx, "archive_test.zip", NULL, &v) == TL_EDATA);
    unlink("archive_test.zip");
}
