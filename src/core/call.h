/*
 * One call: what came in, what the steps have found out about it, and what goes out.
 *
 * The server fills `request`, runs the pipeline and sends `answer`. Everything lives in the call's arena,
 * which the server owns.
 */
#ifndef VIRGA_CORE_CALL_H
#define VIRGA_CORE_CALL_H

#include "core/world.h"
#include "wire/form.h"
#include "wire/request.h"
#include "wire/tc3.h"

enum { REQUEST_ID_CHARS = 36 };

/* What a call needed that the real gateway might not have given; bits of call.leniencies. */
enum leniency { LENIENT_HOST = 1, LENIENT_QUERY = 2, LENIENT_SERVICE = 4 };

/* The common parameters, from headers (version 3) or from query or form (version 1); p == NULL where absent.
 */
struct common {
    struct str action, version, region, timestamp, token, language;
    struct str secret_id, nonce, signature; /* version 1 only; version 3 has them in `auth` */
};

/* How often a limit's calls were made in this second. */
struct call_count {
    const char *whose; /* "CreateBackup under this SecretId"; NULL: no limit refused it */
    int64_t calls, most;
};

struct explanation {
    struct str cause, evidence;
};

struct call {
    struct world *world;
    struct arena *arena;
    struct request request;
    int64_t start_ns; /* clock_mono_ns when the call was complete */

    /* Found by the steps, in this order. */
    bool v1;          /* no Authorization header: parameters and signature are in query or form */
    struct form form; /* version 1: all of it; a version 3 GET: the query */
    struct common common;
    int64_t timestamp; /* seconds */
    struct tc3_authorization auth;
    const struct credential *credential;
    const struct action *action;
    void *in, *out; /* structs of action->in and action->out */

    /* How it ended. */
    enum error_id error; /* ERR_NONE: done */
    struct str message;  /* with error, in the caller's language */
    struct str english;  /* the same for the log, which has one language; p == NULL: message is */
    const char *failed_step;
    unsigned leniencies;        /* bits of enum leniency */
    struct fault_effect effect; /* what a fault does to the call; zero: nothing */
    struct str injected;        /* by which: "fault 3", "magic mssql-failback"; p == NULL: by none */
    bool changed;               /* wrote to the store: the answer must wait until that is durable */
    char request_id[REQUEST_ID_CHARS];

    /* The response, set by call_answer. */
    struct str answer; /* the body */
    const char *content_type;
    int http_status;  /* 0: the connection closes without a response */
    int64_t delay_ms; /* how much later it is sent */
    bool truncated;   /* only the first `truncate_bytes` of the body are sent, then the connection closes */
    uint64_t truncate_bytes;

    /* Of a call that is a download, in place of an answer of the API: the file, and which part of it the
     * answer holds, as Content-Range tells it; p == NULL: no file, the whole of it. */
    struct str file_name, file_range;

    /* What is known about a refusal beyond its answer, for the log and the user (core/why.h, the doctor): an
     * id, or the ids of two mistakes, and a sentence. p == NULL: nothing was looked for. */
    struct explanation explanation;
    /* Of a refused signature: what virga has signed itself, without secrets; p == NULL where it did not. */
    struct str own_canonical, own_string;

    /* Which rule of the schema refused which parameter; the service's own text does not tell. NULL: none. A
     * path without a rule is that of a parameter whose form is wrong. */
    const struct shape_rule *refused_rule;
    struct str refused_path;
    struct str refused_id;     /* the instance that was not found */
    struct str key_as_id;      /* the SecretKey that came where a SecretId belongs; p == NULL: none */
    struct call_count refused; /* by which limit */
};

/* Makes *c ready for its request. Takes a fresh RequestId from the world. */
void call_init(struct call *c, struct world *w, struct arena *a);

/* Texts for people are English unless the caller asks for Chinese. */
bool call_in_chinese(const struct call *c);

/* Texts for the places {0}, {1}, {2} of an error's message. */
#define ARGS(...)                                                                                            \
    ((const struct str[]){__VA_ARGS__}), sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)

/* The client's kind of wrong: sets the error and its message in the caller's language. Always -1, so that a
 * step or a handler can `return call_fail(c, ERR_X)`. The first error of a call wins: a second one is a bug
 * and asserts. */
int call_fail(struct call *c, enum error_id id);
/* The same with texts for the places. InternalError has a text of its own for {0}, which is put in whatever
 * `args` are. */
int call_fail_with(struct call *c, enum error_id id, const struct str *args, size_t n_args);

/* The same, with a reason that the answer does not tell (`why` and `why_text` above): an id, which is kept,
 * and a sentence. What the sentence quotes may come from the client: it is cut and made safe to print. */
int call_fail_explained(struct call *c, enum error_id id, const char *problem, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The store's kind of wrong (the last failure of `world->db`): logs its cause and fails with the code among
 * those the action declares that fits best. Always -1. */
int call_fail_store(struct call *c);
/* The same for a failure that was met elsewhere; `why` is for the log. */
int call_fail_fault(struct call *c, enum db_fault fault, const char *problem);

/* Makes the response: the envelope from c->error, or from c->action and c->out, and what c->effect does to
 * it. */
void call_answer(struct call *c);

/* One log line about a finished call. */
void call_log(const struct call *c);
/* The same about a download that ended with this HTTP status. */
void call_log_download(const struct call *c, int status);
/* The end of every call: its log line and its place in the journal. */
void call_record(const struct call *c, int http_status);

#endif
