/**
 * Mapping file: YAML or JSON that people write and keep beside their data.
 *
 *     as: accident            # optional; must agree with --as
 *     map:
 *       lon: longitud
 *       lat: latitud
 *       category: "=mine"     # a constant
 *     where: "type_code in (1, 2)"
 *     crs: EPSG:3116          # also: layer, encoding, source
 */
#ifndef TL_EVIDENCE_MAPFILE_H
#define TL_EVIDENCE_MAPFILE_H

#include "evidence/mapping.h"

enum tl_mapfile_text {
    TL_MAPFILE_AS,
    TL_MAPFILE_WHERE,
    TL_MAPFILE_LAYER,
    TL_MAPFILE_ENCODING,
    TL_MAPFILE_SOURCE,
    TL_MAPFILE_CRS,
    TL_MAPFILE_TEXTS
};

struct tl_mapfile {
    char *texts[TL_MAPFILE_TEXTS]; /* owns: NULL where the file does not say */
};

/**
 * Reads a mapping file into the mapping (origin TL_ORIGIN_FILE).
 * Errors: TL_ENOTFOUND, TL_EIO, TL_EDATA (with line and column: syntax, unknown key or field, not
 * text), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_mapfile_read(struct tl_ctx *ctx, const char *path, struct tl_mapping *mapping,
                                   struct tl_mapfile *mapfile);
void tl_mapfile_fini(struct tl_mapfile *mapfile);

#endif
