/*
 * A signing: everything that a client decides when it signs, as data.
 *
 * The right signing is what the protocol asks for; a mistake changes one aspect of it. Making the texts of a
 * signing has four stages (payload, canonical request, string to sign, key), each a function of its own, so
 * that a search can keep the results of the stages that a mistake does not touch.
 */
#ifndef VIRGA_DIAGNOSIS_SIGNING_H
#define VIRGA_DIAGNOSIS_SIGNING_H

#include "diagnosis/json_variants.h"
#include "wire/digest.h"
#include "wire/form.h"
#include "wire/request.h"

/* What a text becomes before it goes into the next one. */
enum digest_form { DIGEST_HEX, DIGEST_UPPER, DIGEST_BASE64, DIGEST_SHA1, DIGEST_PLAIN };

enum encoding {
    ENCODING_UTF8,
    ENCODING_LATIN1,
    ENCODING_UTF16,
    ENCODING_UTF16_MARK,
    ENCODING_GBK,
    ENCODING_TWICE,
    ENCODING_ASCII
};

struct payload_part {
    struct str text;
    const struct node *json; /* the text's value, to be written anew in `style`; NULL: the text as it is */
    struct json_style style;
    struct str before, after; /* a byte order mark, a line end */
    enum encoding encoding;
    enum digest_form form;
};

struct canonical_part {
    struct str uri, query, content_type;
    struct str lines;  /* the names of the header lines, "content-type;host" */
    struct str listed; /* the same on the line of SignedHeaders */
    bool lower_values, title_lines, title_listed;
    struct str colon, value_end; /* around each value */
    struct str newline, end;
    size_t blank_lines; /* between the headers and the line of SignedHeaders */
    enum digest_form form;
};

struct string_part {
    struct str algorithm, timestamp, newline, end;
    struct str before; /* in front of the scope */
    struct str date, region, service, terminator;
};

enum chain { CHAIN_RIGHT, CHAIN_HEX, CHAIN_SWAPPED, CHAIN_SHA1, CHAIN_NONE };

struct key_part {
    struct str secret, prefix, before, after;     /* prefix + before + secret + after starts the chain */
    struct str date, region, service, terminator; /* its messages; an empty one is passed over */
    enum chain chain;
    bool swap_last; /* key and message exchanged in the HMAC over the string to sign */
};

enum v1_order { V1_SORTED, V1_AS_SENT, V1_NOCASE };
enum v1_value {
    V1_PLAIN,
    V1_PERCENT,
    V1_FORM,
    V1_PERCENT_LOWER,
    V1_SPACE_PLUS,
    V1_SPACE_PERCENT,
    V1_PLUS_SPACE
};
enum v1_keys { V1_KEYS_AS_SENT, V1_FROM_ONE, V1_BRACKETS, V1_UNDERSCORE, V1_NO_INDEX };
enum v1_form { V1_BASE64, V1_HEX, V1_HEX_UPPER, V1_BASE64_OF_HEX, V1_PLUS_LOST, V1_ENCODED };

struct v1_part {
    enum v1_order order;
    enum v1_value value;
    enum v1_keys keys;
    enum v1_form form;
    struct str path; /* "/?" */
    bool sha256, without_method, without_empty;
};

struct signing {
    struct str method, host;
    bool upper; /* the signature in capitals; version 3 */
    struct payload_part payload;
    struct canonical_part canonical;
    struct string_part string;
    struct key_part key;
    struct v1_part v1;
};

/* A key made ready, and its bytes for the HMAC whose arguments are exchanged. */
struct signing_key {
    struct str raw;
    struct hmac_key ready;
};

/* The last line of the canonical request. */
struct str signing_payload(struct arena *a, const struct signing *r);
/* The canonical request. Header values other than the signing's own come from `request`. */
struct str signing_canonical(struct arena *a, const struct signing *r, const struct request *request,
                             struct str payload);
/* What of it goes into the string to sign: its hash. */
struct str signing_digest(struct arena *a, const struct signing *r, struct str canonical);
struct str signing_string(struct arena *a, const struct signing *r, struct str digest);
void signing_make_key(struct arena *a, const struct key_part *k, struct signing_key *ret_key);
/* The signature's bytes. */
void signing_sign(const struct signing *r, const struct signing_key *key, struct str text,
                  uint8_t out[SHA256_BYTES]);

/* Version 1: the string to sign over the fields, which are in the signing's order already, and the
 * signature's text as it would arrive. */
struct str signing_v1_string(struct arena *a, const struct signing *r, const struct form *sorted);
struct str signing_v1_sign(struct arena *a, const struct signing *r, struct str text);

/* `text` in a form of digest, in the arena. */
struct str digest_text(struct arena *a, enum digest_form form, struct str text);
/* The pieces in a row, in the arena. */
struct str joined(struct arena *a, const struct str *pieces, size_t n);
#define JOINED(a, ...)                                                                                       \
    joined((a), (const struct str[]){__VA_ARGS__},                                                           \
           sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

#endif
