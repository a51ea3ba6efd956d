#include "simulate/table.h"

#include <string.h>

#include "core/buf.h"
#include "core/json.h"

tl_err tl_table_add(struct tl_ctx *ctx, struct tl_table *table, const char *const *values)
{
    tl_err err = TL_OK;
    if (table->n_rows == table->room) {
        int64_t room = table->room < 64 ? 64 : 2 * table->room;
        char **cells = tl_regrow(ctx, table->cells, table->n_rows * table->n_columns,
                                 room * table->n_columns, sizeof *cells);
        if (cells == NULL)
            return TL_ENOMEM;
        table->cells = cells;
        table->room = room;
    }
    for (int c = 0; c < table->n_columns; c++)
        table->cells[table->n_rows * table->n_columns + c] = NULL;
    table->n_rows++;
    for (int c = 0; c < table->n_columns; c++)
        TL_TRY(tl_table_set(ctx, table, table->n_rows - 1, c, values[c]));
done:
    return err;
}

int tl_table_column(const struct tl_table *table, const char *name)
{
    for (int c = 0; c < table->n_columns; c++)
        if (strcmp(table->columns[c], name) == 0)
            return c;
    return -1;
}

const char *tl_table_get(const struct tl_table *table, int64_t row, int column)
{
    const char *text = table->cells[row * table->n_columns + column];
    return text == NULL ? "" : text;
}

tl_err tl_table_set(struct tl_ctx *ctx, struct tl_table *table, int64_t row, int column,
                    const char *text)
{
    char *copy = NULL;
    if (text != NULL && text[0] != '\0') {
        copy = tl_strdup(ctx, text);
        if (copy == NULL)
            return TL_ENOMEM;
    }
    char **cell = &table->cells[row * table->n_columns + column];
    tl_free(*cell);
    *cell = copy;
    return TL_OK;
}

const char *const *tl_table_row(const struct tl_table *table, int64_t row)
{
    return (const char *const *)&table->cells[row * table->n_columns];
}

static tl_err add_cell(struct tl_ctx *ctx, struct tl_buf *buf, const char *text, const char *after)
{
    tl_err err = TL_OK;
    if (text != NULL && strpbrk(text, ",\"\n") != NULL) {
        TL_TRY(tl_buf_add(ctx, buf, "\""));
        for (const char *c = text; *c != '\0'; c++)
            TL_TRY(tl_buf_add_bytes(ctx, buf, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1));
        TL_TRY(tl_buf_add(ctx, buf, "\""));
    } else if (text != NULL) {
        TL_TRY(tl_buf_add(ctx, buf, text));
    }
    TL_TRY(tl_buf_add(ctx, buf, after));
done:
    return err;
}

tl_err tl_table_csv(struct tl_ctx *ctx, const struct tl_table *table, const char *path)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    int last = table->n_columns - 1;
    for (int c = 0; c <= last; c++)
        TL_TRY(add_cell(ctx, &buf, table->columns[c], c < last ? "," : "\n"));
    for (int64_t row = 0; row < table->n_rows; row++)
        for (int c = 0; c <= last; c++)
            TL_TRY(add_cell(ctx, &buf, tl_table_get(table, row, c), c < last ? "," : "\n"));
    TL_TRY(tl_file_write(ctx, path, buf.text, buf.size_bytes));
done:
    tl_buf_fini(&buf);
    return err;
}

void tl_table_fini(struct tl_table *table)
{
    for (int64_t k = 0; k < table->n_rows * table->n_columns; k++)
        tl_free(table->cells[k]);
    tl_free(table->cells);
    *table = (struct tl_table){0};
}
