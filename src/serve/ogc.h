/** Routes of the OGC API, and what their files share. */
#ifndef TL_SERVE_OGC_H
#define TL_SERVE_OGC_H

#include "serve/record.h"
#include "serve/serve.h"

/* ogc.c */
tl_err tl_ogc_landing(struct tl_call *call);
tl_err tl_ogc_conformance(struct tl_call *call);
tl_err tl_ogc_collections(struct tl_call *call);
tl_err tl_ogc_collection(struct tl_call *call);
tl_err tl_ogc_tilesets(struct tl_call *call);
tl_err tl_ogc_tileset(struct tl_call *call);
tl_err tl_ogc_matrix_sets(struct tl_call *call);
tl_err tl_ogc_matrix_set(struct tl_call *call);

/* ogc_items.c */
tl_err tl_ogc_items(struct tl_call *call);
tl_err tl_ogc_item(struct tl_call *call);
/** An interval of dates: "2024-05", "2020/2022-03-01T00:00:00Z", "../2022"; what is open is NULL. Errors: TL_EUSAGE. */
TL_MUST_USE tl_err tl_ogc_interval(struct tl_ctx *ctx, const char *text, char from[16],
                                   char to[16]);

/** Address of the server as it was set up (not as the request says): "http://127.0.0.1:8640". */
void tl_ogc_base(const struct tl_call *call, char *base, size_t room);
/** Adds {href, rel, type} of a path of this server. */
void tl_ogc_link(const struct tl_call *call, json_t *links, const char *rel, const char *type,
                 const char *path);

#endif
