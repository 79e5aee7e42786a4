/*
 * One call as the journal keeps it: numbers and texts in one block of memory, without secrets.
 *
 * The entry has the texts as the client sent them, which need not be UTF-8. Parameters are decoded from them
 * when they are read, so that recording a call stays cheap.
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
    ENTRY_OWN_CODE, /* a code of a fault rule that no document lists; empty: the code of `error` */
    ENTRY_UNREAD,   /* parameters that were not used, with blanks between */
    ENTRY_INJECTED, /* the fault that changed the call; empty: none */
    ENTRY_MESSAGE,
    ENTRY_ANSWER,
    ENTRY_WHY,       /* the cause of the call's explanation */
    ENTRY_WHY_TEXT,  /* its evidence */
    ENTRY_PATH,      /* the parameter that was rejected */
    ENTRY_CANONICAL, /* what virga signed itself; empty when it is long */
    ENTRY_STRING_TO_SIGN,
    ENTRY_TEXTS
};

struct journal_entry {
    uint64_t serial; /* 1, 2, ... in the order in which calls end; set by the journal */
    size_t size;     /* all of it, in bytes */
    char request_id[REQUEST_ID_CHARS];
    bool v1, tls;
    bool body_hidden; /* ENTRY_BODY has its length and hash alone, see redact_body */
    const struct product *product;
    int http_status;
    int64_t real_ms, service_ms; /* of its end */
    int64_t duration_us;
    const struct action *action;   /* NULL: no known action */
    enum error_id error;           /* ERR_NONE: done */
    const char *failed_step;       /* NULL: it was done */
    const struct shape_rule *rule; /* the rule of the schema that rejected it; NULL: none */
    struct findings findings;      /* as in struct explanation */
    unsigned leniencies;
    int64_t flow_id;         /* that was answered; 0: none */
    size_t body_n, answer_n; /* before they were cut */
    struct {
        uint32_t at, n;
    } texts[ENTRY_TEXTS];
    char bytes[];
};

/* Of a finished call; the caller frees it with free(). */
struct journal_entry *journal_entry_new(const struct call *c, int http_status);

struct str journal_entry_text(const struct journal_entry *e, enum journal_entry_text which);
/* The code of its answer; "ok" for a call that was done, empty for one without an answer. */
struct str journal_entry_code(const struct journal_entry *e);
/* Removes the next line from *rest. False after the last. */
bool journal_entry_next_header(struct str *rest, struct header *ret_header);
/* Its parameters, in the arena; NULL when the kept text cannot be decoded. */
const struct node *journal_entry_params(struct arena *a, const struct journal_entry *e);
/* The name of leniency number n of the call, from 0; p == NULL after the last. */
struct str journal_entry_leniency(const struct journal_entry *e, size_t n);

#endif
