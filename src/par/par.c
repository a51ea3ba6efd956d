#include "par/par.h"

#include <omp.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

void tl_par_for(struct tl_ctx *ctx, int64_t n, int64_t chunk_size, tl_par_body body, void *user)
{
    int64_t size = chunk_size < 1 ? 1 : chunk_size;
    int64_t n_chunks = (n + size - 1) / size;
    int n_threads = tl_ctx_threads(ctx);
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads) if (n_chunks > 1)
    for (int64_t c = 0; c < n_chunks; c++) {
        if (tl_is_cancelled(ctx))
            continue;
        int64_t last = (c + 1) * size;
        body(user, c * size, last < n ? last : n, c);
    }
}

/* Not tl_par_for, which does nothing any more when the run has been stopped. */
void tl_par_zero(struct tl_ctx *ctx, void *memory, int64_t bytes)
{
    const int64_t piece = 1 << 20;
    int64_t n_pieces = (bytes + piece - 1) / piece;
    int n_threads = tl_ctx_threads(ctx);
#pragma omp parallel for schedule(static) num_threads(n_threads) if (n_pieces > 3)
    for (int64_t k = 0; k < n_pieces; k++) {
        int64_t first = k * piece, n = bytes - first < piece ? bytes - first : piece;
        memset((char *)memory + first, 0, (size_t)n);
    }
}

/*
 * Asks for pages of 2 MiB within a large array. Passes over many arrays at once would otherwise spend a fifth of their time on finding
 * pages of 4 KiB. No more than advice: where there are none, nothing is lost.
 */
static void advise(void *memory, int64_t bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t page = (uintptr_t)1 << 21;
    uintptr_t skip = (page - (uintptr_t)memory % page) % page;
    if ((uintptr_t)bytes >= skip + 2 * page)
        (void)madvise((char *)memory + skip, ((uintptr_t)bytes - skip) / page * page,
                      MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

void *tl_par_alloc(struct tl_ctx *ctx, int64_t count, size_t size)
{
    void *memory = tl_alloc_untouched(ctx, count, size);
    if (memory == NULL)
        return NULL;
    /* To the end of the last line, as tl_alloc does; what was given is no more than a machine has. */
    int64_t bytes = ((count < 1 ? 1 : count) * (int64_t)size + 63) / 64 * 64;
    advise(memory, bytes);
    tl_par_zero(ctx, memory, bytes);
    return memory;
}

enum { SUM_CHUNK = 4096, SUM_BATCH = 512 };

double tl_par_sum(struct tl_ctx *ctx, int64_t n, tl_par_term term, void *user)
{
    int64_t n_chunks = (n + SUM_CHUNK - 1) / SUM_CHUNK;
    int n_threads = tl_ctx_threads(ctx);
    double total = 0.0, parts[SUM_BATCH];
    for (int64_t batch = 0; batch < n_chunks; batch += SUM_BATCH) {
        int64_t m = n_chunks - batch < SUM_BATCH ? n_chunks - batch : SUM_BATCH;
#pragma omp parallel for schedule(static) num_threads(n_threads) if (m > 1)
        for (int64_t c = 0; c < m; c++) {
            int64_t first = (batch + c) * SUM_CHUNK, last = first + SUM_CHUNK;
            parts[c] = term(user, first, last < n ? last : n);
        }
        for (int64_t c = 0; c < m; c++)
            total += parts[c];
    }
    return total;
}

struct aside {
    void (*task)(void *user);
    void *user;
};

static void *run_aside(void *argument)
{
    const struct aside *aside = argument;
    aside->task(aside->user);
    return NULL;
}

void tl_par_two(struct tl_ctx *ctx, void (*here)(void *user), void (*aside)(void *user), void *user)
{
    struct aside argument = {aside, user};
    pthread_t thread;
    bool apart =
        tl_ctx_threads(ctx) > 1 && pthread_create(&thread, NULL, run_aside, &argument) == 0;
    here(user);
    if (apart)
        pthread_join(thread, NULL);
    else
        aside(user);
}
