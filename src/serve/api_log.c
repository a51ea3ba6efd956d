/* The project's log, and who read what. */
#include <string.h>

#include "serve/api.h"
#include "serve/reads.h"
#include "tilth/log.h"

enum { LIMIT = 100 };

/* How many victims an accident has, and who, is for those who may enter victims. */
static void hide_victims(const struct tl_call *call, json_t *lines)
{
    if (call->person.role != TL_ACCOUNT_QUALITY)
        return;
    for (size_t i = json_array_size(lines); i-- > 0;) {
        const char *table = json_string_value(json_object_get(json_array_get(lines, i), "table"));
        if (table != NULL && strcmp(table, "victim") == 0)
            json_array_remove(lines, i);
    }
}

tl_err tl_api_log(struct tl_call *call)
{
    struct tl_project *project = NULL;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    const char *name = tl_call_text(call, "kind");
    json_t *lines = NULL;
    char *text = NULL;
    bool complete = false;
    struct tl_log_query query = {.before = tl_call_integer(call, "before", 0),
                                 .limit = tl_call_integer(call, "limit", LIMIT)};
    tl_err err = TL_OK;
    if (name != NULL) {
        TL_TRY(tl_kind_find(call->ctx, name, &kind));
        query.table = tl_kind_info(kind)->table;
    }
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_log_list(call->ctx, project, &query, &text, &complete));
    lines = json_loads(text, 0, NULL);
    hide_victims(call, lines);
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:O, s:b}", "schema", "tilth.log/1", "lines", lines,
                                  "complete", complete)));
done:
    json_decref(lines);
    tl_free(text);
    return err;
}

tl_err tl_api_reads(struct tl_call *call)
{
    char *text = NULL;
    bool intact = false;
    tl_err err = TL_OK;
    TL_TRY(tl_reads_list(call->ctx, call->serve->reads, tl_call_integer(call, "limit", LIMIT),
                         &text, &intact));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:o, s:b}", "schema", "tilth.reads/1", "lines",
                                  json_loads(text, 0, NULL), "intact", intact)));
done:
    tl_free(text);
    return err;
}
