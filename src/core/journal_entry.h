/*
 * One call as the journal keeps it: numbers and texts in one piece of memory, without secrets.
 *
 * Nothing is built here that nobody may ask for: parameters are decoded again from the kept text when they
 * are wanted. Texts are what the client sent and need not be UTF-8.
 */
#ifndef VIRGA_CORE_JOURNAL_ENTRY_H
#define VIRGA_CORE_JOURNAL_ENTRY_H

#include "core/call.h"

enum journal_entry_text {
    ENTRY_ACTION,
    ENTRY_VERSION,
    ENTRY_REGION,
    ENTRY_SECRET_ID,
    ENTRY_TRACE,  /* X-TC-TraceId */
    ENTRY_CLIENT, /* RequestClient, which SDKs fill with their name and version */
    ENTRY_LANGUAGE,
    ENTRY_METHOD,
    ENTRY_TARGET,
    ENTRY_HEADERS, /* lines of name, ':', value; see journal_entry_next_header */
    ENTRY_BODY,
    ENTRY_INJECTED, /* the fault that had a hand in it; empty: none */
    ENTRY_MESSAGE,
    ENTRY_ANSWER,
    ENTRY_WHY, /* of a refused call what is known beyond its answer, as in struct call */
    ENTRY_WHY_TEXT,
    ENTRY_PATH,      /* the parameter that was refused */
    ENTRY_CANONICAL, /* what virga has signed itself; empty when it is long */
    ENTRY_STRING_TO_SIGN,
    ENTRY_TEXTS
};

struct journal_entry {
    uint64_t serial; /* 1, 2, ... in the order of the calls' ends; set by the journal */
    size_t size;     /* all of it, in bytes */
    char request_id[REQUEST_ID_CHARS];
    bool v1, tls;
    const struct product *product;
    int http_status;
    int64_t real_ms, service_ms; /* of its end */
    int64_t duration_us;
    const struct action *action;   /* NULL: none that is known */
    enum error_id error;           /* ERR_NONE: done */
    const char *failed_step;       /* NULL: it was done */
    const struct shape_rule *rule; /* of the schema, that refused it; NULL: none */
    struct findings findings;      /* as in struct explanation */
    unsigned leniencies;
    int64_t flow_id;         /* that was answered; 0: none */
    size_t body_n, answer_n; /* before they were cut */
    struct {
        uint32_t at, n;
    } texts[ENTRY_TEXTS];
    char bytes[];
};

/* Of a finished call; from the heap, to be given to free(). */
struct journal_entry *journal_entry_new(const struct call *c, int http_status);

struct str journal_entry_text(const struct journal_entry *e, enum journal_entry_text which);
/* The code of its answer; "ok" for a call that was done, empty for one that a fault left without. */
struct str journal_entry_code(const struct journal_entry *e);
/* Takes the next of the lines out of *rest. False after the last. */
bool journal_entry_next_header(struct str *rest, struct header *ret_header);
/* Its parameters, in the arena; NULL when what is kept of them cannot be read. */
const struct node *journal_entry_params(struct arena *a, const struct journal_entry *e);
/* The name of the n-th leniency that it used, from 0; p == NULL behind the last. */
struct str journal_entry_leniency(const struct journal_entry *e, size_t n);

#endif
