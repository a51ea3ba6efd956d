#include "unit.h"

#include "plan/fixture.h"
#include "report/plan_draw.h"
#include "tilth/plan_page.h"

/* Pixels of a colour in a row of a PNG that Cairo reads back. */
static int64_t count_colour(const char *path, uint32_t rgb)
{
    cairo_surface_t *image = cairo_image_surface_create_from_png(path);
    int64_t n = 0;
    int w = cairo_image_surface_get_width(image), h = cairo_image_surface_get_height(image);
    const unsigned char *data = cairo_image_surface_get_data(image);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            uint32_t pixel;
            memcpy(&pixel, data + y * cairo_image_surface_get_stride(image) + 4 * x, 4);
            n += (pixel & 0xFFFFFFU) == rgb;
        }
    cairo_surface_destroy(image);
    return n;
}

TEST(bars_have_the_length_of_their_tasks)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    double days = 0.0;
    CHECK_OK(fixture_both(ctx, "gantt.gpkg", false, "hectares", "1MUSD", &project, &plan));
    CHECK_OK(tl_plan_page_gantt(ctx, plan, "gantt.png"));
    struct tl_plan_summary s = tl_plan_summary(plan);
    for (int64_t t = 0; t < s.n_tasks; t++) {
        const struct tl_plan_task *task = tl_plan_task(plan, t);
        int64_t from = 0, to = 0;
        if (!task->is_planned || task->year != 0)
            continue;
        CHECK(tl_calendar_day(task->start, &from) && tl_calendar_day(task->end, &to));
        days += (double)(to + 1 - from);
    }
    /* Rows of 62 pt, of which a bar takes 0.72, on an axis of 769.9 - 136 pt for 731 days, at 180 dots an inch. */
    double scale = 180.0 / 72.0, pixels = days / 731.0 * 633.9 * scale * 0.72 * 62.0 * scale;
    int64_t n = count_colour("gantt.png", tl_plan_map_colour(0, 2));
    CHECK((double)n > 0.75 * pixels &&
          (double)n < 1.05 * pixels); /* less: codes, edges, overlaps of a day */
    tl_plan_free(plan);
    tl_project_close(project);
}
