/** People and edits for the tests of edit.c and edit_put.c. */
#ifndef TL_STORE_EDIT_FIXTURE_H
#define TL_STORE_EDIT_FIXTURE_H

#include "store/edit.h"
#include "store/fixture.h"

__attribute__((unused)) static const struct tl_edit_who olha = {"Olha", "entry", false};
__attribute__((unused)) static const struct tl_edit_who petro = {"Petro", "entry", false};
__attribute__((unused)) static const struct tl_edit_who vira = {"Vira", "verifier", false};
__attribute__((unused)) static const struct tl_edit_who quality = {"Quality", "quality manager",
                                                                   false};
__attribute__((unused)) static const struct tl_edit_who local = {"local", "administrator", true};

static unsigned char edit_point[21];

/* An accident at a place, with a category. */
__attribute__((unused)) static struct tl_edit edit_accident(double lon, const char *category)
{
    struct tl_edit edit = {.sets_geometry = true, .wkb = edit_point, .wkb_bytes = 21};
    int i = tl_kind_column(TL_KIND_ACCIDENT, "category");
    fixture_point(lon, 7.04, edit_point);
    edit.sets[i] = true;
    edit.values[i] = category;
    return edit;
}

/* In the name of somebody, in a transaction of its own. */
__attribute__((unused)) static tl_err edit_begin(struct tl_ctx *ctx, struct tl_project *project,
                                                 const struct tl_edit_who *who)
{
    tl_err err = tl_project_set_actor(ctx, project, who->person);
    return err == TL_OK ? tl_project_begin(ctx, project) : err;
}

__attribute__((unused)) static tl_err edit_create(struct tl_ctx *ctx, struct tl_project *project,
                                                  const struct tl_edit *edit,
                                                  const struct tl_edit_who *who,
                                                  struct tl_edit_state *state)
{
    tl_err err = edit_begin(ctx, project, who);
    if (err == TL_OK)
        err = tl_edit_create(ctx, project, TL_KIND_ACCIDENT, edit, who, state);
    if (err == TL_OK)
        return tl_project_commit(ctx, project);
    tl_project_rollback(project);
    return err;
}

__attribute__((unused)) static tl_err edit_change(struct tl_ctx *ctx, struct tl_project *project,
                                                  const struct tl_edit *edit,
                                                  const struct tl_edit_who *who,
                                                  struct tl_edit_state *state)
{
    char code[64], version[TL_EDIT_VERSION_HEX];
    memcpy(code, state->code, sizeof code);
    memcpy(version, state->version, sizeof version);
    tl_err err = edit_begin(ctx, project, who);
    if (err == TL_OK)
        err = tl_edit_change(ctx, project, TL_KIND_ACCIDENT, code, version, edit, who, state);
    if (err == TL_OK)
        return tl_project_commit(ctx, project);
    tl_project_rollback(project);
    return err;
}

__attribute__((unused)) static tl_err edit_step(struct tl_ctx *ctx, struct tl_project *project,
                                                enum tl_edit_act act, const char *comment,
                                                const struct tl_edit_who *who,
                                                struct tl_edit_state *state)
{
    struct tl_edit_state before = *state;
    const struct tl_edit_step step = {act, before.version, comment};
    tl_err err = edit_begin(ctx, project, who);
    if (err == TL_OK)
        err = tl_edit_step(ctx, project, TL_KIND_ACCIDENT, before.code, &step, who, state);
    if (err == TL_OK)
        return tl_project_commit(ctx, project);
    tl_project_rollback(project);
    return err;
}

/* How much `check` finds amiss; the first of it as the context's message. */
__attribute__((unused)) static int64_t edit_n_amiss(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_check_line *lines = NULL;
    int64_t n = -1;
    if (tl_project_check(ctx, project, &lines, &n) != TL_OK)
        return -1;
    if (n > 0)
        (void)tl_fail(ctx, TL_EINTEGRITY, "%s: %s", lines[0].check, lines[0].message);
    tl_free(lines);
    return n;
}

#endif
