/** The handlers of the API's routes, one file a subject. */
#ifndef TL_SERVE_API_H
#define TL_SERVE_API_H

#include "serve/serve.h"

/* api_session.c */
tl_err tl_api_session_get(struct tl_call *call);
tl_err tl_api_session_post(struct tl_call *call);
tl_err tl_api_session_delete(struct tl_call *call);

/* api_project.c */
tl_err tl_api_project(struct tl_call *call);

#endif
