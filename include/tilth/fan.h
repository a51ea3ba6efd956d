/** The fans of a forecast and its tables: casualties, items, land and cost by year, as claimed and as observed. */
#ifndef TILTH_FAN_H
#define TILTH_FAN_H

#include "tilth/forecast.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Draws to PDF or PNG by the path's ending: the fans on a page (A4, landscape), and in a PDF the tables on further pages
 * (A4, portrait). Same input, same bytes.
 * Errors: TL_EUSAGE (ending), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_fan_draw(struct tl_ctx *ctx, const struct tl_forecast *forecast,
                               const char *path);

#ifdef __cplusplus
}
#endif
#endif
