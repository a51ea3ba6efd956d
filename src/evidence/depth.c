/*
 * A search to a depth finds only what lies no deeper, and density speaks of items at all depths, so the share of items
 * down to a depth is needed. It is estimated from recorded depths by a Dirichlet process (Ferguson 1973) whose base is even from the
 * surface to 100 cm and worth five items: at any depth x its posterior is Beta(5 x/100 + items to x, 5 (1 - x/100) + deeper ones).
 * An item recorded as a number of like ones counts once: they lay together.
 *
 * Where it errs: a search finds nothing below its own depth, so recorded depths are shallower than items are, and the share is too high.
 * Only the prior stands against that. A product-limit estimate for truncated data would use what deeper searches say
 * of shallow ones; where no search went deeper it has nothing to go by, and then the answer would be the prior alone (20 % of items
 * in the upper 20 cm), against all experience with mines. The notes of the evidence say how many depths the share rests on.
 */
#include "evidence/depth.h"

#include <math.h>
#include <string.h>

double tl_depth_share(const double *depths_cm, int64_t n, double depth_cm, double *a, double *b)
{
    double to = 1.0, deeper = 0.0;
    if (isfinite(depth_cm)) {
        int64_t low = 0, high = n;
        while (low < high) { /* first that is deeper */
            int64_t middle = (low + high) / 2;
            if (depths_cm[middle] <= depth_cm)
                low = middle + 1;
            else
                high = middle;
        }
        double even = fmin(fmax(depth_cm / TL_DEPTH_PRIOR_CM, 0.0), 1.0);
        to = TL_DEPTH_PRIOR_ITEMS * even + (double)low;
        deeper = TL_DEPTH_PRIOR_ITEMS * (1.0 - even) + (double)(n - low);
    }
    if (a != NULL)
        *a = to;
    if (b != NULL)
        *b = deeper;
    return to / (to + deeper);
}

void tl_depth_fini(struct tl_depth *depth)
{
    tl_free(depth->depths_cm);
    memset(depth, 0, sizeof *depth);
}
