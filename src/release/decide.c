/*
 * A person's decision. It rests on the latest assessment kept of the area, and only while nothing that the assessment rests on has changed:
 * records, methods, the map, the perimeter. Whether criteria were given and met is kept with it; a decision against
 * them is a person's right, and is recorded as such.
 */
#include <stdio.h>
#include <string.h>

#include "release/assess.h"

static tl_err check_request(struct tl_ctx *ctx, const struct tl_release_decide *d)
{
    const char *texts[] = {d->area, d->as, d->person, d->role, d->reason};
    const char *names[] = {"area", "kind of release", "person", "role", "reason"};
    bool known = false;
    for (int k = 0; k < 5; k++)
        if (texts[k] == NULL || texts[k][strspn(texts[k], " \t\n")] == '\0')
            return tl_fail(ctx, TL_EUSAGE, "a decision needs its %s", names[k]);
    for (int v = 0; v < TL_RELEASE_VERDICTS; v++)
        known = known || strcmp(d->as, tl_release_verdicts[v]) == 0;
    if (!known)
        return tl_fail(ctx, TL_EUSAGE, "released as '%s': expected cancelled, reduced or cleared",
                       d->as);
    if (strcmp(d->role, "approver") != 0)
        return tl_fail(ctx, TL_EDENIED, "the role '%s' may not release land: only an approver may",
                       d->role);
    return TL_OK;
}

/* The evidence as it is now must be that of the assessment. */
static tl_err check_evidence(struct tl_ctx *ctx, struct tl_project *project,
                             struct tl_release_subject *subject, const char *assessed)
{
    tl_err err = TL_OK;
    struct tl_release_shared shared = {0};
    struct tl_release_options options = tl_release_options_default();
    struct tl_local local = {0};
    char hex[65], code[32];
    snprintf(code, sizeof code, "%s", subject->code);
    TL_TRY(tl_release_shared_init(ctx, project, &options, false, &shared));
    TL_TRY(tl_local_window(ctx, shared.base, subject->wkb, subject->wkb_bytes, shared.margin_m,
                           shared.map.n_names, shared.map.names, &local));
    tl_release_case_hash(&shared, &local, subject, hex);
    if (strcmp(hex, assessed) != 0)
        TL_THROW(ctx, TL_ECONFLICT,
                 "%s: the records, the methods, the map or the perimeter have changed since it was "
                 "assessed; assess again: tilth assess %s --area %s",
                 code, tl_project_path(project), code);
done:
    tl_local_fini(&local);
    tl_release_shared_fini(&shared);
    return err;
}

/* Of the assessment's criteria, what concerns this kind of release; NULL when there were none. */
static json_t *criteria_outcome(const json_t *assessment, const char *as)
{
    const json_t *criteria = json_object_get(assessment, "criteria");
    size_t at;
    json_t *verdict, *mine = NULL;
    if (!json_is_object(criteria))
        return NULL;
    json_array_foreach(json_object_get(criteria, "verdicts"), at, verdict)
    {
        const char *its = json_string_value(json_object_get(verdict, "as"));
        if (its != NULL && strcmp(its, as) == 0)
            mine = verdict;
    }
    return json_pack("{s:O, s:O, s:O?, s:O?, s:b, s:o}", "file", json_object_get(criteria, "file"),
                     "sha256", json_object_get(criteria, "sha256"), "title",
                     json_object_get(criteria, "title"), "authority",
                     json_object_get(criteria, "authority"), "given", mine != NULL, "met",
                     mine == NULL ? json_null() : json_incref(json_object_get(mine, "met")));
}

tl_err tl_release_decide(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_release_decide *d, char **json)
{
    tl_err err = TL_OK;
    struct tl_release_options options = tl_release_options_default();
    struct tl_release_subject subject = {0};
    char *hash = NULL, *evidence_hash = NULL, *text = NULL, *outcome_text = NULL, *told = NULL;
    json_t *assessment = NULL, *outcome = NULL, *out = NULL;
    int64_t id = 0;
    bool ours = false;
    TL_TRY(check_request(ctx, d));
    options.area = d->area;
    /* From here on nobody else writes: a record that came between the check of the evidence and the decision would count as known. */
    TL_TRY(tl_project_begin(ctx, project));
    ours = true;
    TL_TRY(tl_release_subject_find(ctx, project, &options, &subject));
    TL_TRY(tl_decision_latest_assessment(ctx, project, subject.code, &hash, &evidence_hash, &text));
    if (hash == NULL)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "%s was not assessed: a release rests on an assessment; first: tilth assess "
                 "%s --area %s",
                 subject.code, tl_project_path(project), subject.code);
    assessment = json_loads(text, 0, NULL);
    if (assessment == NULL)
        TL_THROW(ctx, TL_EINTEGRITY, "the assessment of %s is not readable; see `tilth check`",
                 subject.code);
    TL_TRY(check_evidence(ctx, project, &subject, evidence_hash));
    outcome = criteria_outcome(assessment, d->as);
    if (outcome != NULL)
        TL_TRY(tl_json_text(ctx, outcome, &outcome_text));
    struct tl_decision decision = {.area_code = subject.code,
                                   .as = d->as,
                                   .person = d->person,
                                   .role = d->role,
                                   .reason = d->reason,
                                   .assessment_hash = hash,
                                   .criteria = outcome_text};
    bool against = outcome != NULL && json_is_false(json_object_get(outcome, "met"));
    const json_t *remaining = json_object_get(assessment, "remaining");
    out = json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O?, s:b, s:{s:O?, s:O?, s:O?}}", "schema",
        "tilth.release/1", "id", (json_int_t)0, "area", subject.code, "as", d->as, "person",
        d->person, "role", d->role, "reason", d->reason, "assessment", hash, "evidence_hash",
        evidence_hash, "criteria", outcome, "against_criteria", (int)against, "remaining",
        "expected", json_object_get(remaining, "expected"), "upper95",
        json_object_get(remaining, "upper95"), "p_any", json_object_get(remaining, "p_any"));
    if (out == NULL)
        TL_THROW(ctx, TL_EUSAGE, "the decision's texts must be UTF-8");
    TL_TRY(tl_decision_put(ctx, project, &decision, &id));
    json_object_set_new(out, "id", json_integer((json_int_t)id));
    TL_TRY(tl_json_text(ctx, out, &told));
    TL_TRY(tl_project_commit(ctx, project));
    ours = false;
    *json = told;
    told = NULL;
done:
    if (ours)
        tl_project_rollback(project);
    tl_release_subject_fini(&subject);
    json_decref(assessment);
    json_decref(outcome);
    json_decref(out);
    tl_free(hash);
    tl_free(evidence_hash);
    tl_free(text);
    tl_free(outcome_text);
    tl_free(told);
    return err;
}
