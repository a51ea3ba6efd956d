/** Processor time: on a machine that others work on too the better measure, if threads sleep while they wait (OMP_WAIT_POLICY=passive). */
#ifndef TL_BENCH_PROCESSOR_H
#define TL_BENCH_PROCESSOR_H

#include <time.h>

/** Seconds of a clock: CLOCK_PROCESS_CPUTIME_ID is of all threads, CLOCK_THREAD_CPUTIME_ID of this one. */
static inline double clock_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double processor_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

#endif
