/** What the files of this room share: the open project and the steps of a transaction. Not for other rooms. */
#ifndef TL_STORE_STORE_H
#define TL_STORE_STORE_H

#include <sqlite3.h>

#include "core/buf.h"
#include "core/hash.h"
#include "store/gpb.h"
#include "store/queue.h"
#include "store/sql.h"
#include "tilth/project.h"

enum {
    TL_STORE_WAIT_MS = 5000,  /* how long another writer is waited for */
    TL_STORE_VERSION = 6,     /* of the schema: the last step of migrate.c leads here */
    TL_STORE_ID_BYTES = 16,   /* identity and content: 128 bits of BLAKE2b */
    TL_SEAL_LINES = 1024,     /* log lines a seal covers at most */
    TL_SEAL_DIGEST_BYTES = 16 /* of each line: 128 bits of BLAKE2b */
};

/** A change as the log keeps it; text and bytes are borrowed. */
struct tl_log_line {
    int64_t id;
    const char *at, *actor, *table, *op;
    int64_t record_id;
    const char *before, *after;
    const void *geom_before, *geom_after;
    int64_t geom_before_bytes, geom_after_bytes;
};

/** Where the chain stands; lines after `last_id` are not sealed yet. */
struct tl_seal {
    int64_t last_id;  /* last line that is digested */
    int64_t first_id; /* of the block that is being filled */
    int64_t n;        /* lines in it */
    int64_t n_seals;  /* in the file */
    uint8_t hash[TL_HASH_BYTES];
    uint8_t digests[TL_SEAL_LINES * TL_SEAL_DIGEST_BYTES];
};

/** R-tree entries of a layer that wait for the end of the transaction. */
struct tl_rtree {
    const char *table; /* borrows: a constant */
    struct tl_queue queue;
    int64_t n, min_id, max_id; /* waiting, their ids' range; an id waits once */
};

/** What a kind needs while records are put: statements prepared once, ids seen in this import, the R-tree. */
struct tl_puts {
    sqlite3_stmt *find, *insert, *update, *before;
    struct tl_rtree rtree;
    uint64_t *seen; /* owns: a bit per record id */
    int64_t n_seen_words;
    int64_t next_id; /* 0 = not known yet */
    bool is_changed;
    struct tl_gpb_box box; /* of the geometries put in this transaction */
};

struct tl_project {
    sqlite3 *db;
    char *path, *crs, *title, *actor; /* owns */
    enum tl_project_mode mode;
    struct tl_grid grid;
    double area_deg[4];
    bool in_transaction;
    bool triggers; /* whether SQLite's triggers are on for our connection */
    char at[32];   /* time of the transaction, as the log writes it */
    struct tl_seal seal;
    int64_t log_sequence; /* last id that SQLite gave to a log line when the transaction began */
    sqlite3_stmt *log_insert, *seal_insert, *refuse, *finding, *last_line;
    int64_t seen_import; /* import that the `seen` bits are of */
    struct tl_puts puts[TL_KIND_COUNT];
    struct tl_buf json, geom, scratch; /* reused from record to record */
};

/* schema.c */

/** A table beside the kinds' own. */
struct tl_table {
    const char *name, *title, *meaning;
    const char *geometry; /* GeoPackage's type of the column "geom", NULL = no layer */
    const char *columns;  /* SQL, without the primary key "id" and "geom" */
    bool is_listed;       /* in gpkg_contents, so that other programs show it */
    const char *logged;   /* "iud": which operations the log keeps */
    const char *then;     /* SQL that follows (an index); NULL = nothing */
};
extern const struct tl_table tl_store_tables[];
extern const int tl_store_n_tables;

/** Makes all tables, triggers and GeoPackage entries in an empty database. */
TL_MUST_USE tl_err tl_schema_create(struct tl_ctx *ctx, sqlite3 *db);

/** Makes one of tl_store_tables, for a migration. */
TL_MUST_USE tl_err tl_schema_table(struct tl_ctx *ctx, sqlite3 *db, const char *name);

/** Name of the geometry type that a layer of a kind declares ("MULTIPOLYGON"). */
const char *tl_schema_geometry(const struct tl_kind_info *info);
enum tl_gpb_family tl_schema_family(const struct tl_kind_info *info);

/** Appends "'code', NEW."code", ..." of a table's columns that the log keeps, for json_object(). */
TL_MUST_USE tl_err tl_schema_log_columns(struct tl_ctx *ctx, sqlite3 *db, const char *table,
                                         const char *row, struct tl_buf *sql);

/** Switches SQLite's triggers on our connection; records put in bulk do the triggers' work themselves. */
TL_MUST_USE tl_err tl_store_triggers(struct tl_ctx *ctx, struct tl_project *project, bool on);

/* log.c */

/** Makes the log's tables and its guards. */
TL_MUST_USE tl_err tl_log_create(struct tl_ctx *ctx, sqlite3 *db);

/** Makes the triggers that log a table's changes ("i", "u", "d" in `ops`); `after_insert` is SQL that follows an insert's line. */
TL_MUST_USE tl_err tl_log_watch(struct tl_ctx *ctx, sqlite3 *db, const char *table, bool has_geom,
                                const char *ops, const char *after_insert);

/** Reads the chain's head. */
TL_MUST_USE tl_err tl_log_load(struct tl_ctx *ctx, struct tl_project *project);

/** Digests lines that triggers wrote since; `outside` when they are not ours (then they get a block of their own). */
TL_MUST_USE tl_err tl_log_catch_up(struct tl_ctx *ctx, struct tl_project *project, bool outside);

/** Writes and digests a line; `id`, `at` and `actor` are filled in. Only while the triggers are off. */
TL_MUST_USE tl_err tl_log_add(struct tl_ctx *ctx, struct tl_project *project,
                              struct tl_log_line *line);

/** Closes the block and keeps the head. */
TL_MUST_USE tl_err tl_log_seal(struct tl_ctx *ctx, struct tl_project *project, bool outside);

/** Digest of a line; `buf` is for its use. */
TL_MUST_USE tl_err tl_log_digest(struct tl_ctx *ctx, struct tl_buf *buf,
                                 const struct tl_log_line *line,
                                 uint8_t digest[TL_SEAL_DIGEST_BYTES]);
/** Line of a row "id, at, actor, table_name, record_id, op, before, after, geom_before, geom_after". */
void tl_log_line_read(sqlite3_stmt *stmt, struct tl_log_line *line);

/** A seal as it is kept; everything borrowed. */
struct tl_seal_row {
    int64_t first_id, last_id;
    const char *origin, *at;
    const void *digests;
    int64_t digests_bytes;
};
/** SHA-256 of a seal, chained on the one before it. */
void tl_log_hash(const uint8_t previous[TL_HASH_BYTES], const struct tl_seal_row *row,
                 uint8_t out[TL_HASH_BYTES]);

/* register.c, rtree.c */

/** New extent and time of change of a layer in gpkg_contents. */
TL_MUST_USE tl_err tl_store_extent(struct tl_ctx *ctx, struct tl_project *project,
                                   const char *table, const struct tl_gpb_box *box);

/** Writes what puts left to be done: R-trees, extents. Called at commit and before a selection by box. */
TL_MUST_USE tl_err tl_puts_flush(struct tl_ctx *ctx, struct tl_project *project);
void tl_puts_fini(struct tl_puts *puts);
void tl_puts_forget(struct tl_project *project); /* after a rollback */

/** Identity of a record that has an id in its source. */
TL_MUST_USE tl_err tl_register_identity(struct tl_ctx *ctx, struct tl_project *project,
                                        enum tl_kind kind, const char *source,
                                        const char *source_id, uint8_t out[TL_STORE_ID_BYTES]);
/** Binds the text of a column as what the column holds; NULL as NULL. Errors: TL_EDATA (the caller should have checked it). */
TL_MUST_USE tl_err tl_register_bind(struct tl_ctx *ctx, sqlite3_stmt *stmt, int i,
                                    const struct tl_column *column, const char *text);

/** Puts an entry into the queue; an empty box is nothing. An id that waits already (min_id to max_id) must be flushed first. */
TL_MUST_USE tl_err tl_rtree_queue(struct tl_ctx *ctx, struct tl_rtree *rtree, int64_t id,
                                  const struct tl_gpb_box *box);
void tl_rtree_fini(struct tl_rtree *rtree);
/** Brings the queue into the tree. */
TL_MUST_USE tl_err tl_rtree_flush(struct tl_ctx *ctx, sqlite3 *db, struct tl_rtree *rtree);
/** Empties the tree at once. Errors: TL_EDATA (its nodes are not as expected). */
TL_MUST_USE tl_err tl_rtree_clear(struct tl_ctx *ctx, sqlite3 *db, const char *table);

/* project.c */

TL_MUST_USE tl_err tl_project_open_wait(struct tl_ctx *ctx, const char *path,
                                        enum tl_project_mode mode, int wait_ms,
                                        struct tl_project **project);

/** TL_EBUG unless a transaction is open for writing. */
TL_MUST_USE tl_err tl_store_writing(struct tl_ctx *ctx, struct tl_project *project);

/** Time now, UTC, "2026-01-31T12:00:00Z". */
void tl_store_now(char at[32]);

/* style.c, qgis.c, method.c: filled at creation */
TL_MUST_USE tl_err tl_style_create(struct tl_ctx *ctx, sqlite3 *db);
TL_MUST_USE tl_err tl_method_create(struct tl_ctx *ctx, sqlite3 *db);
/** Puts pace and price of the default table where a row has none, and default methods that are not there. */
TL_MUST_USE tl_err tl_method_complete(struct tl_ctx *ctx, sqlite3 *db);

/** What the embedded QGIS project says of itself. */
struct tl_qgis {
    const char *file;        /* borrows: the GeoPackage's name without folders */
    const char *title, *crs; /* borrows */
    struct tl_grid grid;
};
/** Writes the embedded QGIS project; the same name replaces it. */
TL_MUST_USE tl_err tl_qgis_write(struct tl_ctx *ctx, sqlite3 *db, const struct tl_qgis *qgis);

/** Name of a file without its folders. borrows: the path. */
const char *tl_store_file_name(const char *path);

#endif
