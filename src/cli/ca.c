#include "cli/ca.h"

#include <stdio.h>

#include "base/log.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/serve_options.h"
#include "server/ca.h"

static int set_ca_dir(void *target, struct arena *a, struct str value, struct str *ret_why)
{
    struct ca *ca = target;
    (void)ret_why;
    ca->folder = arena_cstr(a, value);
    return 0;
}

static const struct option_row rows[] = {
    {"--ca-dir", "PATH", "where it is kept (~/.local/state/virga/ca)", false, set_ca_dir},
};

const struct option_table ca_option_table = {
    .usage = "virga ca [options]",
    .about = "Prints the path of the certificate that clients of virga's TLS port have to trust. Makes it, "
             "if need "
             "be.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
};

int ca_main(char **argv)
{
    struct arena arena;
    struct str why;
    arena_init(&arena);
    struct ca ca = {.arena = &arena};
    int rc = options_read(&ca_option_table, &ca, &arena, argv, &why);
    if (rc < 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(why));
    if (rc == 1) {
        options_print_help(&ca_option_table);
        return EXIT_OK;
    }
    if (!ca.folder && !(ca.folder = serve_default_ca_dir(&arena)))
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: say --ca-dir PATH");
    if (ca_open(&ca, &why) != 0)
        die(EXIT_LISTEN, "%.*s", STR_ARG(why));
    printf("%s\n", ca.path);
    arena_done(&arena);
    return EXIT_OK;
}
