/*
 * A case: one rejected call and everything that its diagnosis needs: the right signing, the received
 * signature, and the texts of the request that a client may have signed in place of the right ones.
 */
#ifndef VIRGA_DIAGNOSIS_CASE_H
#define VIRGA_DIAGNOSIS_CASE_H

#include "core/call.h"
#include "diagnosis/signing.h"

/*
 * Texts that mistakes are made from. A text is absent (p == NULL) where the request has no such text, and
 * then the mistakes that need it cannot have happened. In schema/doctor.json SOURCE_HOST_NAME is
 * "{host-name}".
 */
enum source {
    SOURCE_NONE, /* an empty text */
    SOURCE_NOW,  /* the value that the member has already; not in diagnosis_case.source */

    SOURCE_HOST,              /* the Host header as sent */
    SOURCE_HOST_NAME,         /* without its port */
    SOURCE_HOST_LABEL,        /* up to its first dot */
    SOURCE_HOST_WITHOUT_PORT, /* the whole header, where it has no port */
    SOURCE_HOST_OF_PORT,      /* the header without its port, where it has one */
    SOURCE_HOST_LOWER,        /* the header in lower case */
    SOURCE_HOST_UPPER,
    SOURCE_PORT,           /* ":8328" of the Host header */
    SOURCE_TARGET_HOST,    /* of a request target in absolute form */
    SOURCE_FORWARDED_HOST, /* X-Forwarded-Host */
    SOURCE_ORIGINAL_HOST,  /* X-Original-Host */
    SOURCE_FORWARDED,      /* the host in the header Forwarded */
    SOURCE_PRODUCT,        /* the product's name */
    SOURCE_REGION,         /* X-TC-Region */

    SOURCE_OTHER_METHOD, /* GET for a POST, POST for a GET */
    SOURCE_METHOD_LOWER,
    SOURCE_PATH,
    SOURCE_TARGET, /* the path, '?' and the query */
    SOURCE_QUERY,
    SOURCE_QUERY_OF_POST,
    SOURCE_BODY_OF_POST,
    SOURCE_QUERY_OF_GET,
    SOURCE_QUERY_SORTED,         /* of a GET, as the four below */
    SOURCE_QUERY_DECODED,        /* without escapes */
    SOURCE_QUERY_SPACES_PERCENT, /* "%20" for each '+' */
    SOURCE_QUERY_SPACES_PLUS,    /* the reverse */
    SOURCE_QUERY_LOWER,          /* lower-case digits in its escapes */
    SOURCE_QUERY_TWICE,          /* encoded again: "%2520" */
    SOURCE_QUERY_SLASHES,        /* '/' for "%2F" */
    SOURCE_QUERY_AFTER_COMMON,   /* of a GET, after Action and Version */
    SOURCE_QUERY_WITH_COMMON,    /* of a GET, with Action, Region, Timestamp and Version, sorted */
    SOURCE_COMMON_OF_POST,       /* Action and Version as a query, for a POST */
    SOURCE_ALL_COMMON_OF_POST,   /* Action, Region, Timestamp and Version */

    SOURCE_TYPE,                 /* Content-Type without parameters */
    SOURCE_TYPE_OF_CHARSET,      /* the same, where the header has parameters */
    SOURCE_TYPE_WITHOUT_CHARSET, /* the whole header, where it has none */
    SOURCE_NAMES_REVERSED,       /* SignedHeaders in reverse order */
    SOURCE_NAMES_SORTED,
    SOURCE_SHORT_NAMES,  /* SignedHeaders, where it has none of the X-TC headers */
    SOURCE_LONG_NAMES,   /* SignedHeaders, where it has more than content-type and host */
    SOURCE_LENGTH_NAMED, /* SignedHeaders, where it has content-length */

    SOURCE_JSON,          /* a body that can be rewritten as JSON */
    SOURCE_TRIMMED_BODY,  /* where white space surrounds the body */
    SOURCE_SIGNED_BODY,   /* where X-TC-Content-SHA256 does not say UNSIGNED-PAYLOAD */
    SOURCE_UNSIGNED_BODY, /* where it does */
    SOURCE_SMALL_BODY,    /* neither empty nor above LIMIT_DOCTOR_BODY */
    SOURCE_FOREIGN_BODY,  /* a small body that is not ASCII */
    SOURCE_BODY_UNZIPPED, /* of a small body, as those below but SOURCE_BODY_BYTES; diagnosis/body_variants.h
                           */
    SOURCE_BODY_INNER,
    SOURCE_BODY_QUOTED,
    SOURCE_BODY_CRLF,
    SOURCE_BODY_LF,
    SOURCE_BODY_FORM,
    SOURCE_BODY_BYTES, /* its length in decimal digits */
    SOURCE_BODY_CHARACTERS,

    SOURCE_SECRET_ID,
    SOURCE_SECRET_WITHOUT_LAST, /* the SecretKey without its last character */
    SOURCE_SECRET_WITHOUT_FIRST,
    SOURCE_SECRET_LOWER,
    SOURCE_SECRET_UPPER,

    SOURCE_TIMESTAMP,         /* X-TC-Timestamp in decimal digits */
    SOURCE_YESTERDAY,         /* the UTC date before that of the timestamp, as all dates "YYYY-MM-DD" */
    SOURCE_TODAY,             /* the right date */
    SOURCE_TOMORROW,          /* the date after it */
    SOURCE_TODAY_SLASHES,     /* the right date as YYYY/MM/DD */
    SOURCE_TODAY_SHORT,       /* without leading zeros */
    SOURCE_TODAY_DAY_FIRST,   /* DD-MM-YYYY */
    SOURCE_TODAY_MONTH_FIRST, /* MM-DD-YYYY */
    SOURCE_TODAY_WEEK_YEAR,   /* with the year of its week (ISO 8601, YYYY in Java) */
    SOURCE_WRONG_DATE,        /* the date in Credential, where it is not the right one */
    SOURCE_OTHER_DATE,        /* the same, where it is none of the three */

    /* Version 1 only. */
    SOURCE_SIGNATURE_WITH_SPACE,
    SOURCE_SIGNATURE_WITH_PERCENT,
    SOURCE_SIGNATURE_METHOD, /* the parameter SignatureMethod */
    SOURCE_ARRAYS,           /* where a key has an index */
    SOURCE_FOREIGN_FORM,     /* where a value is not ASCII */

    SOURCE_COUNT
};

struct diagnosis_case {
    struct arena *arena;  /* the call's */
    struct arena scratch; /* for the texts of one attempt; emptied before the next one */
    const struct call *call;
    struct signing right;         /* what virga verified */
    struct str sent;              /* the received signature, without white space at its end */
    uint8_t mac[SHA256_BYTES];    /* version 3: the same as bytes */
    bool upper;                   /* version 3: the received signature is in upper case */
    struct form order[V1_ORDERS]; /* version 1: the signed fields, by enum v1_order */
    struct str source[SOURCE_COUNT];
    size_t work;     /* bytes of long texts made so far, at most LIMIT_DOCTOR_WORK */
    bool incomplete; /* an attempt was left out, because it needed more */
};

/* Makes the case of a call that failed at its signature. Returns -1 for a version 1 request that is too large
 * to examine. After 0 the caller ends the case with case_done; texts stay until the call's arena ends. */
int case_init(struct diagnosis_case *dc, struct call *c);
void case_done(struct diagnosis_case *dc);

#endif
