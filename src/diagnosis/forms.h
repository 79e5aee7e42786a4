/* Text in encodings that a client may have hashed its body in. */
#ifndef VIRGA_DIAGNOSIS_FORMS_H
#define VIRGA_DIAGNOSIS_FORMS_H

#include "diagnosis/signing.h"

/* UTF-8 `text` in that encoding, in the arena; an empty text when it has no form there. ENCODING_TWICE is
 * UTF-8 taken for Latin-1 and encoded again. */
struct str transcode(struct arena *a, enum encoding encoding, struct str text);

#endif
