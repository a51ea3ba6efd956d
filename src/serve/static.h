/** The pages: those built into the program, or a folder of them. */
#ifndef TL_SERVE_STATIC_H
#define TL_SERVE_STATIC_H

#include "serve/serve.h"

/** Answers a GET of a page. A path without an ending that is no page is the application's own ("/areas/HA-0001"): it gets "/". */
TL_MUST_USE tl_err tl_static_answer(struct tl_call *call);

#endif
