/*
 * Photographs of records from the field. Each comes by itself, after the receipt of its record, and is known by its content: sent again, it is the one that is
 * there. It goes through a file without a name, is looked through whole (photo.h) and kept with its receipt and, once there is one, its record.
 */
#include <sys/mman.h>

#include "serve/api.h"
#include "serve/photo.h"
#include "serve/reads.h"
#include "tilth/fieldwork.h"

static const char schema[] = "tilth.field-photographs/1";

static tl_err check_content(struct tl_call *call, const struct tl_attach_file *file)
{
    if (file->file < 0 || file->n_bytes == 0)
        return tl_fail(call->ctx, TL_EDATA, "%s: an empty file", file->name);
    void *bytes = mmap(NULL, (size_t)file->n_bytes, PROT_READ, MAP_PRIVATE, file->file, 0);
    if (bytes == MAP_FAILED)
        return tl_fail(call->ctx, TL_ENOMEM, "no memory to look at a photograph");
    tl_err err = tl_photo_check(call->ctx, bytes, file->n_bytes);
    munmap(bytes, (size_t)file->n_bytes);
    return err;
}

/* The photograph that came; nothing of others is told to who sends one. */
static tl_err answer(struct tl_call *call, struct tl_project *project, int64_t id, bool is_new)
{
    struct tl_attach_info info;
    tl_err err = TL_OK;
    TL_TRY(tl_attach_info(call->ctx, project, id, &info));
    TL_TRY(tl_call_json(call, is_new ? 201 : 200,
                        json_pack("{s:s, s:s, s:[o]}", "schema", schema, "record",
                                  tl_call_text(call, "code"), "photographs",
                                  tl_api_attachment_json(&info))));
done:
    return err;
}

tl_err tl_api_field_photo(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_attach_file file = tl_api_attach_file(call);
    int64_t id = 0;
    bool writing = false, is_new = false;
    tl_err err = TL_OK;
    file.media_type = "image/jpeg"; /* by its content */
    TL_TRY(check_content(call, &file));
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(tl_project_begin(call->ctx, project));
    TL_TRY(tl_fieldwork_photo(call->ctx, project, tl_call_text(call, "code"), &file, &id, &is_new));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(answer(call, project, id, is_new));
done:
    if (writing)
        tl_seat_end_write(call, project);
    tl_upload_drop(call->inflow); /* the disk has its room again before the reply goes out */
    call->inflow = NULL;
    return err;
}

tl_err tl_api_field_photos_of(struct tl_call *call, struct tl_project *project, const char *uuid,
                              json_t **list)
{
    struct tl_attach_info *found = NULL;
    json_t *made = json_array();
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_fieldwork_photos(call->ctx, project, uuid, &found, &n));
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(made, tl_api_attachment_json(&found[i]));
    *list = made;
    made = NULL;
done:
    json_decref(made);
    tl_free(found);
    return err;
}

tl_err tl_api_field_photos(struct tl_call *call)
{
    const char *uuid = tl_call_text(call, "code");
    struct tl_project *project = NULL;
    json_t *list = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_api_field_photos_of(call, project, uuid, &list));
    TL_TRY(tl_reads_note(call, "field photographs", "", uuid, (int64_t)json_array_size(list)));
    TL_TRY(tl_call_json(
        call, 200,
        json_pack("{s:s, s:s, s:O}", "schema", schema, "record", uuid, "photographs", list)));
done:
    json_decref(list);
    return err;
}
