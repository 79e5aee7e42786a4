/* A line of a form is a text before the name, one between name and value, and the value quoted by the rules
 * of the form. */
#include "cli/exports.h"

#include "base/limits.h"
#include "core/template.h"

/* --- values ------------------------------------------------------------------------------------------- */

/* Between single quotes fish knows two escapes (fishshell.com, Quotes). */
static void put_fish(struct buf *b, struct str value)
{
    buf_putc(b, '\'');
    for (size_t i = 0; i < value.n; i++)
        buf_printf(b, "%s%c", value.p[i] == '\'' || value.p[i] == '\\' ? "\\" : "", value.p[i]);
    buf_putc(b, '\'');
}

/* Between single quotes PowerShell knows one escape, the doubled quote (about_Quoting_Rules). It also takes
 * the typographic quotes for ends. */
static void put_powershell(struct buf *b, struct str value)
{
    static const struct str curly[] = {STR_INIT("\xe2\x80\x98"), STR_INIT("\xe2\x80\x99"),
                                       STR_INIT("\xe2\x80\x9a"), STR_INIT("\xe2\x80\x9b")};
    buf_putc(b, '\'');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\'')
            buf_putc(b, '\'');
        for (size_t k = 0; k < sizeof curly / sizeof curly[0]; k++)
            if (str_starts(str_skip(value, i), curly[k]))
                buf_put(b, curly[k]);
        buf_putc(b, value.p[i]);
    }
    buf_putc(b, '\'');
}

static const char plain_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/";

/* Without quotes where none are needed, because the files of docker --env-file and of GitHub Actions have no
 * quotes. Else single quotes, in which a dotenv file has no escapes; a value with one itself is in double
 * ones. */
static void put_dotenv(struct buf *b, struct str value)
{
    const struct str plain = str_from(plain_characters);
    size_t i = 0;
    while (i < value.n && str_find(plain, value.p[i]) < plain.n)
        i++;
    if (value.n > 0 && i == value.n) {
        buf_put(b, value);
        return;
    }
    char quote = str_find(value, '\'') < value.n ? '"' : '\'';
    buf_putc(b, quote);
    for (i = 0; i < value.n; i++)
        buf_printf(b, "%s%c", quote == '"' && strchr("\"\\$`", value.p[i]) ? "\\" : "", value.p[i]);
    buf_putc(b, quote);
}

/* --- lines -------------------------------------------------------------------------------------------- */

static const struct form {
    const char *before, *between;
    void (*put)(struct buf *b, struct str value);
} forms[] = {
    [EXPORT_SH] = {"export ", "=", quote_put_word},
    [EXPORT_DIRENV] = {"export ", "=", quote_put_word}, /* a .envrc is a script of bash */
    [EXPORT_FISH] = {"set -gx ", " ", put_fish},
    [EXPORT_POWERSHELL] = {"$env:", " = ", put_powershell},
    [EXPORT_DOTENV] = {"", "=", put_dotenv},
};

static struct str protocol_of(struct str endpoint)
{
    return str_starts(endpoint, STR("https:")) ? STR("HTTPS") : STR("HTTP");
}

void exports_of_client(struct arena *a, const struct endpoints *e,
                       struct export_variable ret[EXPORT_CLIENT_VARIABLES])
{
    struct template_values values = {0};
    template_set_server(&values, a, e->endpoint, e->tls_endpoint);
    const struct export_variable all[EXPORT_CLIENT_VARIABLES] = {
        {"TENCENTCLOUD_SECRET_ID", e->secret_id},
        {"TENCENTCLOUD_SECRET_KEY", e->secret_key},
        {"TENCENTCLOUD_REGION", e->region},
        {"TENCENTCLOUD_PROTOCOL", protocol_of(e->endpoint)},
        {"TENCENTCLOUD_DOMAIN", values.v[TEMPLATE_DOMAIN]},
    };
    memcpy(ret, all, sizeof all);
}

void exports_put(struct buf *b, enum export_format format, const struct endpoints *e, struct str name)
{
    const struct form *form = &forms[format];
    struct export_variable all[EXPORT_CLIENT_VARIABLES + 1];
    exports_of_client(b->arena, e, all);
    all[EXPORT_CLIENT_VARIABLES] = (struct export_variable){"VIRGA_NAME", name};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!all[i].value.p)
            continue;
        buf_printf(b, "%s%s%s", form->before, all[i].name, form->between);
        form->put(b, all[i].value);
        buf_putc(b, '\n');
    }
}
