/**
 * A JSON text as indented words, for people: "records: accident: 12". The library gives figures as JSON texts; this prints
 * any of them without knowing its keys, so that a figure added there is seen here.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { DEPTH_MAX = 32 };

struct reader {
    const char *at;
    FILE *out;
    int depth;
    bool bad;
};

static void blank(struct reader *reader)
{
    reader->at += strspn(reader->at, " \t\r\n");
}

/* Steps over one sign that must stand here; the end of the text is never stepped over. */
static void expect(struct reader *reader, char sign)
{
    if (*reader->at == sign)
        reader->at++;
    else
        reader->bad = true;
}

static void write_utf8(FILE *out, unsigned code)
{
    if (code < 0x80) {
        fputc((int)code, out);
    } else if (code < 0x800) {
        fputc((int)(0xC0 | code >> 6), out);
        fputc((int)(0x80 | (code & 0x3F)), out);
    } else if (code < 0x10000) {
        fputc((int)(0xE0 | code >> 12), out);
        fputc((int)(0x80 | (code >> 6 & 0x3F)), out);
        fputc((int)(0x80 | (code & 0x3F)), out);
    } else {
        fputc((int)(0xF0 | code >> 18), out);
        fputc((int)(0x80 | (code >> 12 & 0x3F)), out);
        fputc((int)(0x80 | (code >> 6 & 0x3F)), out);
        fputc((int)(0x80 | (code & 0x3F)), out);
    }
}

static unsigned hex4(struct reader *reader)
{
    char digits[5] = "";
    strncpy(digits, reader->at, 4);
    if (strspn(digits, "0123456789abcdefABCDEF") != 4) {
        reader->bad = true;
        return 0;
    }
    reader->at += 4;
    return (unsigned)strtoul(digits, NULL, 16);
}

static void escape(struct reader *reader)
{
    char letter = *reader->at;
    unsigned code;
    reader->at += letter != '\0';
    switch (letter) {
    case 'n':
        fputc('\n', reader->out);
        break;
    case 't':
        fputc('\t', reader->out);
        break;
    case 'u':
        code = hex4(reader);
        if (code >= 0xD800 && code < 0xDC00 && strncmp(reader->at, "\\u", 2) == 0) {
            reader->at += 2;
            code = 0x10000 + ((code - 0xD800) << 10) + (hex4(reader) - 0xDC00);
        }
        write_utf8(reader->out, code);
        break;
    case '\0':
        reader->bad = true;
        break;
    case 'b':
    case 'f':
    case 'r':
        break; /* nothing that a terminal should be told */
    default:
        fputc(letter, reader->out);
    }
}

/* A string; as a key, "_" is printed as a blank. */
static void text(struct reader *reader, bool is_key)
{
    reader->at++;
    while (*reader->at != '"' && *reader->at != '\0' && !reader->bad) {
        char letter = *reader->at++;
        if (letter == '\\')
            escape(reader);
        else
            fputc(is_key && letter == '_' ? ' ' : letter, reader->out);
    }
    expect(reader, '"');
}

static void plain(struct reader *reader)
{
    size_t n = strcspn(reader->at, ",]} \t\r\n");
    if (n == 0)
        reader->bad = true;
    else if (strncmp(reader->at, "null", n) == 0)
        fputs("-", reader->out);
    else if (strncmp(reader->at, "true", n) == 0)
        fputs("yes", reader->out);
    else if (strncmp(reader->at, "false", n) == 0)
        fputs("no", reader->out);
    else
        fwrite(reader->at, 1, n, reader->out);
    reader->at += n;
}

static void value(struct reader *reader, int indent);

/* The name of the JSON's own form is nothing for people. */
static bool skip_schema(struct reader *reader)
{
    static const char key[] = "\"schema\":";
    const char *end = strncmp(reader->at, key, sizeof key - 1) == 0
                          ? strchr(reader->at + sizeof key - 1, ',')
                          : NULL;
    if (end != NULL)
        reader->at = end + 1;
    return end != NULL;
}

static void members(struct reader *reader, int indent)
{
    bool first = true;
    reader->at++;
    for (blank(reader); *reader->at == '"' && !reader->bad; blank(reader)) {
        if (indent == 0 && skip_schema(reader))
            continue;
        if (!first || indent == 0)
            fprintf(reader->out, "%*s", indent, "");
        first = false;
        text(reader, true);
        blank(reader);
        expect(reader, ':');
        fputs(":", reader->out);
        value(reader, indent + 2);
        blank(reader);
        if (*reader->at == ',')
            reader->at++;
    }
    expect(reader, '}');
}

static void elements(struct reader *reader, int indent)
{
    bool first = true;
    reader->at++;
    for (blank(reader); *reader->at != ']' && *reader->at != '\0' && !reader->bad; blank(reader)) {
        if (*reader->at == '{') {
            fprintf(reader->out, "%s%*s- ", first ? "\n" : "", indent, "");
            members(reader, indent + 2);
        } else {
            fputs(first ? " " : ", ", reader->out);
            *reader->at == '"' ? text(reader, false) : plain(reader);
        }
        bool was_object = reader->at[-1] == '}';
        first = false;
        blank(reader);
        if (*reader->at == ',')
            reader->at++;
        blank(reader);
        if (*reader->at == ']' && !was_object)
            fputs("\n", reader->out);
    }
    if (first)
        fputs(" none\n", reader->out);
    expect(reader, ']');
}

static void value(struct reader *reader, int indent)
{
    blank(reader);
    if (++reader->depth > DEPTH_MAX)
        reader->bad = true;
    if (reader->bad)
        return;
    if (*reader->at == '{') {
        const char *inside = reader->at + 1 + strspn(reader->at + 1, " \t\r\n");
        if (*inside == '}')
            fputs(" none\n", reader->out);
        else
            fprintf(reader->out, "\n%*s", indent, "");
        members(reader, indent);
    } else if (*reader->at == '[') {
        elements(reader, indent);
    } else {
        fputs(" ", reader->out);
        *reader->at == '"' ? text(reader, false) : plain(reader);
        fputs("\n", reader->out);
    }
    reader->depth--;
}

/* A list at the top: its objects one after the other, parted by an empty line. */
static void paragraphs(struct reader *reader)
{
    expect(reader, '[');
    for (bool first = true; !reader->bad; first = false) {
        blank(reader);
        if (*reader->at != '{')
            break;
        if (!first)
            fputs("\n", reader->out);
        members(reader, 0);
        blank(reader);
        if (*reader->at == ',')
            reader->at++;
    }
    expect(reader, ']');
}

bool tl_cli_show_json(FILE *out, const char *json)
{
    struct reader reader = {.at = json, .out = out};
    blank(&reader);
    if (*reader.at == '[')
        paragraphs(&reader);
    else if (*reader.at == '{')
        members(&reader, 0);
    else
        return false;
    blank(&reader);
    return !reader.bad && *reader.at == '\0';
}
