/** The tables behind the fans, as further pages of the same document. For this room. */
#ifndef TL_REPORT_FAN_TABLES_H
#define TL_REPORT_FAN_TABLES_H

#include "report/flow.h"
#include "tilth/forecast.h"

enum {
    TL_FAN_TABLES_ROWS = 256, /* at least the figures of a scenario */
    TL_FAN_TABLES_COLUMNS = 10,
    TL_FAN_TABLES_BYTES = 128,
    TL_FAN_TABLES_YEARS = 12 /* rows of years */
};

struct tl_fan_tables {
    struct tl_flow flow;               /* open: the tables go on from there */
    const struct tl_forecast *f;       /* borrows */
    char (*text)[TL_FAN_TABLES_BYTES]; /* owns: [ROWS * COLUMNS] */
    const char **cells;                /* owns: the same */
};

TL_MUST_USE tl_err tl_fan_tables_init(struct tl_ctx *ctx, const struct tl_forecast *forecast,
                                      struct tl_fan_tables *tables);
void tl_fan_tables_fini(struct tl_fan_tables *tables);

/** Draws them from the flow's place on. */
void tl_fan_tables_draw(struct tl_fan_tables *tables);

/** Years of the rows, from 0: first and last, and round ones between. @return their number, at most TL_FAN_TABLES_YEARS */
int tl_fan_tables_years(int64_t start, int64_t n_years, int64_t years[TL_FAN_TABLES_YEARS]);

/** Ten thousand and more is told in thousands, millions or thousand millions: the unit and its words, "" = 1. */
double tl_fan_tables_unit(double top, const char **words);

/** A number in a unit: "0", "<0.001", "12.3", "1,230". `text` at least 40 bytes; returned. */
char *tl_fan_tables_number(double value, double unit, char *text);

#endif
