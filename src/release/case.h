/** Test use: one area of the fixture read and solved, with everything inside to look at. */
#ifndef TL_RELEASE_CASE_H
#define TL_RELEASE_CASE_H

#include "release/assess.h"
#include "release/fixture.h"

struct case_set {
    struct tl_project *project;
    struct tl_release_options options;
    struct tl_release_shared shared;
    struct tl_release_case *c;
    json_t *json;
};

__attribute__((unused)) static void case_close(struct case_set *s, const char *path)
{
    if (s->c != NULL)
        tl_release_case_fini(s->c);
    tl_free(s->c);
    json_decref(s->json);
    tl_release_shared_fini(&s->shared);
    tl_project_close(s->project);
    unlink(path);
}

/** Options are set before, but for the area. */
__attribute__((unused)) static tl_err case_open(struct tl_ctx *ctx, const char *path,
                                                const char *area, struct case_set *s)
{
    tl_err err = TL_OK;
    struct tl_release_subject subject = {0};
    s->options.area = area;
    if (s->options.n_draws == 0)
        s->options.n_draws = 256;
    TL_TRY(release_open(ctx, path, &s->project));
    TL_TRY_ALLOC(ctx, s->c, 1);
    TL_TRY(tl_release_subject_find(ctx, s->project, &s->options, &subject));
    TL_TRY(tl_release_shared_init(ctx, s->project, &s->options, false, &s->shared));
    TL_TRY(tl_release_case_read(ctx, &s->shared, &subject, s->c));
    TL_TRY(tl_release_case_solve(ctx, &s->shared, s->c));
    s->json = json_loads(s->c->result.json, 0, NULL);
done:
    tl_release_subject_fini(&subject);
    return err;
}

__attribute__((unused)) static bool case_says(const struct case_set *s, const char *list,
                                              const char *key)
{
    size_t at;
    json_t *one;
    json_array_foreach(json_object_get(s->json, list), at,
                       one) if (strcmp(json_string_value(json_object_get(one, "key")), key) ==
                                0) return true;
    return false;
}

#endif
