#include "cli/ca.h"

#include "base/log.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/serve_options.h"
#include "cli/session.h"
#include "server/ca.h"

struct ca_options {
    struct session session; /* first, for the shared options */
    struct str folder;
};

static const struct option_row rows[] = {
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--ca-dir", "PATH", "where it is kept (~/.local/state/virga/ca)", offsetof(struct ca_options, folder),
     OPTION_LOCAL},
};

const struct option_table ca_option_table = {
    .usage = "virga ca [options]",
    .about = "Prints the path of the certificate that clients of virga's TLS port have to trust. Makes it,\n"
             "if need be.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
};

int ca_main(char **argv)
{
    struct ca_options o = {0};
    struct session *s = &o.session;
    struct str why;
    if (!session_open(&o, &ca_option_table, argv))
        return EXIT_OK;
    struct ca ca = {.arena = &s->arena};
    ca.folder = o.folder.p ? arena_cstr(&s->arena, o.folder) : serve_default_ca_dir(&s->arena);
    if (!ca.folder)
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: say --ca-dir PATH");
    if (ca_open(&ca, &why) != 0)
        die(EXIT_LISTEN, "%.*s", STR_ARG(why));
    int rc = output_write_value(&s->arena, s->json ? "ca_file" : NULL, str_from(ca.path));
    return session_close(s, rc == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
