/* Temporary: weak answers of what release and survey have not landed yet; goes when they have. */
#include "core/core.h"
#include "tilth/release.h"
#include "tilth/survey.h"
#define WEAK __attribute__((weak))
WEAK struct tl_release_options tl_release_options_default(void)
{
    return (struct tl_release_options){0};
}
WEAK tl_err tl_release_assess(struct tl_ctx *ctx, struct tl_project *project,
                              const struct tl_release_options *options,
                              struct tl_release_result *result)
{
    (void)project, (void)options, (void)result;
    return tl_fail(ctx, TL_EUNBUILT, "not built yet");
}
WEAK void tl_release_result_fini(struct tl_release_result *result)
{
    (void)result;
}
WEAK tl_err tl_release_assess_all(struct tl_ctx *ctx, struct tl_project *project,
                                  const struct tl_release_options *options, tl_release_each each,
                                  void *user, char **skipped)
{
    (void)project, (void)options, (void)each, (void)user, (void)skipped;
    return tl_fail(ctx, TL_EUNBUILT, "not built yet");
}
WEAK tl_err tl_release_decide(struct tl_ctx *ctx, struct tl_project *project,
                              const struct tl_release_decide *decide, char **json)
{
    (void)project, (void)decide, (void)json;
    return tl_fail(ctx, TL_EUNBUILT, "not built yet");
}
WEAK tl_err tl_survey_next(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_survey_next *next, const char *out, bool overwrite,
                           char **json, char **words)
{
    (void)project, (void)next, (void)out, (void)overwrite, (void)json, (void)words;
    return tl_fail(ctx, TL_EUNBUILT, "not built yet");
}
