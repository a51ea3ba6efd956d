/** Tables that a surveyor can read: lines "verb rest", '#' for remarks; pairs of a question and an "expect" line. */
#ifndef TL_GEO_TEST_TABLE_H
#define TL_GEO_TEST_TABLE_H

#include <stdio.h>
#include <string.h>

#include "core/core.h"

struct table {
    FILE *file;
    int line;
    char verb[16], ask[400], expect[400];
};

static int table_open(struct table *table, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/tables/%s", TILTH_SOURCE, name);
    *table = (struct table){.file = fopen(path, "r")};
    return table->file != NULL;
}

static int table_line(struct table *table, char *verb, char *rest, size_t room)
{
    char line[500];
    while (fgets(line, sizeof line, table->file) != NULL) {
        table->line++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        size_t n = strcspn(line, " ");
        snprintf(verb, 16, "%.*s", (int)n, line);
        n += strspn(line + n, " ");
        snprintf(rest, room, "%s", line + n);
        return 1;
    }
    return 0;
}

/* The next question with its answer; 0 at the end (the file is closed), -1 when a question has no answer. */
static int table_next(struct table *table)
{
    char verb[16];
    if (!table_line(table, table->verb, table->ask, sizeof table->ask)) {
        fclose(table->file);
        return 0;
    }
    return table_line(table, verb, table->expect, sizeof table->expect) &&
                   strcmp(verb, "expect") == 0
               ? 1
               : -1;
}

/* "failure TL_EDATA words": whether a call failed that way; -1 when the answer is not a failure. */
static int table_failure(const struct table *table, struct tl_ctx *ctx, tl_err err)
{
    char name[32], words[300] = "";
    if (sscanf(table->expect, "failure %31s %299[^\n]", name, words) < 1)
        return -1;
    return strcmp(tl_err_name(err), name) == 0 && strstr(tl_ctx_message(ctx), words) != NULL;
}

#endif
