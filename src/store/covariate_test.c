#include "unit.h"

#include "store/fixture.h"

static const char path[] = "covariate_test.gpkg";

TEST(covariates_come_back_and_say_what_changed)
{
    struct tl_project *project = NULL;
    struct tl_covariate_info info = {.name = "slope",
                                     .source = "slope.tif",
                                     .sha256 = "ab",
                                     .prior_sd = 2},
                             *infos = NULL;
    double in[80], out[80];
    bool added = false, changed = true;
    int64_t n = 0;
    for (int i = 0; i < 80; i++)
        in[i] = i % 9 == 0 ? (double)NAN : sqrt(i);
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_EVERY_ALLOC(ctx, tl_project_covariate_put(ctx, project, &info, in, &added, &changed));
    CHECK(added && !changed);
    CHECK_OK(tl_project_covariate_put(ctx, project, &info, in, &added, &changed));
    CHECK(!added && !changed);
    in[1] = 7;
    CHECK_OK(tl_project_covariate_put(ctx, project, &info, in, &added, &changed));
    CHECK(!added && changed);
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_covariate_get(ctx, project, "slope", out));
    CHECK(memcmp(in, out, sizeof in) == 0);
    CHECK_FAILS(tl_project_covariate_get(ctx, project, "rain", out), TL_ENOTFOUND, "\"rain\"");
    CHECK_OK(tl_project_covariates(ctx, project, &infos, &n));
    CHECK(n == 1 && infos[0].prior_sd == 2);
    CHECK_STR(infos[0].source, "slope.tif");
    tl_free(infos);
    tl_project_close(project);
}
