#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "hazard/hazard.h"
#include "tilth/lattice.h"

TEST(a_blob_comes_back_as_it_was_put_and_only_in_its_own_size)
{
    struct tl_hazard_scratch *scratch = NULL;
    const struct tl_lattice_store *store = NULL;
    const void *data = NULL;
    CHECK(mkdir("scratch_t", 0777) == 0 || access("scratch_t", F_OK) == 0);
    CHECK_OK(tl_hazard_scratch_open(ctx, "scratch_t", &scratch, &store));
    CHECK_OK(store->map(ctx, store->user, "a", 4, &data));
    CHECK(data == NULL);
    CHECK_OK(store->put(ctx, store->user, "a", "one", 4));
    CHECK_OK(store->put(ctx, store->user, "a", "two", 4));
    CHECK_OK(store->map(ctx, store->user, "a", 5, &data));
    CHECK(data == NULL);
    CHECK_OK(store->map(ctx, store->user, "a", 4, &data));
    CHECK(data != NULL);
    CHECK_STR((const char *)data, "two");
    store->unmap(store->user, data, 4);
    CHECK(tl_hazard_scratch_close(scratch));
    CHECK_OK(tl_hazard_scratch_open(ctx, "scratch_t", &scratch, &store));
    store->drop(store->user, "a");
    store->drop(store->user, "never there");
    CHECK(!tl_hazard_scratch_close(scratch));
    CHECK(access("scratch_t/.lattice", F_OK) != 0);
    rmdir("scratch_t");
}

TEST(what_cannot_be_written_is_said)
{
    struct tl_hazard_scratch *scratch = NULL;
    const struct tl_lattice_store *store = NULL;
    CHECK_OK(tl_hazard_scratch_open(ctx, "no/such/folder", &scratch, &store));
    CHECK_FAILS(store->put(ctx, store->user, "a", "one", 4), TL_EIO, "no/such/folder/.lattice");
    CHECK(!tl_hazard_scratch_close(scratch));
}
