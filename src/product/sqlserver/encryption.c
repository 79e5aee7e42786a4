/* Encryption of files (TDE) and of connections (SSL): ModifyDBEncryptAttributes,
 * ModifyInstanceEncryptAttributes, ModifyDBInstanceSSL. Nothing is encrypted; the states are what a client
 * sees. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/explain.h"

/* --- TDE of an instance --- */

/* What the other parameters must be follows from the certificate (documented); that a missing one is
 * NotSupport is assumed, because no code for it is declared. */
static int check_certificate(struct call *c, const struct modify_instance_encrypt_attributes_in *in)
{
    bool others = str_eq(in->certificate_attribution, STR("others"));
    bool kms = str_eq(in->certificate_attribution, STR("kms"));
    if (others && in->quote_uin.n == 0)
        return call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "tde.quote",
                                   "the certificate of another account needs QuoteUin");
    if (kms && (in->key_id.n == 0 || in->key_region.n == 0))
        return call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "tde.key",
                                   "a certificate of KMS needs KeyId and KeyRegion");
    return 0;
}

/* Texts that are absent are stored as empty. */
static struct field_value text_of(struct str text)
{
    return FIELD_TEXT(text.p ? text : STR(""));
}

/* TDE cannot be switched off again (documented by there being no such parameter). */
int modify_instance_encrypt_attributes(struct call *c, const struct modify_instance_encrypt_attributes_in *in,
                                       struct modify_instance_encrypt_attributes_out *out)
{
    struct instance instance;
    struct change_plan plan = {.c = c, .instance = &instance};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        check_certificate(c, in) != 0)
        return -1;
    change_then(&plan, INSTANCE_FIELD_TDE, FIELD_NUMBER(1));
    if (change_check_repeat(&plan, ERR_UNSUPPORTED_OPERATION_NOT_SUPPORT_REPEAT) != 0)
        return -1;
    change_then(&plan, INSTANCE_FIELD_TDE_CERTIFICATE, FIELD_TEXT(in->certificate_attribution));
    change_then(&plan, INSTANCE_FIELD_TDE_QUOTE_UIN, text_of(in->quote_uin));
    change_then(&plan, INSTANCE_FIELD_TDE_KEY, text_of(in->key_id));
    change_then(&plan, INSTANCE_FIELD_TDE_KEY_REGION, text_of(in->key_region));
    if (change_start(&plan, FLOW_KIND_ENCRYPT, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- TDE of databases --- */

/* Whether the instance has TDE; without it no database can be encrypted: UnsupportedOperation (assumed). */
static int check_instance_tde(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db, "SELECT tde FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    return stmt_i64(s, "tde") != 0
               ? 0
               : call_fail_explained(c, ERR_UNSUPPORTED_OPERATION, "tde.instance",
                                     "%.*s has no TDE; ModifyInstanceEncryptAttributes switches it on",
                                     STR_ARG(instance->instance_id));
}

/* Adds the databases to the flow, with the value that each is to get. One that does not exist is
 * ParamsNotFound, one that is not normal or not free InstanceStatusInvalid: the declared codes that fit. */
static int plan_databases(struct change_plan *plan, const struct dbtde_encrypt_list *wanted)
{
    struct call *c = plan->c;
    struct str_list names = {.set = true};
    for (size_t i = 0; i < wanted->n; i++)
        str_list_add(c->arena, &names, wanted->v[i].db_name);
    if (database_choose(c, plan->instance, &names, DATABASE_EFFECT_CHANGE, &plan->databases) != 0)
        return -1;
    for (size_t i = 0; i < wanted->n; i++) {
        struct str name;
        if (database_spell(c, plan->instance, wanted->v[i].db_name, &name) != 1)
            return -1;
        change_database_then(plan, name, DATABASE_FIELD_ENCRYPTED,
                             FIELD_NUMBER(str_eq(wanted->v[i].encryption, STR("enable"))));
    }
    return 0;
}

int modify_db_encrypt_attributes(struct call *c, const struct modify_db_encrypt_attributes_in *in,
                                 struct modify_db_encrypt_attributes_out *out)
{
    struct instance instance;
    struct change_plan plan = {.c = c, .instance = &instance};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        check_instance_tde(c, &instance) != 0 || plan_databases(&plan, &in->dbtde_encrypt) != 0 ||
        change_check_repeat(&plan, ERR_UNSUPPORTED_OPERATION_NOT_SUPPORT_REPEAT) != 0 ||
        change_start(&plan, FLOW_KIND_ENCRYPT, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- SSL --- */

/* What each Type does. */
static const struct ssl_step {
    struct str type;
    enum ssl_status needs, during, then;
} ssl_steps[] = {
    {STR_INIT("enable"), SSL_STATUS_DISABLE, SSL_STATUS_ENABLE_DOING, SSL_STATUS_ENABLE},
    {STR_INIT("disable"), SSL_STATUS_ENABLE, SSL_STATUS_DISABLE_DOING, SSL_STATUS_DISABLE},
    {STR_INIT("renew"), SSL_STATUS_ENABLE, SSL_STATUS_RENEW_DOING, SSL_STATUS_ENABLE},
};

static const struct ssl_step *ssl_step_of(struct str type)
{
    for (size_t i = 0; i < sizeof ssl_steps / sizeof ssl_steps[0]; i++)
        if (str_eq(ssl_steps[i].type, type))
            return &ssl_steps[i];
    assert(false); /* the schema allows no other type */
    return NULL;
}

/* Switching on what is on, off or renewing what is off, is NotSupportRepeat; a change that still runs too. */
static int check_ssl(struct call *c, const struct instance *instance, const struct ssl_step *step)
{
    SCOPED_STMT(s, c->world->db, "SELECT ssl FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    struct str present = stmt_str(s, c->arena, "ssl");
    if (str_eq(present, ssl_status_values[step->needs].text))
        return 0;
    return call_fail_explained(c, ERR_UNSUPPORTED_OPERATION_NOT_SUPPORT_REPEAT, "ssl.status",
                               "SSL of %.*s is in the state %.*s; %.*s needs %.*s",
                               STR_ARG(instance->instance_id), STR_ARG(present), STR_ARG(step->type),
                               STR_ARG(ssl_status_values[step->needs].text));
}

static int check_kms(struct call *c, const struct modify_db_instance_ssl_in *in)
{
    if (in->is_kms.v == 0 || (in->key_id.n > 0 && in->key_region.n > 0))
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "ssl.key",
                               "with IsKMS 1, KeyId and KeyRegion are required");
}

/* A certificate is valid for a year from the call (assumed). */
static struct field_value certificate_end(struct call *c, const struct ssl_step *step)
{
    const int64_t year_ms = INT64_C(365) * 24 * 3600 * 1000;
    return step->then == SSL_STATUS_ENABLE ? FIELD_NUMBER(world_now_ms(c->world) + year_ms)
                                           : FIELD_TEXT(((struct str){NULL, 0}));
}

/* WaitSwitch 1, in the maintenance window, is done at once too (assumed): a test does not wait for a night.
 */
int modify_db_instance_ssl(struct call *c, const struct modify_db_instance_ssl_in *in,
                           struct modify_db_instance_ssl_out *out)
{
    struct instance instance;
    struct change_plan plan = {.c = c, .instance = &instance};
    struct flow flow;
    const struct ssl_step *step = ssl_step_of(in->type);
    bool kms = step->then == SSL_STATUS_ENABLE && in->is_kms.v != 0;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        check_kms(c, in) != 0 || check_ssl(c, &instance, step) != 0)
        return -1;
    change_during(&plan, INSTANCE_FIELD_SSL, FIELD_TEXT(ssl_status_values[step->during].text));
    change_then(&plan, INSTANCE_FIELD_SSL, FIELD_TEXT(ssl_status_values[step->then].text));
    change_then(&plan, INSTANCE_FIELD_SSL_UNTIL_MS, certificate_end(c, step));
    change_then(&plan, INSTANCE_FIELD_SSL_KEY, kms ? FIELD_TEXT(in->key_id) : FIELD_TEXT(STR("")));
    change_then(&plan, INSTANCE_FIELD_SSL_KEY_REGION, kms ? FIELD_TEXT(in->key_region) : FIELD_TEXT(STR("")));
    if (change_start(&plan, FLOW_KIND_SSL, &flow) != 0)
        return -1;
    out->flow_id = U64((uint64_t)flow.id);
    return 0;
}
