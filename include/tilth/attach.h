/**
 * Files attached to records: photographs, sketches, scanned forms, as they are. The content stands in the project once, by its SHA-256; who attached it
 * to which record, when and under which name is a row of its own. Nothing here looks into a file, and nothing is ever deleted.
 */
#ifndef TILTH_ATTACH_H
#define TILTH_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/register.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TL_ATTACH_MAX_BYTES = 32 << 20, /* of a file */
    TL_ATTACH_PER_RECORD = 200,     /* of a record */
    TL_ATTACH_NAME_BYTES = 200,
    TL_ATTACH_TYPE_BYTES = 100
};

/** A file to be attached. Everything is borrowed for the call. */
struct tl_attach_file {
    const char *name; /* without folders; at most TL_ATTACH_NAME_BYTES - 1 bytes of UTF-8 */
    const char
        *media_type; /* "image/jpeg"; NULL or what is no media type = application/octet-stream */
    int file;        /* open for reading, from its beginning on; used where `bytes` is NULL */
    const void *bytes;
    int64_t n_bytes;
};

struct tl_attach_info {
    int64_t id;
    enum tl_kind kind; /* TL_KIND_COUNT: of a record that is not one of the kinds */
    char code[64];     /* of the record; "" = it is not there any more */
    char name[TL_ATTACH_NAME_BYTES], media_type[TL_ATTACH_TYPE_BYTES], sha256[65];
    int64_t n_bytes;      /* -1 = not known */
    char by[256], at[32]; /* "" = not known */
    bool is_missing;      /* the project holds no content of that hash */
};

/**
 * Attaches a file to a record (inside a transaction). The same content again is the attachment that is there already, under the name it
 * has.
 * @param[out] id,is_new  untouched on error
 * Errors: TL_ENOTFOUND (record), TL_EDATA (an empty file, one that is too large, a name that is none, too many), TL_EIO, TL_EREADONLY, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_attach_add(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                 const char *code, const struct tl_attach_file *file, int64_t *id,
                                 bool *is_new);

/** Attachments of a record, in the order of coming. owns: the caller, tl_free. Errors: TL_ENOTFOUND (record), TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_attach_list(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                  const char *code, struct tl_attach_info **list, int64_t *n);

/** One attachment. Errors: TL_ENOTFOUND. */
TL_MUST_USE tl_err tl_attach_info(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                                  struct tl_attach_info *info);

/**
 * Writes an attachment's content to an open file and checks its hash on the way. On error the file may hold a part of it.
 * Errors: TL_ENOTFOUND (attachment, or its content is missing), TL_EINTEGRITY (altered), TL_EIO. Cost: 64 KiB of memory.
 */
TL_MUST_USE tl_err tl_attach_write(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                                   int file);

/** Media type by the ending of a name, from a short list; "application/octet-stream" for all others. */
const char *tl_attach_type_of(const char *name);

#ifdef __cplusplus
}
#endif
#endif
