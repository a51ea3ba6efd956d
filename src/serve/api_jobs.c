/* Work that goes on: how far it is, its reply, and cancelling it. */
#include "serve/api.h"
#include "serve/jobs.h"

tl_err tl_api_job(struct tl_call *call)
{
    return tl_jobs_answer(call, tl_call_text(call, "job"));
}

tl_err tl_api_job_cancel(struct tl_call *call)
{
    tl_jobs_cancel(call, tl_call_text(call, "job"));
    return tl_call_json(call, 200,
                        json_pack("{s:s, s:s, s:b, s:n, s:s}", "schema", "tilth.job/1", "id",
                                  tl_call_text(call, "job"), "done", 1, "share", "words", ""));
}
