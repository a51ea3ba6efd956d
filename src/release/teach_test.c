#include "unit.h"

#include "release/case.h"
#include "release/teach.h"

static const char *const path = "release_teach_test.gpkg";

/*
 * Suspected areas beside those of the fixture: on ground that dogs searched in vain (HA-0004), on ground where a search found items (HA-0005), there too
 * but with direct evidence (HA-0006), around an accident on ground that was searched since (HA-0007), on the ground of the first but cancelled (HA-0008).
 */
static const char *const more_areas =
    "id,classification,status,evidence,wkt\n"
    "T1,SHA,reduced,indirect,\"POLYGON((15.0155 2.0025,15.0185 2.0025,15.0185 2.0055,15.0155 "
    "2.0055,15.0155 2.0025))\"\n"
    "T2,SHA,open,indirect,\"POLYGON((15.0045 2.0125,15.0065 2.0125,15.0065 2.0145,15.0045 "
    "2.0145,15.0045 2.0125))\"\n"
    "T3,SHA,open,direct,\"POLYGON((15.0046 2.0126,15.0066 2.0126,15.0066 2.0146,15.0046 "
    "2.0146,15.0046 2.0126))\"\n"
    "T4,SHA,open,indirect,\"POLYGON((15.0168 2.0028,15.0190 2.0028,15.0190 2.0052,15.0168 "
    "2.0052,15.0168 2.0028))\"\n"
    "T5,SHA,cancelled,indirect,\"POLYGON((15.0156 2.0026,15.0184 2.0026,15.0184 2.0054,15.0156 "
    "2.0054,15.0156 2.0026))\"\n";
static const char *const accident = "id,lon,lat,date,category\nX1,15.0188,2.0040,2022,AP mine\n";

static struct tl_release_options options;

static tl_err open_lessons(struct tl_ctx *ctx, struct tl_project **project,
                           struct tl_release_shared *shared)
{
    tl_err err = TL_OK;
    options = tl_release_options_default();
    TL_TRY(release_open(ctx, path, project));
    TL_TRY(release_text(ctx, *project, "hazard-area", more_areas));
    TL_TRY(release_text(ctx, *project, "accident", accident));
    TL_TRY(tl_release_shared_init(ctx, *project, &options, false, shared));
done:
    return err;
}

static const struct tl_release_lesson *lesson_of(const struct tl_release_lessons *all,
                                                 const char *code)
{
    for (int64_t k = 0; k < all->n; k++)
        if (strcmp(all->lesson[k].code, code) == 0)
            return &all->lesson[k];
    return NULL;
}

static void close_lessons(struct tl_project *project, struct tl_release_shared *shared)
{
    tl_release_shared_fini(shared);
    tl_project_close(project);
    unlink(path);
}

TEST(searched_areas_that_nobody_met_anything_in_are_lessons)
{
    struct tl_project *project = NULL;
    struct tl_release_shared shared = {.project = NULL};
    CHECK_OK(open_lessons(ctx, &project, &shared));
    CHECK(!shared.lessons.is_read); /* nobody in doubt has come yet */
    CHECK_OK(tl_release_teach(ctx, &shared));
    const struct tl_release_lessons *all = &shared.lessons;
    const struct tl_release_lesson *in_vain = lesson_of(all, "HA-0004");
    CHECK(all->is_read && all->n_left_out == 0);
    CHECK(in_vain != NULL && !in_vain->found && in_vain->odds >= 1.0);
    CHECK(lesson_of(all, "HA-0001") == NULL); /* confirmed */
    CHECK(lesson_of(all, "HA-0002") == NULL); /* nobody searched it */
    CHECK(lesson_of(all, "HA-0003") == NULL); /* outside the map */
    CHECK(lesson_of(all, "HA-0006") == NULL); /* direct evidence */
    CHECK(lesson_of(all, "HA-0007") == NULL); /* an accident inside */
    CHECK(lesson_of(all, "HA-0008") == NULL); /* cancelled */
    const struct tl_release_lesson *given = all->lesson;
    CHECK_OK(tl_release_teach(ctx, &shared)); /* once */
    CHECK(shared.lessons.lesson == given);
    close_lessons(project, &shared);
}

TEST(lessons_are_the_same_on_any_number_of_threads)
{
    struct tl_project *project = NULL;
    struct tl_release_shared one = {.project = NULL}, three = {.project = NULL};
    CHECK_OK(open_lessons(ctx, &project, &one));
    CHECK_OK(tl_release_shared_init(ctx, project, &options, false, &three));
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(tl_release_teach(ctx, &one));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(tl_release_teach(ctx, &three));
    CHECK(one.lessons.n == three.lessons.n && one.lessons.n > 0);
    for (int64_t k = 0; k < one.lessons.n; k++) {
        CHECK_STR(one.lessons.lesson[k].code, three.lessons.lesson[k].code);
        CHECK(one.lessons.lesson[k].found == three.lessons.lesson[k].found &&
              !(one.lessons.lesson[k].odds < three.lessons.lesson[k].odds) &&
              !(one.lessons.lesson[k].odds > three.lessons.lesson[k].odds));
    }
    tl_release_shared_fini(&three);
    close_lessons(project, &one);
}

/* Both numbers stand in the assessment; criteria and the figures' own keys speak of the one without the doubt. */
TEST(an_assessment_tells_both)
{
    struct case_set s = {.options = tl_release_options_default()};
    CHECK_OK(case_open(ctx, path, "HA-0002", &s));
    const json_t *remaining = json_object_get(s.json, "remaining");
    const json_t *doubt = json_object_get(remaining, "suspicion");
    double with = s.c->now.p_any.value;
    CHECK(json_is_true(json_object_get(doubt, "in_doubt")));
    CHECK_NEAR(json_number_value(json_object_get(json_object_get(remaining, "p_any"), "value")),
               with, 1e-5);
    CHECK_NEAR(json_number_value(json_object_get(json_object_get(doubt, "p_any"), "value")),
               s.c->suspicion.p_any, 1e-5);
    CHECK(s.c->suspicion.p_any <= with && s.c->suspicion.p_any >= s.c->suspicion.p_any_if_false);
    CHECK_NEAR(s.c->facts.value[TL_RELEASE_P_ANY], with, 0.0);
    CHECK_NEAR(s.c->facts.value[TL_RELEASE_EXPECTED], s.c->now.expected.value, 0.0);
    CHECK_NEAR(s.c->suspicion.odds, 1.0, 1e-12); /* nobody searched it */
    CHECK_NEAR(s.c->suspicion.holds, s.c->suspicion.share.mean, 1e-12);
    CHECK(case_says(&s, "assumptions", "suspicion"));
    CHECK(strstr(s.c->result.words, "If it is false") != NULL);
    case_close(&s, path);
    s = (struct case_set){.options = tl_release_options_default()};
    CHECK_OK(case_open(ctx, path, "HA-0001", &s)); /* confirmed: no doubt, no lessons */
    doubt = json_object_get(json_object_get(s.json, "remaining"), "suspicion");
    CHECK(json_is_false(json_object_get(doubt, "in_doubt")) && !s.shared.lessons.is_read);
    CHECK_STR(json_string_value(json_object_get(doubt, "standing")), "confirmed");
    CHECK(strstr(s.c->result.words, "If it is false") == NULL);
    CHECK(!case_says(&s, "assumptions", "suspicion"));
    case_close(&s, path);
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    struct tl_release_shared shared = {.project = NULL};
    tl_err err = TL_ENOMEM;
    int64_t k = 0, n_failed = 0;
    CHECK_OK(open_lessons(ctx, &project, &shared));
    tl_ctx_set_threads(ctx, 1);
    for (k = 1; err != TL_OK && k < 100000; k += 7) {
        tl_ctx_fail_alloc(ctx, k);
        err = tl_release_teach(ctx, &shared);
        tl_ctx_fail_alloc(ctx, 0);
        n_failed += err != TL_OK;
        CHECK(err == TL_OK || (err == TL_ENOMEM && !shared.lessons.is_read));
    }
    CHECK(err == TL_OK && n_failed > 10);
    close_lessons(project, &shared);
}
