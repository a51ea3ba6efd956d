/** What bytes are, by looking at them: pictures by their first bytes, vector tiles by their whole outer frame. */
#ifndef TL_TILE_SNIFF_H
#define TL_TILE_SNIFF_H

#include <stdint.h>

#include "tilth/basemap.h"

/** TL_BASEMAP_FORMATS for what is none of them. Packed bytes are none: unpack them first. */
enum tl_basemap_format tl_sniff(const void *bytes, int64_t n);

#endif
