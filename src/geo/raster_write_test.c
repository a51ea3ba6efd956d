#include "unit.h"

#include <gdal.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/rng.h"
#include "tilth/raster.h"

static const struct tl_grid grid = {500000.0, 5000000.0, 100.0, 700, 600};
static double values[420000];
static float floats[420000];

static void fill(void)
{
    struct tl_rng rng = tl_rng_make(3, 3);
    for (int i = 0; i < 420000; i++) {
        values[i] = i % 97 == 0 ? NAN : sin(i * 0.001) + 0.01 * tl_rng_uniform(rng, (uint64_t)i);
        floats[i] = (float)values[i];
    }
}

static tl_err write_two(struct tl_ctx *ctx, const char *path)
{
    const struct tl_raster_band bands[] = {{"log_density_mean", values, NULL},
                                           {"p_any", NULL, floats}};
    return tl_raster_write(ctx, path, &grid, "EPSG:32636", 2, bands);
}

TEST(bands_have_names_nodata_and_overviews_and_the_bytes_repeat)
{
    char first[TL_HASH_HEX], second[TL_HASH_HEX];
    struct tl_raster r = {0};
    fill();
    CHECK_OK(write_two(ctx, "raster_write_a.tif"));
    CHECK_OK(write_two(ctx, "raster_write_b.tif"));
    CHECK_OK(tl_hash_file(ctx, "raster_write_a.tif", first));
    CHECK_OK(tl_hash_file(ctx, "raster_write_b.tif", second));
    CHECK_STR(first, second);
    GDALDatasetH data = GDALOpen("raster_write_a.tif", GA_ReadOnly);
    CHECK(data != NULL && GDALGetRasterCount(data) == 2);
    GDALRasterBandH band = GDALGetRasterBand(data, 2);
    CHECK_STR(GDALGetDescription(band), "p_any");
    CHECK(isnan(GDALGetRasterNoDataValue(band, NULL)) &&
          GDALGetRasterDataType(band) == GDT_Float32);
    CHECK(GDALGetOverviewCount(band) >= 1);
    CHECK_STR(GDALGetMetadataItem(data, "LAYOUT", "IMAGE_STRUCTURE"), "COG");
    GDALClose(data);
    CHECK_OK(tl_raster_read(ctx, "raster_write_a.tif", 2, &r));
    for (int i = 0; i < 420000; i++)
        CHECK(isnan(values[i]) ? isnan(r.values[i]) : r.values[i] == (double)floats[i]);
    tl_raster_fini(&r);
    unlink("raster_write_a.tif");
    unlink("raster_write_b.tif");
}

TEST(failing_and_cancelled_writes_leave_the_old_file)
{
    struct stat info;
    struct rlimit before, small;
    fill();
    CHECK_FAILS(write_two(ctx, "no/such/folder/x.tif"), TL_EIO, "no/such/folder/x.tif");
    FILE *file = fopen("raster_write_c.tif", "w");
    fputs("old", file);
    fclose(file);
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    small = (struct rlimit){200000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    tl_err err = write_two(ctx, "raster_write_c.tif");
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    CHECK(err == TL_EIO);
    CHECK(stat("raster_write_c.tif", &info) == 0 && info.st_size == 3);
    tl_ctx_cancel(ctx);
    CHECK_FAILS(write_two(ctx, "raster_write_c.tif"), TL_ECANCELLED, "stopped");
    CHECK(stat("raster_write_c.tif", &info) == 0 && info.st_size == 3);
    unlink("raster_write_c.tif");
}

static tl_err write_small(struct tl_ctx *ctx)
{
    const struct tl_grid small = {0.0, 0.0, 1.0, 3, 3};
    const struct tl_raster_band band = {"a", values, NULL};
    return tl_raster_write(ctx, "raster_write_d.tif", &small, "EPSG:32636", 1, &band);
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, write_small(ctx));
    unlink("raster_write_d.tif");
}
