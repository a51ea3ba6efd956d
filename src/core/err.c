#include "tilth/err.h"

struct row {
    const char *name;
    int exit_code;
    int http;
    const char *text;
};

static const struct row rows[] = {
#define TL_ERR_ROW(name, exit_code, http, text) {#name, exit_code, http, text},
    TL_ERR_LIST(TL_ERR_ROW)
#undef TL_ERR_ROW
};

static const struct row unknown = {"TL_?", 70, 500, "an unknown error"};

static const struct row *row_of(tl_err err)
{
    return (unsigned)err < (unsigned)TL_ERR_COUNT ? &rows[err] : &unknown;
}

const char *tl_err_name(tl_err err)
{
    return row_of(err)->name;
}

const char *tl_err_text(tl_err err)
{
    return row_of(err)->text;
}

int tl_err_exit(tl_err err)
{
    return row_of(err)->exit_code;
}

int tl_err_http(tl_err err)
{
    return row_of(err)->http;
}
