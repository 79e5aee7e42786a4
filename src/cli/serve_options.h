/* What `virga serve` takes; the rows of its options are in schema/cli.json. */
#ifndef VIRGA_CLI_SERVE_OPTIONS_H
#define VIRGA_CLI_SERVE_OPTIONS_H

#include "base/log.h"
#include "cli/session.h"
#include "core/settings.h"
#include "server/http.h"

struct serve_options {
    struct session session; /* endpoints_path: the file to write; NULL: the default one */
    struct settings settings;
    struct http_options http;
    bool host_given;
    bool memory;
    bool tls;
    const char *ca_dir; /* NULL: the default one */
    enum log_format log_format;
    enum log_level log_level;
    bool log_level_given; /* else it follows from `quiet` */
    bool quiet;
};

/* Sets the flows' durations, which --flow-seconds changes; the options' own defaults are in their rows. */
void serve_options_init(struct session *s);
/* Completes what follows from several options: the log's level, the server's own name, the place of the
 * state. -1 when the state is to be kept and neither HOME nor XDG_STATE_HOME is set. */
int serve_options_finish(struct serve_options *o);

/* Parsers of --public-url, --limit and --flow-seconds; the target is a struct serve_options. The latter check
 * names against the product's tables. -1 and a sentence. */
int serve_parse_public_url(void *target, struct arena *a, struct str value, struct str *ret_problem);
int serve_parse_limit(void *target, struct arena *a, struct str value, struct str *ret_problem);
int serve_parse_flow_seconds(void *target, struct arena *a, struct str value, struct str *ret_problem);

/* The kinds of flow that --flow-seconds takes, for its help. */
struct str serve_more_help(struct arena *a);

/* The default folder of the certificate authority: $XDG_STATE_HOME/virga/ca or ~/.local/state/virga/ca. NULL
 * when neither variable is set. */
const char *serve_default_ca_dir(struct arena *a);

#endif
