/* The language of words for people: what an option says, else the locale. */
#ifndef VIRGA_CLI_LANG_H
#define VIRGA_CLI_LANG_H

#include "base/str.h"

/* "en" or "zh" to LANG_EN or LANG_ZH. -1 and a sentence. */
int lang_parse(struct str value, int *ret_lang, struct str *ret_why);

/* The first of LC_ALL, LC_MESSAGES and LANG that is set decides, as for every program (POSIX, XBD 8.2). */
int lang_of_locale(void);

#endif
