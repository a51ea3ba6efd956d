/** A small district for this room's tests: 6 km by 5 km in cells of 200 m. */
#ifndef TL_SIMULATE_FIXTURE_H
#define TL_SIMULATE_FIXTURE_H

#include "tilth/simulate.h"

static const struct tl_simulate_options fixture_small = {.area_deg = {37.1, 48.3, 37.18, 48.345},
                                                         .step_m = 200.0,
                                                         .years = 3,
                                                         .dirt = 0.03,
                                                         .seed = 4,
                                                         .overwrite = true};

#endif
