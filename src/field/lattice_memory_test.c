/* What a fit holds against what was planned: lattice_plan.c counts, this looks at the process. */
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/rng.h"
#include "field/lattice.h"

/* Whose blocks of 16 cells are too many for the search on coarse lattices, and of 32 fewer than it likes. */
enum { ACROSS = 810, DOWN = 800 };

/* Bytes of this process that are no file's. */
static double anonymous(void)
{
    char line[256];
    double kb = 0.0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "RssAnon: %lf", &kb) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return 1024.0 * kb;
}

struct watch {
    atomic_int over;
    double most;
};

static void *watch(void *user)
{
    struct watch *w = user;
    while (!atomic_load(&w->over)) {
        double now = anonymous();
        w->most = now > w->most ? now : w->most;
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    return NULL;
}

/* One find in some thousand cells: theta stays doubtful. user: finds a cell. */
static tl_err read_row(struct tl_ctx *ctx, void *user, int64_t y, struct tl_lattice_row *row)
{
    const double *rate = user;
    struct tl_rng rng = tl_rng_make(7, 1);
    (void)ctx;
    for (int64_t x = 0; x < ACROSS; x++) {
        uint64_t cell = (uint64_t)(y * ACROSS + x);
        row->effort[0][x] = 0.8;
        row->counts[0][x] = tl_rng_uniform(rng, cell) < *rate ? 1.0 : 0.0;
        row->covariates[0][x] = sin(0.01 * (double)x) + cos(0.02 * (double)y);
    }
    return TL_OK;
}

static char folder[64];

static const char *path_of(const char *name, char path[160])
{
    snprintf(path, 160, "%s/%s", folder, name);
    return path;
}

static tl_err put(struct tl_ctx *ctx, void *user, const char *name, const void *data, int64_t bytes)
{
    char path[160];
    (void)user;
    FILE *file = fopen(path_of(name, path), "w");
    bool done = file != NULL && fwrite(data, 1, (size_t)bytes, file) == (size_t)bytes;
    if (file != NULL && fclose(file) != 0)
        done = false;
    return done ? TL_OK : tl_fail(ctx, TL_EIO, "%s cannot be written", path);
}

static tl_err map(struct tl_ctx *ctx, void *user, const char *name, int64_t bytes,
                  const void **data)
{
    char path[160];
    struct stat info;
    (void)ctx;
    (void)user;
    int file = open(path_of(name, path), O_RDONLY | O_CLOEXEC);
    *data = NULL;
    if (file < 0)
        return TL_OK;
    if (fstat(file, &info) == 0 && info.st_size == bytes) {
        void *memory = mmap(NULL, (size_t)bytes, PROT_READ, MAP_PRIVATE, file, 0);
        *data = memory == MAP_FAILED ? NULL : memory;
    }
    close(file);
    return TL_OK;
}

static void unmap(void *user, const void *data, int64_t bytes)
{
    (void)user;
    munmap((void *)(uintptr_t)data, (size_t)bytes);
}

static void drop(void *user, const char *name)
{
    char path[160];
    (void)user;
    unlink(path_of(name, path));
}

static int n_warned;

static void take_warning(void *user, const char *message)
{
    (void)user;
    n_warned += strstr(message, "to first order only") != NULL;
}

/* A child's work: its share of the plan goes to the pipe. */
static void fit(struct tl_ctx *ctx, double rate, bool on_disk, int to)
{
    static const struct tl_field_channel channel = {.name = "search"};
    static const struct tl_field_covariate covariate = {.name = "z"};
    struct tl_lattice_source source = {.n_x = ACROSS,
                                       .n_y = DOWN,
                                       .step_m = 25.0,
                                       .n_channels = 1,
                                       .channels = &channel,
                                       .n_covariates = 1,
                                       .covariates = &covariate,
                                       .user = &rate,
                                       .read = read_row};
    const struct tl_lattice_store store = {NULL, put, map, unmap, drop};
    const struct tl_lattice_sink none = {0};
    struct tl_field_options o = tl_field_options_default();
    struct tl_lattice_plan plan;
    struct tl_lattice_summary summary = {0};
    struct watch w = {0};
    pthread_t thread;
    double base = anonymous(), out[3];
    o.n_samples = 4;
    tl_ctx_set_warn(ctx, take_warning, NULL);
    tl_lattice_plan_of(&source, &o, tl_ctx_threads(ctx), 1, on_disk, &plan);
    pthread_create(&thread, NULL, watch, &w);
    tl_err err = tl_lattice_fit_planned(ctx, &source, &o, &none, &store, &plan, &summary);
    atomic_store(&w.over, 1);
    pthread_join(thread, NULL);
    printf("  %s, %lld points of theta, sd of log range %.2f: %.1f MiB planned, %.1f held%s%s\n",
           on_disk ? "draws on disk" : "draws in memory", (long long)summary.n_theta,
           summary.range_m.sd / summary.range_m.mean, (double)plan.memory_bytes / 1048576.0,
           (w.most - base) / 1048576.0, err == TL_OK ? "" : ": ",
           err == TL_OK ? "" : tl_ctx_message(ctx));
    fflush(stdout);
    out[0] = err == TL_OK ? (w.most - base) / (double)plan.memory_bytes : NAN;
    out[1] = (double)summary.n_theta;
    out[2] = (double)n_warned;
    tl_lattice_summary_fini(&summary);
    if (write(to, out, sizeof out) != (ssize_t)sizeof out)
        _exit(1);
    _exit(0);
}

static bool share_of_plan(struct tl_ctx *ctx, double rate, bool on_disk, double out[3])
{
    int ends[2], status;
    snprintf(folder, sizeof folder, "/tmp/tilth-memory-XXXXXX");
    if (pipe(ends) != 0 || mkdtemp(folder) == NULL)
        return false;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        fit(ctx, rate, on_disk, ends[1]);
    close(ends[1]);
    bool got = read(ends[0], out, 3 * sizeof *out) == (ssize_t)(3 * sizeof *out);
    close(ends[0]);
    bool ended = waitpid(child, &status, 0) == child && status == 0;
    return rmdir(folder) == 0 && got && ended; /* which is empty after a run that ended well */
}

/* Few finds: theta is integrated over, or enters to first order where memory is short; either way within the plan. */
TEST(a_doubtful_theta_stays_within_the_plan)
{
    double out[3];
    CHECK(share_of_plan(ctx, 1e-4, false, out));
    CHECK(out[0] > 0.5 && out[0] < 1.05 && out[1] == TL_LATTICE_POINTS && out[2] == 0.0);
    CHECK(share_of_plan(ctx, 1e-4, true, out));
    CHECK(out[0] > 0.5 && out[0] < 1.05 && out[1] == 1.0 &&
          out[2] == 1.0); /* one point, derivatives in the store, and said so */
}
