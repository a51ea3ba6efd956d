/*
 * Geometries: GICHD's list of known defects of mine-action registers (ecosystem.md): invalid polygons, fewer than three
 * vertices, repeated vertices, duplicates, points of one record over 5 km apart, overlaps of hazardous areas over 0.9 %.
 */
#include <math.h>
#include <stdio.h>

#include "geo/geom.h"
#include "store/check.h"

static const double far_apart_m = 5000.0, overlap_max = 0.009;

static double diagonal_m(const double box[4])
{
    const double degree_m = 111320.0, rad = 0.017453292519943295;
    double x = (box[2] - box[0]) * degree_m * cos(0.5 * (box[1] + box[3]) * rad);
    return hypot(x, (box[3] - box[1]) * degree_m);
}

static tl_err defects(struct tl_check *check, enum tl_kind kind, const char *code, const void *wkb,
                      int64_t wkb_bytes)
{
    const char *table = tl_kind_info(kind)->table;
    struct tl_geom_info info;
    tl_err err = tl_geom_info(check->ctx, wkb, wkb_bytes, &info);
    if (err == TL_ENOMEM)
        return err;
    if (err != TL_OK)
        return tl_check_add(check, "error", "geometry", "%s %s: %s", table, code,
                            tl_ctx_message(check->ctx));
    err = TL_OK;
    if (info.is_empty)
        return tl_check_add(check, "warning", "empty-geometry", "%s %s has an empty geometry",
                            table, code);
    if (!info.is_finite)
        TL_TRY(tl_check_add(check, "error", "geometry", "%s %s has coordinates that are not finite",
                            table, code));
    else if (info.box[0] < -180 || info.box[2] > 180 || info.box[1] < -90 || info.box[3] > 90)
        TL_TRY(tl_check_add(check, "error", "off-earth",
                            "%s %s reaches %.6g,%.6g to %.6g,%.6g, beyond the globe", table, code,
                            info.box[0], info.box[1], info.box[2], info.box[3]));
    if (info.kind == TL_GEOM_POLYGON && !info.is_valid)
        TL_TRY(
            tl_check_add(check, "warning", "invalid-polygon", "%s %s: %s", table, code, info.why));
    if (info.kind == TL_GEOM_POLYGON && info.n_points < 4)
        TL_TRY(tl_check_add(check, "warning", "few-vertices", "%s %s has fewer than 3 vertices",
                            table, code));
    if (info.repeats)
        TL_TRY(tl_check_add(check, "warning", "repeated-vertex",
                            "%s %s repeats a vertex (closer than 1e-6 degrees)", table, code));
    if (kind == TL_KIND_HAZARD_AREA && diagonal_m(info.box) > far_apart_m)
        TL_TRY(tl_check_add(check, "warning", "far-apart",
                            "%s %s: its points lie up to %.1f km apart", table, code,
                            diagonal_m(info.box) / 1000.0));
done:
    return err;
}

static tl_err each(struct tl_check *check, enum tl_kind kind)
{
    struct tl_cursor *cursor = NULL;
    bool more = false;
    int64_t n = 0, n_without = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_register_select(check->ctx, check->project, kind, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(check->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(tl_cancelled(check->ctx));
        const void *wkb = tl_cursor_wkb(cursor, &n);
        if (wkb == NULL)
            n_without++;
        else
            TL_TRY(defects(check, kind, tl_cursor_code(cursor), wkb, n));
    }
    TL_TRY(tl_check_end(check, "warning"));
    if (n_without > 0)
        TL_TRY(tl_check_add(check, "warning", "no-geometry", "%s: %lld records lie nowhere",
                            tl_kind_info(kind)->table, (long long)n_without));
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err same(struct tl_check *check, enum tl_kind kind)
{
    const char *table = tl_kind_info(kind)->table;
    char sql[512];
    if (kind == TL_KIND_ITEM || kind == TL_KIND_ACCIDENT || kind == TL_KIND_REPORT)
        return TL_OK; /* several at one place are ordinary there; import names those that look double */
    sqlite3_snprintf(sizeof sql, sql,
                     "SELECT printf('%q: %%d records have the same geometry: %%s', count(*), "
                     "substr(group_concat(COALESCE(code, id), ', '), 1, 200)) FROM \"%w\" WHERE "
                     "geom NOT NULL GROUP "
                     "BY geom HAVING count(*) > 1",
                     table, table);
    return tl_check_rows(check, "warning", "duplicate-geometry", sql);
}

static tl_err overlap(struct tl_check *check, sqlite3_stmt *stmt)
{
    int64_t n[2] = {0, 0};
    const void *wkb[2];
    struct tl_geom_info info[2];
    double area = 0.0;
    for (int i = 0; i < 2; i++) {
        wkb[i] = tl_gpb_wkb(sqlite3_column_blob(stmt, 2 * i + 1),
                            sqlite3_column_bytes(stmt, 2 * i + 1), &n[i]);
        if (wkb[i] == NULL || tl_geom_info(check->ctx, wkb[i], n[i], &info[i]) != TL_OK ||
            !info[i].is_valid)
            return TL_OK; /* named already */
    }
    tl_err err = tl_geom_overlap(check->ctx, wkb[0], n[0], wkb[1], n[1], &area);
    double share = area / fmin(info[0].area, info[1].area);
    if (err == TL_ENOMEM)
        return err;
    if (err != TL_OK || !(share > overlap_max))
        return TL_OK;
    return tl_check_add(check, "warning", "overlap",
                        "hazardous areas %s and %s overlap by %.1f %% of the smaller",
                        (const char *)sqlite3_column_text(stmt, 0),
                        (const char *)sqlite3_column_text(stmt, 2), 100.0 * share);
}

static tl_err overlaps(struct tl_check *check)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        check->ctx, check->project->db,
        "SELECT COALESCE(a.code, a.id), a.geom, COALESCE(b.code, b.id), b.geom FROM hazard_area a "
        "JOIN rtree_hazard_area_geom ra ON ra.id = a.id JOIN rtree_hazard_area_geom rb ON rb.minx "
        "<= ra.maxx AND rb.maxx >= ra.minx AND rb.miny <= ra.maxy AND rb.maxy >= ra.miny JOIN "
        "hazard_area b ON b.id = rb.id WHERE a.id < b.id AND a.geom IS NOT b.geom",
        &stmt));
    for (;;) {
        TL_TRY(tl_sql_step(check->ctx, stmt, &more));
        if (!more)
            break;
        TL_TRY(tl_cancelled(check->ctx));
        TL_TRY(overlap(check, stmt));
    }
    TL_TRY(tl_check_end(check, "warning"));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_check_geometry(struct tl_check *check)
{
    tl_err err = TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        TL_TRY(each(check, (enum tl_kind)k));
        TL_TRY(same(check, (enum tl_kind)k));
    }
    TL_TRY(overlaps(check));
done:
    return err;
}
