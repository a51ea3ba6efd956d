/*
 * Fuzzer of the coordinate parser. What must hold for any bytes: no crash, outputs untouched on error with a message,
 * results in range, and a result written as degrees reads back as the same place.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "tilth/coord.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_position(struct tl_ctx *ctx, const char *text)
{
    double lon = 777.0, lat = 777.0, accuracy = 777.0, lon2 = 0.0, lat2 = 0.0;
    char written[TL_COORD_TEXT_BYTES];
    if (tl_coord_parse(ctx, text, &lon, &lat, &accuracy) != TL_OK) {
        must(lon == 777.0 && lat == 777.0 && accuracy == 777.0 && tl_ctx_message(ctx)[0] != '\0');
        return;
    }
    must(fabs(lon) <= 180.0 && fabs(lat) <= 90.0 && accuracy >= 0.0 && isfinite(accuracy));
    must(tl_coord_format(ctx, lon, lat, TL_COORD_DEGREES, 1.0, written) == TL_OK);
    must(tl_coord_parse(ctx, written, &lon2, &lat2, NULL) == TL_OK);
    must(fabs(lon - lon2) < 6e-6 && fabs(lat - lat2) < 6e-6);
    must(tl_coord_format(ctx, lon, lat, TL_COORD_DMS, 1.0, written) == TL_OK);
    must(tl_coord_parse(ctx, written, &lon2, &lat2, NULL) == TL_OK);
    must(fabs(lat - lat2) < 6e-6);
}

static void check_angle(struct tl_ctx *ctx, const char *text, int is_lat)
{
    double degrees = 777.0;
    if (tl_coord_parse_angle(ctx, text, is_lat, &degrees) != TL_OK)
        must(degrees == 777.0);
    else
        must(fabs(degrees) <= (is_lat ? 90.0 : 180.0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct tl_ctx *ctx = tl_ctx_create();
    must(text != NULL && ctx != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check_position(ctx, text);
    check_angle(ctx, text, 0);
    check_angle(ctx, text, 1);
    tl_ctx_free(ctx);
    free(text);
    return 0;
}
