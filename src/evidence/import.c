/*
 * An import reads a batch of rows on one thread while the batch before is written by the other.
 * Reading (GDAL's parser, checks, coordinates) and writing (SQLite, the log) take about the same
 * time, so that two threads nearly halve it; more would not help, SQLite has one writer. Everything
 * is one transaction: an error, a Ctrl-C or a dry run rolls it back.
 */
#include "tilth/evidence.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/catalogue.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#include "evidence/digest.h"
#include "evidence/import.h"
#include "evidence/mapfile.h"
#include "evidence/overlap.h"
#include "evidence/reader.h"
#include "evidence/seen.h"
#include "par/par.h"

struct import {
    struct tl_ctx *ctx;
    struct tl_ctx
        *reader_ctx; /* owns: the reading thread's own; `ctx` itself when there is one thread */
    struct tl_project *project;
    const char *path;                 /* borrows: as it is recorded and messages have it */
    const char *file;                 /* borrows: what is opened */
    struct tl_import_options options; /* with what the mapping file adds */
    struct tl_mapping mapping;
    struct tl_mapfile mapfile;
    struct tl_vector *vector;
    struct tl_reader reader;
    struct tl_seen seen;
    struct tl_reason_tally tally;
    struct tl_buf original;
    char columns_hash[65];
    char *columns;      /* owns */
    char *mapping_json; /* owns */
    struct tl_batch batches[2];
    struct tl_batch *filling, *writing; /* borrows: one of `batches` each, NULL = idle */
    tl_err read_err, write_err;
    struct tl_import_report report;
    struct tl_hash outcome;
};

const char *tl_import_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* What the user says goes before what the mapping file says. */
static tl_err read_mapping_file(struct tl_ctx *ctx, struct import *im)
{
    tl_err err = TL_OK;
    struct tl_import_options *o = &im->options;
    if (o->mapping_file == NULL)
        return TL_OK;
    TL_TRY(tl_mapfile_read(ctx, o->mapping_file, &im->mapping, &im->mapfile));
    char *const *texts = im->mapfile.texts;
    if (texts[TL_MAPFILE_AS] != NULL && strcmp(texts[TL_MAPFILE_AS], o->as) != 0)
        TL_THROW(ctx, TL_EUSAGE, "%s is a mapping for \"%s\", but the import is --as %s",
                 o->mapping_file, texts[TL_MAPFILE_AS], o->as);
    o->where = o->where != NULL ? o->where : texts[TL_MAPFILE_WHERE];
    o->layer = o->layer != NULL ? o->layer : texts[TL_MAPFILE_LAYER];
    o->encoding = o->encoding != NULL ? o->encoding : texts[TL_MAPFILE_ENCODING];
    o->source = o->source != NULL ? o->source : texts[TL_MAPFILE_SOURCE];
    o->crs = o->crs != NULL ? o->crs : texts[TL_MAPFILE_CRS];
done:
    return err;
}

static tl_err recall_mapping(struct tl_ctx *ctx, struct import *im)
{
    char *json = NULL;
    tl_err err = tl_project_mapping_get(ctx, im->project, im->options.as, im->columns_hash, &json);
    if (err == TL_OK && json != NULL) {
        err = tl_mapping_from_json(ctx, &im->mapping, json, TL_ORIGIN_REMEMBERED);
        im->report.mapping_found = true;
    }
    tl_free(json);
    return err;
}

static tl_err set_given(struct tl_ctx *ctx, struct import *im)
{
    const struct tl_import_options *o = &im->options;
    tl_err err = TL_OK;
    for (int64_t i = 0; i < o->n_maps; i++)
        TL_TRY(tl_mapping_set(ctx, &im->mapping, o->maps[i].field, o->maps[i].column,
                              TL_ORIGIN_GIVEN));
    for (int f = 0; o->only_maps && f < im->mapping.n_fields; f++)
        if (im->mapping.fields[f].origin != TL_ORIGIN_GIVEN)
            TL_TRY(tl_mapping_set(ctx, &im->mapping, tl_mapping_field(&im->mapping, f), "",
                                  TL_ORIGIN_GIVEN));
done:
    return err;
}

/* Told also when it does not do, so that whoever watches can show it to be mended. */
static tl_err tell_mapping(struct tl_ctx *ctx, struct import *im)
{
    const struct tl_import_watch *watch = im->options.watch;
    char *json = NULL;
    tl_err err = TL_OK;
    if (watch == NULL || watch->mapped == NULL)
        return TL_OK;
    TL_TRY(tl_mapping_json(ctx, &im->mapping, false, &json));
    TL_TRY(watch->mapped(ctx, watch->user, im->mapping.kind, json, im->report.mapping_found));
done:
    tl_free(json);
    return err;
}

static tl_err resolve_mapping(struct tl_ctx *ctx, struct import *im)
{
    char said[1024];
    tl_err err = tl_mapping_resolve(ctx, &im->mapping, im->vector), told;
    snprintf(said, sizeof said, "%s", err != TL_OK ? tl_ctx_message(ctx) : "");
    told = tell_mapping(ctx, im);
    if (told != TL_OK)
        return told;
    return err != TL_OK ? tl_fail(ctx, err, "%s: %s", im->path, said) : TL_OK;
}

static tl_err open_source(struct tl_ctx *ctx, struct import *im)
{
    struct tl_import_options *o = &im->options;
    struct tl_vector_options how = {.layer = o->layer, .where = o->where, .encoding = o->encoding};
    if (o->plain != NULL)
        how = (struct tl_vector_options){.plain_label = o->plain};
    if (o->source == NULL)
        o->source = tl_import_file_name(im->path);
    return tl_vector_open(ctx, im->file, &how, &im->vector);
}

static tl_err take_digest(struct tl_ctx *ctx, struct import *im)
{
    if (im->options.plain == NULL)
        return tl_digest_source(ctx, im->file, im->report.sha256);
    snprintf(im->report.sha256, sizeof im->report.sha256, "%s", im->options.plain_sha256);
    return TL_OK;
}

/* Everything that can fail without the project having been touched. */
static tl_err prepare(struct tl_ctx *ctx, struct import *im)
{
    tl_err err = TL_OK;
    struct tl_import_options *o = &im->options;
    enum tl_kind kind;
    TL_TRY(tl_kind_find(ctx, o->as, &kind));
    tl_mapping_init(&im->mapping, kind);
    tl_hash_init(&im->outcome);
    o->as = tl_kind_info(kind)->name;
    TL_TRY(set_given(ctx, im));
    TL_TRY(read_mapping_file(ctx, im));
    TL_TRY(open_source(ctx, im));
    TL_TRY(tl_mapping_columns(ctx, im->vector, im->columns_hash, &im->columns));
    TL_TRY(recall_mapping(ctx, im));
    TL_TRY(resolve_mapping(ctx, im));
    tl_mapping_pairs(&im->mapping, im->report.mapping, sizeof im->report.mapping);
    TL_TRY(tl_mapping_json(ctx, &im->mapping, true, &im->mapping_json));
    snprintf(im->report.driver, sizeof im->report.driver, "%s", tl_vector_driver(im->vector));
    TL_TRY(take_digest(ctx, im));
    TL_TRY(tl_reader_init(ctx, im->project, im->vector, &im->mapping, o, o->crs, &im->reader));
    TL_TRY(tl_seen_init(ctx, &im->seen));
    TL_TRY(tl_batch_init(ctx, &im->batches[0]));
    TL_TRY(tl_batch_init(ctx, &im->batches[1]));
    im->reader_ctx = tl_ctx_threads(ctx) > 1 ? tl_ctx_create() : ctx;
    if (im->reader_ctx == NULL)
        TL_THROW(ctx, TL_ENOMEM, "out of memory");
done:
    return err;
}

/* Positions that the register holds already: a new record on the same spot and day deserves a look.
 */
static tl_err remember_register(struct tl_ctx *ctx, struct import *im)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    bool more = false;
    enum tl_kind kind = im->mapping.kind;
    int column = tl_reader_date_column(kind);
    if (kind == TL_KIND_PLACE || kind == TL_KIND_LINE)
        return TL_OK;
    TL_TRY(tl_register_select(ctx, im->project, kind, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        int64_t n = 0;
        const void *wkb = tl_cursor_wkb(cursor, &n);
        struct tl_wkb shape = {0};
        if (wkb == NULL)
            continue;
        TL_TRY(tl_wkb_read(ctx, wkb, n, &shape));
        const char *date = column >= 0 ? tl_cursor_text(cursor, column) : NULL;
        (void)tl_seen_add(&im->seen, tl_reader_fingerprint(shape.n_points, shape.xy, date));
        tl_wkb_fini(&shape);
    }
done:
    tl_cursor_free(cursor);
    return err;
}

/* What became of a row goes into the outcome, and to whoever watches. */
static tl_err tell(struct import *im, const struct tl_import_row *row)
{
    const struct tl_import_watch *watch = im->options.watch;
    const int64_t what[2] = {row->row, (int64_t)row->state};
    tl_hash_add(&im->outcome, what, sizeof what);
    if (row->refused != NULL)
        tl_hash_add(&im->outcome, row->refused->reason, (int64_t)strlen(row->refused->reason) + 1);
    if (watch == NULL || watch->row == NULL)
        return TL_OK;
    return watch->row(im->ctx, watch->user, im->mapping.kind, row);
}

static tl_err refuse(struct import *im, const struct tl_batch_row *row, enum tl_reason reason,
                     const char *message)
{
    tl_err err = tl_reader_original(im->ctx, &im->reader, row, &im->original);
    if (err != TL_OK)
        return err;
    struct tl_refused refused = {.row = row->number,
                                 .reason = tl_reason_name(reason),
                                 .message = message,
                                 .original = im->original.text,
                                 .proposal = row->proposal};
    im->report.n_refused++;
    tl_reason_count(&im->tally, reason, row->number, message);
    err = tl_project_refuse(im->ctx, im->project, im->report.import_id, &refused);
    if (err != TL_OK)
        return err;
    return tell(im, &(struct tl_import_row){
                        .row = row->number, .state = TL_IMPORT_REFUSED, .refused = &refused});
}

static tl_err doubt(struct import *im, const struct tl_batch_row *row, int64_t id,
                    enum tl_reason reason, const char *message)
{
    tl_reason_count(&im->tally, reason, row->number, message);
    if (reason == TL_REASON_YEAR_ONLY) /* usually every row: counted, but not a line each */
        return TL_OK;
    struct tl_finding finding = {
        .reason = tl_reason_name(reason), .message = message, .record_id = id, .row = row->number};
    return tl_project_find(im->ctx, im->project, im->report.import_id, im->mapping.kind, &finding);
}

static tl_err doubt_twins(struct import *im, const struct tl_batch_row *row, int64_t id)
{
    if (row->fingerprint == 0 || !tl_seen_add(&im->seen, row->fingerprint))
        return TL_OK;
    char text[200];
    if (row->record.wkb_bytes != TL_GEOM_POINT_BYTES)
        return doubt(im, row, id, TL_REASON_SAME_SHAPE,
                     "another record has the same geometry and date, but other content");
    int column = tl_reader_date_column(im->mapping.kind);
    const char *date = column >= 0 ? row->record.values[column] : NULL;
    snprintf(text, sizeof text,
             TL_CATALOGUE_MARK("another record has the same position %.9g, %.9g and date %s, but "
                               "other content"),
             row->box[0], row->box[1], date != NULL ? date : TL_CATALOGUE_MARK("(none)"));
    return doubt(im, row, id, TL_REASON_SAME_POSITION, text);
}

static tl_err doubt_overlap(struct import *im, const struct tl_batch_row *row, int64_t id)
{
    char text[200] = "";
    if (im->mapping.kind != TL_KIND_HAZARD_AREA)
        return TL_OK;
    tl_err err =
        tl_overlap_find(im->ctx, im->project, id, &row->record, row->box, text, sizeof text);
    if (err == TL_OK && text[0] != '\0')
        err = doubt(im, row, id, TL_REASON_OVERLAP, text);
    return err;
}

static tl_err write_row(struct import *im, struct tl_batch_row *row)
{
    tl_err err = TL_OK;
    enum tl_put put = TL_PUT_ADDED;
    int64_t id = 0;
    im->report.n_read++;
    if (row->refused != TL_REASON_NONE)
        return refuse(im, row, row->refused, row->message);
    row->record.import_id = im->report.import_id;
    err = tl_register_put(im->ctx, im->project, im->mapping.kind, &row->record,
                          im->options.keep_duplicates, &put, &id);
    if (err != TL_OK)
        return tl_fail_at(im->ctx, err, "%s: row %lld", im->path, (long long)row->number);
    if (put == TL_PUT_DUPLICATE) {
        bool by_id = row->record.source_id != NULL;
        char text[300];
        snprintf(text, sizeof text,
                 by_id ? TL_CATALOGUE_MARK("the id \"%.200s\" came earlier in the file")
                       : TL_CATALOGUE_MARK("the same values came earlier in the file%s"),
                 by_id ? row->record.source_id : "");
        tl_text_one_line(text);
        return refuse(im, row, by_id ? TL_REASON_DUPLICATE_ID : TL_REASON_DUPLICATE_ROW, text);
    }
    struct tl_import_row told = {.row = row->number,
                                 .state = put == TL_PUT_ADDED     ? TL_IMPORT_ADDED
                                          : put == TL_PUT_UPDATED ? TL_IMPORT_UPDATED
                                                                  : TL_IMPORT_UNCHANGED,
                                 .record = &row->record};
    TL_TRY(tell(im, &told));
    if (put == TL_PUT_UNCHANGED) {
        im->report.n_unchanged++;
        return TL_OK;
    }
    im->report.n_added += put == TL_PUT_ADDED;
    im->report.n_updated += put == TL_PUT_UPDATED;
    for (int i = 0; i < row->n_doubts; i++)
        TL_TRY(doubt(im, row, id, row->doubts[i].reason, row->doubts[i].message));
    TL_TRY(doubt_twins(im, row, id));
    TL_TRY(doubt_overlap(im, row, id));
done:
    return err;
}

static tl_err write_batch(struct import *im, struct tl_batch *batch)
{
    tl_err err = TL_OK;
    for (int i = 0; i < batch->n_rows && err == TL_OK; i++)
        err = write_row(im, &batch->rows[i]);
    return err;
}

static void read_next(void *user)
{
    struct import *im = user;
    if (im->filling != NULL)
        im->read_err = tl_reader_fill(im->reader_ctx, &im->reader, im->filling);
}

static void write_last(void *user)
{
    struct import *im = user;
    if (im->writing != NULL)
        im->write_err = write_batch(im, im->writing);
}

static tl_err pump(struct tl_ctx *ctx, struct import *im)
{
    tl_err err = TL_OK;
    int64_t n_rows = tl_vector_n_rows(im->vector);
    int filling = 0;
    bool filled = false;
    tl_progress_begin(ctx, "importing");
    for (;;) {
        im->filling = im->reader.done ? NULL : &im->batches[filling];
        im->writing = filled ? &im->batches[1 - filling] : NULL;
        if (im->filling == NULL && im->writing == NULL)
            break;
        tl_par_two(ctx, write_last, read_next, im);
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(im->write_err);
        if (im->read_err != TL_OK)
            TL_THROW(ctx, im->read_err, "%s", tl_ctx_message(im->reader_ctx));
        filled = im->filling != NULL;
        filling = 1 - filling;
        if (n_rows > 0)
            tl_progress_set(ctx, (double)im->report.n_read / (double)n_rows);
    }
    if (im->reader.n_rows == 0 && im->options.where == NULL)
        TL_THROW(ctx, TL_EDATA, "%s has columns but no rows", im->path);
done:
    tl_progress_end(ctx);
    return err;
}

static tl_err options_json(struct tl_ctx *ctx, const struct import *im, char **text)
{
    const struct tl_import_options *o = &im->options;
    json_t *mapping = json_loads(im->mapping_json, 0, NULL);
    json_t *json =
        json_pack("{s:o?, s:s?, s:s?, s:s?, s:s?, s:b, s:b}", "mapping", mapping, "where", o->where,
                  "layer", o->layer, "crs", o->crs, "encoding", o->encoding, "keep_duplicates",
                  o->keep_duplicates, "allow_outside", o->allow_outside);
    tl_err err = json == NULL ? tl_fail(ctx, TL_EDATA, "an option is not UTF-8 text")
                              : tl_json_text(ctx, json, text);
    json_decref(json);
    return err;
}

static void set_entry(const struct import *im, const char *options, struct tl_import_entry *entry)
{
    const struct tl_import_report *r = &im->report;
    *entry = (struct tl_import_entry){.kind = im->options.as,
                                      .path = im->path,
                                      .sha256 = r->sha256,
                                      .source = im->options.source,
                                      .options = options,
                                      .n_read = r->n_read,
                                      .n_added = r->n_added,
                                      .n_updated = r->n_updated,
                                      .n_unchanged = r->n_unchanged,
                                      .n_refused = r->n_refused};
}

static tl_err check_outcome(struct tl_ctx *ctx, struct import *im)
{
    uint8_t bytes[TL_HASH_BYTES];
    const char *wanted = im->options.outcome;
    tl_hash_done(&im->outcome, bytes);
    tl_hash_hex(bytes, im->report.outcome);
    if (wanted != NULL && strcmp(wanted, im->report.outcome) != 0)
        return tl_fail(ctx, TL_ECONFLICT,
                       "%s: the project has changed since the dry run: now %lld would be added, "
                       "%lld updated, %lld unchanged, %lld refused; look at it again",
                       im->path, (long long)im->report.n_added, (long long)im->report.n_updated,
                       (long long)im->report.n_unchanged, (long long)im->report.n_refused);
    return TL_OK;
}

static tl_err run(struct tl_ctx *ctx, struct import *im)
{
    tl_err err = TL_OK;
    char *options = NULL;
    struct tl_import_entry entry;
    TL_TRY(options_json(ctx, im, &options));
    TL_TRY(tl_project_begin(ctx, im->project));
    TL_TRY(remember_register(ctx, im));
    set_entry(im, options, &entry);
    TL_TRY(tl_project_import_begin(ctx, im->project, &entry, &im->report.import_id));
    TL_TRY(pump(ctx, im));
    TL_TRY(check_outcome(ctx, im));
    set_entry(im, options, &entry);
    TL_TRY(tl_project_import_end(ctx, im->project, im->report.import_id, &entry));
    TL_TRY(tl_project_mapping_put(ctx, im->project, im->options.as, im->columns_hash, im->columns,
                                  im->mapping_json));
    if (im->options.dry_run) {
        tl_project_rollback(im->project);
        im->report.import_id = 0;
    } else {
        TL_TRY(tl_project_commit(ctx, im->project));
    }
done:
    if (err != TL_OK)
        tl_project_rollback(im->project);
    tl_free(options);
    return err;
}

static void fini(struct import *im)
{
    tl_reader_fini(&im->reader);
    tl_vector_close(im->vector);
    tl_mapping_fini(&im->mapping);
    tl_mapfile_fini(&im->mapfile);
    tl_seen_fini(&im->seen);
    tl_buf_fini(&im->original);
    tl_batch_fini(&im->batches[0]);
    tl_batch_fini(&im->batches[1]);
    tl_free(im->columns);
    tl_free(im->mapping_json);
    if (im->reader_ctx != im->ctx)
        tl_ctx_free(im->reader_ctx);
}

tl_err tl_import_file(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                      const struct tl_import_options *options, struct tl_import_report *report)
{
    if (strcmp(options->as, "covariate") == 0)
        return tl_import_covariate(ctx, project, path, options, report);
    tl_err err = TL_OK;
    struct import *im = NULL; /* on the heap: the tally alone is 8 KiB */
    TL_TRY_ALLOC(ctx, im, 1);
    im->ctx = ctx;
    im->project = project;
    im->file = path;
    im->path = options->plain != NULL ? options->plain : path;
    im->options = *options;
    TL_TRY(prepare(ctx, im));
    TL_TRY(run(ctx, im));
    tl_reason_report(&im->tally, &im->report);
    *report = im->report;
done:
    if (im != NULL)
        fini(im);
    tl_free(im);
    return err;
}
