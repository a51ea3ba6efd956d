#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/heap.h"

static const char path[] = "heap_test.gpkg";

/* n accidents at one position, a year apart, after `text`. */
static void add_heap(char *text, size_t size, const char *at, int n, int year)
{
    for (int i = 0; i < n; i++) {
        size_t end = strlen(text);
        snprintf(text + end, size - end, "%s,%d\n", at, year + i);
    }
}

/* Villages' coordinates in the place of spots are told; a few shared positions, or two at one, are not. */
TEST(heaps_are_counted_and_told)
{
    static char text[8192];
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_evidence e;
    CHECK_OK(fixture_district(ctx, path, &project));
    snprintf(text, sizeof text, "lon,lat,date\n");
    for (int i = 0; i < 12; i++) {
        char at[64];
        snprintf(at, sizeof at, "%.4f,50.05", 30.05 + 0.005 * i);
        add_heap(text, sizeof text, at, 1 + i % 2, 1990);
    }
    add_heap(text, sizeof text, "30.1234,50.0444", 9, 1990);
    CHECK_OK(fixture_import(ctx, project, "accident", "h.csv", text, &r));
    CHECK(r.n_added == 27);
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(strstr(e.notes, "share") == NULL); /* nine: chance, perhaps */
    tl_evidence_fini(&e);
    snprintf(text, sizeof text, "lon,lat,date\n");
    add_heap(text, sizeof text, "30.0876,50.0666", 3, 1990);
    CHECK_OK(fixture_import(ctx, project, "accident", "more.csv", text, &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(strstr(e.notes,
                 "12 of 30 accidents lie at positions that three or more of them share (up "
                 "to 9 at one)") != NULL);
    tl_evidence_fini(&e);
    tl_project_close(project);
}
