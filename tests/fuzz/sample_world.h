/*
 * The world of the fuzz targets, in memory and the same for every input; and requests to it that are signed
 * as a client signs them.
 */
#ifndef VIRGA_TESTS_FUZZ_SAMPLE_WORLD_H
#define VIRGA_TESTS_FUZZ_SAMPLE_WORLD_H

#include "core/call.h"
#include "input.h"

/* Those of the built-in world, schema/world/default.json. */
#define SAMPLE_ID STR("AKIDvirgaLocalEmulatorKeyEXAMPLE0001")
#define SAMPLE_KEY STR("virgaLocalEmulatorSecretEXAMPLE1")
#define SAMPLE_HOST STR("sqlserver.tencentcloudapi.com")
#define SAMPLE_INSTANCE "mssql-njj2mtpl"

enum { SAMPLE_HEADERS = 16 };

/* What values are chosen from: ids, names and times that exist in the world or have an effect. */
extern const struct words sample_words;

/* Settings with a seed, a frozen clock that signatures use too, and no rate limits. */
struct settings sample_settings(void);

/* The world as it is at its start. It is opened once, since that takes longer than most inputs; what an input
 * has changed is undone by the next call of this function. */
struct world *sample_world(void);

/* What a client sends. `fields` is a form for version 1, else the query of a GET or the body of a POST. */
struct sample_request {
    struct str method;
    struct str host;
    struct str action, version, region, language;
    struct str fields;
    struct str service;
    bool v1, sha256;              /* version 1 has two hash functions */
    const struct header *headers; /* more of them; they are not signed */
    size_t n_headers;
};

/* A right POST of version 3 for the action. */
struct sample_request sample_request(const struct world *w, const struct action *action);

/* Prepares the call as the server does, rightly signed. */
void sample_prepare(struct call *c, struct world *w, struct arena *a, const struct sample_request *r);
/* Runs it as the server does, up to the journal. */
void sample_run(struct call *c);

/* Adds a header, or replaces one that the call has. */
void sample_put_header(struct call *c, struct str name, struct str value);

/* The document of the state. */
struct str sample_state(struct world *w, struct arena *a);

#endif
