#include "phases.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "../processor.h"

static struct phase now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct phase){.wall_s = clock_s(CLOCK_MONOTONIC),
                          .cpu_s = clock_s(CLOCK_PROCESS_CPUTIME_ID),
                          .main_s = clock_s(CLOCK_THREAD_CPUTIME_ID),
                          .faults = (double)usage.ru_minflt};
}

/* What has passed since the last change belongs to the innermost stage that is open. */
static void settle(struct phases *p)
{
    struct phase at = now();
    struct phase *to = &p->phase[p->n_open > 0 ? p->open[p->n_open - 1] : 0];
    to->wall_s += at.wall_s - p->last.wall_s;
    to->cpu_s += at.cpu_s - p->last.cpu_s;
    to->main_s += at.main_s - p->last.main_s;
    to->faults += at.faults - p->last.faults;
    p->last = at;
}

void phases_begin(struct phases *p)
{
    *p = (struct phases){.n = 1, .verbose = p->verbose};
    snprintf(p->phase[0].name, PHASES_NAME, "between (state, shares, samples out)");
    p->last = now();
}

static int number_of(struct phases *p, const char *name)
{
    for (int i = 1; i < p->n; i++)
        if (strncmp(p->phase[i].name, name, PHASES_NAME - 1) == 0)
            return i;
    if (p->n == PHASES_MAX)
        return 0;
    snprintf(p->phase[p->n].name, PHASES_NAME, "%s", name);
    return p->n++;
}

void phases_listen(void *user, const struct tl_progress *progress)
{
    struct phases *p = user;
    int which = number_of(p, progress->stage);
    bool top = p->n_open > 0 && p->open[p->n_open - 1] == which;
    if (top && progress->share >= 1.0) {
        settle(p);
        p->n_open--;
    } else if (!top && progress->share < 1.0 && p->n_open < 8) {
        settle(p);
        p->open[p->n_open++] = which;
        if (p->verbose)
            fprintf(stderr, "%9.2f s  %s\n", p->last.wall_s, progress->stage);
    }
}

static void print_row(const struct phase *q, int n_threads)
{
    double aside = q->cpu_s - q->main_s;
    printf("| %-42s | %8.3f | %8.3f | %8.3f | %5.0f %% | %9.0f |\n", q->name, q->wall_s, q->cpu_s,
           q->main_s, q->main_s > 0.0 && n_threads > 1 ? 100.0 * aside / q->main_s : 0.0,
           q->faults);
}

void phases_print(struct phases *p, int n_threads)
{
    struct phase all = {.name = "all"};
    settle(p);
    printf(
        "| phase | wall s | processor s | of the first thread | the others' share of it | pages |\n"
        "|---|---|---|---|---|---|\n");
    for (int k = 1; k <= p->n; k++) {
        const struct phase *q = &p->phase[k % p->n];
        print_row(q, n_threads);
        all.wall_s += q->wall_s;
        all.cpu_s += q->cpu_s;
        all.main_s += q->main_s;
        all.faults += q->faults;
    }
    print_row(&all, n_threads);
}
