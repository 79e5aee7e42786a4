/*
 * A signing: everything that a client decides when it signs, as data.
 *
 * The right signing is what the protocol requires; a mistake changes some members of it. The texts of a
 * version 3 signing are made in four stages (payload, canonical request, string to sign, key), each by a
 * function of its own, so that a search can reuse the results of the stages that a mistake does not change.
 */
#ifndef VIRGA_DIAGNOSIS_SIGNING_H
#define VIRGA_DIAGNOSIS_SIGNING_H

#include "diagnosis/json_variants.h"
#include "wire/digest.h"
#include "wire/form.h"
#include "wire/request.h"

/* How a text goes into the next one: its SHA-256 in hexadecimal (right), something else, or as it is. */
enum digest_form {
    DIGEST_HEX,
    DIGEST_UPPER,
    DIGEST_BASE64,
    DIGEST_SHA1,
    DIGEST_MD5,
    DIGEST_SHA512,
    DIGEST_TWICE, /* the hash of the hash's text */
    DIGEST_PLAIN
};

enum encoding {
    ENCODING_UTF8,
    ENCODING_LATIN1,
    ENCODING_UTF16, /* little-endian */
    ENCODING_UTF16_MARK,
    ENCODING_GBK,
    ENCODING_BIG5,
    ENCODING_LOW_BYTES, /* the low byte of each UTF-16 unit */
    ENCODING_TWICE,     /* UTF-8, read as Latin-1 and encoded again */
    ENCODING_ASCII      /* '?' for every other character */
};

struct payload_part {
    struct str text;
    const struct node *json; /* the text's value, to be written in `style`; NULL: use the text as it is */
    struct json_style style, sent_style; /* equal: use the text as it is */
    struct str before, after;            /* a byte order mark, a line end */
    enum encoding encoding;
    enum digest_form form;
};

struct canonical_part {
    struct str uri, query, content_type;
    struct str content_length; /* p == NULL: as in the header */
    struct str lines;          /* the names of the header lines, "content-type;host" */
    struct str listed;         /* the names on the line of SignedHeaders */
    bool lower_values, title_lines, title_listed;
    struct str colon, value_end; /* around each value */
    struct str newline, end;
    int blank_lines; /* between the headers and the line of SignedHeaders */
    enum digest_form form;
};

struct string_part {
    struct str algorithm, timestamp, newline, end; /* an empty line is left out */
    struct str before;                             /* in front of the scope */
    struct str date, region, service, terminator;  /* the scope; an empty part is left out */
    bool dashless;                                 /* the date is written as YYYYMMDD */
    bool without_scope;                            /* the line of the scope is left out */
};

enum chain { CHAIN_RIGHT, CHAIN_HEX, CHAIN_SWAPPED, CHAIN_SHA1, CHAIN_SHA512, CHAIN_NONE };

struct key_part {
    struct str secret, prefix, before, after;     /* prefix + before + secret + after begins the chain */
    struct str date, region, service, terminator; /* its messages; an empty one is left out */
    bool dashless;                                /* as in struct string_part */
    bool ends_early;                              /* without the terminator */
    enum chain chain;
    bool swap_last; /* key and message are exchanged in the HMAC of the string to sign */
};

/* The fields that are signed, and their order; diagnosis/field_orders.h. */
enum v1_order {
    V1_SORTED,
    V1_AS_SENT,
    V1_NOCASE,
    V1_NATURAL,        /* ".10" after ".9" */
    V1_WITH_SIGNATURE, /* sorted, with an empty Signature */
    V1_WORD_ARRAYS,    /* sorted, an array as Name=Array (PHP) */
    V1_JSON_ARRAYS,    /* sorted, an array as its JSON text */
    V1_ORDERS
};
enum v1_value {
    V1_PLAIN,
    V1_PERCENT,       /* RFC 3986 */
    V1_FORM,          /* the same, but '+' for a space */
    V1_PERCENT_LOWER, /* RFC 3986 with lower-case digits */
    V1_COMPONENT,     /* JavaScript's encodeURIComponent: as RFC 3986, but !'()* plain */
    V1_URL_ENCODER,   /* Java's URLEncoder: as forms, but * plain and ~ encoded */
    V1_SPACE_PLUS,    /* plain, but '+' for a space */
    V1_SPACE_PERCENT, /* plain, but "%20" for a space */
    V1_PLUS_SPACE     /* plain, but a space for '+' */
};
enum v1_keys { V1_KEYS_AS_SENT, V1_FROM_ONE, V1_BRACKETS, V1_UNDERSCORE, V1_NO_INDEX, V1_KEYS_LOWER };
enum v1_form {
    V1_BASE64,
    V1_BASE64_BARE,     /* without padding */
    V1_BASE64_URL,      /* - and _ in place of + and / */
    V1_BASE64_URL_BARE, /* both */
    V1_HEX,
    V1_HEX_UPPER,
    V1_BASE64_OF_HEX,
    V1_PLUS_LOST,
    V1_ENCODED
};

struct v1_part {
    enum v1_order order;
    enum v1_value value;
    enum v1_keys keys;
    enum v1_form form;
    struct str path, end;           /* "/?" before the fields; what is after them */
    struct str without;             /* a field that is left out; p == NULL: none */
    struct str changed, value_then; /* a field with another value than sent; p == NULL: none */
    enum encoding encoding;
    bool sha256, without_method, without_empty;
    bool swapped; /* key and message of the HMAC are exchanged */
};

struct signing {
    struct str method, host;
    bool upper; /* the signature in upper case; version 3 */
    struct payload_part payload;
    struct canonical_part canonical;
    struct string_part string;
    struct key_part key;
    struct v1_part v1;
};

/* The last key of the chain: its bytes, and ready for many messages. */
struct signing_key {
    struct str raw;
    struct hmac_key ready;
};

/* --- the stages: all texts are in the arena `a`, or views into the signing --- */

/* Is the payload written again as JSON? That costs more than hashing it. */
bool payload_is_rewritten(const struct payload_part *p);
/* The last line of the canonical request. */
struct str signing_payload(struct arena *a, const struct signing *r);
/* The canonical request. The signing has the values of Host and Content-Type, `request` those of the other
 * headers. */
struct str signing_canonical(struct arena *a, const struct signing *r, const struct request *request,
                             struct str payload);
/* What goes from the canonical request into the string to sign: its hash. */
struct str signing_digest(struct arena *a, const struct signing *r, struct str canonical);
struct str signing_string(struct arena *a, const struct signing *r, struct str digest);
void signing_make_key(struct arena *a, const struct key_part *k, struct signing_key *ret_key);
/* The signature's bytes. */
void signing_sign(const struct signing *r, const struct signing_key *key, struct str text,
                  uint8_t out[SHA256_BYTES]);

/* Version 1 (signing_v1.c): the string to sign of fields that are in the signing's order already, and the
 * signature as text. */
struct str signing_v1_string(struct arena *a, const struct signing *r, const struct form *ordered);
struct str signing_v1_sign(struct arena *a, const struct signing *r, struct str text);

struct str digest_text(struct arena *a, enum digest_form form, struct str text);
/* UTF-8 `text` in another encoding; empty when the encoding lacks one of its characters, or the C library
 * lacks the encoding. */
struct str transcode(struct arena *a, enum encoding encoding, struct str text);

/* Copies with ASCII letters in lower or upper case, and of bytes in hexadecimal. */
struct str lower_case(struct arena *a, struct str s);
struct str upper_case(struct arena *a, struct str s);
struct str hex_text(struct arena *a, const uint8_t *data, size_t n);

#endif
