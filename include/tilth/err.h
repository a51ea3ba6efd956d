/** Errors: one list makes the enum, the names, the texts, the exit codes, the HTTP status and the manual's table. */
#ifndef TILTH_ERR_H
#define TILTH_ERR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TL_MUST_USE          __attribute__((warn_unused_result))
#define TL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TL_MUST_USE
#define TL_PRINTF(fmt, args)
#endif

/*        name          exit http  one-line meaning */
#define TL_ERR_LIST(X)                                                                             \
    X(TL_OK, 0, 200, "success")                                                                    \
    X(TL_EUSAGE, 2, 400, "the command or an argument is not valid")                                \
    X(TL_EDATA, 3, 422, "input is malformed or out of range")                                      \
    X(TL_ENOTFOUND, 4, 404, "no such file, project, layer, column, area or record")                \
    X(TL_EEXISTS, 5, 409, "the output exists already and --overwrite was not given")               \
    X(TL_EIO, 6, 500, "a file could not be read or written (permissions, full disk)")              \
    X(TL_ELOCKED, 7, 423, "the project is being written by another program")                       \
    X(TL_EREADONLY, 8, 403, "the project may only be read")                                        \
    X(TL_EVERSION, 9, 409, "the project was made by another version of the program")               \
    X(TL_ENOMEM, 10, 507, "the work needs more memory than there is")                              \
    X(TL_ENUMERIC, 11, 500, "the computation did not converge")                                    \
    X(TL_EINTEGRITY, 12, 409, "a check found that data were altered, removed or contradict")       \
    X(TL_EUNBUILT, 13, 501, "this part of the program is not built yet")                           \
    X(TL_EDENIED, 14, 403, "the role may not do this")                                             \
    X(TL_ECONFLICT, 15, 409, "what this rests on has changed meanwhile")                           \
    X(TL_EBUG, 70, 500, "a defect of the program itself")                                          \
    X(TL_ECANCELLED, 130, 499, "stopped on request; nothing was changed")

typedef enum tl_err {
#define TL_ERR_ENUM(name, exit_code, http, text) name,
    TL_ERR_LIST(TL_ERR_ENUM)
#undef TL_ERR_ENUM
        TL_ERR_COUNT
} tl_err;

/** Name of an error ("TL_EDATA"); "TL_?" for a value outside the list. Errors: none. Allocates: no. */
const char *tl_err_name(tl_err err);

/** One-line meaning of an error. Errors: none. Allocates: no. */
const char *tl_err_text(tl_err err);

/** Exit code of the command-line program for an error. */
int tl_err_exit(tl_err err);

/** HTTP status for an error. */
int tl_err_http(tl_err err);

#ifdef __cplusplus
}
#endif
#endif
