/*
 * The tables of known mistakes, generated from schema/doctor.json with their texts for users.
 *
 * Most mistakes are data: each variant lists the members of a signing that it changes. The others, and each
 * check of a header's form, name a function of this folder; a missing one is a link error.
 */
#ifndef VIRGA_DIAGNOSIS_MISTAKE_H
#define VIRGA_DIAGNOSIS_MISTAKE_H

#include "diagnosis/case.h"

/* The stages of a signing that a mistake changes. */
enum { STAGE_PAYLOAD = 1, STAGE_CANONICAL = 2, STAGE_STRING = 4, STAGE_KEY = 8 };

/* One member of struct signing and its wrong value. */
struct change {
    size_t offset, size;
    const void *value; /* NULL: the member is a text, made of the three below in this order */
    struct str before, after;
    enum source source;
};

#define SIGNING_MEMBER(member) ((struct signing *)0)->member
#define CHANGE(member, wrong)                                                                                \
    {                                                                                                        \
        .offset = offsetof(struct signing, member), .size = sizeof(SIGNING_MEMBER(member)),                  \
        .value = &(const __typeof__(SIGNING_MEMBER(member)))                                                 \
        {                                                                                                    \
            wrong                                                                                            \
        }                                                                                                    \
    }
#define CHANGE_TEXT(member, text_before, text, text_after)                                                   \
    {                                                                                                        \
        .offset = offsetof(struct signing, member), .size = sizeof(SIGNING_MEMBER(member)),                  \
        .before = STR_INIT(text_before), .source = text, .after = STR_INIT(text_after)                       \
    }

/* One way to make a mistake. */
struct variant {
    enum source needs; /* the mistake cannot have happened where this text is absent */
    const struct change *changes;
    size_t n;
};

struct mistake {
    struct finding finding;
    int group;       /* enum mistake_group: mistakes of one group exclude each other */
    unsigned stages; /* STAGE_*: the stages to make again */
    size_t variants;
    size_t paired; /* how many of them, from the first, are tried together with other mistakes */
    size_t series; /* from this variant on, each changes the timestamp by mistake_step; 0: none does */
    bool v1, v3;   /* the versions of the signature in which it can happen */
    const struct variant *set; /* NULL: `apply` makes the mistake */
    bool (*apply)(struct diagnosis_case *dc, size_t variant, struct signing *r);
};

/* In the order in which they are tried, the likeliest first. */
extern const struct mistake mistakes[];
extern const size_t n_mistakes;

/* Makes one variant of the mistake in *r. Returns false when it cannot have happened in the case's request,
 * or changes nothing; *r is then undefined. New texts are in the scratch arena of the case. */
bool mistake_apply(struct diagnosis_case *dc, const struct mistake *m, size_t variant, struct signing *r);

/* By how many seconds a variant of a series changes the timestamp: -1, +1, -2, +2 and so on. */
int64_t mistake_step(size_t variant);

/* An Authorization header that is malformed, split without any check. */
struct malformed {
    struct str value;                                 /* the whole header, trimmed */
    struct str algorithm;                             /* up to the first space */
    struct str credential, signed_headers, signature; /* p == NULL: the header has no such part */
    size_t repeated;                                  /* parts that come again */
    size_t stray;                                     /* parts without '=' */
    bool service_known;                               /* the scope may have this service */
};

/* `c` must have passed the step that splits the header, as far as the step could. */
void malformed_parse(const struct call *c, struct malformed *ret_malformed);

struct malformation {
    struct finding finding;
    bool (*shows)(const struct malformed *m);
};

/* In the order in which they are looked for. */
extern const struct malformation malformations[];
extern const size_t n_malformations;

/* What is found where no mistake is: sig.unknown, auth.unknown, sig.too-large. */
extern const struct finding outcomes[];
extern const size_t n_outcomes;

/* Between the cause and the fix of a finding, and between two findings, by LANG_EN and LANG_ZH. */
extern const struct str finding_fix_separator[2], finding_further_separator[2];

#endif
