/* `virga world`: checks a world file as a start would, and prints the built-in one. */
#include "core/world.h"
#include "base/log.h"
#include "cli/output.h"
#include "cli/session.h"
#include "gen/cli.h"
#include "gen/products.h"
#include "gen/world.h"

/* Fills a world in memory from the file, so that everything is checked that `virga serve --world` checks. */
static int check(struct session *s, const char *path)
{
    static struct world world; /* large */
    struct settings settings = {.world_path = path};
    struct str problem;
    if (world_init(&world, &settings, &all_products, &problem) != WORLD_OK)
        die(EXIT_WORLD, "%.*s", STR_ARG(problem));
    world_done(&world);
    struct buf b;
    buf_init(&b, &s->arena, 256, LIMIT_CLI_TEXT);
    if (s->json)
        buf_put(&b, STR("{\"valid\":true}\n"));
    else
        buf_printf(&b, "%s is a valid world file\n", path);
    return session_write(s, buf_str(&b));
}

int world_main(struct session *s)
{
    struct str word = s->words.v[0];
    if (str_eq(word, STR("example")) && s->words.n == 1)
        return session_write(s, world_default);
    if (!str_eq(word, STR("check")))
        session_reject_word(s, word);
    if (s->words.n != 2)
        die(EXIT_USAGE, "virga world check FILE: which file?");
    return check(s, arena_cstr(&s->arena, s->words.v[1]));
}
