/** JSON as it goes to standard output, and text wrapped for a terminal. Checked for errors once, when the stream is flushed. */
#include <math.h>
#include <string.h>

#include "cli/cli.h"

static void write_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at == '\n')
            fputs("\\n", out);
        else if (*at < 0x20)
            fprintf(out, "\\u%04x", *at);
        else
            fputc(*at, out);
    }
    fputc('"', out);
}

/* Comma, line, indent and key of the next value. */
static void lead(struct tl_cli_json *json, const char *key)
{
    if (json->depth > 0) {
        fprintf(json->out, "%s\n%*s", json->filled[json->depth - 1] ? "," : "", 2 * json->depth,
                "");
        json->filled[json->depth - 1] = true;
    }
    if (key != NULL) {
        write_text(json->out, key);
        fputs(": ", json->out);
    }
}

static void open_with(struct tl_cli_json *json, const char *key, char opening, char closing)
{
    lead(json, key);
    fputc(opening, json->out);
    json->closing[json->depth] = closing;
    json->filled[json->depth] = false;
    json->depth++;
}

void tl_cli_json_object(struct tl_cli_json *json, const char *key)
{
    open_with(json, key, '{', '}');
}

void tl_cli_json_array(struct tl_cli_json *json, const char *key)
{
    open_with(json, key, '[', ']');
}

void tl_cli_json_close(struct tl_cli_json *json)
{
    json->depth--;
    if (json->filled[json->depth])
        fprintf(json->out, "\n%*s", 2 * json->depth, "");
    fputc(json->closing[json->depth], json->out);
}

void tl_cli_json_begin(struct tl_cli_json *json, FILE *out, const char *schema)
{
    *json = (struct tl_cli_json){.out = out};
    tl_cli_json_object(json, NULL);
    tl_cli_json_text(json, "schema", schema);
}

void tl_cli_json_end(struct tl_cli_json *json)
{
    while (json->depth > 0)
        tl_cli_json_close(json);
    fputc('\n', json->out);
}

void tl_cli_json_text(struct tl_cli_json *json, const char *key, const char *text)
{
    lead(json, key);
    if (text == NULL)
        fputs("null", json->out);
    else
        write_text(json->out, text);
}

void tl_cli_json_number(struct tl_cli_json *json, const char *key, double value)
{
    lead(json, key);
    if (isfinite(value))
        fprintf(json->out, "%.10g", value);
    else
        fputs("null", json->out);
}

void tl_cli_json_integer(struct tl_cli_json *json, const char *key, int64_t value)
{
    lead(json, key);
    fprintf(json->out, "%lld", (long long)value);
}

void tl_cli_json_bool(struct tl_cli_json *json, const char *key, bool value)
{
    lead(json, key);
    fputs(value ? "true" : "false", json->out);
}

void tl_cli_json_raw(struct tl_cli_json *json, const char *key, const char *raw)
{
    size_t n = strlen(raw);
    while (n > 0 && (raw[n - 1] == '\n' || raw[n - 1] == ' '))
        n--;
    lead(json, key);
    fwrite(raw, 1, n, json->out);
}

void tl_cli_wrap(FILE *out, int indent, const char *text)
{
    enum { COLUMNS = 79 };
    const char *at = text;
    while (*at != '\0') {
        if (*at == '\n') {
            fputs("\n", out); /* "\n\n" parts paragraphs: the line above has ended already */
            at += at[1] == '\n' ? 2 : 1;
            continue;
        }
        int room = COLUMNS - indent, length = 0, last_blank = 0;
        while (at[length] != '\0' && at[length] != '\n' && length <= room) {
            if (at[length] == ' ')
                last_blank = length;
            length++;
        }
        if (length > room)
            length = last_blank > 0 ? last_blank : (int)strcspn(at, " \n");
        fprintf(out, "%*s%.*s\n", indent, "", length, at);
        at += length;
        while (*at == ' ')
            at++;
        at += *at == '\n' && at[1] != '\n'; /* the line's own end */
    }
}
