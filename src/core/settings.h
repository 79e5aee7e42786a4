/* The settings of a run: set by the user at the start, constant afterwards. */
#ifndef VIRGA_CORE_SETTINGS_H
#define VIRGA_CORE_SETTINGS_H

#include "base/limits.h"
#include "base/str.h"

/* One "Action=N" of --limit. */
struct limit_setting {
    struct str action;
    int64_t per_second;
};

struct settings {
    const char *db_path;    /* NULL: in memory */
    const char *world_path; /* NULL: the built-in fixtures */
    bool seeded;
    uint64_t seed;
    bool clock_frozen;
    int64_t clock_ms;            /* when clock_frozen */
    bool auth_by_service_clock;  /* signatures expire by the service's clock instead of the machine's */
    bool limit_by_service_clock; /* rate limits count the seconds of the service's clock */
    bool strict;                 /* reject what the real gateway rejects, even where local clients need it */
    bool no_magic;               /* the magic ids are ordinary ids */
    bool limit_off;
    const struct limit_setting *limits; /* a later one of the same action wins */
    size_t n_limits;
    int64_t doctor_per_second;           /* rejected signatures diagnosed at most; 0: none */
    bool doctor_reveal;                  /* a finding may contain the right signature */
    bool until_eof;                      /* the end of standard input stops the program */
    bool why_header;                     /* findings are in a header of the answer, too */
    struct str public_url;               /* at which clients reach this server; p == NULL: not set */
    struct str host;                     /* the address of --host, also a name of this server */
    struct str control_token;            /* required by the control API; p == NULL: none */
    size_t journal_calls, journal_bytes; /* the limits of the journal; 0 calls: it keeps nothing */
    const char *journal_path;            /* NULL: in memory alone */
    int64_t flow_ms[LIMIT_FLOW_TYPES];   /* how long each kind of flow takes, by registry_flow_row */
};

#endif
