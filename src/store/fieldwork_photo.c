/*
 * Photographs of what came from the field. Each hangs on its receipt (attachment.table_name "field_receipt"), for good, so that it is known what came with what;
 * and on the record that came of it, as soon as there is one. The second is made from the first in one place (tl_fieldwork_settle), whichever came
 * first: the photograph, a person's decision about a change that was kept beside, or the record that stands for one that was refused.
 */
#include "store/attach.h"
#include "store/edit.h"
#include "tilth/fieldwork.h"

static const char receipts[] = "field_receipt";

static tl_err receipt_of(struct tl_ctx *ctx, struct tl_project *project, const char *uuid,
                         struct tl_attach_owner *owner)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT id FROM field_receipt WHERE uuid = ?1", &stmt));
    tl_sql_bind_text(stmt, 1, uuid);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "nothing with the id \"%.64s\" has come", uuid);
    *owner = (struct tl_attach_owner){receipts, sqlite3_column_int64(stmt, 0), uuid,
                                      TL_FIELDWORK_PHOTOS_MAX};
done:
    sqlite3_finalize(stmt);
    return err;
}

/*
 * The receipt whose record this one ended in: itself, or, of a refused one, that which mends it, and so on. None while it is refused or a person has yet to
 * decide. Columns: id, kind, code.
 */
#define ENDS_IN                                                                                    \
    "WITH RECURSIVE up (id, uuid, state, kind, code) AS (SELECT id, uuid, state, kind, code FROM " \
    "field_receipt WHERE id = %lld UNION SELECT m.id, m.uuid, m.state, m.kind, m.code FROM "       \
    "field_receipt m JOIN up ON m.mends = up.uuid WHERE up.state = 'refused') SELECT up.id, "      \
    "up.kind, up.code FROM up LEFT JOIN kept_edit k ON k.receipt_id = up.id WHERE up.state IN "    \
    "('new', 'changed') OR (up.state = 'conflict' AND k.decided_at IS NOT NULL)"

/* The record that it ended in, *row 0 where there is none (any more). */
static tl_err ends_in(struct tl_ctx *ctx, struct tl_project *project, int64_t receipt,
                      int64_t *last, const char **table, int64_t *row)
{
    sqlite3_stmt *stmt = NULL, *record = NULL;
    enum tl_kind kind = TL_KIND_ACCIDENT;
    bool there = false;
    tl_err err = TL_OK;
    *row = 0;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt, ENDS_IN, (long long)receipt));
    TL_TRY(tl_sql_step(ctx, stmt, &there));
    if (!there)
        goto done;
    TL_TRY(tl_kind_find(ctx, (const char *)sqlite3_column_text(stmt, 1), &kind));
    *table = tl_kind_info(kind)->table;
    *last = sqlite3_column_int64(stmt, 0);
    TL_TRY(tl_sql_preparef(ctx, project->db, &record, "SELECT id FROM \"%w\" WHERE code = %Q",
                           *table, (const char *)sqlite3_column_text(stmt, 2)));
    TL_TRY(tl_sql_step(ctx, record, &there));
    if (there)
        *row = sqlite3_column_int64(record, 0);
done:
    sqlite3_finalize(stmt);
    sqlite3_finalize(record);
    return err;
}

/* Those of the receipt that made the record, of the one that it mends, and so on; each content once. */
tl_err tl_fieldwork_settle(struct tl_ctx *ctx, struct tl_project *project, int64_t receipt)
{
    const char *table = NULL;
    int64_t last = 0, row = 0;
    tl_err err = TL_OK;
    TL_TRY(ends_in(ctx, project, receipt, &last, &table, &row));
    if (row == 0)
        goto done;
    TL_TRY(tl_sql_execf(
        ctx, project->db,
        "WITH RECURSIVE down (id, mends) AS (SELECT id, mends FROM field_receipt WHERE id = %lld "
        "UNION SELECT r.id, r.mends FROM field_receipt r JOIN down ON r.uuid = down.mends) INSERT "
        "INTO attachment (table_name, record_id, name, media_type, sha256, n_bytes, entered_by, "
        "entered_at) SELECT %Q, %lld, name, media_type, sha256, n_bytes, entered_by, entered_at "
        "FROM attachment WHERE id IN (SELECT min(id) FROM attachment WHERE table_name = "
        "'field_receipt' AND record_id IN (SELECT id FROM down) GROUP BY sha256) AND sha256 NOT IN "
        "(SELECT sha256 FROM attachment WHERE table_name = %Q AND record_id = %lld) ORDER BY id",
        (long long)last, table, (long long)row, table, (long long)row));
done:
    return err;
}

tl_err tl_fieldwork_photo(struct tl_ctx *ctx, struct tl_project *project, const char *uuid,
                          const struct tl_attach_file *file, int64_t *id, bool *is_new)
{
    struct tl_attach_owner owner;
    int64_t made = 0;
    bool adds = false;
    tl_err err = TL_OK;
    TL_TRY(receipt_of(ctx, project, uuid, &owner));
    TL_TRY(tl_attach_to(ctx, project, &owner, file, &made, &adds));
    TL_TRY(tl_fieldwork_settle(ctx, project, owner.row));
    *id = made;
    *is_new = adds;
done:
    return err;
}

tl_err tl_fieldwork_photos(struct tl_ctx *ctx, struct tl_project *project, const char *uuid,
                           struct tl_attach_info **list, int64_t *n)
{
    struct tl_attach_owner owner;
    tl_err err = receipt_of(ctx, project, uuid, &owner);
    return err != TL_OK ? err : tl_attach_of(ctx, project, &owner, list, n);
}
