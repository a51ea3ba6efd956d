/*
 * The side that reads plain numbers: the file is mapped, so that a window of a gigabyte costs no memory that cannot be had back, and GDAL sees it as a
 * dataset in memory.
 */
#include "geo/pixels.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include "core/text.h"
#include "geo/gdal.h"
#include "geo/raster_parts.h"

const char tl_pixels_magic[8] = {'T', 'L', 'P', 'I', 'X', 'E', 'L', '1'};

int64_t tl_pixels_bytes(const struct tl_pixels_wanted *wanted)
{
    return TL_PIXELS_HEAD_BYTES + 8 * wanted->n_x * wanted->n_y;
}

tl_err tl_pixels_put(struct tl_ctx *ctx, int fd, const void *bytes, int64_t n)
{
    for (int64_t at = 0; at < n;) {
        ssize_t done = write(fd, (const char *)bytes + at, (size_t)(n - at));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return tl_fail(ctx, TL_EIO, "its values cannot be kept: %s",
                           errno == EFBIG ? "they are too large" : strerror(errno));
        at += done;
    }
    return TL_OK;
}

struct mapped {
    const struct tl_pixels_head *head; /* owns, by munmap; NULL = none */
    size_t n_bytes;
};

static tl_err broken(struct tl_ctx *ctx, const char *label)
{
    return tl_fail(ctx, TL_EDATA, "%s: its values are not as they should be", label);
}

static bool is_good(const struct tl_pixels_head *head, int64_t n_bytes)
{
    bool good = memcmp(head->magic, tl_pixels_magic, sizeof head->magic) == 0 &&
                (head->value_bytes == 4 || head->value_bytes == 8) && head->n_x > 0 &&
                head->n_y > 0 && head->n_x <= INT32_MAX && head->n_y <= INT32_MAX;
    for (int i = 0; good && i < 6; i++)
        good = isfinite(head->place[i]) != 0;
    if (!good || strnlen(head->wkt, sizeof head->wkt) == sizeof head->wkt ||
        !tl_text_is_utf8(head->wkt, (int64_t)strlen(head->wkt)))
        return false;
    /* n_x and n_y are below 2^31 each, so that the product with 8 holds. */
    return n_bytes - TL_PIXELS_HEAD_BYTES == head->n_x * head->n_y * (int64_t)head->value_bytes;
}

static tl_err map_file(struct tl_ctx *ctx, const char *path, const char *label,
                       struct mapped *mapped)
{
    struct stat facts;
    tl_err err = TL_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0)
        TL_THROW(ctx, TL_EIO, "%s: its values cannot be read: %s", label, strerror(errno));
    if (facts.st_size <= TL_PIXELS_HEAD_BYTES)
        TL_TRY(broken(ctx, label));
    void *at = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        TL_THROW(ctx, TL_EIO, "%s: its values cannot be read: %s", label, strerror(errno));
    *mapped = (struct mapped){.head = at, .n_bytes = (size_t)facts.st_size};
    if (!is_good(mapped->head, (int64_t)facts.st_size))
        TL_TRY(broken(ctx, label));
done:
    if (fd >= 0)
        close(fd);
    return err;
}

/* A dataset over the mapped values. GDAL's MEM driver takes a pointer that it may write to; nothing is written to a source. */
static GDALDatasetH view_of(const struct tl_pixels_head *head)
{
    char pointer[64], *options[] = {pointer, NULL};
    char *values = (char *)(uintptr_t)head + TL_PIXELS_HEAD_BYTES;
    double place[6];
    GDALDataType type = head->value_bytes == 4 ? GDT_Float32 : GDT_Float64;
    GDALDatasetH view =
        GDALCreate(GDALGetDriverByName("MEM"), "", (int)head->n_x, (int)head->n_y, 0, type, NULL);
    if (view == NULL)
        return NULL;
    int n = CPLPrintPointer(pointer + 12, values, 40);
    memcpy(pointer, "DATAPOINTER=", 12);
    pointer[12 + n] = '\0';
    if (GDALAddBand(view, type, options) != CE_None) {
        GDALClose(view);
        return NULL;
    }
    memcpy(place, head->place, sizeof place);
    GDALSetGeoTransform(view, place);
    GDALSetRasterNoDataValue(GDALGetRasterBand(view, 1), NAN);
    if (head->wkt[0] != '\0') {
        OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
        if (OSRSetFromUserInput(srs, head->wkt) == OGRERR_NONE)
            GDALSetSpatialRef(view, srs);
        OSRRelease(srs);
    }
    return view;
}

tl_err tl_pixels_bring(struct tl_ctx *ctx, const char *path, const char *label,
                       const struct tl_raster_how *how, const char *crs, const struct tl_grid *grid,
                       double *values)
{
    struct mapped mapped = {0};
    GDALDatasetH view = NULL;
    struct tl_gdal_quiet quiet;
    tl_err err = TL_OK;
    tl_gdal_begin(&quiet);
    TL_TRY(map_file(ctx, path, label, &mapped));
    view = view_of(mapped.head);
    if (view == NULL)
        TL_THROW(ctx, TL_ENOMEM, "%s: no memory to read the raster", label);
    TL_TRY(tl_raster_warp_data(ctx, label, view, 1, how, &quiet, crs, grid, values));
done:
    if (view != NULL)
        GDALClose(view);
    if (mapped.head != NULL)
        munmap((void *)(uintptr_t)mapped.head, mapped.n_bytes);
    tl_gdal_end();
    return err;
}
