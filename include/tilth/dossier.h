/** The land-release dossier of an assessment: PDF, JSON, GeoJSON and CSV, in English and Ukrainian. */
#ifndef TILTH_DOSSIER_H
#define TILTH_DOSSIER_H

#include "tilth/release.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes dossier.pdf, assess.json, area.geojson, turning_points.csv, searches.csv into a folder, whole or not at all. Everything on it
 * comes from the assessment's JSON and the register.
 * @param language  "en" or "uk"
 * Errors: TL_EEXISTS, TL_EIO, TL_ENOMEM, TL_EUSAGE (language).
 */
TL_MUST_USE tl_err tl_dossier_write(struct tl_ctx *ctx, struct tl_project *project,
                                    const struct tl_release_result *result, const char *language,
                                    const char *folder, bool overwrite);

#ifdef __cplusplus
}
#endif
#endif
