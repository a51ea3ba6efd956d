/** tilth help: of a command, of a kind of record, of the exit codes. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/register.h"

enum { TOPICS_MAX = 64 };

static tl_err unknown(struct tl_cli_run *run, const char *topic)
{
    const char *topics[TOPICS_MAX], *near;
    int n, n_topics = 0;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    for (int i = 0; i < n; i++)
        topics[n_topics++] = commands[i].name;
    topics[n_topics++] = "survey";
    for (int kind = 0; kind < TL_KIND_COUNT; kind++)
        topics[n_topics++] = tl_kind_info((enum tl_kind)kind)->name;
    topics[n_topics++] = "exit-codes";
    near = tl_cli_args_nearest(topic, n_topics, topics);
    if (near != NULL)
        return tl_cli_run_fail(run, TL_ENOTFOUND,
                               "no help on \"%.100s\"; the nearest topic is \"%s\"", topic, near);
    return tl_cli_run_fail(
        run, TL_ENOTFOUND,
        "no help on \"%.100s\"; expected a command, a kind of record, or exit-codes", topic);
}

tl_err tl_cli_cmd_help(struct tl_cli_run *run)
{
    char two[128];
    const char *topic = run->args->n_words > 0 ? run->args->words[0] : NULL;
    if (run->args->n_words > 1) {
        snprintf(two, sizeof two, "%.60s %.60s", run->args->words[0], run->args->words[1]);
        topic = two;
    }
    const struct tl_cli_command *command = topic == NULL ? NULL : tl_cli_table_find(topic);
    if (run->json && (topic == NULL || command != NULL))
        tl_cli_help_json(run->out, command);
    else if (topic == NULL)
        tl_cli_help_overview(run->out);
    else if (command != NULL)
        tl_cli_help_command(run->out, command);
    else if (tl_cli_table_is_group(topic))
        tl_cli_help_group(run->out, topic);
    else if (strcmp(topic, "exit-codes") == 0)
        tl_cli_help_exit_codes(run->out);
    else if (!tl_cli_help_kind(run->out, run->ctx, topic))
        return unknown(run, topic);
    return TL_OK;
}
