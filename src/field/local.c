#include "tilth/field.h"

#include "core/core.h"

tl_err tl_field_local(struct tl_ctx *ctx, const struct tl_field_input *input,
                      const struct tl_field_given *given, struct tl_field_result *result)
{
    struct tl_field_options o = tl_field_options_default();
    o.fixed_range_m = given->range_m;
    o.fixed_sigma = given->sigma;
    o.intercept_prior_mean = given->intercept_mean;
    o.intercept_prior_sd = given->intercept_sd;
    o.n_samples = given->n_samples;
    o.seed = given->seed;
    o.pad_m = 0.0; /* the window brings its own */
    return tl_field_fit(ctx, input, &o, result);
}
