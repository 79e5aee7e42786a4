/* Where the official clients look: the Python SDK's common/credential.py, tccli's action_caller.py. */
#include "cli/credential.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/options.h"
#include "wire/json.h"

static bool is_whole(const struct credential_found *c)
{
    return c->secret_id.n > 0 && c->secret_key.n > 0;
}

/* The path of a file in the user's home; NULL without one. */
static const char *home_path(struct arena *a, struct str name)
{
    struct str home = variable_text("HOME");
    return home.p ? arena_cstr(a, CONCAT(a, home, STR("/"), name)) : NULL;
}

/* 1 with the file's text, 0 when there is no such file, -1 and a sentence. */
static int read_if_there(struct arena *a, const char *path, struct str *ret_text, struct str *ret_problem)
{
    if (!path || access(path, F_OK) != 0)
        return 0;
    return file_read(a, path, LIMIT_CREDENTIAL_FILE, ret_text, ret_problem) == 0 ? 1 : -1;
}

/* --- the variables ------------------------------------------------------------------------------------ */

static void from_variables(struct credential_found *c)
{
    c->secret_id = variable_text("TENCENTCLOUD_SECRET_ID");
    c->secret_key = variable_text("TENCENTCLOUD_SECRET_KEY");
    c->token = variable_text("TENCENTCLOUD_TOKEN");
    c->place = "the variables TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY";
}

/* --- the SDKs' file ----------------------------------------------------------------------------------- */

/* "name = value" or "name: value" of the section [default]. */
static void take_line(struct credential_found *c, struct str line)
{
    size_t equal = str_find(line, '='), colon = str_find(line, ':');
    size_t at = equal < colon ? equal : colon;
    struct str name = str_trim(str_head(line, at)), value = str_trim(str_skip(line, at + 1));
    if (value.n == 0)
        return;
    if (str_eq_nocase(name, STR("secret_id")))
        c->secret_id = value;
    else if (str_eq_nocase(name, STR("secret_key")))
        c->secret_key = value;
    else if (str_eq_nocase(name, STR("token")))
        c->token = value;
}

static void take_sections(struct credential_found *c, struct str text)
{
    struct str line;
    bool wanted = false;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        if (str_starts(line, STR("[")))
            wanted = str_eq(line, STR("[default]"));
        else if (wanted && !str_starts(line, STR("#")) && !str_starts(line, STR(";")))
            take_line(c, line);
    }
}

static int from_sdk_file(struct arena *a, struct credential_found *c, struct str *ret_problem)
{
    const char *path = home_path(a, STR(".tencentcloud/credentials"));
    struct str text;
    int rc = read_if_there(a, path, &text, ret_problem);
    if (rc == 0)
        rc = read_if_there(a, path = "/etc/tencentcloud/credentials", &text, ret_problem);
    if (rc != 1)
        return rc;
    take_sections(c, text);
    c->place = path;
    return 0;
}

/* --- tccli's profile ---------------------------------------------------------------------------------- */

static struct str text_of(const struct node *object, struct str name)
{
    struct str text = object && object->kind == NODE_OBJECT ? node_text(object, name) : (struct str){NULL, 0};
    return text.n > 0 ? text : (struct str){NULL, 0};
}

/* The object in ~/.tccli/PROFILE.`kind`. */
static int read_profile(struct arena *a, struct str kind, const char **ret_path, struct node **ret_object,
                        struct str *ret_problem)
{
    struct str profile = variable_text("TCCLI_PROFILE"), text;
    *ret_path = home_path(a, CONCAT(a, STR(".tccli/"), profile.p ? profile : STR("default"), STR("."), kind));
    int rc = read_if_there(a, *ret_path, &text, ret_problem);
    if (rc == 1 && json_parse(a, text, ret_object, NULL) != 0) {
        *ret_problem = arena_printf(a, "%s is not JSON", *ret_path);
        return -1;
    }
    return rc;
}

static int from_profile(struct arena *a, struct credential_found *c, struct str *ret_problem)
{
    struct node *object;
    const char *path;
    int rc = read_profile(a, STR("credential"), &path, &object, ret_problem);
    if (rc != 1)
        return rc;
    c->secret_id = text_of(object, STR("secretId"));
    c->secret_key = text_of(object, STR("secretKey"));
    c->token = text_of(object, STR("token"));
    c->place = path;
    return 0;
}

/* The variable, else what tccli is configured for; absent when neither has one. */
static struct str find_region(struct arena *a)
{
    struct str region = variable_text("TENCENTCLOUD_REGION"), ignored;
    struct node *object;
    const char *path;
    if (region.p || read_profile(a, STR("configure"), &path, &object, &ignored) != 1)
        return region;
    const struct node *params = object->kind == NODE_OBJECT ? node_find(object, STR("_sys_param")) : NULL;
    return text_of(params ? params : object, STR("region"));
}

/* --- all places --------------------------------------------------------------------------------------- */

static int find_keys(struct arena *a, struct credential_found *c, struct str *ret_problem)
{
    static int (*const files[])(struct arena *, struct credential_found *, struct str *) = {from_sdk_file,
                                                                                            from_profile};
    if (is_whole(c))
        return 0;
    from_variables(c);
    for (size_t i = 0; i < sizeof files / sizeof files[0] && !is_whole(c); i++) {
        *c = (struct credential_found){.place = NULL};
        if (files[i](a, c, ret_problem) != 0)
            return -1;
    }
    *ret_problem = STR("there is no credential of the cloud: set TENCENTCLOUD_SECRET_ID and "
                       "TENCENTCLOUD_SECRET_KEY, or give --secret-id and --secret-key");
    return is_whole(c) ? 0 : -1;
}

int credential_find(struct arena *a, const struct credential_found *given, struct credential_found *ret_found,
                    struct str *ret_problem)
{
    struct credential_found found = *given;
    found.place = "the options";
    if ((given->secret_id.p != NULL) != (given->secret_key.p != NULL)) {
        *ret_problem = STR("--secret-id and --secret-key go together");
        return -1;
    }
    if (find_keys(a, &found, ret_problem) != 0)
        return -1;
    found.region = given->region.p ? given->region : find_region(a);
    *ret_found = found;
    return 0;
}
