/*
 * The methods that a new project knows. A figure stands here only where the project's list of sources (domain.md) has one; its source is
 * named with it. All other chances are wide priors and say so, and where no pace or price is known there is none.
 */
#include "core/catalogue.h"
#include "store/method.h"

#include <math.h>

/* d ~ Beta(d_a, d_b), q ~ Beta(q_a, q_b), a lot fails with chance f and then finds with chance p_fail. */
#define CHANCES(d_a, d_b, q_a, q_b, f, p_fail)                                                     \
    .depth_cm = INFINITY, .detectable_a = d_a, .detectable_b = d_b, .per_pass_a = q_a,             \
    .per_pass_b = q_b, .process_failure = f, .process_failure_p = p_fail
#define NO_PACE .m2_per_day = NAN, .m2_per_day_low = NAN, .m2_per_day_high = NAN
#define NO_PRICE                                                                                   \
    .price_per_m2 = NAN, .price_per_m2_low = NAN, .price_per_m2_high = NAN, .currency = "USD"
#define NO_TERRAIN                                                                                 \
    .vegetation_pace = {1, 1, 1, 1}, .vegetation_detect = {1, 1, 1, 1}, .slope_pace = {1, 1, 1},   \
    .slope_detect = {1, 1, 1}

const struct tl_method tl_method_defaults[] = {
    {.name = "unknown",
     CHANCES(4, 2, 4, 2, 0.05, 0.3),
     NO_PACE,
     NO_PRICE,
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = true,
     .source =
         TL_CATALOGUE_MARK("assumption: wide; used for every method that has no row of its own")},
    {.name = "manual",
     CHANCES(18, 2, 12, 4, 0.02, 0.5),
     .m2_per_day = 30,
     .m2_per_day_low = 10,
     .m2_per_day_high = 50,
     .pace_source = TL_CATALOGUE_MARK(
         "10 to 50 m2 per deminer and day (halotrust.org), and the middle of it; of one "
         "deminer: multiply by those of a team"),
     .price_per_m2 = 3,
     .price_per_m2_low = NAN,
     .price_per_m2_high = 3,
     .currency = "USD",
     .price_source = TL_CATALOGUE_MARK(
         "clearance in Ukraine: up to 30,000 USD/ha (euromaidanpress.com), so an upper figure; "
         "tenders there gave 56 to 59 thousand UAH/ha (agrocatalog.info)"),
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = true,
     .source = TL_CATALOGUE_MARK(
         "assumption: prodder and detector together on signalled ground; blind trials of detectors "
         "alone give less")},
    {.name = "metal detector",
     CHANCES(18, 3, 12, 8, 0.02, 0.5),
     NO_PACE,
     NO_PRICE,
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = false,
     .source = TL_CATALOGUE_MARK(
         "blind trials found 60-70 % (inexperienced) and 50-65 % (experienced, hard soil, deep "
         "targets) per pass: JMU journal 8.2 (Mueller); q centred on 60 %, as 12 of 20; their "
         "targets are hard ones; d is an assumption")},
    {.name = "dual-sensor",
     CHANCES(18, 2, 14, 4, 0.02, 0.5),
     NO_PACE,
     NO_PRICE,
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = true,
     .source = TL_CATALOGUE_MARK(
         "assumption: 96.5 % of clutter rejected over 604,375 m2 (halotrust.org) says "
         "nothing of what was missed")},
    {.name = "dogs",
     CHANCES(20, 1, 214, 1, 0.02, 0.5),
     NO_PACE,
     NO_PRICE,
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = false,
     .source = TL_CATALOGUE_MARK(
         "technical-survey dogs, Cambodia: 213 of 213 items over 1.4 km2, none missed on full "
         "clearance (researcher.life), as Beta(214, 1); d is an assumption: scent may be absent")},
    {.name = "mechanical",
     CHANCES(10, 3, 8, 3, 0.05, 0.3),
     NO_PACE,
     NO_PRICE,
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = true,
     .source = TL_CATALOGUE_MARK("assumption: wide; depends on soil, machine and depth")},
    {.name = "visual",
     CHANCES(3, 4, 6, 3, 0.05, 0.3),
     NO_PACE,
     NO_PRICE,
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = true,
     .source = TL_CATALOGUE_MARK("assumption: only what lies on the surface can be seen at all")},
    {.name = "battle area clearance",
     CHANCES(12, 3, 10, 4, 0.02, 0.5),
     NO_PACE,
     NO_PRICE,
     NO_TERRAIN,
     .is_search = true,
     .is_assumption = true,
     .source = TL_CATALOGUE_MARK("assumption: surface and shallow search for unexploded ordnance")},
    {.name = "NTS",
     CHANCES(1, 1, 1, 1, 0, 0),
     NO_PACE,
     .price_per_m2 = 0.0006,
     .price_per_m2_low = NAN,
     .price_per_m2_high = NAN,
     .currency = "USD",
     .price_source =
         TL_CATALOGUE_MARK("non-technical survey in Ukraine: about 6 USD/ha (euromaidanpress.com)"),
     NO_TERRAIN,
     .is_search = false,
     .is_assumption = true,
     .source = TL_CATALOGUE_MARK(
         "assumption: asks and looks only, so it counts as no search and these chances are "
         "not used")},
};

const int tl_method_n_defaults = (int)(sizeof tl_method_defaults / sizeof tl_method_defaults[0]);
