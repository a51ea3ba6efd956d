/**
 * Files on their way into the project: streamed to a private folder beside it (PROJECT.uploads, mode 0700), never held in memory, and gone when they
 * are imported, deleted, cut off or a week old. A file's name is a label; on the disk it is called by a random number.
 *
 *     ID.part    coming in; locked by whoever receives it
 *     ID.data    here; locked while somebody works with it
 *     ID.json    what is known of it: tilth.upload/1, and the last dry run
 *     ID.rows    its rows as they were last read (rows.h)
 *     ID.copy    a copy of the project, on which imports are tried (apart.h); ID.hold beside it is locked as long as it is somebody's
 */
#ifndef TL_SERVE_UPLOAD_H
#define TL_SERVE_UPLOAD_H

#include "core/hash.h"
#include "serve/serve.h"

enum {
    TL_UPLOAD_ID_BYTES = 33,
    TL_UPLOAD_NAME_BYTES = 128,
    TL_UPLOADS_MAX = 8,
    TL_UPLOAD_KEPT_S = 7 * 86400
};

static const int64_t TL_UPLOAD_MAX_BYTES = (int64_t)256 << 20;
static const int64_t TL_UPLOAD_RESERVE_BYTES = (int64_t)64 << 20; /* that a disk keeps free */

struct tl_uploads;

/** The folder is made with the first upload. Removes what is old or was cut off. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_uploads_open(struct tl_ctx *ctx, const char *project,
                                   struct tl_uploads **uploads);
void tl_uploads_free(struct tl_uploads *uploads); /* NULL is fine */

/** Fit to be a label: letters of any script, digits, blanks and - _ . ( ); all else becomes _, no point at the beginning. */
void tl_upload_label(const char *name, char label[TL_UPLOAD_NAME_BYTES]);

/* Coming in. */

struct tl_upload_inflow;

/**
 * @param n_bytes  that will come, -1 = not known
 * Errors: TL_ECONFLICT (too many are kept), TL_EIO (the folder, no room on the disk), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_upload_begin(struct tl_ctx *ctx, struct tl_uploads *uploads, int64_t n_bytes,
                                   struct tl_upload_inflow **inflow);
/**
 * The same for what is not to be kept: a file without a name in the same folder, gone when it is dropped or the server ends; it does not count among
 * those that wait. Errors: as tl_upload_begin, without TL_ECONFLICT.
 */
TL_MUST_USE tl_err tl_upload_begin_passing(struct tl_ctx *ctx, struct tl_uploads *uploads,
                                           int64_t n_bytes, struct tl_upload_inflow **inflow);
/** Errors: TL_EIO (full disk). */
TL_MUST_USE tl_err tl_upload_add(struct tl_ctx *ctx, struct tl_upload_inflow *inflow,
                                 const void *bytes, int64_t n);
/** What has come so far is removed, unless it was kept. NULL is fine. */
void tl_upload_drop(struct tl_upload_inflow *inflow);
/** All is there: its descriptor, for reading. */
int tl_upload_received(struct tl_upload_inflow *inflow, int64_t *n_bytes, char sha256[TL_HASH_HEX],
                       char id[TL_UPLOAD_ID_BYTES]);
/** Keeps it with what is known of it. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_upload_keep(struct tl_ctx *ctx, struct tl_upload_inflow *inflow,
                                  const json_t *known);

/* Here. */

struct tl_upload {
    struct tl_uploads *uploads; /* borrows */
    char id[TL_UPLOAD_ID_BYTES];
    int fd;        /* owns: of the file; locked */
    json_t *known; /* owns */
};

/**
 * Opens one and locks it. To be ended by tl_upload_close.
 * Errors: TL_ENOTFOUND, TL_ELOCKED (somebody works with it), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_upload_open(struct tl_ctx *ctx, struct tl_uploads *uploads, const char *id,
                                  struct tl_upload *upload);
void tl_upload_close(struct tl_upload *upload);
/** Writes `known` anew. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_upload_note(struct tl_ctx *ctx, struct tl_upload *upload);
/** Descriptor of an empty file for its rows, and its path. owns: the caller. Errors: TL_EIO (no room on the disk). */
TL_MUST_USE tl_err tl_upload_rows_create(struct tl_ctx *ctx, struct tl_upload *upload, int *fd);
void tl_upload_rows_path(const struct tl_upload *upload, char *path, size_t room);
void tl_upload_remove(struct tl_upload *upload);

/* A copy of the project beside them. */

enum { TL_UPLOAD_PATH_BYTES = 4300 };

struct tl_upload_copy {
    struct tl_uploads *uploads; /* borrows */
    char id[TL_UPLOAD_ID_BYTES];
    int fd; /* owns: of ID.hold; -1 = there is none */
    char path[TL_UPLOAD_PATH_BYTES];
};

/**
 * A place for a copy of n_bytes; nothing is there yet. What other servers left behind is removed. To be ended by tl_upload_copy_drop.
 * Errors: TL_EIO (the folder, no room on the disk).
 */
TL_MUST_USE tl_err tl_upload_copy_begin(struct tl_ctx *ctx, struct tl_uploads *uploads,
                                        int64_t n_bytes, struct tl_upload_copy *copy);
/** Removes it; fine where there is none. */
void tl_upload_copy_drop(struct tl_upload_copy *copy);

/** What is known of all that are here, the latest first. owns: the caller. Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_uploads_list(struct tl_ctx *ctx, struct tl_uploads *uploads, json_t **list);
/** What is known of one, without a lock. owns: the caller. Errors: TL_ENOTFOUND. */
TL_MUST_USE tl_err tl_uploads_known(struct tl_ctx *ctx, struct tl_uploads *uploads, const char *id,
                                    json_t **known);

#endif
