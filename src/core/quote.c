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

/* Ends the quotes, writes an escaped quote and begins the quotes again, because a shell has no escapes
 * between single quotes. */
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

/* In languages other than the shell's, only names and literals that virga itself wrote have no quotes. */
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

/* Replaces everything that ends a comment: besides a newline, ?> in PHP, an escaped newline in Java and a
 * line separator in JavaScript. */
void quote_put_comment(struct buf *b, struct str value)
{
    struct str copy = arena_dup(b->arena, value);
    char *p = (char *)(uintptr_t)copy.p; /* the copy is writable */
    utf8_mask_unprintable(p, copy.n);
    for (size_t i = 0; i < copy.n; i++)
        buf_putc(b, p[i] == '>' || p[i] == '\\' ? '?' : p[i]);
}
