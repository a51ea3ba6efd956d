#include "unit.h"

#include "store/fixture.h"

static const char path[] = "rtree_test.gpkg";

/* Puts accidents `from` to `to` and asks SQLite itself whether the tree is sound. */
static tl_err put_many(struct tl_ctx *ctx, struct tl_project *project, int from, int to)
{
    enum tl_put put;
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    for (int i = from; i < to; i++)
        TL_TRY(fixture_put(ctx, project, 0, i, true, "mine", &put, NULL));
    TL_TRY(tl_project_commit(ctx, project));
done:
    return err;
}

static tl_err found(struct tl_ctx *ctx, struct tl_project *project, const double *box, int64_t *n)
{
    struct tl_cursor *cursor = NULL;
    bool more = false;
    tl_err err = TL_OK;
    *n = 0;
    TL_TRY(tl_register_select(ctx, project, TL_KIND_ACCIDENT, box, &cursor));
    for (;; ++*n) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
    }
done:
    tl_cursor_free(cursor);
    return err;
}

#define CHECK_TREE(project)                                                                        \
    do {                                                                                           \
        char *unit_tree = NULL;                                                                    \
        CHECK_OK(tl_sql_get_text(ctx, (project)->db, "SELECT rtreecheck('rtree_accident_geom')",   \
                                 &unit_tree));                                                     \
        bool unit_sound = strcmp(unit_tree, "ok") == 0;                                            \
        if (!unit_sound)                                                                           \
            printf("  %s\n", unit_tree);                                                           \
        tl_free(unit_tree);                                                                        \
        CHECK(unit_sound);                                                                         \
    } while (0)

/* One by one; packed from nothing; one by one into a packed one; packed anew with what was there; sizes at nodes' edges. */
TEST(trees_of_every_making_are_sound_and_find_the_same)
{
    static const int steps[] = {0, 1, 51, 52, 1000, 4000, 4300, 9000, 9010};
    static const double boxes[3][4] = {
        {-75.2, 7.0, -75.19, 7.01}, {-76, 6, -74, 8}, {-75.15, 7.02, -75.149, 7.1}};
    for (int start = 0; start < 2; start++) {
        struct tl_project *project = NULL;
        CHECK_OK(fixture_open(ctx, path, &project));
        for (size_t s = (size_t)(start == 0 ? 1 : 5); s < sizeof steps / sizeof steps[0]; s++) {
            CHECK_OK(put_many(ctx, project, s == 5 && start == 1 ? 0 : steps[s - 1], steps[s]));
            CHECK_TREE(project);
            for (int b = 0; b < 3; b++) {
                int64_t n = 0, wanted = 0;
                for (int i = 0; i < steps[s]; i++) {
                    double x = -75.2 + 0.0001 * (i % 1000), y = 7.0 + 0.00001 * i;
                    wanted += x >= boxes[b][0] && x <= boxes[b][2] && y >= boxes[b][1] &&
                              y <= boxes[b][3];
                }
                CHECK_OK(found(ctx, project, boxes[b], &n));
                CHECK(n >= wanted && n <= wanted + 2); /* entries are rounded outwards to floats */
            }
        }
        tl_project_close(project);
    }
}

TEST(a_packed_tree_can_be_edited_by_anyone)
{
    struct tl_project *project = NULL;
    int64_t n = 0;
    static const double all[4] = {-76, 6, -74, 8};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(put_many(ctx, project, 0, 5000));
    CHECK_OK(
        tl_sql_exec(ctx, project->db,
                    "DELETE FROM accident WHERE id % 3 = 0; UPDATE accident SET geom = (SELECT "
                    "geom FROM accident WHERE id = 1) WHERE id % 7 = 0"));
    CHECK_TREE(project);
    CHECK_OK(found(ctx, project, all, &n));
    CHECK(n == 5000 - 1666);
    tl_project_close(project);
}

TEST(a_selection_inside_the_transaction_sees_what_was_put)
{
    struct tl_project *project = NULL;
    enum tl_put put;
    int64_t n = 0;
    static const double all[4] = {-76, 6, -74, 8};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_put(ctx, project, 0, 1, true, "mine", &put, NULL));
    CHECK_OK(found(ctx, project, all, &n));
    CHECK(n == 1);
    CHECK_OK(fixture_put(ctx, project, 0, 2, true, "mine", &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(found(ctx, project, all, &n));
    CHECK(n == 2);
    CHECK_TREE(project);
    tl_project_close(project);
}
