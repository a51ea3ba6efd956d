#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/rng.h"
#include "tile/sheet.h"

enum { N_X = 700, N_Y = 391, LEVELS = 2 };
static const char project[] = "sheet_test.file";

struct made {
    struct tl_shelf *shelf;
    struct tl_sheet_subject subject;
    struct tl_spread range;
    float *values;       /* [N_X * N_Y] */
    float top[175 * 98]; /* level 2 */
};

static tl_err begin(struct tl_ctx *ctx, struct made *m)
{
    struct tl_shelf_state state = {.last_line = -1};
    struct tl_rng rng = tl_rng_make(3, 3);
    if (system("rm -rf sheet_test.file.tiles; touch sheet_test.file") != 0)
        return tl_fail(ctx, TL_EBUG, "cannot clean");
    m->subject = (struct tl_sheet_subject){'f', {1, 2, 3}, N_X, N_Y, LEVELS};
    m->range = (struct tl_spread){.min = 0.25, .max = 7.5, .min_positive = 0.5};
    m->values = tl_alloc(ctx, (int64_t)N_X * N_Y, sizeof *m->values);
    if (m->values == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < (int64_t)N_X * N_Y; i++)
        m->values[i] =
            i % 11 == 0 || i % N_X > 650 ? (float)NAN : (float)tl_rng_uniform(rng, (uint64_t)i);
    return tl_shelf_open(ctx, project, 1 << 20, &state, &m->shelf);
}

/* The whole raster in rectangles of these sizes, as a file's blocks or strips are. */
static tl_err make(struct tl_ctx *ctx, struct made *m, int64_t w, int64_t h,
                   struct tl_sheet **sheet)
{
    tl_err err = tl_sheet_create(ctx, m->shelf, &m->subject, 1 << 24, sheet);
    for (int64_t y = 0; y < N_Y && err == TL_OK; y += h)
        for (int64_t x = 0; x < N_X; x += w) {
            const int64_t box[4] = {x, y, x + w < N_X ? w : N_X - x, y + h < N_Y ? h : N_Y - y};
            tl_sheet_put(*sheet, box, N_X, m->values + y * N_X + x);
        }
    return err == TL_OK ? tl_sheet_finish(ctx, *sheet, &m->range, m->top) : err;
}

static float most(const struct made *m, int level, int64_t x, int64_t y)
{
    float value = NAN;
    for (int64_t j = y << level; j < (y + 1) << level && j < N_Y; j++)
        for (int64_t i = x << level; i < (x + 1) << level && i < N_X; i++)
            value = fmaxf(value, m->values[j * N_X + i]);
    return value;
}

static bool same(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool is_right(struct tl_ctx *ctx, const struct made *m, const struct tl_sheet *sheet)
{
    static float block[TL_SHEET_CELLS];
    for (int level = 0; level < LEVELS; level++)
        for (int64_t by = 0; by * TL_SHEET_SIDE << level < N_Y; by++)
            for (int64_t bx = 0; bx * TL_SHEET_SIDE << level < N_X; bx++) {
                if (tl_sheet_read(ctx, sheet, level, bx, by, block) != TL_OK)
                    return false;
                for (int64_t i = 0; i < TL_SHEET_CELLS; i++) {
                    int64_t x = bx * TL_SHEET_SIDE + i % TL_SHEET_SIDE,
                            y = by * TL_SHEET_SIDE + i / TL_SHEET_SIDE;
                    if (x << level < N_X && y << level < N_Y &&
                        !same(block[i], most(m, level, x, y)))
                        return false;
                }
            }
    for (int64_t i = 0; i < 175 * 98; i++)
        if (!same(m->top[i], most(m, LEVELS, i % 175, i / 175)))
            return false;
    return true;
}

static void end(struct made *m)
{
    tl_shelf_close(m->shelf);
    tl_free(m->values);
    *m = (struct made){0};
}

TEST(every_level_holds_the_largest_whatever_the_blocks_of_the_file)
{
    static const int64_t shapes[][2] = {{256, 256}, {128, 128}, {700, 3},
                                        {100, 75},  {700, 391}, {1, 391}};
    static struct made m;
    struct tl_spread range;
    struct stat facts;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct tl_sheet *sheet = NULL;
        CHECK_OK(begin(ctx, &m));
        CHECK_OK(make(ctx, &m, shapes[i][0], shapes[i][1], &sheet));
        CHECK(is_right(ctx, &m, sheet));
        tl_sheet_close(sheet);
        memset(m.top, 0, sizeof m.top);
        CHECK_OK(tl_sheet_open(ctx, m.shelf, &m.subject, &range, m.top, &sheet));
        CHECK(sheet != NULL && range.max == 7.5 && is_right(ctx, &m, sheet));
        tl_sheet_close(sheet);
        CHECK(stat("sheet_test.file.tiles/f01020300000000000000000000000000.sheet", &facts) == 0 &&
              (facts.st_mode & 0777) == 0600);
        m.subject.id[0] = 9; /* another raster */
        CHECK_OK(tl_sheet_open(ctx, m.shelf, &m.subject, &range, m.top, &sheet));
        CHECK(sheet == NULL);
        end(&m);
    }
}

/* What comes of damage: 0 = no sheet, 1 = a block that is refused, 2 = nothing (a place that nobody reads). */
static int outcome(struct tl_ctx *ctx, struct made *m)
{
    struct tl_spread range;
    struct tl_sheet *sheet = NULL;
    if (tl_sheet_open(ctx, m->shelf, &m->subject, &range, m->top, &sheet) != TL_OK)
        return -1;
    if (sheet == NULL)
        return 0;
    bool right = is_right(ctx, m, sheet);
    bool refused = !right && strstr(tl_ctx_message(ctx), "altered") != NULL;
    tl_sheet_close(sheet);
    return right ? 2 : refused ? 1 : -1;
}

TEST(damage_is_seen)
{
    static struct made m;
    static const char path[] = "sheet_test.file.tiles/f01020300000000000000000000000000.sheet";
    struct tl_sheet *sheet = NULL;
    struct stat facts;
    int n[3] = {0};
    CHECK_OK(begin(ctx, &m));
    for (int trial = 0; trial < 60; trial++) {
        CHECK_OK(make(ctx, &m, 128, 128, &sheet));
        tl_sheet_close(sheet);
        CHECK(stat(path, &facts) == 0);
        int64_t at = trial < 20 ? trial * 7 : trial * (facts.st_size / 60);
        uint8_t byte = 0;
        int file = open(path, O_RDWR);
        if (trial % 4 == 3)
            CHECK(ftruncate(file, at) == 0);
        else
            CHECK(pread(file, &byte, 1, at) == 1 && (byte ^= 1, pwrite(file, &byte, 1, at) == 1));
        close(file);
        int what = outcome(ctx, &m);
        CHECK(what >= 0);
        n[what]++;
    }
    CHECK(n[0] > 15 && n[1] > 15 && n[2] < 15);
    end(&m);
}

TEST(no_room_is_no_sheet_and_the_oldest_go)
{
    static struct made m;
    struct tl_sheet *sheet = NULL;
    CHECK_OK(begin(ctx, &m));
    CHECK_OK(tl_sheet_create(ctx, m.shelf, &m.subject, 1 << 20, &sheet));
    CHECK(sheet == NULL);
    CHECK_OK(make(ctx, &m, 128, 128, &sheet));
    tl_sheet_close(sheet);
    int64_t one = tl_shelf_sweep(m.shelf, "x");
    m.subject.id[0] = 2;
    CHECK_OK(tl_sheet_create(ctx, m.shelf, &m.subject, one + one / 2, &sheet));
    CHECK(sheet != NULL && tl_shelf_sweep(m.shelf, "x") < one);
    tl_sheet_close(sheet); /* not finished: nothing is left */
    CHECK(tl_shelf_sweep(m.shelf, "x") == 0);
    sheet = NULL;
    CHECK_EVERY_ALLOC(ctx, (tl_sheet_close(sheet), sheet = NULL, make(ctx, &m, 128, 128, &sheet)));
    tl_sheet_close(sheet);
    end(&m);
}
