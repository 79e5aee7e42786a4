/*
 * The bytes of the fuzzer, read as numbers, texts and values of a shape, so that most inputs are well-formed
 * and reach the code behind the parsers. At the end of the bytes every number is 0 and every text is empty.
 */
#ifndef VIRGA_TESTS_FUZZ_INPUT_H
#define VIRGA_TESTS_FUZZ_INPUT_H

#include "base/buf.h"
#include "wire/json.h"
#include "wire/shape.h"

/* The time from which the times in values differ by a few seconds or years: 2026-01-01 00:00:00 in Beijing.
 */
#define INPUT_NOW INT64_C(1767196800000)
/* The first FlowId of a seeded world. */
enum { INPUT_FLOW_ID = 5293 };

struct input {
    const uint8_t *p;
    size_t n;
};

/* Texts that the values of parameters are chosen from; first of all those that fit the parameter: `part` is
 * in its name. */
struct word {
    struct str text, part;
};
struct words {
    const struct word *v;
    size_t n;
};

uint8_t input_byte(struct input *in);
/* Two bytes, as a number below n. */
size_t input_below(struct input *in, size_t n);
/* A number of up to eight bytes; small ones are frequent. */
int64_t input_number(struct input *in);
/* A length of one byte, then so many bytes; no NUL follows them. */
struct str input_text(struct arena *a, struct input *in);
/* What is left, in memory of its own, so that a read past the end is noticed. */
struct str input_rest(struct arena *a, struct input *in);

/* A JSON object for the shape: each field absent, right, at a boundary or wrong, as the bytes say. */
struct node *input_object(struct arena *a, struct input *in, const struct shape *shape,
                          const struct words *words);

/* The object as the fields of a form: "DBNames.0=a&DBNames.1=b". */
void put_form(struct buf *b, const struct node *object);
/* The text with a percent escape for each byte that is not a letter or a digit. */
void put_escaped(struct buf *b, struct str text);

#endif
