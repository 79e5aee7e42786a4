#include "core/quote.h"

#include "base/codec.h"

/* The characters that need a backslash, besides the quote. */
static const char *special_in(enum quote_rules rules, char quote)
{
    if (quote != '"')
        return "\\";
    return rules == QUOTE_SHELL ? "\\$`" : rules == QUOTE_PHP ? "\\$" : "\\";
}

static void put_escaped(struct buf *b, enum quote_rules rules, char quote, struct str value)
{
    const char *special = special_in(rules, quote);
    for (size_t i = 0; i < value.n; i++) {
        char ch = value.p[i];
        char next = i + 1 < value.n ? value.p[i + 1] : '\0';
        if ((unsigned char)ch < ' ' || ch == 0x7f) {
            buf_putc(b, '?');
            continue;
        }
        if (ch == quote || strchr(special, ch))
            buf_putc(b, '\\');
        else if (rules == QUOTE_HCL && next == '{' && (ch == '$' || ch == '%'))
            buf_putc(b, ch);
        buf_putc(b, ch);
    }
}

/* A shell has no escapes between single quotes: the quotes end, an escaped quote follows, and they begin
 * again. */
static void put_in_single(struct buf *b, struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == '\'')
            buf_put(b, STR("'\\''"));
        else
            buf_putc(b, value.p[i]);
}

static bool needs_quotes(struct str word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/";
    for (size_t i = 0; i < word.n; i++)
        if (!memchr(plain, word.p[i], sizeof plain - 1))
            return true;
    return word.n == 0;
}

void quote_put_word(struct buf *b, struct str word)
{
    if (!needs_quotes(word)) {
        buf_put(b, word);
        return;
    }
    buf_putc(b, '\'');
    put_in_single(b, word);
    buf_putc(b, '\'');
}

/* Without quotes in other languages than the shell's are only names and literals that virga itself wrote. */
void quote_put(struct buf *b, enum quote_rules rules, char quote, struct str value)
{
    if (rules == QUOTE_SHELL && quote == '\0')
        quote_put_word(b, value);
    else if (rules == QUOTE_SHELL && quote == '\'')
        put_in_single(b, value);
    else if (quote == '\0')
        buf_put(b, value);
    else
        put_escaped(b, rules, quote, value);
}

/* Not only a newline ends a comment: ?> does in PHP, an escaped newline in Java, a line separator in
 * JavaScript. */
void quote_put_comment(struct buf *b, struct str value)
{
    struct str copy = arena_dup(b->arena, value);
    char *p = (char *)(uintptr_t)copy.p; /* ours since the line above */
    utf8_mask_unprintable(p, copy.n);
    for (size_t i = 0; i < copy.n; i++)
        buf_putc(b, p[i] == '>' || p[i] == '\\' ? '?' : p[i]);
}
