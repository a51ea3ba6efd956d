#include "unit.h"

#include <unistd.h>

#include "core/json.h"
#include "tilth/new.h"
#include "tilth/project.h"

static struct tl_new_options box(const char *area, double cell_m)
{
    return (struct tl_new_options){.area = area, .cell_m = cell_m, .overwrite = true};
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        fputs(text, file);
        fclose(file);
    }
}

TEST(a_box_makes_a_grid_that_covers_it)
{
    struct tl_new_options options = box("-75.2,7.0,-75.0,7.2", 500);
    struct tl_new_report report;
    CHECK_OK(tl_new_project(ctx, "new_box.gpkg", &options, &report));
    CHECK_STR(report.crs, "EPSG:32618");
    /* 0.2 degrees of longitude at 7 N are 22.1 km, of latitude likewise: by hand, 111.32 km x cos 7.1 a degree. */
    CHECK_NEAR(report.area_m2, 22.09e3 * 22.12e3, 2e6);
    CHECK(report.grid.n_x >= 44 && report.grid.n_x <= 47);
    CHECK(report.grid.n_y >= 44 && report.grid.n_y <= 47);
    CHECK(report.memory_bytes > 0);
    struct tl_project *project;
    CHECK_OK(tl_project_open(ctx, "new_box.gpkg", TL_PROJECT_READ, &project));
    CHECK(tl_project_grid(project).n_x == report.grid.n_x);
    tl_project_close(project);
    unlink("new_box.gpkg");
}

/* 12.5 + (-4.3 - 12.5) is not -4.3 in doubles: the ring has to close all the same. */
TEST(a_box_whose_sides_do_not_add_up_in_doubles_has_its_size)
{
    struct tl_new_options options = box("-79,-4.3,-66.8,12.5", 20000);
    struct tl_new_report report;
    CHECK_OK(tl_new_project(ctx, "new_box.gpkg", &options, &report));
    CHECK(report.area_m2 > 2.4e12 && report.area_m2 < 2.6e12);
    unlink("new_box.gpkg");
}

TEST(areas_that_are_none_are_refused)
{
    struct tl_new_report report;
    struct tl_new_options options = box("-75,7,-75,7.2", 500);
    unlink("new_none.gpkg");
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_EDATA, "");
    options = box("179,7,-179,8", 500);
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_EDATA, "antimeridian");
    options = box("-75,7,-74", 500);
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_EDATA,
                "west,south,east,north");
    options = box("there-is-no-such-file.geojson", 500);
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_ENOTFOUND,
                "there-is-no-such-file");
    CHECK(access("new_none.gpkg", F_OK) != 0);
}

TEST(a_cell_larger_than_the_area_is_refused)
{
    struct tl_new_report report;
    struct tl_new_options options = box("-75.2,7.0,-75.0,7.2", 50000);
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_EDATA,
                "larger than the area");
}

TEST(cells_that_would_not_fit_into_memory_are_refused_with_figures)
{
    struct tl_new_report report;
    struct tl_new_options options = box("-77.5,4.9,-73.8,8.9", 100);
    options.memory_bytes = 1000000000;
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_ENOMEM, "would do");
    CHECK(strstr(tl_ctx_message(ctx), "there are 1.0 GB") != NULL);
    options.cell_m = 0.01; /* beyond what can be counted */
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_ENOMEM, "GB");
    CHECK(access("new_none.gpkg", F_OK) != 0);
}

TEST(overlapping_polygons_of_a_file_count_once)
{
    struct tl_new_report report;
    write_file("new_two.geojson", "{\"type\":\"FeatureCollection\",\"features\":["
                                  "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":"
                                  "\"Polygon\",\"coordinates\":"
                                  "[[[30,50],[30.2,50],[30.2,50.1],[30,50.1],[30,50]]]}},"
                                  "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":"
                                  "\"Polygon\",\"coordinates\":"
                                  "[[[30.1,50],[30.3,50],[30.3,50.1],[30.1,50.1],[30.1,50]]]}}]}");
    struct tl_new_options options = box("new_two.geojson", 500);
    CHECK_OK(tl_new_project(ctx, "new_two.gpkg", &options, &report));
    CHECK(report.n_polygons == 2);
    CHECK_NEAR(report.area_deg[0], 30, 1e-9);
    CHECK_NEAR(report.area_deg[2], 30.3, 1e-9);
    /* 0.3 x 0.1 degrees at 50.05 N: 21.48 km x 11.12 km, not 0.4 x 0.1. */
    CHECK_NEAR(report.area_m2, 21.48e3 * 11.12e3, 1e6);
    unlink("new_two.gpkg");
    unlink("new_two.geojson");
}

TEST(a_file_of_points_is_no_area)
{
    struct tl_new_report report;
    write_file(
        "new_point.geojson",
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{},"
        "\"geometry\":{\"type\":\"Point\",\"coordinates\":[30,50]}}]}");
    struct tl_new_options options = box("new_point.geojson", 500);
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_EDATA, "no polygon");
    unlink("new_point.geojson");
}

TEST(a_geographic_system_is_refused)
{
    struct tl_new_report report;
    struct tl_new_options options = box("-75.2,7.0,-75.0,7.2", 500);
    options.crs = "EPSG:4326";
    CHECK_FAILS(tl_new_project(ctx, "new_none.gpkg", &options, &report), TL_EDATA, "");
}
