#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "report/made_up.h"
#include "report/page.h"
#include "report/scale.h"

/* Width and height in a PNG's first chunk. */
static bool png_size(const char *path, int64_t *w, int64_t *h)
{
    unsigned char head[24] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    *w = (int64_t)head[16] << 24 | head[17] << 16 | head[18] << 8 | head[19];
    *h = (int64_t)head[20] << 24 | head[21] << 16 | head[22] << 8 | head[23];
    return n == sizeof head && memcmp(head + 1, "PNG", 3) == 0;
}

/* Words of a PDF; false where pdftotext is not installed. */
static bool pdf_words(const char *path, char *words, size_t room)
{
    char command[512];
    snprintf(command, sizeof command, "pdftotext -layout '%s' - 2>/dev/null", path);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        return false;
    size_t n = fread(words, 1, room - 1, pipe);
    words[n] = '\0';
    return pclose(pipe) == 0;
}

static char words[65536];

TEST(a_district_gives_a_page_of_a4_at_180_dpi)
{
    struct made_up m;
    int64_t w = 0, h = 0;
    made_up_init(&m, 220, 200, 100);
    CHECK_OK(tl_report_map_draw(ctx, &m.map, "map_district.png"));
    CHECK_OK(tl_report_map_draw(ctx, &m.map, "map_district.pdf"));
    made_up_fini(&m);
    CHECK(png_size("map_district.png", &w, &h));
    CHECK(w == 2105 && h == 1488);
}

TEST(words_of_the_pdf_can_be_searched)
{
    struct made_up m;
    made_up_init(&m, 60, 50, 400);
    CHECK_OK(tl_report_map_draw(ctx, &m.map, "map_words.pdf"));
    made_up_fini(&m);
    if (!pdf_words("map_words.pdf", words, sizeof words))
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "Explosive ordnance in the district of Вільхове") != NULL);
    CHECK(strstr(words, "per hectare") != NULL);
    CHECK(strstr(words, "standard deviation of log density") != NULL);
    CHECK(strstr(words, "times more or fewer") != NULL);
    CHECK(strstr(words, "not a statement that any ground is free of hazard") != NULL);
    CHECK(strstr(words, "Look here first") != NULL);
    CHECK(strstr(words, "Stepanivka") != NULL);
    CHECK(strstr(words, "WGS 84 / UTM zone 37N") != NULL);
    CHECK(strstr(words, "km") != NULL);
    CHECK(strstr(words, "° E") != NULL);
    CHECK(strcasestr(words, "safe") == NULL);
}

TEST(the_same_map_gives_the_same_bytes)
{
    struct made_up m;
    char first[TL_HASH_HEX], second[TL_HASH_HEX];
    static const char *const endings[] = {"pdf", "png"};
    made_up_init(&m, 80, 70, 250);
    for (int i = 0; i < 2; i++) {
        char a[64], b[64];
        snprintf(a, sizeof a, "map_same_a.%s", endings[i]);
        snprintf(b, sizeof b, "map_same_b.%s", endings[i]);
        CHECK_OK(tl_report_map_draw(ctx, &m.map, a));
        /* A PDF that stamped the second would differ by then. */
        if (i == 0)
            sleep(1);
        CHECK_OK(tl_report_map_draw(ctx, &m.map, b));
        CHECK_OK(tl_hash_file(ctx, a, first));
        CHECK_OK(tl_hash_file(ctx, b, second));
        CHECK_STR(first, second);
    }
    made_up_fini(&m);
}

TEST(land_far_wider_than_high_is_drawn_one_above_the_other)
{
    struct made_up m;
    made_up_init(&m, 400, 60, 200);
    CHECK_OK(tl_report_map_draw(ctx, &m.map, "map_wide.png"));
    made_up_fini(&m);
}

TEST(land_far_higher_than_wide_is_drawn)
{
    struct made_up m;
    made_up_init(&m, 60, 400, 200);
    CHECK_OK(tl_report_map_draw(ctx, &m.map, "map_high.png"));
    made_up_fini(&m);
}

TEST(strips_one_cell_wide_and_one_cell_alone_are_drawn)
{
    static const int64_t sizes[][2] = {{1, 1}, {1, 500}, {500, 1}};
    for (int i = 0; i < 3; i++) {
        struct made_up m;
        char path[64];
        snprintf(path, sizeof path, "map_strip_%d.png", i);
        made_up_init(&m, sizes[i][0], sizes[i][1], 100);
        m.map.n_look = m.map.n_areas = m.map.n_notes = 0;
        CHECK_OK(tl_report_map_draw(ctx, &m.map, path));
        made_up_fini(&m);
    }
}

static tl_err draw_filled(struct tl_ctx *ctx, double mean, double sd, const char *path)
{
    struct made_up m;
    made_up_init(&m, 30, 20, 100);
    for (int i = 0; i < 600; i++) {
        m.mean[i] = mean;
        m.sd[i] = sd;
    }
    tl_err err = tl_report_map_draw(ctx, &m.map, path);
    made_up_fini(&m);
    return err;
}

TEST(values_at_the_edge_of_what_there_is_are_drawn)
{
    CHECK_OK(draw_filled(ctx, NAN, NAN, "map_nan.png"));
    CHECK_OK(draw_filled(ctx, 1e-5, 0.7, "map_constant.png"));
    CHECK_OK(draw_filled(ctx, 0.0, 0.0, "map_zero.png"));
    CHECK_OK(draw_filled(ctx, 1e300, 1e300, "map_huge.png"));
    CHECK_OK(draw_filled(ctx, INFINITY, INFINITY, "map_infinite.png"));
    CHECK_OK(draw_filled(ctx, 1e-300, 1e-300, "map_tiny.png"));
}

TEST(names_in_any_script_and_of_any_length_are_drawn)
{
    struct made_up m;
    made_up_init(&m, 50, 40, 400);
    static char title[2001];
    memset(title, 'x', 2000);
    for (int i = 10; i < 2000; i += 10)
        title[i] = ' ';
    m.map.title = title;
    m.map.subtitle = title;
    m.map.footer = title;
    m.places[0].label = "مدينة الزيتون";
    m.places[1].label = "ភូមិថ្មី";
    m.places[2].label = "not UTF-8: \xff\xfe\xc3";
    m.places[3].label = "";
    m.places[4].label = NULL;
    m.places[5].label = title;
    m.places[6].size = NAN;
    m.places[7].x_m = NAN;
    m.points[3].y_m = INFINITY;
    m.line_xy[7] = NAN;
    m.map.corners_deg[3] = NAN;
    CHECK_OK(tl_report_map_draw(ctx, &m.map, "map_scripts.png"));
    CHECK_OK(tl_report_map_draw(ctx, &m.map, "map_scripts.pdf"));
    made_up_fini(&m);
}

TEST(a_bare_map_without_any_words_or_marks_is_drawn)
{
    struct made_up m;
    made_up_init(&m, 40, 30, 1000);
    struct tl_report_map bare = {.grid = m.map.grid, .mean = m.mean, .sd = m.sd};
    CHECK_OK(tl_report_map_draw(ctx, &bare, "map_bare.png"));
    made_up_fini(&m);
}

/* Pixels of a PNG that have a colour. */
static int64_t pixels_of(const char *path, uint32_t rgb)
{
    cairo_surface_t *image = cairo_image_surface_create_from_png(path);
    const unsigned char *data = cairo_image_surface_get_data(image);
    int64_t n = 0, stride = cairo_image_surface_get_stride(image);
    for (int64_t y = 0; data != NULL && y < cairo_image_surface_get_height(image); y++)
        for (int64_t x = 0; x < cairo_image_surface_get_width(image); x++) {
            uint32_t pixel;
            memcpy(&pixel, data + y * stride + 4 * x, 4);
            n += (pixel & 0xFFFFFF) == rgb;
        }
    cairo_surface_destroy(image);
    return n;
}

TEST(a_grid_larger_than_the_page_keeps_its_hottest_cell)
{
    struct tl_report_map map = {.grid = {.step_m = 10, .n_x = 3001, .n_y = 1700}};
    int64_t n = map.grid.n_x * map.grid.n_y;
    double *mean = tl_alloc(ctx, n, sizeof *mean), *sd = tl_alloc(ctx, n, sizeof *sd);
    CHECK(mean != NULL && sd != NULL);
    for (int64_t i = 0; i < n; i++)
        mean[i] = i % 7 == 0 ? 1.3e-7 : 1.3e-6;
    mean[900 * map.grid.n_x + 1501] = 1.0;
    map.mean = mean;
    map.sd = sd;
    CHECK_OK(tl_report_map_draw(ctx, &map, "map_hot.png"));
    mean[900 * map.grid.n_x + 1501] = 1e-7;
    CHECK_OK(tl_report_map_draw(ctx, &map, "map_cold.png"));
    tl_free(mean);
    tl_free(sd);
    uint32_t darkest = tl_scale_colour(TL_SCALE_DENSITY, 1.0);
    CHECK(pixels_of("map_hot.png", darkest) > pixels_of("map_cold.png", darkest));
}

TEST(another_ending_is_refused)
{
    struct made_up m;
    made_up_init(&m, 5, 5, 100);
    CHECK_FAILS(tl_report_map_draw(ctx, &m.map, "map.svg"), TL_EUSAGE, "map.svg");
    CHECK_FAILS(tl_report_map_draw(ctx, &m.map, "pdf"), TL_EUSAGE, ".pdf");
    CHECK_FAILS(tl_report_map_draw(ctx, &m.map, ""), TL_EUSAGE, ".png");
    made_up_fini(&m);
}

TEST(a_path_that_cannot_be_written_is_named_and_leaves_nothing)
{
    struct made_up m;
    struct stat info;
    made_up_init(&m, 5, 5, 100);
    CHECK_FAILS(tl_report_map_draw(ctx, &m.map, "no/such/folder/map.pdf"), TL_EIO,
                "no/such/folder");
    CHECK_FAILS(tl_report_map_draw(ctx, &m.map, "no/such/folder/map.png"), TL_EIO,
                "no/such/folder");
    CHECK(stat("no", &info) != 0);
    made_up_fini(&m);
}

TEST(every_allocation_of_ours_may_fail)
{
    struct made_up m;
    made_up_init(&m, 12, 10, 1000);
    CHECK_EVERY_ALLOC(ctx, tl_report_map_draw(ctx, &m.map, "map_alloc.pdf"));
    CHECK_EVERY_ALLOC(ctx, tl_report_map_draw(ctx, &m.map, "map_alloc.png"));
    made_up_fini(&m);
}
