/* Recorded figures by year, from a CSV file or from the accidents of a register. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/scenario.h"
#include "geo/vector.h"
#include "tilth/project.h"
#include "tilth/register.h"

enum { FIRST = 1900, SPAN = TL_FORECAST_CALIBRATE_YEARS_MAX };

struct tally {
    double count[SPAN], killed[SPAN];
    int first, last; /* years seen */
};

static void add(struct tally *tally, int year, double count, double killed)
{
    int at = year - FIRST;
    tally->count[at] += count;
    tally->killed[at] += killed;
    tally->first = tally->first == 0 || year < tally->first ? year : tally->first;
    tally->last = year > tally->last ? year : tally->last;
}

static void finish(const struct tally *tally, bool has_killed, struct tl_forecast_record *record)
{
    record->first_year = tally->first;
    record->n = tally->last - tally->first + 1;
    for (int64_t t = 0; t < record->n; t++) {
        record->count[t] = tally->count[tally->first - FIRST + t];
        record->killed[t] = has_killed ? tally->killed[tally->first - FIRST + t] : NAN;
    }
}

static tl_err read_whole(struct tl_ctx *ctx, const char *path, struct tl_vector *vector, int column,
                         double max, double *value)
{
    const char *text = tl_vector_text(vector, column);
    char *end = NULL;
    double number = isdigit((unsigned char)text[0]) ? strtod(text, &end) : NAN;
    if (end != NULL && *end != '\0')
        number = NAN;
    if (!(number >= 0.0 && number <= max && number == floor(number)))
        return tl_fail(ctx, TL_EDATA,
                       "%s: line %lld: %s \"%.40s\"; expected a whole number from 0 to %g", path,
                       (long long)tl_vector_row(vector) + 1, tl_vector_column(vector, column), text,
                       max);
    *value = number;
    return TL_OK;
}

struct columns {
    int year, killed, injured, count, type;
};

static tl_err find_columns(struct tl_ctx *ctx, const char *path, struct tl_vector *vector,
                           struct columns *c)
{
    *c = (struct columns){
        tl_vector_find_column(vector, "year"), tl_vector_find_column(vector, "killed"),
        tl_vector_find_column(vector, "injured"), tl_vector_find_column(vector, "count"),
        tl_vector_find_column(vector, "type_code")};
    if (c->year < 0)
        return tl_fail(ctx, TL_EDATA, "%s: line 1: no column \"year\"", path);
    if (!(c->killed >= 0 && c->injured >= 0) && c->count < 0 && c->type < 0)
        return tl_fail(ctx, TL_EDATA,
                       "%s: line 1: expected columns \"killed\" and \"injured\", or \"count\", or "
                       "\"type_code\"",
                       path);
    return TL_OK;
}

static tl_err read_row(struct tl_ctx *ctx, const char *path, struct tl_vector *vector,
                       const struct columns *c, struct tally *tally)
{
    double year = 0.0, killed = 0.0, injured = 0.0, type = 1.0;
    tl_err err = TL_OK;
    TL_TRY(read_whole(ctx, path, vector, c->year, FIRST + SPAN - 1, &year));
    if (year < FIRST)
        return tl_fail(ctx, TL_EDATA, "%s: line %lld: year %g; expected %d to %d", path,
                       (long long)tl_vector_row(vector) + 1, year, FIRST, FIRST + SPAN - 1);
    if (c->killed >= 0 && c->injured >= 0) {
        TL_TRY(read_whole(ctx, path, vector, c->killed, 1e7, &killed));
        TL_TRY(read_whole(ctx, path, vector, c->injured, 1e7, &injured));
        add(tally, (int)year, killed + injured, killed);
    } else if (c->count >= 0) {
        TL_TRY(read_whole(ctx, path, vector, c->count, 1e7, &injured));
        add(tally, (int)year, injured, 0.0);
    } else {
        TL_TRY(read_whole(ctx, path, vector, c->type, 1000, &type));
        add(tally, (int)year, type == 1.0 || type == 2.0 ? 1.0 : 0.0, 0.0);
    }
done:
    return err;
}

tl_err tl_forecast_record_read(struct tl_ctx *ctx, const char *path,
                               struct tl_forecast_record *record)
{
    struct tl_vector_options options = {0};
    struct tl_vector *vector = NULL;
    struct columns columns;
    struct tl_forecast_record made = {0};
    struct tally tally = {0};
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY(tl_vector_open(ctx, path, &options, &vector));
    TL_TRY(find_columns(ctx, path, vector, &columns));
    for (;;) {
        TL_TRY(tl_vector_next(ctx, vector, &more));
        if (!more)
            break;
        TL_TRY(read_row(ctx, path, vector, &columns, &tally));
    }
    if (tally.first == 0)
        TL_THROW(ctx, TL_EDATA, "%s: there is no row", path);
    bool split = columns.killed >= 0 && columns.injured >= 0;
    finish(&tally, split, &made);
    made.is_events = !split && columns.count < 0;
    const char *slash = strrchr(path, '/');
    snprintf(made.source, sizeof made.source, "%.250s", slash == NULL ? path : slash + 1);
    *record = made;
done:
    tl_vector_close(vector);
    return err;
}

tl_err tl_forecast_record_project(struct tl_ctx *ctx, struct tl_project *project,
                                  struct tl_forecast_record *record)
{
    int date = tl_kind_column(TL_KIND_ACCIDENT, "date");
    int killed = tl_kind_column(TL_KIND_ACCIDENT, "killed");
    int injured = tl_kind_column(TL_KIND_ACCIDENT, "injured");
    struct tl_cursor *cursor = NULL;
    struct tl_forecast_record made = {0};
    struct tally events = {0}, people = {0};
    int64_t n = 0, n_split = 0;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY(tl_register_select(ctx, project, TL_KIND_ACCIDENT, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        const char *text = tl_cursor_text(cursor, date);
        int year = text == NULL ? 0 : atoi(text);
        double k = tl_cursor_real(cursor, killed), i = tl_cursor_real(cursor, injured);
        if (year < FIRST || year >= FIRST + SPAN)
            continue; /* without a date it is in no year */
        n++;
        n_split += !isnan(k) && !isnan(i);
        add(&events, year, 1.0, 0.0);
        add(&people, year, (isnan(k) ? 0.0 : k) + (isnan(i) ? 0.0 : i), isnan(k) ? 0.0 : k);
    }
    if (n == 0)
        TL_THROW(ctx, TL_EDATA, "the project holds no accident with a date to calibrate on");
    /* Casualties only where every accident says them: a gap is not a zero. */
    made.is_events = n_split < n;
    finish(made.is_events ? &events : &people, !made.is_events, &made);
    snprintf(made.source, sizeof made.source, "%lld accidents of the register", (long long)n);
    *record = made;
done:
    tl_cursor_free(cursor);
    return err;
}
