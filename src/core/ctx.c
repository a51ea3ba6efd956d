/*
 * Context, memory and progress. Memory goes through here so that a test can let the n-th allocation fail; arrays are
 * aligned to 64 bytes (a cache line, an AVX-512 vector). Progress calls the listener at most ten times a second, so
 * that inner loops may report as often as they like.
 */
#include "core/core.h"

#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"

enum { MESSAGE_BYTES = 1024, STAGE_BYTES = 96, STAGES_MAX = 4, ALIGN_BYTES = 64 };

struct stage {
    char name[STAGE_BYTES];
    double began_s;
};

struct tl_ctx {
    char message[MESSAGE_BYTES];
    atomic_flag
        telling; /* the message is being written: tasks on several threads may fail at once */
    atomic_int cancelled;
    int n_threads;
    atomic_llong n_allocs;
    atomic_llong fail_at; /* number of the allocation that fails; 0 = none */
    tl_progress_fn progress;
    void *progress_user; /* borrows */
    tl_warn_fn warn;
    void *warn_user; /* borrows */
    struct stage stages[STAGES_MAX];
    int n_stages; /* may exceed STAGES_MAX: deeper stages are not shown */
    double shown_s;
};

static int machine_threads(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : (int)n;
}

struct tl_ctx *tl_ctx_create(void)
{
    struct tl_ctx *ctx = calloc(1, sizeof *ctx);
    if (ctx != NULL)
        ctx->n_threads = machine_threads();
    return ctx;
}

void tl_ctx_free(struct tl_ctx *ctx)
{
    free(ctx);
}

const char *tl_ctx_message(const struct tl_ctx *ctx)
{
    return ctx->message;
}

void tl_ctx_cancel(struct tl_ctx *ctx)
{
    atomic_store(&ctx->cancelled, 1);
}

void tl_ctx_set_threads(struct tl_ctx *ctx, int n_threads)
{
    ctx->n_threads = n_threads < 1 ? machine_threads() : n_threads;
}

int tl_ctx_threads(const struct tl_ctx *ctx)
{
    return ctx->n_threads;
}

void tl_ctx_set_progress(struct tl_ctx *ctx, tl_progress_fn fn, void *user)
{
    ctx->progress = fn;
    ctx->progress_user = user;
}

void tl_ctx_set_warn(struct tl_ctx *ctx, tl_warn_fn fn, void *user)
{
    ctx->warn = fn;
    ctx->warn_user = user;
}

tl_err tl_fail(struct tl_ctx *ctx, tl_err err, const char *format, ...)
{
    /* The arguments may point into the old message, so it is built aside. */
    char text[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tl_text_one_line(text); /* whatever came in from a file or a library */
    while (atomic_flag_test_and_set(&ctx->telling)) {
    }
    memcpy(ctx->message, text, strlen(text) + 1);
    atomic_flag_clear(&ctx->telling);
    return err;
}

tl_err tl_fail_at(struct tl_ctx *ctx, tl_err err, const char *format, ...)
{
    char text[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return tl_fail(ctx, err, "%s: %s", text, ctx->message);
}

void tl_warn(struct tl_ctx *ctx, const char *format, ...)
{
    if (ctx->warn == NULL)
        return;
    char text[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tl_text_one_line(text);
    ctx->warn(ctx->warn_user, text);
}

#ifndef NDEBUG
void tl_assert_abort(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: %s does not hold\n", file, line, condition);
    abort();
}
#endif

static void *allocate(struct tl_ctx *ctx, int64_t count, size_t size, size_t *rounded)
{
    long long number = atomic_fetch_add(&ctx->n_allocs, 1) + 1;
    if (count < 0 || (count > 0 && size > (size_t)PTRDIFF_MAX / (size_t)count)) {
        tl_fail(ctx, TL_ENOMEM, "%lld elements of %zu bytes do not fit in memory", (long long)count,
                size);
        return NULL;
    }
    size_t bytes = (count < 1 ? 1 : (size_t)count) * size;
    *rounded = (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
    void *memory =
        number == atomic_load(&ctx->fail_at) ? NULL : aligned_alloc(ALIGN_BYTES, *rounded);
    if (memory == NULL)
        tl_fail(ctx, TL_ENOMEM, "out of memory: %.1f MiB were needed", (double)bytes / 1048576.0);
    return memory;
}

void *tl_alloc(struct tl_ctx *ctx, int64_t count, size_t size)
{
    size_t rounded;
    void *memory = allocate(ctx, count, size, &rounded);
    if (memory != NULL)
        memset(memory, 0, rounded);
    return memory;
}

void *tl_alloc_untouched(struct tl_ctx *ctx, int64_t count, size_t size)
{
    size_t rounded;
    return allocate(ctx, count, size, &rounded);
}

void *tl_regrow(struct tl_ctx *ctx, void *old, int64_t old_count, int64_t count, size_t size)
{
    void *memory = tl_alloc(ctx, count, size);
    if (memory == NULL)
        return NULL;
    if (old != NULL && old_count > 0)
        memcpy(memory, old, (size_t)(old_count < count ? old_count : count) * size);
    tl_free(old);
    return memory;
}

char *tl_strdup(struct tl_ctx *ctx, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t bytes = strlen(text) + 1;
    char *copy = tl_alloc(ctx, (int64_t)bytes, 1);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}

void tl_free(void *memory)
{
    free(memory);
}

void tl_ctx_fail_alloc(struct tl_ctx *ctx, int64_t nth)
{
    atomic_store(&ctx->fail_at, nth <= 0 ? 0 : atomic_load(&ctx->n_allocs) + nth);
}

int64_t tl_ctx_n_allocs(const struct tl_ctx *ctx)
{
    return (int64_t)atomic_load(&ctx->n_allocs);
}

int64_t tl_memory_available(void)
{
    long long kib = 0;
    char line[256];
    FILE *file = fopen("/proc/meminfo", "r");
    if (file == NULL)
        return INT64_MAX;
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemAvailable: %lld", &kib) == 1)
            break;
    fclose(file);
    return kib > 0 ? (int64_t)kib * 1024 : INT64_MAX;
}

double tl_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void show(struct tl_ctx *ctx, double share, double now)
{
    const struct stage *stage = &ctx->stages[ctx->n_stages - 1];
    double elapsed = now - stage->began_s;
    struct tl_progress progress = {.stage = stage->name, .share = share, .elapsed_s = elapsed};
    progress.left_s = share > 0.02 && elapsed > 0.5 ? elapsed * (1.0 - share) / share : -1.0;
    ctx->shown_s = now;
    ctx->progress(ctx->progress_user, &progress);
}

void tl_progress_begin(struct tl_ctx *ctx, const char *stage)
{
    ctx->n_stages++;
    if (ctx->n_stages > STAGES_MAX)
        return;
    struct stage *top = &ctx->stages[ctx->n_stages - 1];
    snprintf(top->name, sizeof top->name, "%s", stage);
    top->began_s = tl_clock_s();
    if (ctx->progress != NULL)
        show(ctx, 0.0, top->began_s);
}

void tl_progress_set(struct tl_ctx *ctx, double share)
{
    if (ctx->progress == NULL || ctx->n_stages < 1 || ctx->n_stages > STAGES_MAX)
        return;
    double now = tl_clock_s();
    if (now - ctx->shown_s >= 0.1)
        show(ctx, share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share, now);
}

void tl_progress_end(struct tl_ctx *ctx)
{
    if (ctx->n_stages < 1)
        return;
    if (ctx->progress != NULL && ctx->n_stages <= STAGES_MAX)
        show(ctx, 1.0, tl_clock_s());
    ctx->n_stages--;
}

bool tl_is_cancelled(const struct tl_ctx *ctx)
{
    return atomic_load(&ctx->cancelled) != 0;
}

tl_err tl_cancelled(struct tl_ctx *ctx)
{
    return tl_is_cancelled(ctx) ? tl_fail(ctx, TL_ECANCELLED, "stopped on request") : TL_OK;
}
