/** Records as JSON, and who may see what of them. */
#ifndef TL_SERVE_RECORD_H
#define TL_SERVE_RECORD_H

#include "serve/serve.h"

/** A kind by its name, where the caller may see it: a guest sees hazardous areas only. Errors: TL_ENOTFOUND, TL_EDENIED. */
TL_MUST_USE tl_err tl_record_kind(struct tl_call *call, const char *name, enum tl_kind *kind);

/** Code, columns (numbers as numbers, what is not known as null), lon, lat of the present record. A guest sees code, name, classification, status. */
TL_MUST_USE tl_err tl_record_row(struct tl_call *call, enum tl_kind kind,
                                 const struct tl_cursor *cursor, json_t **row);

/** Geometry of the present record as GeoJSON, null where it has none. */
TL_MUST_USE tl_err tl_record_geometry(struct tl_call *call, const struct tl_cursor *cursor,
                                      json_t **geometry);

/** What people call the present record: its name, or its date and category; "" where it has neither. */
void tl_record_title(enum tl_kind kind, const struct tl_cursor *cursor, char *title, size_t room);

/** Words parted by "|" as a list; empty where there are none. */
json_t *tl_record_choices(const char *choices);

/** Adds a position in all notations; UTM ends at 84 N and 80 S: null there. */
void tl_record_notations(struct tl_call *call, double lon, double lat, json_t *json);

/** Whether records of a kind endanger people when known: items, accidents, reports. Who reads them is written down. */
bool tl_record_is_sensitive(enum tl_kind kind);

#endif
