/** tilth victims: victims of accidents, and who may read what names them. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "tilth/project.h"
#include "tilth/serve.h"
#include "tilth/victim.h"

/* Somebody who opens the key: --by NAME and a password, or --recovery and the printed key; its secret is the first line. */
struct opener {
    struct tl_victim_opener who;
    char secret[TL_CLI_SECRET_BYTES];
};

static tl_err read_opener(struct tl_cli_run *run, const char *action, struct opener *opener)
{
    const char *by = tl_cli_args_text(run->args, "by", NULL);
    bool paper = tl_cli_args_flag(run->args, "recovery");
    char question[200];
    if ((by != NULL) == paper)
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "victims %s needs --by NAME (who can read the details) or "
                               "--recovery",
                               action);
    if (by != NULL)
        snprintf(question, sizeof question, "Password of %.96s", by);
    else
        snprintf(question, sizeof question, "Recovery key");
    tl_err err = tl_cli_secret_read(run, question, false, opener->secret);
    opener->who = (struct tl_victim_opener){by, opener->secret};
    return err;
}

static tl_err read_new(struct tl_cli_run *run, const char *action, const char **name,
                       char password[TL_CLI_SECRET_BYTES])
{
    char question[200];
    *name = tl_cli_args_text(run->args, "name", NULL);
    if (*name == NULL)
        return tl_cli_run_fail(run, TL_EUSAGE, "victims %s needs --name", action);
    snprintf(question, sizeof question, "Password of %.96s for personal details", *name);
    return tl_cli_secret_read(run, question, true, password);
}

/* Who is named; with what only this once is to be seen. */
static tl_err print_persons(struct tl_cli_run *run, const char *paper, int64_t n_boxes)
{
    struct tl_cli_json json;
    char *persons = NULL;
    tl_err err = tl_victim_persons(run->ctx, run->args->words[0], &persons);
    if (err != TL_OK)
        return err;
    if (run->json) {
        tl_cli_json_begin(&json, run->out, "tilth.victim-persons/1");
        tl_cli_json_text(&json, "project", run->args->words[0]);
        tl_cli_json_raw(&json, "persons", persons);
        tl_cli_json_text(&json, "recovery_key", paper);
        if (n_boxes >= 0)
            tl_cli_json_integer(&json, "sealed_anew", n_boxes);
        tl_cli_json_end(&json);
        tl_free(persons);
        return TL_OK;
    }
    if (paper != NULL)
        fprintf(run->out,
                "%s\n\nThis is the recovery key. It is shown this once and kept nowhere: write it "
                "down, keep it\napart from the project. Whoever has it and the project can read "
                "the personal details;\nwithout it they are lost when all passwords are "
                "forgotten.\n\n",
                paper);
    if (n_boxes >= 0 && !run->quiet)
        fprintf(run->out, "%lld sealed anew\n", (long long)n_boxes);
    if (!run->quiet && strchr(persons, '{') == NULL)
        fputs("nobody is named for personal details\n", run->out);
    else if (!run->quiet)
        tl_cli_show_json(run->out, persons);
    tl_free(persons);
    return TL_OK;
}

/* init, grant, recover, passwd: those that take a new password. */
static tl_err people_in(struct tl_cli_run *run, const char *action)
{
    const char *path = run->args->words[0], *name = NULL;
    char password[TL_CLI_SECRET_BYTES] = "", old[TL_CLI_SECRET_BYTES] = "";
    char paper[TL_VICTIM_PAPER_BYTES] = "";
    bool grants = strcmp(action, "grant") == 0, passwd = strcmp(action, "passwd") == 0;
    bool recovers = strcmp(action, "recover") == 0;
    struct opener opener = {.secret = ""};
    tl_err err = TL_OK;
    if (grants)
        err = read_opener(run, action, &opener);
    if (err == TL_OK && (passwd || recovers))
        err = tl_cli_secret_read(run, passwd ? "Password until now" : "Recovery key", false, old);
    if (err == TL_OK)
        err = read_new(run, action, &name, password);
    if (err == TL_OK && grants)
        err = tl_victim_grant(run->ctx, path, &opener.who, name, password);
    else if (err == TL_OK && passwd)
        err = tl_victim_passwd(run->ctx, path, name, old, password);
    else if (err == TL_OK && recovers)
        err = tl_victim_recover(run->ctx, path, old, name, password);
    else if (err == TL_OK)
        err = tl_victim_init(run->ctx, path, name, password, paper);
    tl_cli_secret_wipe(password, sizeof password);
    tl_cli_secret_wipe(old, sizeof old);
    tl_cli_secret_wipe(opener.secret, sizeof opener.secret);
    if (err == TL_OK)
        err = print_persons(run, paper[0] != '\0' ? paper : NULL, -1);
    tl_cli_secret_wipe(paper, sizeof paper);
    return err;
}

static tl_err take_off(struct tl_cli_run *run)
{
    const char *name = tl_cli_args_text(run->args, "name", NULL);
    if (name == NULL)
        return tl_cli_run_fail(run, TL_EUSAGE, "victims revoke needs --name");
    tl_err err = tl_victim_revoke(run->ctx, run->args->words[0], name);
    if (err == TL_OK && !run->quiet && !run->json)
        fprintf(run->out,
                "%s is taken off. Whoever kept a copy of PROJECT.keys still opens what was sealed "
                "until now:\ntilth victims PROJECT rotate makes a new key.\n",
                name);
    return err == TL_OK ? print_persons(run, NULL, -1) : err;
}

static tl_err rotate(struct tl_cli_run *run)
{
    char paper[TL_VICTIM_PAPER_BYTES] = "";
    bool wants = tl_cli_args_flag(run->args, "paper");
    struct opener opener = {.secret = ""};
    int64_t n = 0;
    tl_err err = read_opener(run, "rotate", &opener);
    if (err == TL_OK)
        err =
            tl_victim_rotate(run->ctx, run->args->words[0], &opener.who, wants ? paper : NULL, &n);
    tl_cli_secret_wipe(opener.secret, sizeof opener.secret);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK)
        err = print_persons(run, wants ? paper : NULL, n);
    tl_cli_secret_wipe(paper, sizeof paper);
    return err;
}

static void print_victim(struct tl_cli_json *json, const struct tl_victim *victim,
                         const char *personal)
{
    tl_cli_json_text(json, "code", victim->code);
    tl_cli_json_text(json, "version", victim->version);
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++)
        tl_cli_json_text(json, tl_victim_column_name((enum tl_victim_column)c),
                         victim->values[c][0] != '\0' ? victim->values[c] : NULL);
    tl_cli_json_text(json, "entered_by", victim->entered_by);
    tl_cli_json_text(json, "entered_at", victim->entered_at);
    tl_cli_json_bool(json, "sealed", victim->is_sealed);
    if (personal != NULL)
        tl_cli_json_raw(json, "personal", personal);
    else
        tl_cli_json_text(json, "personal", NULL);
}

static void say_victim(FILE *out, const struct tl_victim *victim)
{
    fprintf(out, "%s  %s", victim->code, victim->accident);
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++)
        if (victim->values[c][0] != '\0')
            fprintf(out, "  %s: %s", tl_victim_column_name((enum tl_victim_column)c),
                    victim->values[c]);
    fputs(victim->is_sealed ? "  (personal details are sealed)\n" : "\n", out);
}

static tl_err list(struct tl_cli_run *run, const char *accident)
{
    struct tl_project *project = NULL;
    struct tl_victim *victims = NULL;
    struct tl_cli_json json;
    int64_t n = 0;
    tl_err err = tl_project_open(run->ctx, run->args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_victim_list(run->ctx, project, accident, &victims, &n);
    tl_project_close(project);
    if (err != TL_OK)
        return err;
    if (run->json) {
        tl_cli_json_begin(&json, run->out, "tilth.victims/1");
        tl_cli_json_text(&json, "accident", accident);
        tl_cli_json_array(&json, "victims");
        for (int64_t i = 0; i < n; i++) {
            tl_cli_json_object(&json, NULL);
            print_victim(&json, &victims[i], NULL);
            tl_cli_json_close(&json);
        }
        tl_cli_json_end(&json);
    }
    for (int64_t i = 0; !run->json && i < n; i++)
        say_victim(run->out, &victims[i]);
    if (!run->json && !run->quiet && n == 0)
        fprintf(run->out, "%s has no victims on record\n", accident);
    tl_free(victims);
    return TL_OK;
}

/* Opens, writes the look into the log of reads, then prints: what cannot be written down is not shown. */
static tl_err show(struct tl_cli_run *run, const char *code)
{
    const char *path = run->args->words[0];
    struct tl_project *project = NULL;
    struct tl_vault_key *key = NULL;
    struct opener opener = {.secret = ""};
    struct tl_victim victim;
    struct tl_cli_json json;
    char *personal = NULL;
    tl_err err = read_opener(run, "show", &opener);
    if (err == TL_OK)
        err = tl_project_open(run->ctx, path, TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_victim_get(run->ctx, project, code, &victim);
    if (err == TL_OK)
        err = tl_victim_unlock(run->ctx, project, &opener.who, &key);
    if (err == TL_OK)
        err = tl_victim_open(run->ctx, project, key, code, &personal);
    if (err == TL_OK)
        err = tl_serve_note_read(run->ctx, path,
                                 &(struct tl_serve_read){.person = opener.who.name != NULL
                                                                       ? opener.who.name
                                                                       : "the recovery key",
                                                         .role = "command line",
                                                         .what = "personal details",
                                                         .kind = "victim",
                                                         .code = code,
                                                         .n = 1});
    if (err == TL_OK && run->json) {
        tl_cli_json_begin(&json, run->out, "tilth.victim/1");
        print_victim(&json, &victim, personal);
        tl_cli_json_end(&json);
    } else if (err == TL_OK) {
        say_victim(run->out, &victim);
        if (personal != NULL)
            tl_cli_show_json(run->out, personal);
    }
    tl_victim_forget(personal);
    tl_victim_lock(key);
    tl_project_close(project);
    tl_cli_secret_wipe(opener.secret, sizeof opener.secret);
    return err;
}

static tl_err add(struct tl_cli_run *run, const char *accident)
{
    static const char *const options[TL_VICTIM_COLUMNS] = {"outcome", "sex", "age-group",
                                                           "activity", "tampering"};
    const struct tl_edit_who who = {.person = "", .role = "administrator", .alone = true};
    struct tl_victim_values values = {0};
    char personal[TL_VICTIM_PERSONAL_BYTES + 2] = "";
    struct tl_project *project = NULL;
    struct tl_victim victim;
    tl_err err = TL_OK;
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++) {
        values.values[c] = tl_cli_args_text(run->args, options[c], NULL);
        values.sets[c] = values.values[c] != NULL;
    }
    if (tl_cli_args_flag(run->args, "personal")) {
        err = tl_cli_secret_rest(run, "personal details as JSON", personal, sizeof personal);
        values.sets_personal = true;
        values.personal = personal;
    }
    if (err == TL_OK)
        err = tl_project_open(run->ctx, run->args->words[0], TL_PROJECT_WRITE, &project);
    if (err == TL_OK)
        err = tl_project_begin(run->ctx, project);
    if (err == TL_OK)
        err = tl_victim_add(run->ctx, project, accident, &values, &who, &victim);
    if (err == TL_OK)
        err = tl_project_commit(run->ctx, project);
    tl_project_close(project);
    tl_cli_secret_wipe(personal, sizeof personal);
    if (err == TL_OK && !run->json && !run->quiet)
        say_victim(run->out, &victim);
    return err == TL_OK && run->json ? list(run, accident) : err;
}

tl_err tl_cli_cmd_victims(struct tl_cli_run *run)
{
    static const char *const actions[] = {"init",    "grant",  "revoke", "rotate", "passwd",
                                          "recover", "people", "list",   "add",    "show"};
    enum { N = sizeof actions / sizeof actions[0] };
    const char *action = run->args->words[1];
    const char *code = run->args->n_words > 2 ? run->args->words[2] : NULL;
    int i = 0;
    while (i < N && strcmp(actions[i], action) != 0)
        i++;
    if (i == N) {
        const char *near = tl_cli_args_nearest(action, N, actions);
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "\"%.60s\" is not what victims does: expected init, grant, revoke, "
                               "rotate, passwd, recover, people, list, add or show%s%s%s",
                               action, near != NULL ? "; did you mean \"" : "",
                               near != NULL ? near : "", near != NULL ? "\"?" : "");
    }
    if ((i >= 7) != (code != NULL))
        return tl_cli_run_fail(run, TL_EUSAGE,
                               i >= 7 ? "victims %s needs a code: of the accident (list, add) or "
                                        "of the victim (show)"
                                      : "victims %s takes no code",
                               action);
    switch (i) {
    case 2:
        return take_off(run);
    case 3:
        return rotate(run);
    case 6:
        return print_persons(run, NULL, -1);
    case 7:
        return list(run, code);
    case 8:
        return add(run, code);
    case 9:
        return show(run, code);
    default:
        return people_in(run, action);
    }
}
