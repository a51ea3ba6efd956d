/*
 * The file: a head; the blocks of each level from west to east and north to south, level after level; their CRC-32; the top level. The head is
 * written last and holds the CRC of itself, of the list of CRCs, and of the top level. A block is 128 by 128 cells, 64 KiB: of a tile's window
 * of some 300 by 300 cells nine to sixteen are read. What hangs over the raster's edge is not looked at.
 *
 * Level k + 1 is made from level k block by block, so that a sheet of any size takes the memory of five blocks.
 */
#include "tile/sheet.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = TL_SHEET_SIDE, HEAD_BYTES = 8192, NAME = 64, VERSION = 1 };
static const int64_t block_bytes = (int64_t)TL_SHEET_CELLS * 4;
static const char magic[8] = {'t', 'i', 'l', 't', 'h', ' ', 's', 'h'};

struct head {
    char magic[8];
    uint32_t version, crc; /* of what follows */
    uint8_t id[TL_HASH_ID_BYTES];
    int64_t n_x, n_y, n_levels;
    uint32_t list_crc, top_crc;
    struct tl_spread range;
};
_Static_assert(sizeof(struct head) <= HEAD_BYTES, "the head is longer than its place");

struct tl_sheet {
    struct tl_sheet_subject subject;
    int folder, file;
    char part[NAME], name[NAME];
    bool is_finished, is_bad;
    int64_t n_blocks;
    int64_t first[TL_SHEET_LEVELS + 1]; /* number of a level's first block */
    uint32_t *crc;                      /* owns: [n_blocks] */
    float *scratch;                     /* owns: five blocks, while it is made */
};

static int64_t cells(int64_t n, int level)
{
    return ((n - 1) >> level) + 1;
}

static int64_t blocks(int64_t n, int level)
{
    return (cells(n, level) + SIDE - 1) / SIDE;
}

static int64_t top_cells(const struct tl_sheet_subject *s)
{
    return cells(s->n_x, s->n_levels) * cells(s->n_y, s->n_levels);
}

static int64_t number_of(const struct tl_sheet *sheet, int level, int64_t bx, int64_t by)
{
    return sheet->first[level] + by * blocks(sheet->subject.n_x, level) + bx;
}

static tl_err prepare(struct tl_ctx *ctx, struct tl_shelf *shelf,
                      const struct tl_sheet_subject *subject, struct tl_sheet **sheet)
{
    char hex[2 * TL_HASH_ID_BYTES + 1];
    struct tl_sheet *made = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    made->file = -1;
    made->folder = tl_shelf_folder(shelf);
    made->subject = *subject;
    for (int i = 0; i < TL_HASH_ID_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", subject->id[i]);
    snprintf(made->name, NAME, "%c%s.sheet", subject->family, hex);
    snprintf(made->part, NAME, "%c%s.part", subject->family, hex);
    for (int k = 0; k < subject->n_levels; k++) {
        made->first[k] = made->n_blocks;
        made->n_blocks += blocks(subject->n_x, k) * blocks(subject->n_y, k);
    }
    TL_TRY_ALLOC(ctx, made->crc, made->n_blocks);
    *sheet = made;
    made = NULL;
done:
    tl_sheet_close(made);
    return err;
}

void tl_sheet_close(struct tl_sheet *sheet)
{
    if (sheet == NULL)
        return;
    if (sheet->file >= 0) {
        if (!sheet->is_finished)
            unlinkat(sheet->folder, sheet->part, 0);
        close(sheet->file);
    }
    tl_free(sheet->crc);
    tl_free(sheet->scratch);
    tl_free(sheet);
}

void tl_sheet_discard(struct tl_sheet *sheet)
{
    unlinkat(sheet->folder, sheet->name, 0);
}

static bool read_all(int file, void *bytes, int64_t n, int64_t at)
{
    char *to = bytes;
    while (n > 0) {
        ssize_t got = pread(file, to, (size_t)n, at);
        if (got <= 0)
            return false;
        to += got, at += got, n -= got;
    }
    return true;
}

static bool write_all(int file, const void *bytes, int64_t n, int64_t at)
{
    const char *from = bytes;
    while (n > 0) {
        ssize_t put = pwrite(file, from, (size_t)n, at);
        if (put <= 0)
            return false;
        from += put, at += put, n -= put;
    }
    return true;
}

static uint32_t head_crc(const struct head *head)
{
    return libdeflate_crc32(0, head->id, sizeof *head - offsetof(struct head, id));
}

static int64_t list_at(const struct tl_sheet *s)
{
    return HEAD_BYTES + s->n_blocks * block_bytes;
}

/* Head, list and top level, each against its sum and against what is wanted. */
static bool load(struct tl_sheet *s, struct tl_spread *range, float *top)
{
    struct head head;
    int64_t n_list = s->n_blocks * (int64_t)sizeof *s->crc, n_top = 4 * top_cells(&s->subject);
    if (!read_all(s->file, &head, sizeof head, 0) || memcmp(head.magic, magic, sizeof magic) != 0 ||
        head.version != VERSION || head.crc != head_crc(&head) ||
        memcmp(head.id, s->subject.id, sizeof head.id) != 0 || head.n_x != s->subject.n_x ||
        head.n_y != s->subject.n_y || head.n_levels != s->subject.n_levels)
        return false;
    if (!read_all(s->file, s->crc, n_list, list_at(s)) ||
        libdeflate_crc32(0, s->crc, (size_t)n_list) != head.list_crc ||
        !read_all(s->file, top, n_top, list_at(s) + n_list) ||
        libdeflate_crc32(0, top, (size_t)n_top) != head.top_crc)
        return false;
    *range = head.range;
    return true;
}

tl_err tl_sheet_open(struct tl_ctx *ctx, struct tl_shelf *shelf,
                     const struct tl_sheet_subject *subject, struct tl_spread *range, float *top,
                     struct tl_sheet **sheet)
{
    struct tl_sheet *made = NULL;
    tl_err err = TL_OK;
    *sheet = NULL;
    TL_TRY(prepare(ctx, shelf, subject, &made));
    made->is_finished = true;
    made->file = openat(made->folder, made->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (made->file < 0)
        goto done;
    if (!load(made, range, top)) {
        tl_sheet_discard(made);
        goto done;
    }
    *sheet = made;
    made = NULL;
done:
    tl_sheet_close(made);
    return err;
}

tl_err tl_sheet_create(struct tl_ctx *ctx, struct tl_shelf *shelf,
                       const struct tl_sheet_subject *subject, int64_t max_bytes,
                       struct tl_sheet **sheet)
{
    struct tl_sheet *made = NULL;
    tl_err err = TL_OK;
    *sheet = NULL;
    TL_TRY(prepare(ctx, shelf, subject, &made));
    TL_TRY_ALLOC(ctx, made->scratch, 5 * (int64_t)TL_SHEET_CELLS);
    if (!tl_shelf_make_room(shelf, list_at(made) + made->n_blocks * 4 + 4 * top_cells(subject),
                            max_bytes))
        goto done;
    unlinkat(made->folder, made->part, 0);
    made->file =
        openat(made->folder, made->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (made->file < 0)
        goto done;
    *sheet = made;
    made = NULL;
done:
    tl_sheet_close(made);
    return err;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What of a rectangle lies in one block: by whole blocks where it can be, else row by row. */
static void put_block(struct tl_sheet *s, const int64_t box[4], int64_t stride, const float *values,
                      int64_t bx, int64_t by)
{
    int64_t x0 = bx * SIDE > box[0] ? bx * SIDE : box[0],
            y0 = by * SIDE > box[1] ? by * SIDE : box[1];
    int64_t x1 = least(bx * SIDE + SIDE, box[0] + box[2]),
            y1 = least(by * SIDE + SIDE, box[1] + box[3]);
    int64_t at = HEAD_BYTES + number_of(s, 0, bx, by) * block_bytes;
    bool whole = x0 == bx * SIDE && y0 == by * SIDE && x1 == least(x0 + SIDE, s->subject.n_x) &&
                 y1 == least(y0 + SIDE, s->subject.n_y);
    bool good = true;
    for (int64_t y = y0; y < y1 && good; y++) {
        const float *row = values + (y - box[1]) * stride + (x0 - box[0]);
        int64_t to = (y - by * SIDE) * SIDE + (x0 - bx * SIDE);
        if (whole)
            memcpy(s->scratch + to, row, (size_t)(x1 - x0) * sizeof *row);
        else
            good = write_all(s->file, row, (x1 - x0) * 4, at + 4 * to);
    }
    if (whole)
        good = write_all(s->file, s->scratch, block_bytes, at);
    s->is_bad = s->is_bad || !good;
}

void tl_sheet_put(struct tl_sheet *s, const int64_t box[4], int64_t stride, const float *values)
{
    for (int64_t by = box[1] / SIDE; by * SIDE < box[1] + box[3] && !s->is_bad; by++)
        for (int64_t bx = box[0] / SIDE; bx * SIDE < box[0] + box[2] && !s->is_bad; bx++)
            put_block(s, box, stride, values, bx, by);
}

static float larger(float a, float b)
{
    return a >= b || isnan(b) ? a : b; /* of one NaN the other */
}

/* The largest of each four cells of a child, into its quarter of the block above. */
static void reduce(const float *child, int64_t n_x, int64_t n_y, float *quarter)
{
    for (int64_t y = 0; y < n_y; y++)
        for (int64_t x = 0; x < n_x; x++) {
            float *to = quarter + (y / 2) * SIDE + x / 2;
            *to = (x | y) & 1 ? larger(*to, child[y * SIDE + x]) : child[y * SIDE + x];
        }
}

/* The block of a level from the four below it, whose sums are taken as they are read. */
static bool make_block(struct tl_sheet *s, int level, int64_t bx, int64_t by, float *block)
{
    float *child = s->scratch + TL_SHEET_CELLS;
    int64_t n_x = cells(s->subject.n_x, level - 1), n_y = cells(s->subject.n_y, level - 1);
    for (int q = 0; q < 4; q++) {
        int64_t cx = 2 * bx + (q & 1), cy = 2 * by + (q >> 1);
        if (cx * SIDE >= n_x || cy * SIDE >= n_y)
            continue;
        int64_t number = number_of(s, level - 1, cx, cy);
        if (!read_all(s->file, child, block_bytes, HEAD_BYTES + number * block_bytes))
            return false;
        s->crc[number] = libdeflate_crc32(0, child, (size_t)block_bytes);
        reduce(child, least(SIDE, n_x - cx * SIDE), least(SIDE, n_y - cy * SIDE),
               block + (q >> 1) * (SIDE / 2) * SIDE + (q & 1) * (SIDE / 2));
    }
    return true;
}

static tl_err make_level(struct tl_ctx *ctx, struct tl_sheet *s, int level, float *top)
{
    float *block = s->scratch;
    int64_t n_x = cells(s->subject.n_x, level), n_y = cells(s->subject.n_y, level);
    tl_err err = TL_OK;
    for (int64_t by = 0; by < blocks(s->subject.n_y, level); by++)
        for (int64_t bx = 0; bx < blocks(s->subject.n_x, level); bx++) {
            TL_TRY(tl_cancelled(ctx));
            bool good = make_block(s, level, bx, by, block);
            if (good && level < s->subject.n_levels)
                good = write_all(s->file, block, block_bytes,
                                 HEAD_BYTES + number_of(s, level, bx, by) * block_bytes);
            for (int64_t y = by * SIDE;
                 level == s->subject.n_levels && y < least(n_y, by * SIDE + SIDE); y++)
                memcpy(top + y * n_x + bx * SIDE, block + (y - by * SIDE) * SIDE,
                       (size_t)least(SIDE, n_x - bx * SIDE) * sizeof *top);
            if (!good)
                TL_THROW(ctx, TL_EIO, "a raster's copy for drawing cannot be written");
        }
done:
    return err;
}

tl_err tl_sheet_finish(struct tl_ctx *ctx, struct tl_sheet *s, const struct tl_spread *range,
                       float *top)
{
    struct head head;
    int64_t n_list = s->n_blocks * (int64_t)sizeof *s->crc, n_top = 4 * top_cells(&s->subject);
    tl_err err = TL_OK;
    if (s->is_bad)
        TL_THROW(ctx, TL_EIO, "a raster's copy for drawing cannot be written");
    for (int k = 1; k <= s->subject.n_levels; k++)
        TL_TRY(make_level(ctx, s, k, top));
    memset(&head, 0, sizeof head);
    memcpy(head.magic, magic, sizeof magic);
    memcpy(head.id, s->subject.id, sizeof head.id);
    head.version = VERSION;
    head.n_x = s->subject.n_x, head.n_y = s->subject.n_y, head.n_levels = s->subject.n_levels;
    head.range = *range;
    head.list_crc = libdeflate_crc32(0, s->crc, (size_t)n_list);
    head.top_crc = libdeflate_crc32(0, top, (size_t)n_top);
    head.crc = head_crc(&head);
    if (!write_all(s->file, s->crc, n_list, list_at(s)) ||
        !write_all(s->file, top, n_top, list_at(s) + n_list) ||
        !write_all(s->file, &head, sizeof head, 0) ||
        renameat(s->folder, s->part, s->folder, s->name) != 0)
        TL_THROW(ctx, TL_EIO, "a raster's copy for drawing cannot be written");
    s->is_finished = true;
    tl_free(s->scratch);
    s->scratch = NULL;
done:
    return err;
}

tl_err tl_sheet_read(struct tl_ctx *ctx, const struct tl_sheet *s, int level, int64_t bx,
                     int64_t by, float values[TL_SHEET_CELLS])
{
    int64_t number = number_of(s, level, bx, by);
    if (!read_all(s->file, values, block_bytes, HEAD_BYTES + number * block_bytes) ||
        libdeflate_crc32(0, values, (size_t)block_bytes) != s->crc[number])
        return tl_fail(ctx, TL_EINTEGRITY, "a raster's copy for drawing was altered");
    return TL_OK;
}
