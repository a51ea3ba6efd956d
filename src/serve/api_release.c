/* Decisions: release with the password again, findings and their answers. */
#include <stdio.h>
#include <string.h>

#include "serve/api.h"
#include "serve/lang.h"
#include "tilth/decision.h"
#include "tilth/release.h"

enum { REASON_BYTES = 4000 };

tl_err tl_api_release(struct tl_call *call)
{
    static const char *const members[] = {"as", "reason", "password", NULL};
    const char *as = NULL, *reason = NULL, *password = NULL;
    struct tl_project *project = NULL;
    char *json = NULL;
    bool answered = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_choice(call, "as", true, "cancelled|reduced|cleared", &as));
    TL_TRY(tl_call_member_text(call, "reason", true, REASON_BYTES, &reason));
    TL_TRY(tl_call_member_text(call, "password", true, TL_ACCOUNT_PASSWORD_MAX, &password));
    TL_TRY(tl_api_ask_password(call, password, &answered));
    if (answered)
        goto done;
    const struct tl_release_decide decide = {.area = tl_call_text(call, "code"),
                                             .as = as,
                                             .person = call->person.name,
                                             .role = tl_account_role_name(call->person.role),
                                             .reason = reason};
    TL_TRY(tl_seat_begin_write(call, &project));
    err = tl_release_decide(call->ctx, project, &decide, &json);
    tl_seat_end_write(call, project);
    TL_TRY(err);
    TL_TRY(tl_call_text_json(call, 200, json));
done:
    return err;
}

static tl_err list_findings(struct tl_call *call, struct tl_project *project, const char *area,
                            bool all)
{
    char *text = NULL;
    json_t *findings = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_decision_findings(call->ctx, project, area, all, &text));
    findings = json_loads(text, 0, NULL);
    TL_TRY(tl_lang_lines(call, findings, "message"));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:s, s:O}", "schema", "tilth.findings/1", "project",
                                  tl_project_title(project), "findings", findings)));
done:
    json_decref(findings);
    tl_free(text);
    return err;
}

tl_err tl_api_findings(struct tl_call *call)
{
    struct tl_project *project = NULL;
    const char *all = tl_call_text(call, "all");
    tl_err err = tl_call_project(call, &project);
    return err != TL_OK ? err
                        : list_findings(call, project, tl_call_text(call, "area"),
                                        all != NULL && strcmp(all, "yes") == 0);
}

tl_err tl_api_finding_answer(struct tl_call *call)
{
    static const char *const members[] = {"answer", NULL};
    const char *answer = NULL;
    struct tl_project *project = NULL;
    bool writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "answer", true, REASON_BYTES, &answer));
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(tl_project_begin(call->ctx, project));
    TL_TRY(tl_decision_answer(call->ctx, project, tl_call_integer(call, "id", 0), call->person.name,
                              tl_account_role_name(call->person.role), answer));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(list_findings(call, project, NULL, false));
done:
    if (writing)
        tl_seat_end_write(call, project);
    return err;
}
