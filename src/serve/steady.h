/** The time of day that does not go back: what is kept on disk with a date is compared with it. */
#ifndef TL_SERVE_STEADY_H
#define TL_SERVE_STEADY_H

#include "core/core.h"

/** Zeroed: nothing seen yet. Used by one thread at a time. */
struct tl_steady {
    double day_s, clock_s; /* as of the last look */
};

/**
 * Seconds since 1970 as they were last told and have gone on since: a clock that is set back, or stands still while the machine sleeps, does not
 * make anything last longer.
 * @param day_s    the time of day, time(NULL)
 * @param clock_s  tl_clock_s()
 */
double tl_steady_now(struct tl_steady *steady, double day_s, double clock_s);

#endif
