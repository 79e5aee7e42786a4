/*
 * Recognizes names of secrets (passwords, keys, tokens, signatures) and texts that give such a name a value.
 *
 * Names are compared without case and without the separators between their words: X-Secret-Key, secret_key
 * and SecretKey are one name. Texts come from clients, who may have escaped them, even several times.
 */
#ifndef VIRGA_CORE_SECRET_NAME_H
#define VIRGA_CORE_SECRET_NAME_H

#include "base/arena.h"

/* Is the value of this name (of a parameter, a member or a header) a secret? A SecretId is none. */
bool names_secret(struct str name);

/* True when the text has neither the name of a secret nor an escape (\, %, &) that could hide one. Most texts
 * have neither: this reads them once, and nothing else need be done. */
bool secret_is_excluded(struct str text);

/* Does the name of a secret occur anywhere in the text? */
bool secret_is_named(struct arena *a, struct str text);

/* Does the text give the name of a secret a value other than ***, as in Password=x, "Token": "x" or
 * <Password>x? */
bool secret_is_assigned(struct arena *a, struct str text);

#endif
