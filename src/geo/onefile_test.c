#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include <cpl_vsi.h>

#include "geo/gdal.h"
#include "geo/onefile.h"

TEST(one_file_is_there_under_its_name_and_nothing_else_is)
{
    struct tl_gdal_quiet quiet;
    VSIStatBufL facts;
    char head[32] = "", some[8] = "";
    FILE *file = fopen("onefile_test.bin", "wb");
    fwrite("SQLite format 3\0\x10\0\2\2........end", 1, 31, file);
    fclose(file);
    int fd = open("onefile_test.bin", O_RDONLY);
    unlink("onefile_test.bin"); /* the descriptor is enough */
    CHECK_OK(tl_onefile_put(ctx, fd, "a b.gpkg"));
    tl_gdal_begin(&quiet);
    CHECK(VSIStatL(TL_ONEFILE_FOLDER "a b.gpkg", &facts) == 0 && facts.st_size == 31);
    CHECK(VSIStatL(TL_ONEFILE_FOLDER "a b.gpkg-wal", &facts) != 0);
    CHECK(VSIStatL(TL_ONEFILE_FOLDER "other", &facts) != 0);
    CHECK(VSIFOpenL(TL_ONEFILE_FOLDER "other", "rb") == NULL);
    CHECK(VSIFOpenL(TL_ONEFILE_FOLDER "a b.gpkg", "r+b") == NULL);
    VSILFILE *in = VSIFOpenL(TL_ONEFILE_FOLDER "a b.gpkg", "rb");
    CHECK(in != NULL);
    CHECK(VSIFReadL(head, 1, 20, in) == 20 && VSIFTellL(in) == 20 && !VSIFEofL(in));
    CHECK(head[16] == 0x10 && head[18] == 1 &&
          head[19] == 1); /* no write-ahead log is looked for */
    CHECK(VSIFSeekL(in, 19, SEEK_SET) == 0 && VSIFReadL(some, 1, 1, in) == 1 && some[0] == 1);
    CHECK(VSIFSeekL(in, 28, SEEK_SET) == 0 && VSIFReadL(some, 1, 8, in) == 3 && VSIFEofL(in));
    CHECK(memcmp(some, "end", 3) == 0);
    CHECK(VSIFSeekL(in, 0, SEEK_END) == 0 && VSIFTellL(in) == 31);
    VSIFCloseL(in);
    tl_gdal_end();
    close(fd);
}

TEST(a_folder_is_no_file)
{
    int fd = open(".", O_RDONLY);
    CHECK_FAILS(tl_onefile_put(ctx, fd, "x"), TL_EIO, "x: is no file");
    close(fd);
}
