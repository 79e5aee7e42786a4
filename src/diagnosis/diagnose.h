/*
 * The signature doctor: finds out why a signature was rejected.
 *
 * It makes the signature with every known mistake, and with every pair of them, and names the mistakes that
 * give the received signature. So a finding is proved. The answer to the client does not change.
 */
#ifndef VIRGA_DIAGNOSIS_DIAGNOSE_H
#define VIRGA_DIAGNOSIS_DIAGNOSE_H

#include "core/call.h"

struct diagnosis {
    /* One or two mistakes, in the order of their table; or one of the outcomes that name none ("sig.unknown",
     * "auth.unknown", "sig.too-large"). */
    struct findings findings;
    bool found; /* the findings are mistakes */

    /* The texts that virga signed itself; p == NULL where there is none, such as the canonical request of
     * version 1. They contain no key, but they may contain a password or a token. */
    struct str canonical_request, string_to_sign;
    struct str signature; /* the right one; p == NULL unless the setting doctor_reveal is on */
};

/* Examines a call that failed with AuthFailure.SignatureFailure or InvalidAuthorization; -1 for any other
 * call. Texts are static or in the call's arena. */
int diagnose(struct call *c, struct diagnosis *ret_diagnosis);

/* Examines a finished call, unless the examinations of this second have used up settings.doctor_per_second;
 * then its request is kept for diagnose_kept.
 * It counts seconds of the machine's clock, because the limit protects the machine and the service's clock
 * may be frozen. Sets c->explanation, c->own_canonical and c->own_string, without secrets. */
void diagnose_call(struct call *c);

/* Examines the kept request of the rejected call with this RequestId, as diagnose_call does, for a user who
 * asks. *ret_call gets the explanation and the texts, in the arena. -1 when the request is not kept, is not
 * rejected any more for the same reason, or LIMIT_DOCTOR_ON_DEMAND requests were examined in this second. */
int diagnose_kept(struct world *w, struct arena *a, struct str request_id, struct call *ret_call);

/* The findings as one sentence in the language LANG_EN or LANG_ZH, in the arena; p == NULL for none. */
struct str findings_text(struct arena *a, const struct findings *findings, int language);

#endif
