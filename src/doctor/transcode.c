/* Over the C library's iconv; where it lacks an encoding, nothing was signed in it. */
#include "doctor/transcode.h"

#include <iconv.h>

/* From what to what each encoding goes. */
static const struct {
    const char *from, *to;
} tables[] = {
    [ENCODING_UTF8] = {"UTF-8", "UTF-8"},       [ENCODING_LATIN1] = {"UTF-8", "ISO-8859-1"},
    [ENCODING_UTF16] = {"UTF-8", "UTF-16LE"},   [ENCODING_GBK] = {"UTF-8", "GBK"},
    [ENCODING_TWICE] = {"ISO-8859-1", "UTF-8"},
};

struct str transcode(struct arena *a, enum encoding encoding, struct str text)
{
    iconv_t cd = iconv_open(tables[encoding].to, tables[encoding].from);
    if (cd == (iconv_t)-1)
        return STR("");
    /* No character here takes more than twice its bytes in UTF-8. */
    size_t in_left = text.n, room = 2 * text.n, out_left = room;
    char *in = (char *)(uintptr_t)text.p, *start = arena_alloc(a, room), *out = start;
    size_t rc = iconv(cd, &in, &in_left, &out, &out_left);
    (void)iconv_close(cd);
    return rc == (size_t)-1 ? STR("") : (struct str){start, room - out_left};
}
