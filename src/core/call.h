/*
 * One call: the request, what the steps of the pipeline have read from it, and the answer.
 *
 * The server fills `request`, runs the pipeline and sends `answer`. Everything is in the call's arena, which
 * the server owns.
 */
#ifndef VIRGA_CORE_CALL_H
#define VIRGA_CORE_CALL_H

#include "base/stream.h"
#include "core/world.h"
#include "wire/form.h"
#include "wire/request.h"
#include "wire/tc3.h"

enum { REQUEST_ID_CHARS = 36 };

/* What virga accepted although the real gateway might reject it; bits of call.leniencies. */
enum leniency { LENIENT_HOST = 1, LENIENT_QUERY = 2, LENIENT_SERVICE = 4 };

/* The common parameters, from headers (version 3) or from query or form (version 1); p == NULL where absent.
 */
struct common {
    struct str action, version, region, timestamp, token, language;
    struct str secret_id, nonce, signature; /* version 1 only; version 3 has them in `auth` */
};

/* The number of calls under a rate limit in this second. */
struct call_count {
    const char *whose; /* "of this action under this SecretId"; NULL: no limit rejected the call */
    int64_t calls, most;
};

/* A known cause of a rejection, in words for users. Static. */
struct finding {
    struct str id;               /* "sig.host-port" */
    struct str cause[2], fix[2]; /* by LANG_EN, LANG_ZH; fix with p == NULL: none is known */
};

enum { FINDINGS_MAX = 2 };
struct findings {
    const struct finding *v[FINDINGS_MAX];
    size_t n;
};

/* Why a call was rejected, beyond its answer: an id, or the ids of two mistakes, and a sentence. */
struct explanation {
    struct str cause, evidence;
    struct findings findings; /* of a diagnosis; n == 0: the evidence is in English only */
};

struct call {
    struct world *world;
    struct arena *arena;
    struct request request;
    int64_t start_ns; /* clock_mono_ns when the call was complete */

    /* Found by the steps, in this order. */
    const struct product *product; /* the one that the call is for; the default product until it is known */
    bool v1;          /* no Authorization header: parameters and signature are in query or form */
    struct form form; /* version 1: all of it; a version 3 GET: the query */
    struct common common;
    int64_t timestamp; /* seconds */
    struct tc3_authorization auth;
    const struct credential *credential;
    const struct action *action;
    void *in, *out; /* structs of action->in and action->out */

    /* The end of the call. */
    enum error_id error; /* ERR_NONE: done */
    struct str own_code; /* with ERR_UNDOCUMENTED: the code of the fault rule */
    struct str message;  /* with error, in the caller's language */
    struct str english;  /* the same for the log, which has one language; p == NULL: message is */
    const char *failed_step;
    unsigned leniencies;        /* bits of enum leniency */
    struct str unread;          /* parameters that it gave and the handler did not use, with blanks between */
    struct fault_effect effect; /* what a fault does to the call; zero: nothing */
    struct str injected;        /* the source of the effect: "fault 3", or "magic" and its id; p == NULL:
                                 * none */
    bool changed;               /* wrote to the store: the answer waits until the change is durable */
    char request_id[REQUEST_ID_CHARS];

    /* The response, set by call_answer. */
    struct str answer;     /* the body */
    struct stream *stream; /* makes what follows `answer`, while it is sent; NULL: that is the whole body */
    const char *content_type;
    int http_status;  /* 0: the connection closes without a response */
    int64_t delay_ms; /* the delay before it is sent */
    bool truncated;   /* only the first `truncate_bytes` of the body are sent, then the connection closes */
    uint64_t truncate_bytes;

    /* For a download: the name of the file, and the part of it in the answer, as in Content-Range; p == NULL:
     * no file, or the whole file. */
    struct str file_name, file_range;

    /* For the log and the user; p == NULL: there is no explanation. */
    struct explanation explanation;
    /* For a rejected signature: the texts that virga signed itself, without secrets; p == NULL when it signed
     * none. */
    struct str own_canonical, own_string;

    /* The rule of the schema that rejected a parameter, and the parameter's path. NULL: none. A path without
     * a rule names a parameter of a wrong form. */
    const struct shape_rule *refused_rule;
    struct str refused_path;
    struct str key_as_id;      /* a SecretKey that was sent as the SecretId; p == NULL: none */
    struct call_count refused; /* the rate limit that rejected the call */
};

/* Prepares *c for its request, with a new RequestId from the world. */
void call_init(struct call *c, struct world *w, struct arena *a);

/* True when the client asks for Chinese; texts for people are in English otherwise. */
bool call_in_chinese(const struct call *c);

/* The SecretId as the client sent it, in either version of the signature. */
struct str call_secret_id(const struct call *c);

/* Whether version 1 has this key beside the parameters of the action. */
bool call_is_common_param(struct str key);

/* Texts for the places {0}, {1}, {2} of an error's message. */
#define ARGS(...)                                                                                            \
    ((const struct str[]){__VA_ARGS__}), sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)

/* Fails the call for a mistake of the client: sets the error and its message in the client's language. Always
 * -1, so that a step or a handler can `return call_fail(c, ERR_X)`. The first error of a call wins: a second
 * one is a bug and asserts. */
int call_fail(struct call *c, enum error_id id);
/* The same with texts for the places. InternalError has its own text for {0} and ignores `args`. */
int call_fail_with(struct call *c, enum error_id id, const struct str *args, size_t n_args);

/* The same, with an explanation that the answer does not have: an id, which must be a constant, and a
 * sentence. The sentence may quote the client: it is cut and made safe to print. */
int call_fail_explained(struct call *c, enum error_id id, const char *problem, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Notes that the call gave a parameter which changes nothing beside the others: for the journal. `parameter`
 * is a constant. */
void call_unread(struct call *c, bool given, const char *parameter);

/* The code of the call's error, as on the wire; empty without an error. */
struct str call_code(const struct call *c);

/* Whether the call's action declares the code. */
bool call_declares(const struct call *c, enum error_id id);
/* The first of the codes that the call's action declares; the gateway's InternalError, which every action may
 * answer, when it declares none. */
enum error_id call_first_declared(const struct call *c, const enum error_id *ids, size_t n);

/* stmt_step: 1 for a row, 0 at the end, -1 after failing the call. */
int call_step(struct call *c, struct stmt *s);

/* Binds the parameters :account and :region of a statement to the caller's. */
void call_bind_owner(const struct call *c, struct stmt *s);

/* The store failed (the last failure of `world->db`): logs the cause and fails the call with the product's
 * most fitting code that the action declares, or with InternalError. Always -1. */
int call_fail_store(struct call *c);
/* The same for a failure elsewhere; `problem` is for the log. */
int call_fail_fault(struct call *c, enum db_fault fault, const char *problem);

/* Makes the response: the envelope from c->error, or from c->action and c->out, and what c->effect does to
 * it. */
void call_answer(struct call *c);

/* Writes one log line about a finished call. */
void call_log(const struct call *c);
/* The same about a download with this HTTP status. */
void call_log_download(const struct call *c, int status);
/* The end of every call: writes its log line and records it in the journal. */
void call_record(const struct call *c, int http_status);

#endif
