/*
 * The signature doctor: why was this signature refused?
 *
 * It makes the signature again under every known mistake, and under every pair of them, and names the one
 * that gives the signature that came: a proof, not a guess. The answer to the client stays as it was.
 */
#ifndef VIRGA_DIAGNOSIS_DIAGNOSE_H
#define VIRGA_DIAGNOSIS_DIAGNOSE_H

#include "core/call.h"
#include "diagnosis/mistake.h"

enum diagnosis_kind {
    DIAGNOSIS_SIGNATURE, /* found[] makes this signature */
    DIAGNOSIS_FORM,      /* found[0] is wrong with the form of the Authorization header */
    DIAGNOSIS_TOO_LARGE, /* nothing found, but the request is so large that not all was tried */
    DIAGNOSIS_UNKNOWN    /* nothing known would have given this */
};

struct diagnosis {
    enum diagnosis_kind kind;
    const struct finding *found[2];
    size_t n_found;
    /* What virga has signed itself, with invisible bytes made visible; p == NULL where it never came to that,
     * and for version 1 there is no canonical request. Neither holds a key. */
    struct str canonical_request, string_to_sign;
    struct str canonical_plain, string_plain; /* the same as they are, for doctor_diff */
    struct str signature; /* the right one; p == NULL unless the setting doctor_reveal is on */
};

/* For a call that failed with AuthFailure.SignatureFailure or InvalidAuthorization. -1 for every other call.
 * Texts are in the call's arena or static. */
int doctor_examine(struct call *c, struct diagnosis *ret_diagnosis);

/* Examines a call that has failed so, unless `settings.doctor_per_second` examinations were made in this
 * second of the machine's clock (not the service's: that one may stand still, and the bound is there for the
 * machine's sake). Sets c->explanation.cause and c->explanation.evidence, which the log and the server show.
 */
void diagnose_call(struct call *c);

/* What the ids of a call's `why` mean in Chinese, as c->explanation.evidence does in English but without
 * virga's own texts; p == NULL where the doctor has not said them. */
struct str doctor_words_zh(struct arena *a, struct str ids);

#endif
