/** Why there is no plan: a small set of what is asked for that cannot be had together, in one line with names. */
#ifndef TL_PLAN_INFEASIBLE_H
#define TL_PLAN_INFEASIBLE_H

#include "plan/oracle.h"

struct tl_plan_names {
    tl_plan_name_fn name; /* borrows; NULL = numbers from 1 */
    void *arg;
};

/** Must-do tasks that nobody can do even alone, and floors above all there is. Errors: TL_EDATA: names the first. */
TL_MUST_USE tl_err tl_plan_infeasible_alone(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                            const struct tl_plan_names *names);

/**
 * Why no plan was found. Never TL_OK: TL_EDATA with an irreducible set (each without which the rest could be had, as far as that could be proved in the time) and what
 * it lacks; TL_ENUMERIC where it is not known whether there is a plan; TL_ENOMEM, TL_ECANCELLED, TL_EIO.
 */
TL_MUST_USE tl_err tl_plan_infeasible_explain(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                              const struct tl_plan_limits *limits,
                                              const struct tl_plan_names *names);

/** TL_EDATA with the line about an irreducible set. Errors beside: TL_ENOMEM, TL_ECANCELLED, TL_EIO. */
TL_MUST_USE tl_err tl_plan_infeasible_say(struct tl_ctx *ctx,
                                          const struct tl_plan_question *question, int64_t n,
                                          const struct tl_plan_demand *demands,
                                          const struct tl_plan_names *names);

enum { TL_PLAN_THING_BYTES = 120, TL_PLAN_MUST_BYTES = 300 };

/** "T-003" or "task 3". @return text */
char *tl_plan_infeasible_name(const struct tl_plan_names *names, enum tl_plan_thing thing,
                              int64_t index, char text[TL_PLAN_THING_BYTES]);

/** "in 2027", "in 2027 to 2029". @param years  bits; not 0. @return text */
char *tl_plan_infeasible_years(const struct tl_plan_names *names, uint64_t years,
                               char text[2 * TL_PLAN_THING_BYTES]);

#endif
