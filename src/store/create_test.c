#include "unit.h"

#include "store/fixture.h"

static const char path[] = "create_test.gpkg";

static tl_err write_file(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(name, "wb");
    if (file == NULL || fwrite(bytes, 1, n, file) != n)
        return TL_EIO;
    return fclose(file) == 0 ? TL_OK : TL_EIO;
}

TEST(what_was_created_is_read_back)
{
    struct tl_project *project = NULL;
    double box[4];
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    struct tl_grid grid = tl_project_grid(project);
    CHECK(grid.x0_m == 477000 && grid.y0_m == 783000 && grid.step_m == 1000 && grid.n_x == 10 &&
          grid.n_y == 8);
    CHECK_STR(tl_project_crs(project), "EPSG:32618");
    CHECK_STR(tl_project_path(project), path);
    tl_project_area_deg(project, box);
    CHECK(box[0] == -75.2 && box[1] == 7.0 && box[2] == -75.1 && box[3] == 7.08);
    CHECK_OK(tl_project_area(ctx, project, &wkb, &n));
    CHECK(n == 102 && ((unsigned char *)wkb)[1] == 6); /* a multipolygon of one */
    tl_free(wkb);
    tl_project_close(project);
}

TEST(nothing_is_overwritten_unasked)
{
    struct tl_project_new options = {.crs = "EPSG:32618", .grid = {0, 0, 1, 1, 1}};
    CHECK_OK(write_file(path, "precious", 8));
    CHECK_FAILS(tl_project_create(ctx, path, &options), TL_EEXISTS, "exists already");
    char found[16] = {0};
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL && fread(found, 1, 15, file) == 8);
    fclose(file);
    CHECK_STR(found, "precious");
    options.overwrite = true;
    CHECK_OK(tl_project_create(ctx, path, &options));
    CHECK_FAILS(tl_project_create(ctx, "no/such/folder/x.gpkg", &options), TL_EIO,
                "cannot be created");
    CHECK_FAILS(tl_project_create(ctx, ".", &options), TL_EEXISTS, "folder");
}

TEST(a_project_in_use_is_not_overwritten)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_FAILS(fixture_create(ctx, path), TL_ELOCKED, "another program is writing");
    tl_project_close(project);
}

TEST(nothing_is_left_beside_a_project_that_failed)
{
    struct tl_project_new options = {
        .crs = "no such system", .grid = {0, 0, 1, 1, 1}, .overwrite = true};
    char aside[64];
    snprintf(aside, sizeof aside, "create_test_bad.gpkg.part%ld", (long)getpid());
    CHECK(tl_project_create(ctx, "create_test_bad.gpkg", &options) != TL_OK);
    CHECK(access("create_test_bad.gpkg", F_OK) != 0 && access(aside, F_OK) != 0);
}

/* The journal of a killed program belongs to the file that is replaced: it must not be played into the new one. */
TEST(a_stale_journal_goes_with_the_file_it_was_of)
{
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(write_file("create_test.gpkg-journal", "stale", 5));
    CHECK_OK(fixture_create(ctx, path));
    CHECK(access("create_test.gpkg-journal", F_OK) != 0);
}
