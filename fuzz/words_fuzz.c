/*
 * Fuzzer of what people type behind an option: lengths, shares, targets, passes. What must hold for any words: no crash, what is refused
 * has a message, and what is taken lies in the range that its type promises.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_type(enum tl_cli_type type, const char *text)
{
    double number[TL_CLI_NUMBERS] = {0};
    char message[TL_CLI_MESSAGE_BYTES] = "";
    if (!tl_cli_units_parse(type, text, number, message)) {
        must(message[0] != '\0');
        return;
    }
    switch (type) {
    case TL_CLI_LENGTH:
    case TL_CLI_AREA:
    case TL_CLI_TIME:
    case TL_CLI_SIZE:
    case TL_CLI_PACE:
        must(number[0] > 0 && isfinite(number[0]));
        break;
    case TL_CLI_DENSITY:
        must(number[0] >= 0 && isfinite(number[0]));
        break;
    case TL_CLI_SHARE:
        must(number[0] >= 0 && number[0] <= 1);
        break;
    case TL_CLI_TARGET:
        must(isfinite(number[0]) && number[1] > 0 && number[0] >= number[1] && !isinf(number[2]));
        break;
    case TL_CLI_LENGTH_PRIOR:
    case TL_CLI_NUMBER_PRIOR:
        must(number[0] > 0 && number[1] > 0 && number[1] < 1);
        break;
    default:
        must(isfinite(number[0]));
    }
}

static void check_written(double value)
{
    char text[32];
    if (!(value >= 0))
        return;
    must(strlen(tl_cli_units_length(value, text)) < sizeof text);
    must(strlen(tl_cli_units_area(value, text)) < sizeof text);
    must(strlen(tl_cli_units_bytes(value, text)) < sizeof text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum tl_cli_type types[] = {
        TL_CLI_INTEGER,      TL_CLI_REAL,         TL_CLI_LENGTH, TL_CLI_AREA,   TL_CLI_TIME,
        TL_CLI_SIZE,         TL_CLI_PACE,         TL_CLI_SHARE,  TL_CLI_TARGET, TL_CLI_DENSITY,
        TL_CLI_LENGTH_PRIOR, TL_CLI_NUMBER_PRIOR, TL_CLI_NORMAL};
    char *text = malloc(size + 1);
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        check_type(types[i], text);
    check_written(strtod(text, NULL));
    free(text);
    return 0;
}
