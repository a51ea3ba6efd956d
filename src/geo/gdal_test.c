#include "unit.h"

#include <cpl_error.h>
#include <sys/stat.h>
#include <unistd.h>

#include "geo/gdal.h"

TEST(messages_are_caught_the_first_is_kept_and_warnings_do_not_count)
{
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    CPLError(CE_Warning, CPLE_AppDefined, "a warning");
    CHECK(quiet.n_failures == 0);
    CHECK_STR(tl_gdal_why(&quiet, "nothing"), "nothing");
    CPLError(CE_Failure, CPLE_AppDefined, "first");
    CPLError(CE_Failure, CPLE_AppDefined, "second");
    tl_gdal_end();
    CHECK(quiet.n_failures == 2);
    CHECK_STR(tl_gdal_why(&quiet, "nothing"), "first");
    CHECK(GDALGetDriverByName("GPKG") != NULL);
}

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");
    fputs("x", file);
    fclose(file);
}

TEST(parts_appear_together_or_not_at_all)
{
    struct tl_gdal_aside aside = {0};
    struct stat info;
    char side[512];
    CHECK_OK(tl_gdal_aside_init(ctx, "gdal_test_out.shp", &aside));
    touch(aside.path);
    snprintf(side, sizeof side, "%s/gdal_test_out.dbf", aside.folder);
    touch(side);
    snprintf(side, sizeof side, "%s", aside.folder);
    CHECK_OK(tl_gdal_aside_finish(ctx, &aside, true));
    CHECK(stat("gdal_test_out.shp", &info) == 0 && stat("gdal_test_out.dbf", &info) == 0 &&
          stat(side, &info) != 0);
    unlink("gdal_test_out.shp");
    unlink("gdal_test_out.dbf");
    CHECK_OK(tl_gdal_aside_init(ctx, "./gdal_test_out.shp", &aside));
    touch(aside.path);
    CHECK_OK(tl_gdal_aside_finish(ctx, &aside, false));
    CHECK(stat("gdal_test_out.shp", &info) != 0);
    CHECK_FAILS(tl_gdal_aside_init(ctx, "no/such/place/x", &aside), TL_EIO, "no/such/place/x");
    CHECK_FAILS(tl_gdal_aside_init(ctx, "folder/", &aside), TL_EIO, "not the name");
}
