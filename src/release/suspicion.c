/*
 * A suspected area is drawn because somebody says so. The map holds that for a factor on the density; but a report is true or it is not, and
 * if it is not, the ground is as ground of its kind without a report: not empty, and not denser. With chance s it is true, and all figures are
 * as they were; with 1 - s the density is `factor` times that. s is the share of suspicions that are true, learned from suspected areas that were
 * searched: one where something was found was true; one where nothing was found says as much as its search was worth.
 *
 * Draws are those made as if it were true. Given nothing found, exp(-M) is the chance of that with expected finds M, and exp(-factor M) if it is
 * false: so the ratio of the two chances is the mean of exp((1 - factor) M) over the draws, and the same numbers weigh the draws for the case that it
 * is false. Nothing is drawn anew, d, q and failures of lots are those of each draw.
 */
#include "release/suspicion.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { GRID = 2000 };
static const double LOW = 0.05, HIGH = 0.95, EXPONENT_MAX = 60.0;

/* ---- which areas ---- */

const char *tl_release_suspicion_why(const struct tl_release_subject *s,
                                     const struct tl_local *local)
{
    bool met = false, found = false;
    if (!s->is_area)
        return "not-registered";
    if (strcasecmp(s->classification, "CHA") == 0)
        return "confirmed";
    if (strcasecmp(s->classification, "SHA") != 0)
        return "no-standing";
    if (strcasecmp(s->evidence_kind, "direct") == 0)
        return "direct-evidence";
    if (strcasecmp(s->status, "cancelled") == 0)
        return "cancelled";
    for (int64_t k = 0; k < local->n_items; k++) {
        bool by_search = local->items[k].by_search && local->items[k].kind != TL_KIND_ACCIDENT;
        met = met || !by_search;
        found = found || by_search;
    }
    for (int64_t k = 0; k < local->n_searches; k++)
        found = found || local->searches[k].found > 0.0;
    return met ? "met" : found ? "found" : "suspected";
}

double tl_release_suspicion_factor(const struct tl_release_model *m,
                                   const struct tl_release_prior *prior)
{
    static const char *const claims[] = {"sha_fraction", "report_density"};
    const struct tl_evidence *e = &m->local->evidence;
    double with = 0.0, without = 0.0;
    for (int64_t k = 0; k < m->n_entries; k++) {
        double claim = 0.0;
        for (int c = 0; c < e->n_covariates; c++) {
            double x = m->covariates[c][m->entries[k].cell];
            if ((strcmp(e->covariates[c].name, claims[0]) == 0 ||
                 strcmp(e->covariates[c].name, claims[1]) == 0) &&
                isfinite(x))
                claim += prior->coefficient[c] * x;
        }
        with += m->entries[k].inside_m2 * exp(claim);
        without += m->entries[k].inside_m2;
    }
    return with > without ? without / with : 1.0;
}

/* ---- how often suspicions are true ---- */

static double quantile(const double *weight, double total, double p)
{
    double sum = 0.0;
    for (int k = 0; k < GRID; k++) {
        if (sum + weight[k] >= p * total)
            return ((double)k + (p * total - sum) / weight[k]) / (double)GRID;
        sum += weight[k];
    }
    return 1.0;
}

struct tl_release_share tl_release_share_of(const struct tl_release_lessons *lessons,
                                            const char *skip)
{
    struct tl_release_share share = {0};
    double weight[GRID], most = -INFINITY, total = 0.0, sum = 0.0;
    memset(weight, 0, sizeof weight);
    for (int64_t a = 0; a < lessons->n; a++) {
        const struct tl_release_lesson *of = &lessons->lesson[a];
        if (skip != NULL && strcmp(of->code, skip) == 0)
            continue;
        share.n++;
        share.n_found += of->found;
        for (int k = 0; k < GRID; k++) {
            double s = ((double)k + 0.5) / (double)GRID;
            weight[k] += log(of->found ? s : s + (1.0 - s) * of->odds);
        }
    }
    for (int k = 0; k < GRID; k++)
        most = fmax(most, weight[k]);
    for (int k = 0; k < GRID; k++) {
        weight[k] = exp(weight[k] - most);
        total += weight[k];
        sum += weight[k] * ((double)k + 0.5) / (double)GRID;
    }
    share.mean = sum / total;
    share.low = quantile(weight, total, LOW);
    share.high = quantile(weight, total, HIGH);
    return share;
}

/* ---- one area ---- */

static double weight_of(double factor, double finds)
{
    return exp(fmin((1.0 - factor) * finds, EXPONENT_MAX));
}

double tl_release_suspicion_odds(double factor, const double *finds, int64_t n)
{
    double sum = 0.0;
    for (int64_t k = 0; k < n; k++)
        sum += weight_of(factor, finds[k]);
    return sum / (double)n;
}

/* The chances of what was found depend on the share in a straight line, so its mean is all of it that counts. */
static double holds(double share, double odds)
{
    return share / (share + (1.0 - share) * odds);
}

void tl_release_suspicion_weigh(const double *finds, const double *remaining, int64_t n,
                                const struct tl_release_figures *now,
                                struct tl_release_suspicion *s)
{
    double total = 0.0, any = 0.0, items = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double w = weight_of(s->factor, finds[k]);
        total += w;
        any += w * -expm1(-s->factor * remaining[k]);
        items += w * s->factor * remaining[k];
    }
    double with = now->p_any.value;
    s->odds = total / (double)n;
    s->p_any_if_false = fmin(any / total, with); /* above it only by the luck of draws */
    s->expected_if_false = fmin(items / total, now->expected.value);
    s->holds = holds(s->share.mean, s->odds);
    s->holds_low = holds(s->share.low, s->odds);
    s->holds_high = holds(s->share.high, s->odds);
    /* From the figure down by what is doubted, so that no doubt at all gives the figure itself, bit for bit. */
    s->p_any = with - (1.0 - s->holds) * (with - s->p_any_if_false);
    s->p_any_low = with - (1.0 - s->holds_low) * (with - s->p_any_if_false);
    s->p_any_high = with - (1.0 - s->holds_high) * (with - s->p_any_if_false);
    s->expected =
        now->expected.value - (1.0 - s->holds) * (now->expected.value - s->expected_if_false);
}
