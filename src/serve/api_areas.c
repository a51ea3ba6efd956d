/* Hazardous areas: the list, and everything about one. */
#include <stdio.h>
#include <string.h>

#include "serve/api.h"
#include "serve/lang.h"
#include "serve/reads.h"
#include "serve/record.h"
#include "tilth/decision.h"
#include "tilth/dossier.h"
#include "tilth/geometry.h"
#include "tilth/outdir.h"
#include "tilth/release.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static tl_err area_row(struct tl_call *call, const struct tl_cursor *cursor,
                       const json_t *summaries, json_t **row)
{
    int64_t n = 0;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    double area_m2 = 0;
    tl_err err = tl_record_row(call, TL_KIND_HAZARD_AREA, cursor, row);
    if (err != TL_OK)
        return err;
    bool known = wkb != NULL && tl_geometry_area(call->ctx, wkb, n, &area_m2) == TL_OK;
    json_object_set_new(*row, "area_m2", known ? tl_json_number(area_m2, 6) : json_null());
    if (summaries != NULL) {
        json_t *summary = json_object_get(summaries, tl_cursor_code(cursor));
        json_object_set(*row, "assessment", summary != NULL ? summary : json_null());
    }
    return TL_OK;
}

tl_err tl_api_areas(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    char *text = NULL;
    json_t *summaries = NULL, *rows = json_array();
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    if (call->person.role != TL_ACCOUNT_GUEST) {
        TL_TRY(tl_decision_summaries(call->ctx, project, &text));
        summaries = json_loads(text, 0, NULL);
    }
    TL_TRY(tl_register_select(call->ctx, project, TL_KIND_HAZARD_AREA, NULL, &cursor));
    for (;;) {
        json_t *row = NULL;
        TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(area_row(call, cursor, summaries, &row));
        json_array_append_new(rows, row);
    }
    TL_TRY(
        tl_call_json(call, 200, json_pack("{s:s, s:O}", "schema", "tilth.areas/1", "areas", rows)));
done:
    tl_cursor_free(cursor);
    tl_free(text);
    json_decref(summaries);
    json_decref(rows);
    return err;
}

/* What staff see beside the area itself. */
static tl_err add_file(struct tl_call *call, struct tl_project *project, const char *code,
                       int64_t id, json_t *area)
{
    char *decisions = NULL, *findings = NULL, *hash = NULL, *evidence = NULL, *assessment = NULL;
    json_t *kept = NULL, *raised = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_decision_list(call->ctx, project, code, &decisions));
    TL_TRY(tl_decision_findings(call->ctx, project, code, true, &findings));
    TL_TRY(tl_decision_latest_assessment(call->ctx, project, code, &hash, &evidence, &assessment));
    json_object_set_new(area, "assessment_hash", hash != NULL ? json_string(hash) : json_null());
    kept = assessment != NULL ? json_loads(assessment, 0, NULL) : NULL;
    TL_TRY(tl_lang_kept(call, kept));
    json_object_set_new(area, "assessment", kept != NULL ? json_incref(kept) : json_null());
    json_object_set_new(area, "decisions", json_loads(decisions, 0, NULL));
    raised = json_loads(findings, 0, NULL);
    TL_TRY(tl_lang_lines(call, raised, "message"));
    json_object_set_new(area, "findings", json_incref(raised));
    TL_TRY(tl_api_history(call, project, "hazard_area", id, area));
done:
    json_decref(kept);
    json_decref(raised);
    tl_free(decisions);
    tl_free(findings);
    tl_free(hash);
    tl_free(evidence);
    tl_free(assessment);
    return err;
}

tl_err tl_api_area(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    const char *code = tl_call_text(call, "code");
    json_t *area = NULL, *geometry = NULL, *row = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_register_find(call->ctx, project, TL_KIND_HAZARD_AREA,
                            &(struct tl_register_filter){.code = code, .limit = 1}, &cursor));
    TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
    if (!more)
        TL_THROW(call->ctx, TL_ENOTFOUND, "there is no hazardous area \"%s\"", code);
    TL_TRY(area_row(call, cursor, NULL, &row));
    TL_TRY(tl_record_geometry(call, cursor, &geometry));
    area =
        json_pack("{s:s, s:O, s:O}", "schema", "tilth.area/1", "area", row, "geometry", geometry);
    if (area == NULL)
        TL_THROW(call->ctx, TL_ENOMEM, "no memory for an area");
    if (call->person.role != TL_ACCOUNT_GUEST)
        TL_TRY(add_file(call, project, code, tl_cursor_id(cursor), area));
    TL_TRY(tl_call_json(call, 200, json_incref(area)));
done:
    json_decref(area);
    json_decref(geometry);
    json_decref(row);
    tl_cursor_free(cursor);
    return err;
}

static tl_err read_file(struct tl_ctx *ctx, const char *path, void **bytes, int64_t *n)
{
    struct stat facts;
    void *room = NULL;
    tl_err err = TL_OK;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &facts) != 0)
        TL_THROW(ctx, TL_EIO, "the dossier cannot be read");
    room = tl_alloc(ctx, facts.st_size, 1);
    if (room == NULL)
        TL_THROW(ctx, TL_ENOMEM, "no memory for the dossier");
    if (read(file, room, (size_t)facts.st_size) != facts.st_size)
        TL_THROW(ctx, TL_EIO, "the dossier cannot be read");
    *bytes = room;
    *n = facts.st_size;
    room = NULL;
done:
    if (file >= 0)
        close(file);
    tl_free(room);
    return err;
}

static void remove_folder(const char *folder)
{
    static const char *const files[] = {"dossier.pdf", "assess.json", "area.geojson",
                                        "turning_points.csv", "searches.csv"};
    char path[300];
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%.200s/dossier/%s", folder, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%.200s/dossier", folder);
    rmdir(path);
    rmdir(folder);
}

/* The dossier of the assessment that is kept: what a decision rests on, and no other. */
tl_err tl_api_dossier(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    const char *code = tl_call_text(call, "code"), *language = tl_call_text(call, "language");
    char folder[] = "/tmp/tilth-dossier-XXXXXX", path[300], *hash = NULL, *evidence = NULL;
    void *pdf = NULL;
    int64_t n = 0;
    bool made = false, same = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_decision_latest_assessment(call->ctx, project, code, &hash, &evidence, &result.json));
    if (hash == NULL)
        TL_THROW(call->ctx, TL_ENOTFOUND,
                 "no assessment of %s is kept; assess it first, and keep it", code);
    snprintf(result.hash, sizeof result.hash, "%s", hash);
    snprintf(result.code, sizeof result.code, "%s", code);
    snprintf(path, sizeof path, "%s-%s", hash, language != NULL ? language : call->language);
    TL_TRY(tl_call_etag(call, path, &same));
    TL_TRY(tl_call_header(call, "Cache-Control", "private, no-cache"));
    TL_TRY(tl_reads_note(call, "dossier", "hazard-area", code, 1));
    if (same)
        goto done;
    made = mkdtemp(folder) != NULL;
    if (!made)
        TL_THROW(call->ctx, TL_EIO, "there is no room for the dossier");
    snprintf(path, sizeof path, "%s/dossier", folder);
    TL_TRY(tl_dossier_write(call->ctx, project, &result,
                            language != NULL ? language : call->language, path, false));
    snprintf(path, sizeof path, "%s/dossier/dossier.pdf", folder);
    TL_TRY(read_file(call->ctx, path, &pdf, &n));
    TL_TRY(tl_call_header(call, "Content-Disposition", "attachment; filename=\"dossier.pdf\""));
    tl_call_bytes(call, 200, "application/pdf", pdf, n);
done:
    if (made)
        remove_folder(folder);
    tl_free(hash);
    tl_free(evidence);
    tl_free(result.json);
    return err;
}
