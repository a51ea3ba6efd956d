/** A released area, for the tests of this room. */
#ifndef TL_STORE_DECISION_FIXTURE_H
#define TL_STORE_DECISION_FIXTURE_H

#include "store/decision.h"
#include "store/fixture.h"

/* A point record inside a transaction, in an import of its own. */
__attribute__((unused)) static tl_err fixture_event(struct tl_ctx *ctx, struct tl_project *project,
                                                    enum tl_kind kind, const char *source_id,
                                                    double lon, double lat)
{
    unsigned char wkb[21];
    enum tl_put put;
    struct tl_record record = {.source = "events", .source_id = source_id, .accuracy_m = 10};
    fixture_point(lon, lat, wkb);
    record.wkb = wkb;
    record.wkb_bytes = sizeof wkb;
    record.values[tl_kind_column(kind, "date")] = "2026-05";
    return tl_register_put(ctx, project, kind, &record, false, &put, NULL);
}

/* HA-0001: the square 75.16 to 75.14 W, 7.02 to 7.04 N, open. Accidents AC-0001 inside it, AC-0002 outside. */
__attribute__((unused)) static tl_err fixture_released(struct tl_ctx *ctx, const char *path,
                                                       struct tl_project **project)
{
    static const double ring[10] = {-75.16, 7.02,   -75.14, 7.02,   -75.14,
                                    7.04,   -75.16, 7.04,   -75.16, 7.02};
    unsigned char wkb[sizeof fixture_area + sizeof ring];
    struct tl_record record = {.source = "areas", .source_id = "A1", .accuracy_m = 10};
    enum tl_put put;
    tl_err err = TL_OK;
    memcpy(wkb, fixture_area, sizeof fixture_area);
    memcpy(wkb + sizeof fixture_area, ring, sizeof ring);
    record.wkb = wkb;
    record.wkb_bytes = sizeof wkb;
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "status")] = "open";
    TL_TRY(fixture_open(ctx, path, project));
    TL_TRY(tl_project_begin(ctx, *project));
    TL_TRY(tl_register_put(ctx, *project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    TL_TRY(fixture_event(ctx, *project, TL_KIND_ACCIDENT, "E1", -75.15, 7.03));
    TL_TRY(fixture_event(ctx, *project, TL_KIND_ACCIDENT, "E2", -75.19, 7.01));
    TL_TRY(tl_project_commit(ctx, *project));
done:
    return err;
}

/* Keeps an assessment (inside a transaction); its hash comes back. */
__attribute__((unused)) static tl_err fixture_assess(struct tl_ctx *ctx, struct tl_project *project,
                                                     const char *json, char hash[65])
{
    tl_hash_of(json, (int64_t)strlen(json), hash);
    return tl_decision_keep_assessment(ctx, project, "HA-0001", hash, "evidence", json);
}

__attribute__((unused)) static tl_err fixture_decide(struct tl_ctx *ctx, struct tl_project *project,
                                                     const char *hash, const char *as, int64_t *id)
{
    const struct tl_decision decision = {.area_code = "HA-0001",
                                         .as = as,
                                         .person = "O. Koval",
                                         .role = "approver",
                                         .reason = "the criteria are met",
                                         .assessment_hash = hash,
                                         .criteria = "{\"met\": true}"};
    return tl_decision_put(ctx, project, &decision, id);
}

#endif
