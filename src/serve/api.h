/** The handlers of the API's routes, one file a subject. */
#ifndef TL_SERVE_API_H
#define TL_SERVE_API_H

#include "serve/serve.h"
#include "serve/upload.h"
#include "tilth/attach.h"
#include "tilth/edit.h"
#include "tilth/entry.h"

/* api_session.c */
tl_err tl_api_session_get(struct tl_call *call);
tl_err tl_api_session_post(struct tl_call *call);
tl_err tl_api_session_delete(struct tl_call *call);
/** The password of whoever asks, again. *answered = there were too many tries, and the reply says so. Errors: TL_EDENIED (it is not right). */
TL_MUST_USE tl_err tl_api_ask_password(struct tl_call *call, const char *password, bool *answered);

/* api_account.c */
tl_err tl_api_accounts(struct tl_call *call);
tl_err tl_api_account_change(struct tl_call *call);
tl_err tl_api_invitation(struct tl_call *call);
tl_err tl_api_own_password(struct tl_call *call);

/* api_project.c */
tl_err tl_api_project(struct tl_call *call);

/* api_records.c */
tl_err tl_api_records(struct tl_call *call);
tl_err tl_api_record(struct tl_call *call);
/** Puts the log's lines about a record into an object: history, history_complete. */
TL_MUST_USE tl_err tl_api_history(struct tl_call *call, struct tl_project *project,
                                  const char *table, int64_t id, json_t *record);

/* api_edit.c */
tl_err tl_api_record_create(struct tl_call *call);
tl_err tl_api_record_change(struct tl_call *call);
tl_err tl_api_record_submit(struct tl_call *call);
tl_err tl_api_record_approve(struct tl_call *call);
tl_err tl_api_record_return(struct tl_call *call);
tl_err tl_api_queue(struct tl_call *call);
/** Who asks, as the register's work flow sees it; borrows the call. */
struct tl_edit_who tl_api_who(const struct tl_call *call);
/** The version that a request saw (If-Match), without its quotes; *answered when it gives none. Errors: TL_EUSAGE. */
TL_MUST_USE tl_err tl_api_seen_version(struct tl_call *call, char version[TL_EDIT_VERSION_HEX],
                                       bool *answered);
/** Answers with how a record stands now (tilth.edited/1), and the doubts of an entry, NULL = none. */
TL_MUST_USE tl_err tl_api_edited(struct tl_call *call, enum tl_kind kind,
                                 const struct tl_edit_state *state, const struct tl_entry *entry);
/** Names of what may be done with a record. */
json_t *tl_api_may(const struct tl_edit_state *state);

/* api_forms.c */
tl_err tl_api_kinds(struct tl_call *call);
tl_err tl_api_position(struct tl_call *call);

/* api_attach.c */
tl_err tl_api_attachments(struct tl_call *call);
tl_err tl_api_attach_begin(struct tl_call *call, int64_t n_bytes);
tl_err tl_api_attach_take(struct tl_call *call, const void *bytes, int64_t n);
tl_err tl_api_attach(struct tl_call *call);
tl_err tl_api_attachment(struct tl_call *call);
/** An attachment as lists have it. */
json_t *tl_api_attachment_json(const struct tl_attach_info *info);
/** The file that came with a call; without a body there is none, and that is an empty one. Borrows the call. */
struct tl_attach_file tl_api_attach_file(struct tl_call *call);

/* api_field.c, api_field_records.c, api_field_photos.c, api_conflicts.c */
tl_err tl_api_field_districts(struct tl_call *call);
tl_err tl_api_field_package(struct tl_call *call);
tl_err tl_api_field_settings(struct tl_call *call);
tl_err tl_api_field_settings_set(struct tl_call *call);
tl_err tl_api_field_record(struct tl_call *call);
tl_err tl_api_field_receipt(struct tl_call *call);
tl_err tl_api_field_refused(struct tl_call *call);
tl_err tl_api_field_photo(struct tl_call *call);
tl_err tl_api_field_photos(struct tl_call *call);
/** Photographs that came with a record from the field, as lists have them. owns: the caller. */
TL_MUST_USE tl_err tl_api_field_photos_of(struct tl_call *call, struct tl_project *project,
                                          const char *uuid, json_t **list);
tl_err tl_api_conflicts(struct tl_call *call);
tl_err tl_api_conflict_decide(struct tl_call *call);

/* api_import.c, api_refused.c */
tl_err tl_api_import_begin(struct tl_call *call, int64_t n_bytes);
tl_err tl_api_import_take(struct tl_call *call, const void *bytes, int64_t n);
tl_err tl_api_import_post(struct tl_call *call);
tl_err tl_api_imports(struct tl_call *call);
tl_err tl_api_import_get(struct tl_call *call);
tl_err tl_api_import_delete(struct tl_call *call);
tl_err tl_api_import_try(struct tl_call *call);
tl_err tl_api_import_commit(struct tl_call *call);
tl_err tl_api_refused(struct tl_call *call);
tl_err tl_api_refused_mend(struct tl_call *call);
/** Keeps what a trial (call->json) came to. @param[out] token  that takes it in. Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_api_import_remember(struct tl_call *call, struct tl_upload *upload,
                                          const char *outcome, char token[TL_HASH_HEX]);

/* api_raster.c */
struct tl_sift;
tl_err tl_api_raster_try(struct tl_call *call);
/** What is known of a raster that has come: driver, layers (none), raster, and what is for ourselves. owns: the caller. Errors: those of tl_sift_look_raster. */
TL_MUST_USE tl_err tl_api_raster_look(struct tl_call *call, struct tl_sift *sift, json_t **known);
/** Takes what is for ourselves out of it. */
void tl_api_raster_hide(json_t *known);
/** Takes in what the trial showed; call->json is the trial's. The caller removes the upload. Errors: as tl_import_file. */
TL_MUST_USE tl_err tl_api_raster_take_in(struct tl_call *call, struct tl_upload *upload,
                                         const char *outcome);

/* api_victims.c */
tl_err tl_api_victims(struct tl_call *call);
tl_err tl_api_victim_add(struct tl_call *call);
tl_err tl_api_victim_change(struct tl_call *call);
tl_err tl_api_victims_open(struct tl_call *call);
tl_err tl_api_victims_close(struct tl_call *call);

/* api_place.c */
tl_err tl_api_search(struct tl_call *call);
tl_err tl_api_coordinate(struct tl_call *call);
tl_err tl_api_explain(struct tl_call *call);

/* api_areas.c */
tl_err tl_api_areas(struct tl_call *call);
tl_err tl_api_area(struct tl_call *call);
tl_err tl_api_dossier(struct tl_call *call);

/* api_assess.c */
tl_err tl_api_assess_area(struct tl_call *call);
tl_err tl_api_assess_polygon(struct tl_call *call);
tl_err tl_api_what_if_area(struct tl_call *call);
tl_err tl_api_what_if_polygon(struct tl_call *call);

/* api_release.c */
tl_err tl_api_release(struct tl_call *call);
tl_err tl_api_findings(struct tl_call *call);
tl_err tl_api_finding_answer(struct tl_call *call);

/* api_forecast.c */
tl_err tl_api_forecasts(struct tl_call *call);
tl_err tl_api_forecast_run(struct tl_call *call);
tl_err tl_api_plan(struct tl_call *call);
tl_err tl_api_plan_task(struct tl_call *call);

/* api_methods.c, api_log.c */
tl_err tl_api_methods(struct tl_call *call);
tl_err tl_api_log(struct tl_call *call);
tl_err tl_api_reads(struct tl_call *call);

/* api_tiles.c */
tl_err tl_api_layers(struct tl_call *call);
tl_err tl_api_tile_raster(struct tl_call *call);
tl_err tl_api_tile_vector(struct tl_call *call);
tl_err tl_api_legend(struct tl_call *call);

/* api_jobs.c */
tl_err tl_api_job(struct tl_call *call);
tl_err tl_api_job_cancel(struct tl_call *call);

/* api_basemap.c */
tl_err tl_api_basemap(struct tl_call *call);
tl_err tl_api_tile_basemap(struct tl_call *call);

/* openapi.c */
tl_err tl_api_openapi(struct tl_call *call);
/** The route table as an OpenAPI 3.1 document. */
json_t *tl_openapi_document(void);

#endif
