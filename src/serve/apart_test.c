#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/apart.h"
#include "serve/upload.h"

static char path[] = "apart_test.gpkg";
static struct tl_serve serve;

static tl_err make_project(struct tl_ctx *ctx)
{
    static const double ring[10] = {-75.2, 7.0, -75.1, 7.0, -75.1, 7.08, -75.2, 7.08, -75.2, 7.0};
    static const unsigned char head[13] = {1, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0};
    unsigned char wkb[sizeof head + sizeof ring];
    struct tl_project_new options = {.crs = "EPSG:32618", .overwrite = true};
    options.grid = (struct tl_grid){477000, 783000, 1000, 10, 8};
    memcpy(options.area_deg, (const double[4]){-75.2, 7.0, -75.1, 7.08}, 4 * sizeof(double));
    memcpy(wkb, head, sizeof head);
    memcpy(wkb + sizeof head, ring, sizeof ring);
    options.area_wkb = wkb;
    options.area_wkb_bytes = sizeof wkb;
    return tl_project_create(ctx, path, &options);
}

static tl_err open_all(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    serve = (struct tl_serve){.project = path};
    pthread_mutex_init(&serve.seats_lock, NULL);
    pthread_mutex_init(&serve.write_lock, NULL);
    TL_TRY(make_project(ctx));
    TL_TRY(tl_uploads_open(ctx, path, &serve.uploads));
    TL_TRY(tl_apart_create(ctx, &serve.apart));
done:
    return err;
}

static void close_all(void)
{
    tl_seat_free_all(&serve);
    tl_apart_free(serve.apart);
    tl_uploads_free(serve.uploads);
}

static tl_err set(struct tl_ctx *ctx, struct tl_project *project, const char *value)
{
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_set(ctx, project, "a", value));
    TL_TRY(tl_project_commit(ctx, project));
done:
    return err;
}

TEST(a_trial_has_a_copy_of_its_own_and_nobody_waits_for_it)
{
    struct tl_project *trial = NULL, *project = NULL;
    char *value = NULL, first[TL_UPLOAD_PATH_BYTES];
    bool no_room = true;
    CHECK_OK(open_all(ctx));
    struct tl_seat *seat = tl_seat_take(&serve);
    struct tl_call call = {.serve = &serve, .seat = seat, .ctx = seat->ctx};
    CHECK_OK(tl_apart_take(&call, 1000, &no_room, &trial));
    CHECK(!no_room && strcmp(tl_project_path(trial), path) != 0);
    snprintf(first, sizeof first, "%s", tl_project_path(trial));
    CHECK_OK(tl_project_begin(ctx, trial)); /* a trial under way holds its own lock */
    CHECK_OK(tl_seat_begin_write(&call, &project));
    CHECK_OK(set(ctx, project, "written meanwhile"));
    tl_seat_end_write(&call, project);
    tl_apart_give(&call, trial);
    CHECK_OK(
        tl_apart_take(&call, 1000, &no_room, &trial)); /* anew, since the project has changed */
    CHECK(strcmp(first, tl_project_path(trial)) != 0 && access(first, F_OK) != 0);
    CHECK_OK(tl_project_get(ctx, trial, "a", &value));
    CHECK_STR(value, "written meanwhile");
    tl_free(value);
    snprintf(first, sizeof first, "%s", tl_project_path(trial));
    tl_apart_give(&call, trial);
    CHECK_OK(tl_apart_take(&call, 1000, &no_room, &trial)); /* the same, since it has not */
    CHECK_STR(tl_project_path(trial), first);
    tl_apart_give(&call, trial);
    tl_apart_sweep(serve.apart, tl_clock_s() + TL_APART_KEPT_S - 5);
    CHECK(access(first, F_OK) == 0);
    tl_apart_sweep(serve.apart, tl_clock_s() + TL_APART_KEPT_S + 5);
    CHECK(access(first, F_OK) != 0);
    CHECK(tl_apart_take(&call, INT64_C(1) << 60, &no_room, &trial) == TL_EIO && no_room);
    CHECK(strstr(tl_ctx_message(seat->ctx), "MiB are free") != NULL);
    tl_seat_give(&serve, seat);
    close_all();
    CHECK(access("apart_test.gpkg.uploads", F_OK) != 0); /* nothing is left behind */
}

TEST(what_a_killed_server_left_is_removed_and_what_is_at_work_is_not)
{
    static const char left[] = "apart_test.gpkg.uploads/0123456789abcdef0123456789abcdef";
    struct tl_project *trial = NULL;
    char file[128], kept[TL_UPLOAD_PATH_BYTES];
    bool no_room;
    CHECK_OK(open_all(ctx));
    struct tl_seat *seat = tl_seat_take(&serve);
    struct tl_call call = {.serve = &serve, .seat = seat, .ctx = seat->ctx};
    CHECK_OK(tl_apart_take(&call, 0, &no_room, &trial));
    snprintf(kept, sizeof kept, "%s", tl_project_path(trial));
    for (int i = 0; i < 2; i++) {
        snprintf(file, sizeof file, "%s%s", left, i == 0 ? ".hold" : ".copy");
        int fd = open(file, O_WRONLY | O_CREAT, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    struct tl_uploads *other = NULL;
    CHECK_OK(tl_uploads_open(ctx, path, &other)); /* another server on the same project */
    CHECK(access(file, F_OK) != 0);
    CHECK(access(kept, F_OK) == 0);
    tl_uploads_free(other);
    tl_apart_give(&call, trial);
    tl_seat_give(&serve, seat);
    close_all();
}
