#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/sift.h"
#include "tilth/serve.h"

/* This test's own program is what the sift starts: with a request in its environment it is the reader. */
__attribute__((constructor)) static void be_the_reader(void)
{
    if (getenv("TILTH_READ") == NULL)
        return;
    struct tl_ctx *ctx = tl_ctx_create();
    _exit(ctx != NULL ? tl_serve_reader(ctx) : 10);
}

static int file_of(const char *text)
{
    FILE *file = fopen("sift_test.in", "w");
    fputs(text, file);
    fclose(file);
    int fd = open("sift_test.in", O_RDONLY);
    unlink("sift_test.in");
    return fd;
}

TEST(a_file_is_looked_at_and_its_rows_are_fetched)
{
    struct tl_sift sift = {.name = "deaths.csv", .fd = file_of("id,lon\n1,2\n3,4\n5,6\n")};
    json_t *found = NULL;
    CHECK_OK(tl_sift_look(ctx, &sift, &found));
    printf("  seccomp: %d, Landlock: %d\n", sift.walls.seccomp, sift.walls.landlock);
    json_t *layer = json_array_get(json_object_get(found, "layers"), 0);
    CHECK_STR(json_string_value(json_object_get(found, "driver")), "CSV");
    CHECK(json_integer_value(json_object_get(layer, "rows")) == 3);
    json_decref(found);
    int out = open("sift_test.out", O_RDWR | O_CREAT | O_TRUNC, 0600);
    sift.wanted.where = "id > 3";
    CHECK_OK(tl_sift_rows(ctx, &sift, out));
    char head[8] = "";
    CHECK(pread(out, head, 8, 0) == 8 && memcmp(head, "TLROWS1\n", 8) == 0);
    close(out);
    close(sift.fd);
    unlink("sift_test.out");
}

/* Formats whose libraries do more than read lines: where a wall is missing the other one must not be in their way either. */
TEST(files_are_read_behind_either_wall_alone)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"deaths.csv", "id,lon\n1,2\n3,4\n5,6\n"},
        {"one.csv", "position\n38TLN1\n38TLN2\n38TLN3\n"},
        {"deaths.geojson",
         "{\"type\":\"FeatureCollection\",\"features\":["
         "{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":null},"
         "{\"type\":\"Feature\",\"properties\":{\"a\":2},\"geometry\":null},"
         "{\"type\":\"Feature\",\"properties\":{\"a\":3},\"geometry\":{\"type\":\"Point\","
         "\"coordinates\":[30,48]}}]}"},
    };
    const struct tl_sandbox_walls kernel = tl_sandbox_kernel();
    for (size_t i = 0; i < 4 * (sizeof files / sizeof *files); i++) {
        struct tl_sift sift = {.name = files[i / 4].name,
                               .fd = file_of(files[i / 4].text),
                               .limits = {.memory_bytes = (int64_t)2 << 30,
                                          .file_bytes = 1 << 20,
                                          .cpu_s = 60,
                                          .wall_s = 120,
                                          .no_seccomp = (i & 1) != 0,
                                          .no_landlock = (i & 2) != 0}};
        json_t *found = NULL;
        CHECK_OK(tl_sift_look(ctx, &sift, &found));
        json_t *layer = json_array_get(json_object_get(found, "layers"), 0);
        CHECK(json_integer_value(json_object_get(layer, "rows")) == 3);
        json_decref(found);
        CHECK(sift.walls.seccomp == (kernel.seccomp && (i & 1) == 0));
        CHECK(sift.walls.landlock == (kernel.landlock && (i & 2) == 0));
        close(sift.fd);
    }
}

TEST(what_is_wrong_with_a_file_is_said_in_words)
{
    static const struct {
        const char *name, *text, *part;
        tl_err err;
    } cases[] = {
        {"deaths.csv", "1,2\n3,4\n", "deaths.csv: the first line holds only numbers", TL_EDATA},
        {"deaths.gpkg", "not one", "deaths.gpkg: not a vector file", TL_EDATA},
        {"deaths.exe", "MZ", "files of this ending are not read", TL_EDATA},
        {"\xff.csv", "a\n", "UTF-8", TL_EUSAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tl_sift sift = {.name = cases[i].name, .fd = file_of(cases[i].text)};
        json_t *found = NULL;
        CHECK_FAILS(tl_sift_look(ctx, &sift, &found), cases[i].err, cases[i].part);
        CHECK(found == NULL);
        close(sift.fd);
    }
    struct tl_sift sift = {.name = "a.csv", .fd = file_of("id,x\n1,2\n"), .wanted.layer = "moon"};
    CHECK_FAILS(tl_sift_rows(ctx, &sift, 1), TL_ENOTFOUND, "moon");
    close(sift.fd);
}

/* A grid of text: elevation in metres, five by two. */
TEST(a_raster_is_looked_at_and_handed_over_behind_every_wall)
{
    static const char text[] = "ncols 5\nnrows 2\nxllcorner 500000\nyllcorner 4999800\ncellsize "
                               "100\nNODATA_value -9999\n1 2 3 4 5\n6 7 8 -9999 10\n";
    const struct tl_sandbox_walls kernel = tl_sandbox_kernel();
    for (int i = 0; i < 4; i++) {
        struct tl_sift sift = {.name = "dem.asc",
                               .fd = file_of(text),
                               .window = {.band = 1, .x = 1, .y = 0, .n_x = 4, .n_y = 2},
                               .limits = {.memory_bytes = (int64_t)2 << 30,
                                          .file_bytes = 1 << 20,
                                          .cpu_s = 60,
                                          .wall_s = 120,
                                          .no_seccomp = (i & 1) != 0,
                                          .no_landlock = (i & 2) != 0}};
        json_t *found = NULL;
        double values[8] = {0}; /* whole numbers of any size are no floats */
        CHECK_OK(tl_sift_look_raster(ctx, &sift, &found));
        const json_t *band = json_array_get(json_object_get(found, "bands"), 0);
        CHECK(json_integer_value(json_object_get(found, "n_x")) == 5);
        CHECK(json_integer_value(json_object_get(band, "known")) == 9);
        CHECK_STR(json_string_value(json_object_get(found, "crs")), "");
        json_decref(found);
        CHECK(sift.walls.seccomp == (kernel.seccomp && (i & 1) == 0));
        CHECK(sift.walls.landlock == (kernel.landlock && (i & 2) == 0));
        int out = open("sift_test.pixels", O_RDWR | O_CREAT | O_TRUNC, 0600);
        CHECK_OK(tl_sift_pixels(ctx, &sift, out));
        off_t end = lseek(out, 0, SEEK_END);
        CHECK(pread(out, values, sizeof values, end - (off_t)sizeof values) ==
              (ssize_t)sizeof values);
        CHECK(values[0] == 2.0 && values[3] == 5.0 && isnan(values[6]) && values[7] == 10.0);
        close(out);
        close(sift.fd);
    }
    unlink("sift_test.pixels");
}

TEST(what_is_no_raster_is_said_in_words)
{
    static const struct {
        const char *name, *text, *part;
    } cases[] = {
        {"dem.tif", "not one", "dem.tif: not a raster that can be read"},
        {"dem.img", "EHFA_HEADER_TAG", "dem.img"},
        {"dem.asc", "ncols 3\nnrows 2\n", "dem.asc: not a raster that can be read"},
        {"dem.asc", "ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n", "dem.asc"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tl_sift sift = {.name = cases[i].name, .fd = file_of(cases[i].text)};
        json_t *found = NULL;
        CHECK_FAILS(tl_sift_look_raster(ctx, &sift, &found), TL_EDATA, cases[i].part);
        CHECK(found == NULL);
        close(sift.fd);
    }
}

TEST(limits_hold)
{
    struct tl_sift sift = {
        .name = "a.csv",
        .limits = {
            .memory_bytes = (int64_t)2 << 30, .file_bytes = 4096, .cpu_s = 20, .wall_s = 30}};
    int64_t n = 1 << 20;
    char *text = tl_alloc(ctx, n + 1, 1);
    CHECK(text != NULL);
    memset(text, 'x', (size_t)n);
    memcpy(text, "id,name\n", 8);
    for (int64_t i = 100; i < n; i += 100)
        text[i] = '\n';
    sift.fd = file_of(text);
    tl_free(text);
    int out = open("sift_test.out", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK_FAILS(tl_sift_rows(ctx, &sift, out), TL_EIO, "too large");
    struct stat facts;
    CHECK(fstat(out, &facts) == 0 && facts.st_size <= 4096);
    close(out);
    close(sift.fd);
    unlink("sift_test.out");
}
