/*
 * Attachments of records. Their bytes are never looked into: what is sent is kept, and what is fetched goes out as a download that a browser does not
 * interpret. A content goes through a file without a name on both ways, so that neither a slow sender nor a slow reader holds memory or the project's
 * lock.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "serve/api.h"
#include "serve/reads.h"
#include "serve/record.h"
#include "serve/upload.h"
#include "tilth/attach.h"

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

json_t *tl_api_attachment_json(const struct tl_attach_info *info)
{
    return json_pack("{s:I, s:s, s:s, s:o, s:s, s:o, s:o, s:b}", "id", (json_int_t)info->id, "name",
                     info->name, "media_type", info->media_type, "bytes",
                     info->n_bytes >= 0 ? json_integer(info->n_bytes) : json_null(), "sha256",
                     info->sha256, "by", text_or_null(info->by), "at", text_or_null(info->at),
                     "missing", info->is_missing);
}

static tl_err answer(struct tl_call *call, struct tl_project *project, enum tl_kind kind,
                     int status)
{
    const char *code = tl_call_text(call, "code");
    struct tl_attach_info *list = NULL;
    json_t *rows = json_array();
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_attach_list(call->ctx, project, kind, code, &list, &n));
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(rows, tl_api_attachment_json(&list[i]));
    if (tl_record_is_sensitive(kind))
        TL_TRY(tl_reads_note(call, "attachments", tl_kind_info(kind)->name, code, n));
    TL_TRY(tl_call_json(call, status,
                        json_pack("{s:s, s:s, s:s, s:O}", "schema", "tilth.attachments/1", "kind",
                                  tl_kind_info(kind)->name, "code", code, "attachments", rows)));
done:
    json_decref(rows);
    tl_free(list);
    return err;
}

tl_err tl_api_attachments(struct tl_call *call)
{
    struct tl_project *project = NULL;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(answer(call, project, kind, 200));
done:
    return err;
}

static tl_err say_no_room(struct tl_call *call, tl_err err)
{
    if (err == TL_EIO)
        tl_call_fail(call, err, 507, tl_ctx_message(call->ctx));
    return err;
}

tl_err tl_api_attach_begin(struct tl_call *call, int64_t n_bytes)
{
    return say_no_room(
        call, tl_upload_begin_passing(call->ctx, call->serve->uploads, n_bytes, &call->inflow));
}

tl_err tl_api_attach_take(struct tl_call *call, const void *bytes, int64_t n)
{
    if (call->inflow == NULL)
        return tl_fail(call->ctx, TL_EUSAGE, "there is no file");
    return say_no_room(call, tl_upload_add(call->ctx, call->inflow, bytes, n));
}

/* The file that came; without a body there is none, and that is an empty one. */
struct tl_attach_file tl_api_attach_file(struct tl_call *call)
{
    char sha256[TL_HASH_HEX], id[TL_UPLOAD_ID_BYTES];
    struct tl_attach_file file = {.name = tl_call_text(call, "name"),
                                  .media_type = call->content_type,
                                  .file = -1,
                                  .bytes = call->inflow == NULL ? "" : NULL};
    if (call->inflow != NULL)
        file.file = tl_upload_received(call->inflow, &file.n_bytes, sha256, id);
    return file;
}

tl_err tl_api_attach(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_attach_file file = tl_api_attach_file(call);
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    int64_t id = 0;
    bool writing = false, is_new = false;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    call->content_type[strcspn(call->content_type, "; ")] = '\0'; /* without parameters */
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(tl_project_begin(call->ctx, project));
    TL_TRY(
        tl_attach_add(call->ctx, project, kind, tl_call_text(call, "code"), &file, &id, &is_new));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(answer(call, project, kind, is_new ? 201 : 200));
done:
    if (writing)
        tl_seat_end_write(call, project);
    tl_upload_drop(call->inflow); /* the disk has its room again before the reply goes out */
    call->inflow = NULL;
    return err;
}

/* Types that a page shows by itself; everything else is just bytes to whoever gets them. */
static const char *type_of(const char *media_type)
{
    static const char *const types[] = {"image/jpeg", "image/png",       "image/webp",
                                        "image/gif",  "application/pdf", "text/plain"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i], media_type) == 0)
            return types[i];
    return "application/octet-stream";
}

/* RFC 6266: letters outside ASCII, quotes and the like as %XX, cut where it gets long. */
static tl_err add_name(struct tl_call *call, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char escaped[400];
    size_t n = 0;
    for (; *name != '\0' && n + 13 < sizeof escaped; name++) {
        if (strchr(plain, *name) != NULL)
            escaped[n++] = *name;
        else
            n += (size_t)snprintf(escaped + n, 4, "%%%02X", (unsigned char)*name);
    }
    escaped[n] = '\0';
    return tl_call_header(call, "Content-Disposition", "attachment; filename*=UTF-8''%s", escaped);
}

/* A file that is gone when it is closed. */
static tl_err open_nameless(struct tl_ctx *ctx, int *file)
{
    FILE *made = tmpfile();
    *file = made != NULL ? fcntl(fileno(made), F_DUPFD_CLOEXEC, 3) : -1;
    if (made != NULL)
        fclose(made);
    return *file >= 0 ? TL_OK : tl_fail(ctx, TL_EIO, "no room for a copy of the attachment");
}

tl_err tl_api_attachment(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_attach_info info;
    int file = -1;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_attach_info(call->ctx, project, tl_call_integer(call, "id", 0), &info));
    TL_TRY(open_nameless(call->ctx, &file));
    TL_TRY(tl_attach_write(call->ctx, project, info.id, file));
    TL_TRY(tl_reads_note(call, "attachment",
                         info.kind < TL_KIND_COUNT ? tl_kind_info(info.kind)->name : "", info.code,
                         1));
    TL_TRY(tl_call_header(call, "Content-Security-Policy", "sandbox; default-src 'none'"));
    TL_TRY(add_name(call, info.name));
    tl_call_bytes(call, 200, type_of(info.media_type), NULL, lseek(file, 0, SEEK_END));
    call->reply.file = file;
    call->reply.has_file = true;
    file = -1;
done:
    if (file >= 0)
        close(file);
    return err;
}
