#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store/fixture.h"

static const char path[] = "victim_people_test.gpkg";

#include "store/victim_fixture.h"

static const struct tl_victim_opener by_olena = {olena, pass1};

/* A project with a victim whose details are sealed. */
static tl_err one_victim(struct tl_ctx *ctx, char *paper)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_victim victim;
    tl_err err = victims_make(ctx, paper);
    return err == TL_OK ? victim_add(ctx, "AC-0001", &values, &victim) : err;
}

#define CHECK_READS(name, secret)                                                                  \
    do {                                                                                           \
        char *unit_json = NULL;                                                                    \
        CHECK_OK(victim_show(ctx, (name), (secret), "VI-0001", &unit_json));                       \
        CHECK_STR(unit_json, details);                                                             \
        tl_victim_forget(unit_json);                                                               \
    } while (0)

#define CHECK_SHUT(name, secret)                                                                   \
    do {                                                                                           \
        char *unit_json = NULL;                                                                    \
        CHECK_FAILS(victim_show(ctx, (name), (secret), "VI-0001", &unit_json), TL_EDENIED, "");    \
    } while (0)

TEST(persons_are_named_and_taken_off)
{
    struct tl_project *project = NULL;
    char *json = NULL, paper[TL_VICTIM_PAPER_BYTES];
    bool named = false;
    CHECK_OK(one_victim(ctx, NULL));
    CHECK_FAILS(tl_victim_init(ctx, path, petro, pass2, paper), TL_EEXISTS, "has a key");
    CHECK_SHUT(petro, pass2);
    CHECK_FAILS(tl_victim_grant(ctx, path, &(struct tl_victim_opener){olena, pass2}, petro, pass2),
                TL_EDENIED, "name or password");
    CHECK_OK(tl_victim_grant(ctx, path, &by_olena, petro, pass2));
    CHECK_READS(petro, pass2);
    CHECK_FAILS(tl_victim_grant(ctx, path, &by_olena, petro, pass2), TL_EEXISTS, "Petro");
    CHECK_FAILS(tl_victim_grant(ctx, path, &by_olena, "Third", "short"), TL_EUSAGE, "too few");
    CHECK_FAILS(tl_victim_grant(ctx, path, &by_olena, "", pass2), TL_EUSAGE, "not a name");
    CHECK_OK(tl_victim_persons(ctx, path, &json));
    CHECK(strstr(json, "\"Petro\"") != NULL && strstr(json, "\"granted_by\": \"Olena\"") != NULL &&
          strstr(json, "salt") == NULL && strstr(json, "wrapped") == NULL);
    tl_free(json);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_victim_is_named(ctx, project, petro, &named));
    CHECK(named);
    CHECK_OK(tl_victim_is_named(ctx, project, "Third", &named));
    CHECK(!named);
    tl_project_close(project);
    CHECK_OK(tl_victim_revoke(ctx, path, olena));
    CHECK_SHUT(olena, pass1);
    CHECK_READS(petro, pass2);
    CHECK_FAILS(tl_victim_revoke(ctx, path, olena), TL_ENOTFOUND, "Olena");
    CHECK_FAILS(tl_victim_revoke(ctx, path, petro), TL_EDENIED, "is the last person");
    CHECK_CLEAN();
}

TEST(a_password_is_changed_by_who_knows_the_old_one)
{
    CHECK_OK(one_victim(ctx, NULL));
    CHECK_FAILS(tl_victim_passwd(ctx, path, olena, pass2, pass2), TL_EDENIED, "name or password");
    CHECK_OK(tl_victim_passwd(ctx, path, olena, pass1, pass2));
    CHECK_READS(olena, pass2);
    CHECK_SHUT(olena, pass1);
}

/* All passwords are forgotten and the file beside the project is lost: the paper opens. */
TEST(the_paper_opens_what_nobody_else_does)
{
    char paper[TL_VICTIM_PAPER_BYTES], other[TL_VICTIM_PAPER_BYTES];
    CHECK_OK(one_victim(ctx, paper));
    remove("victim_people_test.gpkg.keys");
    CHECK_SHUT(olena, pass1);
    tl_vault_paper_make(other);
    CHECK_FAILS(tl_victim_recover(ctx, path, other, petro, pass2), TL_EDENIED, "another project's");
    CHECK_FAILS(tl_victim_recover(ctx, path, "AAAA", petro, pass2), TL_EDENIED, "mistyped");
    CHECK_OK(tl_victim_recover(ctx, path, paper, petro, pass2));
    CHECK_READS(petro, pass2);
    CHECK_READS(NULL, paper);
    /* and who has forgotten their password gets another */
    CHECK_OK(tl_victim_recover(ctx, path, paper, petro, "a third horse 9"));
    CHECK_READS(petro, "a third horse 9");
    CHECK_SHUT(petro, pass2);
    /* nothing of it stands in the project or beside it */
    CHECK(!file_holds(path, paper) && !file_holds("victim_people_test.gpkg.keys", paper));
    CHECK_CLEAN();
}

TEST(after_rotating_an_old_copy_of_the_keys_opens_nothing)
{
    char paper[TL_VICTIM_PAPER_BYTES], second[TL_VICTIM_PAPER_BYTES];
    static const char keys[] = "victim_people_test.gpkg.keys", kept[] = "victim_people_kept.keys";
    struct tl_vault_key *old = NULL;
    struct tl_project *project = NULL;
    bool fits = true;
    int64_t n = 0;
    CHECK_OK(one_victim(ctx, paper));
    CHECK_OK(tl_victim_grant(ctx, path, &by_olena, petro, pass2));
    CHECK(copy(keys, kept)); /* Petro keeps a copy */
    CHECK_OK(victim_unlock(ctx, petro, pass2, &old));
    CHECK_OK(tl_victim_revoke(ctx, path, petro));
    CHECK_OK(tl_victim_rotate(ctx, path, &by_olena, NULL, &n));
    CHECK(n == 1);
    CHECK_READS(olena, pass1);
    CHECK_READS(NULL, paper); /* the paper goes on being good */
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_victim_key_fits(ctx, project, old, &fits));
    CHECK(!fits);
    char *json = NULL;
    CHECK_FAILS(tl_victim_open(ctx, project, old, "VI-0001", &json), TL_EINTEGRITY, "");
    tl_project_close(project);
    tl_victim_lock(old);
    CHECK(copy(keys, "victim_people_now.keys") && copy(kept, keys));
    CHECK_SHUT(petro, pass2);
    CHECK(copy("victim_people_now.keys", keys));
    CHECK_OK(tl_victim_rotate(ctx, path, &by_olena, second, &n));
    CHECK_SHUT(NULL, paper);
    CHECK_READS(NULL, second);
    CHECK_FAILS(tl_victim_rotate(ctx, path, &(struct tl_victim_opener){petro, pass2}, NULL, &n),
                TL_EDENIED, "");
    CHECK_CLEAN();
}

/* Killed at moments spread over a change of key: Olena and the paper open the details after each. */
TEST(killed_while_rotating_the_old_key_or_the_new_one_opens)
{
    enum { TRIALS = 9 };
    char paper[TL_VICTIM_PAPER_BYTES];
    struct timespec a, b;
    double whole_ms = 0;
    int64_t n = 0;
    CHECK_OK(one_victim(ctx, paper));
    for (int t = 0; t < TRIALS; t++) {
        int status = 0;
        fflush(stdout);
        clock_gettime(CLOCK_MONOTONIC, &a);
        pid_t child = fork();
        if (child == 0)
            _exit(tl_victim_rotate(ctx, path, &by_olena, NULL, &n) == TL_OK ? 0 : 1);
        if (t > 0) {
            /* most of the time goes into the password: its end is where files change */
            double share = t % 2 == 1 ? 0.5 + 0.5 * t / TRIALS : 0.9 + 0.1 * t / TRIALS;
            usleep((useconds_t)(1e3 * whole_ms * share));
            kill(child, SIGKILL);
        }
        CHECK(waitpid(child, &status, 0) == child);
        clock_gettime(CLOCK_MONOTONIC, &b);
        if (t == 0)
            whole_ms = 1e3 * (double)(b.tv_sec - a.tv_sec) + 1e-6 * (double)(b.tv_nsec - a.tv_nsec);
        CHECK_READS(olena, pass1);
        CHECK_READS(NULL, paper);
        CHECK_CLEAN();
    }
    CHECK_OK(tl_victim_rotate(ctx, path, &by_olena, NULL, &n));
    CHECK_READS(olena, pass1);
}

TEST(what_needs_a_key_says_so)
{
    struct tl_vault_key *key = NULL;
    bool has = true;
    struct tl_project *project = NULL;
    int64_t n = 0;
    remove("victim_people_test.gpkg.keys");
    CHECK_OK(make(ctx));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_victim_has_key(ctx, project, &has));
    CHECK(!has);
    tl_project_close(project);
    CHECK_FAILS(victim_unlock(ctx, olena, pass1, &key), TL_ENOTFOUND, "init");
    CHECK_FAILS(tl_victim_grant(ctx, path, &by_olena, petro, pass2), TL_ENOTFOUND, "init");
    CHECK_FAILS(tl_victim_rotate(ctx, path, &by_olena, NULL, &n), TL_ENOTFOUND, "init");
    CHECK_FAILS(tl_victim_revoke(ctx, path, olena), TL_ENOTFOUND, "init");
}
