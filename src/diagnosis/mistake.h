/*
 * The tables of what a client may have done wrong. Their rows, with the texts for readers, are generated from
 * schema/doctor.json; each names a function here in doctor/, so a missing one is a link error.
 */
#ifndef VIRGA_DIAGNOSIS_MISTAKE_H
#define VIRGA_DIAGNOSIS_MISTAKE_H

#include "core/call.h"
#include "diagnosis/signing.h"

/* What all signings of one search have in common. */
struct diagnosis_case {
    struct arena *arena;  /* the call's */
    struct arena scratch; /* for the texts of one attempt; emptied before the next */
    const struct call *call;
    struct signing right;      /* what virga has verified */
    struct str sent;           /* the signature as it came, without white space around it */
    uint8_t mac[SHA256_BYTES]; /* version 3: the same as bytes */
    bool upper;                /* version 3: it came in capitals */
    char day[3][11];           /* the day before X-TC-Timestamp's, that day, the day after; UTC */
    struct form order[3];      /* version 1: the signed fields, by enum v1_order */
    size_t work;               /* bytes of large texts made so far, at most LIMIT_DOCTOR_WORK */
    bool passed_over;          /* something was not tried, since it would have been more */
};

/* The stages of a signing that a mistake touches. */
enum { STAGE_PAYLOAD = 1, STAGE_CANONICAL = 2, STAGE_STRING = 4, STAGE_KEY = 8 };

struct finding {
    struct str id;
    struct str cause[2], cure[2]; /* by LANG_EN, LANG_ZH */
};

struct mistake {
    struct finding about;
    int group; /* enum mistake_group: two of the same group exclude each other */
    unsigned stages;
    size_t variants; /* how often it may be tried, each time another way */
    size_t paired;   /* the first of them, which are tried together with other mistakes */
    bool v1, v3;     /* in which versions of the signature it can happen */
    /* Changes the signing. false when this variant cannot have happened in the patient's request. Texts that
     * it makes may lie in the patient's scratch arena. */
    bool (*apply)(struct diagnosis_case *p, size_t variant, struct signing *r);
};

/* In the order in which they are tried: the likeliest first. */
extern const struct mistake mistakes[];
extern const size_t n_mistakes;

/* An Authorization header that does not have the right form. */
struct malformed {
    struct str value;     /* the whole, trimmed */
    struct str algorithm; /* up to the first space */
    struct str credential, signed_headers,
        signature;      /* what stands behind "Credential="; p == NULL: nothing */
    size_t repeated;    /* how many parts come more than once */
    size_t stray;       /* how many have no '=' */
    bool service_known; /* the scope's service may stand there */
};

struct malformation {
    struct finding about;
    bool (*shows)(const struct malformed *m);
};

/* In the order in which they are looked for. */
extern const struct malformation malformations[];
extern const size_t n_malformations;

#endif
