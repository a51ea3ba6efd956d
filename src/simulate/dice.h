/** Random numbers taken one after the other from a series of their own, for work that is done in one order. */
#ifndef TL_SIMULATE_DICE_H
#define TL_SIMULATE_DICE_H

#include <math.h>

#include "core/rng.h"

struct tl_dice {
    struct tl_rng rng;
    uint64_t next;
};

/** Series of a purpose; further purposes do not disturb it. */
static inline struct tl_dice tl_dice_make(uint64_t seed, uint64_t purpose)
{
    return (struct tl_dice){tl_rng_make(seed, 0x51D0000 + purpose), 0};
}

static inline double tl_dice_uniform(struct tl_dice *dice)
{
    return tl_rng_uniform(dice->rng, dice->next++);
}

static inline double tl_dice_between(struct tl_dice *dice, double lo, double hi)
{
    return lo + (hi - lo) * tl_dice_uniform(dice);
}

static inline double tl_dice_normal(struct tl_dice *dice)
{
    return tl_rng_normal(dice->rng, dice->next++);
}

static inline int64_t tl_dice_poisson(struct tl_dice *dice, double mean)
{
    return tl_rng_poisson(dice->rng, dice->next++, mean);
}

/** 0..n-1, each as likely; n at least 1. */
static inline int64_t tl_dice_pick(struct tl_dice *dice, int64_t n)
{
    int64_t k = (int64_t)(tl_dice_uniform(dice) * (double)n);
    return k < n ? k : n - 1;
}

static inline int tl_dice_chance(struct tl_dice *dice, double p)
{
    return tl_dice_uniform(dice) < p;
}

#endif
