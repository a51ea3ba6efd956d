/** A record as it stands in the body of a request, made ready for tilth/entry.h. */
#ifndef TL_SERVE_FORM_H
#define TL_SERVE_FORM_H

#include "serve/serve.h"
#include "tilth/entry.h"

enum { TL_FORM_NUMBER_BYTES = 40 };

/** What it was given; texts borrow the call's JSON. */
struct tl_form {
    struct tl_entry_given given;
    char numbers[TL_RECORD_COLUMNS_MAX][TL_FORM_NUMBER_BYTES];
    void *wkb; /* owns */
};

/**
 * Reads call->json: id, columns, geometry, position, remarks, accuracy_m, outside_is_ok.
 * @param members  those that it may have, these and others; ends with NULL
 * @param form     zeroed; to be ended by tl_form_fini, whatever happens
 * Errors: TL_EUSAGE (another member, no such column, a value that is none), TL_EDATA (geometry), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_form_read(struct tl_call *call, enum tl_kind kind, const char *const *members,
                                struct tl_form *form);
void tl_form_fini(struct tl_form *form);

#endif
