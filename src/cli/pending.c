/* Temporary: weak answers of what survey has not landed yet; goes when it has. */
#include "core/core.h"
#include "tilth/survey.h"
#define WEAK __attribute__((weak))
WEAK tl_err tl_survey_next(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_survey_next *next, const char *out, bool overwrite,
                           char **json, char **words)
{
    (void)project, (void)next, (void)out, (void)overwrite, (void)json, (void)words;
    return tl_fail(ctx, TL_EUNBUILT, "not built yet");
}
