/* What `virga serve` takes. */
#ifndef VIRGA_CLI_SERVE_OPTIONS_H
#define VIRGA_CLI_SERVE_OPTIONS_H

#include "base/log.h"
#include "cli/options.h"
#include "core/settings.h"
#include "server/http.h"

struct serve_options {
    struct settings settings;
    struct http_options http;
    bool memory;
    bool tls;
    const char *ca_dir;         /* NULL: the default one */
    const char *endpoints_path; /* NULL: none is written */
    enum log_format log_format;
    enum log_level log_level;
    bool log_level_given; /* else it follows from `quiet` */
    bool quiet, json;
};

extern const struct option_table serve_option_table;

/* The defaults of everything that has one. */
void serve_options_init(struct serve_options *o);

/* The table's help, and the kinds that --flow-seconds takes. */
void serve_options_print_help(void);

/* The default place of the state: $XDG_STATE_HOME/virga/virga.db, or ~/.local/state/virga/virga.db. NULL when
 * neither variable is set. */
const char *serve_default_db(struct arena *a);
/* Likewise of the certificate authority: .../virga/ca. */
const char *serve_default_ca_dir(struct arena *a);

#endif
