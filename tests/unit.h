/**
 * Smallest unit-test frame: TEST(a_sentence) { CHECK(...); }. Each test file is a program of its own; it runs all of
 * its tests, or those whose names are given, prints a line a test, and ends with "N passed, N failed, N skipped".
 */
#ifndef TL_TESTS_UNIT_H
#define TL_TESTS_UNIT_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

enum { UNIT_TESTS_MAX = 512 };

struct unit_test {
    const char *name;
    void (*run)(struct tl_ctx *ctx);
};

static struct unit_test unit_tests[UNIT_TESTS_MAX];
static int unit_n_tests, unit_failures, unit_skipped;

/* A failing check reports and ends the test's function: what follows would only be noise. */
#define TEST(test_name)                                                                            \
    static void test_name(struct tl_ctx *ctx);                                                     \
    __attribute__((constructor)) static void register_##test_name(void)                            \
    {                                                                                              \
        unit_tests[unit_n_tests++] = (struct unit_test){#test_name, test_name};                    \
    }                                                                                              \
    static void test_name(__attribute__((unused)) struct tl_ctx *ctx)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            unit_failures++;                                                                       \
            printf("  %s:%d: %s does not hold (last message: %s)\n", __FILE__, __LINE__,           \
                   #condition, tl_ctx_message(ctx));                                               \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define CHECK_OK(call)                                                                             \
    do {                                                                                           \
        tl_err unit_err = (call);                                                                  \
        if (unit_err != TL_OK) {                                                                   \
            unit_failures++;                                                                       \
            printf("  %s:%d: %s gave %s: %s\n", __FILE__, __LINE__, #call, tl_err_name(unit_err),  \
                   tl_ctx_message(ctx));                                                           \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/** The call must fail with `expected`, and its message must contain `part` ("" for any). */
#define CHECK_FAILS(call, expected, part)                                                          \
    do {                                                                                           \
        tl_err unit_err = (call);                                                                  \
        if (unit_err != (expected) || strstr(tl_ctx_message(ctx), (part)) == NULL) {               \
            unit_failures++;                                                                       \
            printf("  %s:%d: %s gave %s: \"%s\", expected %s with \"%s\"\n", __FILE__, __LINE__,   \
                   #call, tl_err_name(unit_err), tl_ctx_message(ctx), tl_err_name(expected),       \
                   (part));                                                                        \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define CHECK_NEAR(a, b, tolerance)                                                                \
    do {                                                                                           \
        double unit_a = (a), unit_b = (b), unit_tol = (tolerance);                                 \
        if (!(fabs(unit_a - unit_b) <= unit_tol)) {                                                \
            unit_failures++;                                                                       \
            printf("  %s:%d: %s = %.17g, expected %.17g within %g\n", __FILE__, __LINE__, #a,      \
                   unit_a, unit_b, unit_tol);                                                      \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define CHECK_STR(a, b)                                                                            \
    do {                                                                                           \
        const char *unit_a = (a), *unit_b = (b);                                                   \
        if (unit_a == NULL || strcmp(unit_a, unit_b) != 0) {                                       \
            unit_failures++;                                                                       \
            printf("  %s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__, #a,             \
                   unit_a == NULL ? "(null)" : unit_a, unit_b);                                    \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define SKIP(why)                                                                                  \
    do {                                                                                           \
        unit_skipped++;                                                                            \
        printf("  skipped: %s\n", (why));                                                          \
        return;                                                                                    \
    } while (0)

/**
 * Runs `call` (an expression of type tl_err) once per allocation with that allocation failing, until it goes through;
 * each failure must be TL_ENOMEM. Leaks are for the sanitizer to find.
 */
#define CHECK_EVERY_ALLOC(ctx, call)                                                               \
    do {                                                                                           \
        tl_err unit_sweep = TL_ENOMEM;                                                             \
        for (int64_t unit_nth = 1; unit_sweep != TL_OK && unit_nth < 100000; unit_nth++) {         \
            tl_ctx_fail_alloc((ctx), unit_nth);                                                    \
            unit_sweep = (call);                                                                   \
            tl_ctx_fail_alloc((ctx), 0);                                                           \
            CHECK(unit_sweep == TL_OK || unit_sweep == TL_ENOMEM);                                 \
        }                                                                                          \
        CHECK(unit_sweep == TL_OK);                                                                \
    } while (0)

/** Folder of the real data (TILTH_DATA, set by CTest), NULL where it is absent. */
__attribute__((unused)) static const char *unit_data_dir(void)
{
    const char *dir = getenv("TILTH_DATA");
    if (dir == NULL || dir[0] == '\0')
        return NULL;
    FILE *readme = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/README.md", dir);
    readme = fopen(path, "r");
    if (readme == NULL)
        return NULL;
    fclose(readme);
    return dir;
}

static bool unit_wanted(const char *name, int argc, char **argv)
{
    bool wanted = argc < 2;
    for (int i = 1; i < argc; i++)
        wanted = wanted || strcmp(argv[i], name) == 0;
    return wanted;
}

int main(int argc, char **argv)
{
    int n_passed = 0, n_failed = 0, n_skipped = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < unit_n_tests; i++) {
        if (!unit_wanted(unit_tests[i].name, argc, argv))
            continue;
        struct tl_ctx *ctx = tl_ctx_create();
        int failures = unit_failures, skipped = unit_skipped;
        if (ctx == NULL)
            return 1;
        unit_tests[i].run(ctx);
        bool failed = unit_failures != failures, skip = unit_skipped != skipped;
        printf("%s %s\n", failed ? "FAILED" : skip ? "skipped" : "passed", unit_tests[i].name);
        n_failed += failed;
        n_skipped += !failed && skip;
        n_passed += !failed && !skip;
        tl_ctx_free(ctx);
    }
    printf("%d passed, %d failed, %d skipped\n", n_passed, n_failed, n_skipped);
    return n_failed > 0;
}

#endif
