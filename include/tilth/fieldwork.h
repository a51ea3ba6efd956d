/**
 * What devices send from the field, where there is no network for days: each record once, with a receipt. A record has an id of the device's making
 * (a UUID) and content (the SHA-256 of the bytes that came): the same again has the same receipt, the same id with other content is refused. A
 * change that meets a newer version of its record is kept beside it until a person decides; what is refused is kept with its reason. Nothing that
 * came is ever deleted.
 */
#ifndef TILTH_FIELDWORK_H
#define TILTH_FIELDWORK_H

#include <stdint.h>

#include "tilth/attach.h"
#include "tilth/edit.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TL_FIELDWORK_ID_MAX = 64,
    TL_FIELDWORK_BODY_MAX = 1 << 18,
    TL_FIELDWORK_PHOTOS_MAX = 50 /* of what came with one id */
};

/** What became of a record that came. */
enum tl_fieldwork_state {
    TL_FIELDWORK_NEW,      /* entered as a draft */
    TL_FIELDWORK_CHANGED,  /* a record was changed */
    TL_FIELDWORK_CONFLICT, /* a change is kept beside a newer version: a person decides */
    TL_FIELDWORK_REFUSED,  /* kept with the reason; not in the register */
    TL_FIELDWORK_STATES
};

/** "new", "changed", "conflict", "refused". */
const char *tl_fieldwork_state_name(enum tl_fieldwork_state state);

/** A record as it came. Everything is borrowed for the call. */
struct tl_fieldwork_sent {
    const char *id;
    enum tl_kind kind;
    const char *code, *base_version; /* of a change; NULL = a new record */
    const char *mends;               /* id of a refused one that this stands for; NULL = none */
    const char *made_at, *device;    /* by the device's clock; what the device calls itself, NULL */
    double ahead_s;                  /* device's clock ahead of ours [s]; NaN = not known */
    const char *body;                /* as it came */
    int64_t body_bytes;              /* at most TL_FIELDWORK_BODY_MAX */
};

/** What was made of it. Everything is borrowed for the call. */
struct tl_fieldwork_made {
    enum tl_fieldwork_state state;
    const char *code, *version; /* of the record: as it is now; NULL = none */
    int64_t record_id;          /* of a conflict */
    const char *doubts;         /* JSON array of {reason, message}; NULL = none */
    const char *message;        /* why it was refused or kept beside; NULL = nothing to say */
};

/**
 * The receipt of a record that came before, as JSON (tilth.receipt/1); NULL when it is new.
 * owns: the caller, tl_free. Errors: TL_ECONFLICT (the id came with other content; both stay as they are), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_fieldwork_known(struct tl_ctx *ctx, struct tl_project *project,
                                      const char *id, const char *body, int64_t body_bytes,
                                      char **receipt);

/** The receipt of an id. owns: the caller, tl_free. Errors: TL_ENOTFOUND (nothing of that id came). */
TL_MUST_USE tl_err tl_fieldwork_receipt(struct tl_ctx *ctx, struct tl_project *project,
                                        const char *id, char **receipt);

/**
 * Keeps what came and what was made of it, in the transaction that made it, so that both are there or neither.
 * @param[out] receipt  owns: the caller, tl_free
 * A `mends` that names nothing that was refused, or what is mended already, is left out. Errors: TL_EREADONLY, TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_fieldwork_keep(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_fieldwork_sent *sent,
                                     const struct tl_fieldwork_made *made,
                                     const struct tl_edit_who *who, char **receipt);

/**
 * Changes that are kept beside a newer version, in the order of coming, as a JSON array: id, kind, code, uuid, base_version, met_version, made_at,
 * received_at, ahead_s, device, person, message, body (as it came, as JSON), decided (null, or at, person, role, take, comment).
 * @param open_only  without those that are decided
 * @param id         only this one; 0 = all
 * @param[out] total how many there are, whatever limit and offset
 * owns: the caller, tl_free.
 */
struct tl_fieldwork_list {
    bool open_only;
    int64_t id, limit, offset;
};
TL_MUST_USE tl_err tl_fieldwork_conflicts(struct tl_ctx *ctx, struct tl_project *project,
                                          const struct tl_fieldwork_list *list, char **json,
                                          int64_t *total);

/** Refused records that nobody has mended, latest first, as a JSON array: uuid, kind, made_at, received_at, ahead_s, device, person, message, body. */
TL_MUST_USE tl_err tl_fieldwork_refused(struct tl_ctx *ctx, struct tl_project *project,
                                        const struct tl_fieldwork_list *list, char **json,
                                        int64_t *total);

/**
 * Keeps that somebody has decided about a kept change (inside the transaction that changes the record).
 * @param take  JSON object: "field" or "register" by column
 * Errors: TL_ENOTFOUND, TL_ECONFLICT (decided already: by whom and when), TL_EDENIED (role).
 */
TL_MUST_USE tl_err tl_fieldwork_decide(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                                       const char *take, const char *comment,
                                       const struct tl_edit_who *who);

/**
 * A photograph of what came with an id (inside a transaction). It stays with the receipt, and hangs on the record as well: at once where the record was
 * entered or changed; of a change that is kept beside when a person decides; of a refused record when one that mends it is entered. The same content
 * again is the photograph that is there already.
 * @param[out] id,is_new  of the attachment to the receipt; untouched on error
 * Errors: TL_ENOTFOUND (nothing of that id came), TL_EDATA (as tl_attach_add; more than TL_FIELDWORK_PHOTOS_MAX), TL_EIO, TL_EREADONLY, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_fieldwork_photo(struct tl_ctx *ctx, struct tl_project *project,
                                      const char *uuid, const struct tl_attach_file *file,
                                      int64_t *id, bool *is_new);

/** Photographs of what came with an id, in the order of coming. owns: the caller, tl_free. Errors: TL_ENOTFOUND, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_fieldwork_photos(struct tl_ctx *ctx, struct tl_project *project,
                                       const char *uuid, struct tl_attach_info **list, int64_t *n);

/** What tells this project from others on a device that has served several: 128 bits over the first line of its log, which never changes. */
TL_MUST_USE tl_err tl_fieldwork_project(struct tl_ctx *ctx, struct tl_project *project,
                                        char id[TL_EDIT_VERSION_HEX]);

/**
 * What an administrator has set for the field view, as JSON (tilth.field-settings/1 without its schema): contacts, words, districts; empty ones when
 * nothing was set. owns: the caller, tl_free.
 */
TL_MUST_USE tl_err tl_fieldwork_settings(struct tl_ctx *ctx, struct tl_project *project,
                                         char **json);

/** Sets it (inside a transaction). Errors: TL_EDATA (says what is wrong where), TL_EREADONLY. */
TL_MUST_USE tl_err tl_fieldwork_set(struct tl_ctx *ctx, struct tl_project *project,
                                    const char *json, int64_t n_bytes);

/** The same from a file. Errors: as tl_fieldwork_set, TL_ENOTFOUND, TL_EIO; the message begins with the path. */
TL_MUST_USE tl_err tl_fieldwork_set_file(struct tl_ctx *ctx, struct tl_project *project,
                                         const char *path);

/** Bytes as a gzip file, for Content-Encoding. owns: the caller, tl_free. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_fieldwork_gzip(struct tl_ctx *ctx, const void *bytes, int64_t n, void **out,
                                     int64_t *out_bytes);

#ifdef __cplusplus
}
#endif
#endif
