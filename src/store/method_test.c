#include "unit.h"

#include "store/fixture.h"

static const char path[] = "method_test.gpkg";

TEST(methods_are_there_and_unknown_always)
{
    struct tl_project *project = NULL;
    struct tl_method *methods = NULL;
    int64_t n = 0, found = -1;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "DELETE FROM method WHERE name = 'unknown'"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_methods(ctx, project, &methods, &n));
    for (int64_t i = 0; i < n; i++) {
        found = strcmp(methods[i].name, "unknown") == 0 ? i : found;
        CHECK(methods[i].source[0] != '\0' && methods[i].detectable_a > 0 &&
              methods[i].per_pass_b > 0);
    }
    CHECK(found >= 0 && n >= 6);
    tl_free(methods);
    tl_project_close(project);
}

/* Figures of the literature that the table claims to hold: d and q as means of their Betas. */
TEST(figures_are_those_of_their_sources)
{
    struct tl_project *project = NULL;
    struct tl_method *methods = NULL;
    int64_t n = 0;
    int n_seen = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_methods(ctx, project, &methods, &n));
    for (int64_t i = 0; i < n; i++) {
        const struct tl_method *m = &methods[i];
        double q = m->per_pass_a / (m->per_pass_a + m->per_pass_b);
        if (strcmp(m->name, "metal detector") == 0) { /* blind trials: 50-70 % */
            n_seen++;
            CHECK(q >= 0.5 && q <= 0.7 && strstr(m->source, "JMU journal 8.2") != NULL);
        } else if (strcmp(m->name, "dogs") == 0) { /* 213 of 213 found */
            n_seen++;
            CHECK(m->per_pass_a == 214 && m->per_pass_b == 1 &&
                  strstr(m->source, "213 of 213") != NULL);
        } else { /* no figure, so it must say so, and be wide: worth fewer than 30 trials */
            CHECK(strncmp(m->source, "assumption: ", 12) == 0 &&
                  m->per_pass_a + m->per_pass_b < 30);
        }
    }
    CHECK(n_seen == 2);
    tl_free(methods);
    tl_project_close(project);
}
