/* The language of words; see lang.h. */
#include "cli/lang.h"

#include <stdlib.h>

#include "gen/errors.h"

int lang_parse(struct str value, int *ret_lang, struct str *ret_why)
{
    if (!str_eq(value, STR("en")) && !str_eq(value, STR("zh"))) {
        *ret_why = STR("must be en or zh");
        return -1;
    }
    *ret_lang = str_eq(value, STR("zh")) ? LANG_ZH : LANG_EN;
    return 0;
}

int lang_of_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return str_starts(str_from(value), STR("zh")) ? LANG_ZH : LANG_EN;
    }
    return LANG_EN;
}
