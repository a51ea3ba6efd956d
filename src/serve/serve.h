/**
 * What the files of this room share: the server, one request on its way (tl_call), and the route table's shapes. Routes are data (routes.c): the
 * router, OpenAPI, docs/api.md and the role-matrix test are made from the same array. To add a route: a line in routes.c, its handler
 * in an api_*.c, a schema of its reply in schemas/, a test in tests/serve/.
 */
#ifndef TL_SERVE_SERVE_H
#define TL_SERVE_SERVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/buf.h"
#include "core/core.h"
#include "core/json.h"
#include "core/secret.h"
#include "tilth/project.h"
#include "tilth/serve.h"

struct MHD_Connection;
struct MHD_Daemon;
struct tl_call;

/* Routes. */

enum tl_route_method {
    TL_ROUTE_GET, /* HEAD too */
    TL_ROUTE_POST,
    TL_ROUTE_PATCH,
    TL_ROUTE_DELETE,
    TL_ROUTE_METHODS
};

/** Who may: a set of roles. */
#define TL_ROUTE_MAY(role) (1u << (role))
#define TL_ROUTE_ANYBODY   ((1u << TL_ACCOUNT_ROLES) - 1)
#define TL_ROUTE_STAFF     (TL_ROUTE_ANYBODY & ~TL_ROUTE_MAY(TL_ACCOUNT_GUEST))

/** Where the handler runs. */
enum tl_route_lane {
    TL_ROUTE_HERE,  /* at once, on the thread that has the connection: a few milliseconds */
    TL_ROUTE_WRITE, /* on the one thread that writes, in the order of coming */
    TL_ROUTE_ASK, /* on one of two threads: tens of milliseconds, which must not keep tiles waiting */
    TL_ROUTE_WORK,   /* on a worker: seconds; tiles go on being served meanwhile */
    TL_ROUTE_SECRET, /* on the one thread that hashes passwords: each takes 32 MiB and 0.1 s */
    TL_ROUTE_LANES
};

/** Media type of a body that may have any. */
#define TL_ROUTE_ANY_TYPE "*/*"

/** Types of values in paths and queries. */
enum tl_route_type {
    TL_ROUTE_INTEGER, /* within min..max */
    TL_ROUTE_REAL,    /* within min..max */
    TL_ROUTE_NAME,    /* a-z 0-9 - _ : of kinds, layers, bands; at most 64 */
    TL_ROUTE_CODE, /* letters of any script, digits and . - _ / blank: codes of records; at most 128 bytes */
    TL_ROUTE_TEXT,   /* any UTF-8 without control characters; at most 512 bytes */
    TL_ROUTE_CHOICE, /* one of `choices` */
    TL_ROUTE_BOX,    /* west,south,east,north */
    TL_ROUTE_DATE    /* 2024, 2024-05, 2024-05-31 */
};

struct tl_route_parameter {
    const char *name;
    enum tl_route_type type;
    double min, max;     /* of integers and reals */
    const char *choices; /* "viridis|grey" */
    bool required;
    const char *meaning;
};

enum { TL_ROUTE_PARAMETERS_MAX = 14, TL_ROUTE_PLACES_MAX = 6, TL_ROUTE_SEGMENTS_MAX = 12 };

struct tl_route {
    enum tl_route_method method;
    /* "/api/1/records/{kind}/{code}": a place is a whole segment, or one with a fixed ending ("{y}.png"); its type stands in `places` */
    const char *pattern;
    unsigned roles;
    enum tl_route_lane lane;
    tl_err (*handler)(struct tl_call *call);
    struct tl_route_parameter places[TL_ROUTE_PLACES_MAX];    /* in the path, by name */
    struct tl_route_parameter query[TL_ROUTE_PARAMETERS_MAX]; /* an unknown one is refused */
    int64_t body_max_bytes;                                   /* 0 = no body */
    /* A body that goes elsewhere than to memory: both or neither. Called with a context, before and while it comes. What they refuse is answered when
     * the rest has come; they may have put a reply of their own. */
    tl_err (*body_begin)(struct tl_call *call, int64_t n_bytes); /* -1 = not known */
    tl_err (*body_take)(struct tl_call *call, const void *bytes, int64_t n);
    const char *body; /* media type of the body; NULL = application/json where there is a body */
    const char *body_schema; /* "tilth.login/1", NULL = none */
    const char *reply;       /* schema, or a media type: "application/pdf" */
    const char *summary;     /* one line, without a full stop */
    bool open;               /* POST without a session: no CSRF token is asked for (log-in) */
};

/** The table; `n` routes. */
const struct tl_route *tl_routes(int *n);

/* A request. */

struct tl_call_value {
    const struct tl_route_parameter *parameter;
    const char *text; /* borrows: the call's */
    double number[4];
};

enum {
    TL_CALL_VALUES_MAX = TL_ROUTE_PARAMETERS_MAX + TL_ROUTE_PLACES_MAX,
    TL_CALL_HEADERS_MAX = 6
};

struct tl_call_header {
    const char *name; /* borrows: a constant */
    char *value;      /* owns */
};

/** What is answered. */
struct tl_call_reply {
    int status;
    const char *type; /* borrows: a constant */
    void *bytes;      /* owns, unless is_static */
    int64_t n_bytes;
    bool is_static;              /* bytes outlive the server */
    bool has_file;               /* the bytes are a file's: n_bytes of `file` */
    int file;                    /* owns */
    void (*release)(void *hold); /* bytes are another's, which this gives back; NULL = not so */
    void *hold;
    int n_headers;
    struct tl_call_header headers[TL_CALL_HEADERS_MAX];
};

/** Who asks. */
struct tl_call_person {
    enum tl_account_role role;
    bool is_local;                    /* the one person of a server without accounts */
    char name[TL_ACCOUNT_NAME_BYTES]; /* "" = a guest */
    char csrf[TL_SECRET_HEX];         /* "" = a guest */
    char session[TL_SECRET_HEX];      /* hash of the session's token */
};

struct tl_call {
    struct tl_serve *serve;       /* borrows */
    struct tl_seat *seat;         /* borrows: while a handler runs */
    struct tl_ctx *ctx;           /* borrows: the seat's */
    const struct tl_route *route; /* borrows: NULL = a page or nothing */
    enum tl_route_method method;
    bool is_head;
    char *uri;      /* owns: raw, as it came; cut in place into segments and values */
    char path[512]; /* decoded, for pages and messages */
    int n_values;
    struct tl_call_value values[TL_CALL_VALUES_MAX];
    struct tl_call_person person;
    struct tl_buf body;
    int64_t body_bytes; /* that have come */
    bool
        drops_body; /* refused, but by nobody's fault: the rest is read, so that the reply arrives */
    struct tl_upload_inflow *inflow; /* owns: the body, where it goes to a file */
    json_t *json;                    /* owns: the body, where it is JSON */
    struct tl_call_reply reply;
    char language[8]; /* "en", or one of the catalogues built in */
    char if_none_match[160], if_match[160];
    bool wants_job;         /* Prefer: respond-async, */
    double wait_s;          /* and wait=: how long it would rather wait for the reply itself */
    char *basic;            /* owns: an Authorization header that is not checked yet; NULL = none */
    char content_type[120]; /* of the body; "" = none was given */
    double began_s;
    char address[64]; /* of the client, for rates */
    /* for server.c and lane.c */
    struct MHD_Connection *connection;
    struct tl_serve_peer *peer; /* borrows: the connection's entry */
    int state;                  /* enum of server.c; handed over with the connection */
    struct tl_job *job;         /* borrows: the call works for a job and has no connection */
    struct tl_call *next;       /* in a queue */
};

/** Value of a place or a query parameter; NULL (or the fallback) when it was not given. */
const char *tl_call_text(const struct tl_call *call, const char *name);
double tl_call_number(const struct tl_call *call, const char *name, double fallback);
int64_t tl_call_integer(const struct tl_call *call, const char *name, int64_t fallback);
/** Four numbers of a box; NULL when it was not given. */
const double *tl_call_box(const struct tl_call *call, const char *name);

/** The project as this thread has it open, opened anew where the file was replaced. Errors: those of tl_project_open. */
TL_MUST_USE tl_err tl_call_project(struct tl_call *call, struct tl_project **project);

/** Answers with JSON; steals `json`. */
TL_MUST_USE tl_err tl_call_json(struct tl_call *call, int status, json_t *json);
/** Answers with text that is JSON already (allocated by tl_alloc); steals it. */
TL_MUST_USE tl_err tl_call_text_json(struct tl_call *call, int status, char *text);
/** Answers with bytes of a media type (allocated by tl_alloc); steals them. */
void tl_call_bytes(struct tl_call *call, int status, const char *type, void *bytes, int64_t n);
/** Adds a header. `name` is a constant; control characters in the value are TL_EBUG. */
TL_MUST_USE tl_err tl_call_header(struct tl_call *call, const char *name, const char *format, ...)
    TL_PRINTF(3, 4);
/** Sets a strong ETag; true = the client has it already and the reply is 304: nothing more is to be done. */
TL_MUST_USE tl_err tl_call_etag(struct tl_call *call, const char *etag, bool *same);
/** Answers with an error as JSON, with the status of the error list or another (0 = of the list). Never fails. */
void tl_call_fail(struct tl_call *call, tl_err err, int status, const char *message);
/** Frees or gives back the reply's bytes. */
void tl_call_drop_bytes(struct tl_call_reply *reply);
void tl_call_reply_fini(struct tl_call_reply *reply);
void tl_call_free(struct tl_call *call); /* NULL is fine */

/* The body, where it is JSON: reading members with messages that name them. An absent member leaves the output as it was. */
TL_MUST_USE tl_err tl_call_member_text(struct tl_call *call, const char *name, bool required,
                                       int64_t max_bytes, const char **text);
TL_MUST_USE tl_err tl_call_member_integer(struct tl_call *call, const char *name, bool required,
                                          int64_t min, int64_t max, int64_t *value);
TL_MUST_USE tl_err tl_call_member_number(struct tl_call *call, const char *name, bool required,
                                         double min, double max, double *value);
TL_MUST_USE tl_err tl_call_member_yesno(struct tl_call *call, const char *name, bool *value);
/** One of choices "a|b|c". */
TL_MUST_USE tl_err tl_call_member_choice(struct tl_call *call, const char *name, bool required,
                                         const char *choices, const char **text);
/** An unknown member is refused with its name. `names` ends with NULL. */
TL_MUST_USE tl_err tl_call_members(struct tl_call *call, const char *const *names);

/* Seats: what a thread needs while it answers: a context and the project, open for reading. */

/** What tells one file from another that took its place, and one state of it from the next. */
struct tl_seat_stamp {
    uint64_t device, inode, size, time_ns; /* of the project's file */
    uint64_t log_size, log_time_ns;        /* of a -wal beside it, 0 = none */
};

struct tl_seat {
    struct tl_ctx *ctx;         /* owns */
    struct tl_project *project; /* owns: NULL = not open */
    uint64_t device, inode;     /* of the file that is open */
    struct tl_seat *next;
};

/** A free seat, or a new one; NULL without memory. */
struct tl_seat *tl_seat_take(struct tl_serve *serve);
void tl_seat_give(struct tl_serve *serve, struct tl_seat *seat);
void tl_seat_free_all(struct tl_serve *serve);
/** Stamp of the project's file now. Errors: TL_ENOTFOUND (gone). */
TL_MUST_USE tl_err tl_seat_stamp(struct tl_ctx *ctx, const char *path, struct tl_seat_stamp *stamp);
bool tl_seat_stamp_same(const struct tl_seat_stamp *a, const struct tl_seat_stamp *b);

/**
 * Opens the project for writing in the name of whoever asks. One writer at a time: to be ended by tl_seat_end_write, whatever happens.
 * Errors: those of tl_project_open (then nothing is to be ended).
 */
TL_MUST_USE tl_err tl_seat_begin_write(struct tl_call *call, struct tl_project **project);
void tl_seat_end_write(struct tl_call *call, struct tl_project *project);

/* Lanes: threads that work while their connection sleeps. */

struct tl_lane {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct tl_call *first, *last; /* borrows: waiting */
    int n_waiting, max_waiting;
    int n_threads;
    pthread_t threads[4];
    struct tl_ctx *busy[4]; /* borrows: contexts at work, to be cancelled at the end */
    bool ends;
    struct tl_serve *serve;
};

TL_MUST_USE tl_err tl_lane_open(struct tl_ctx *ctx, struct tl_serve *serve, struct tl_lane *lane,
                                int n_threads, int max_waiting);
/** False when too many wait already; else the call belongs to the lane until tl_server_done(call). */
bool tl_lane_put(struct tl_lane *lane, struct tl_call *call);
void tl_lane_close(struct tl_lane *lane);

/** Runs the call's handler and makes an error of it where it fails. */
void tl_server_run(struct tl_call *call);
/** Whether the caller's role may; where it may not, the reply says so. */
TL_MUST_USE tl_err tl_server_check_role(struct tl_call *call);
/**
 * Checks a name and a password, with the limits on tries: *token is a new session. TL_EDENIED: the reply says so (401, 429).
 * Errors: TL_EDENIED, those of tl_account_login.
 */
TL_MUST_USE tl_err tl_server_log_in(struct tl_call *call, const char *name, const char *password,
                                    char token[TL_SECRET_HEX]);
/** The lane is done with a call. */
void tl_server_done(struct tl_call *call);
/** Sets the session's cookie; 0 seconds take it away. */
TL_MUST_USE tl_err tl_server_cookie(struct tl_call *call, const char *token, int lasts_s);

/* The server. */

enum {
    TL_SERVE_PEERS_MAX = 512,    /* connections in all; */
    TL_SERVE_PEERS_OF_ONE = 256, /* from one address that is not this machine's own, */
    TL_SERVE_PEERS_SPARE = 64,   /* and beyond these as many are told 503 */
    TL_SERVE_PORT = 8640
};

/** A connection, so that one that never completes a request can be cut. */
struct tl_serve_peer {
    int socket;
    double since_s;  /* of the last complete request, or of its beginning */
    int64_t n_bytes; /* of the body that is coming */
    bool is_answering;
    bool is_over;     /* there were too many when it came: it is told so and closed */
    char address[64]; /* as of a call; "" = this machine's own */
    struct tl_serve_peer *next, *before;
};

struct tl_serve {
    char *project, *pages, *name; /* owns */
    bool https, is_loopback;
    char host[64]; /* address it listens on, as in a URL */
    int port, socket;
    char address[256];
    char cookie[32]; /* its name */
    struct MHD_Daemon *daemon;
    struct tl_account_book *book; /* owns */
    struct tl_reads *reads;       /* owns */
    struct tl_opened *opened;     /* owns: keys of personal details, by session */
    struct tl_tiles *tiles;       /* owns */
    struct tl_basemap *basemap;   /* owns: NULL = only the one that is built into the pages */
    struct tl_cases *cases;       /* owns: assessments that were asked for */
    struct tl_asks *asks;         /* owns */
    struct tl_jobs *jobs;         /* owns */
    struct tl_basic *basic;       /* owns: sessions of GIS programs */
    struct tl_uploads *uploads;   /* owns */
    struct tl_apart *apart;       /* owns: a copy of the project, to try imports on */
    struct tl_limit *limit;       /* owns: rates of log-ins */
    struct tl_langs *langs;       /* owns: languages to answer in */
    struct tl_lane lanes[TL_ROUTE_LANES];
    pthread_mutex_t seats_lock;
    struct tl_seat *seats; /* owns: free ones */
    pthread_mutex_t write_lock;
    pthread_mutex_t peers_lock;
    struct tl_serve_peer *peers;
    int n_threads; /* of a piece of work */
    tl_warn_fn warn;
    struct tl_ctx *ctx; /* borrows: whoever opened it, for warnings */
};

#endif
