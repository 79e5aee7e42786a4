/* Over the C library's iconv; where it lacks an encoding, nothing was signed in it. */
#include "doctor/transcode.h"

#include <iconv.h>

/* From what to what each encoding goes. */
static const struct {
    const char *from, *to;
} tables[] = {
    [ENCODING_UTF8] = {"UTF-8", "UTF-8"},        [ENCODING_LATIN1] = {"UTF-8", "ISO-8859-1"},
    [ENCODING_UTF16] = {"UTF-8", "UTF-16LE"},    [ENCODING_GBK] = {"UTF-8", "GBK"},
    [ENCODING_UTF16_MARK] = {"UTF-8", "UTF-16"}, [ENCODING_TWICE] = {"ISO-8859-1", "UTF-8"},
};

/* What getBytes() in an ASCII locale and Encoding.ASCII make of a character that they lack. */
static struct str question_marks(struct arena *a, struct str text)
{
    char *out = arena_alloc(a, text.n);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        if (c < 0x80)
            out[n++] = text.p[i];
        else if (c >= 0xc0) /* the first byte of a character */
            out[n++] = '?';
    }
    return (struct str){out, n};
}

struct str transcode(struct arena *a, enum encoding encoding, struct str text)
{
    if (encoding == ENCODING_ASCII)
        return question_marks(a, text);
    iconv_t cd = iconv_open(tables[encoding].to, tables[encoding].from);
    if (cd == (iconv_t)-1)
        return STR("");
    /* No character here takes more than twice its bytes in UTF-8; a mark takes two. */
    size_t in_left = text.n, room = 2 * text.n + 2, out_left = room;
    char *in = (char *)(uintptr_t)text.p, *start = arena_alloc(a, room), *out = start;
    size_t rc = iconv(cd, &in, &in_left, &out, &out_left);
    (void)iconv_close(cd);
    return rc == (size_t)-1 ? STR("") : (struct str){start, room - out_left};
}
