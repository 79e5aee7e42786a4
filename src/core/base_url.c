#include "core/base_url.h"

/* The domain of every product of the cloud. */
#define CLOUD_DOMAIN ".tencentcloudapi.com"

enum { PORT_DIGITS_MAX = 5 };

/* The text after the host, ":8328" or nothing; the whole text when it begins with no host. */
static struct str after_host(struct str text)
{
    static const struct str name = STR_INIT("._-"), six = STR_INIT(".:");
    bool brackets = str_starts(text, STR("["));
    size_t i = brackets;
    while (i < text.n && (ascii_is_digit(text.p[i]) ||
                          (brackets ? ascii_hex_value(text.p[i]) >= 0 || str_find(six, text.p[i]) < six.n
                                    : ascii_is_letter(text.p[i]) || str_find(name, text.p[i]) < name.n)))
        i++;
    if (i == (size_t)brackets || (brackets && (i == text.n || text.p[i] != ']')))
        return text;
    return str_skip(text, i + brackets);
}

bool base_url_has_host(struct str host_port)
{
    struct str port = after_host(host_port);
    if (port.n == 0 || port.n == host_port.n)
        return port.n < host_port.n;
    bool digits = port.p[0] == ':' && port.n > 1 && port.n <= 1 + PORT_DIGITS_MAX;
    for (size_t i = 1; i < port.n; i++)
        digits = digits && ascii_is_digit(port.p[i]);
    return digits;
}

/* Removes "http://" or "https://" from the start; false when the text has neither. */
static bool skip_scheme(struct str *text)
{
    static const struct str schemes[] = {STR_INIT("http://"), STR_INIT("https://")};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (str_starts(*text, schemes[i])) {
            *text = str_skip(*text, schemes[i].n);
            return true;
        }
    return false;
}

int base_url_parse(struct str text, struct str *ret_url)
{
    struct str url = str_ends(text, STR("/")) ? str_head(text, text.n - 1) : text, host = url;
    if (!skip_scheme(&host) || !base_url_has_host(host))
        return -1;
    *ret_url = url;
    return 0;
}

/* The host that the client means: a client of a proxy has it in the target, tccli puts a whole URL into Host.
 */
static struct str host_of(const struct request *r)
{
    struct str host = r->authority.p ? r->authority : request_header(r, STR("Host"));
    (void)skip_scheme(&host);
    return str_head(host, str_find(host, '/'));
}

struct str base_url_of(const struct call *c)
{
    const struct world *w = c->world;
    struct str host = host_of(&c->request), name = str_head(host, host.n - after_host(host).n);
    if (w->settings.public_url.p)
        return w->settings.public_url;
    if (!c->request.peer.p || !base_url_has_host(host) || str_ends(name, STR(CLOUD_DOMAIN)))
        return w->endpoint;
    return CONCAT(c->arena, c->request.tls ? STR("https://") : STR("http://"), host);
}
