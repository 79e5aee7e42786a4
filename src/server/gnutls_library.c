/*
 * Functions of GnuTLS with their own names, each of which calls the function of the loaded library.
 *
 * libmicrohttpd is linked statically and calls these as tls.c does. The library has eight further libraries
 * and needs a quarter of the time of a start, which only a server with TLS should wait for.
 */
#include "server/gnutls_library.h"

#include <dlfcn.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/arena.h"

/* All functions that libmicrohttpd and tls.c call, with their types as in GnuTLS's headers: a difference does
 * not compile, and one that is missing does not link. */
#define FUNCTIONS(RESULT, NOTHING)                                                                           \
    RESULT(int, gnutls_alpn_set_protocols,                                                                   \
           (gnutls_session_t a, const gnutls_datum_t *b, unsigned c, unsigned d), (a, b, c, d))              \
    RESULT(int, gnutls_bye, (gnutls_session_t a, gnutls_close_request_t b), (a, b))                          \
    RESULT(int, gnutls_certificate_allocate_credentials, (gnutls_certificate_credentials_t * a), (a))        \
    NOTHING(gnutls_certificate_free_credentials, (gnutls_certificate_credentials_t a), (a))                  \
    NOTHING(gnutls_certificate_server_set_request, (gnutls_session_t a, gnutls_certificate_request_t b),     \
            (a, b))                                                                                          \
    NOTHING(gnutls_certificate_set_dh_params, (gnutls_certificate_credentials_t a, gnutls_dh_params_t b),    \
            (a, b))                                                                                          \
    NOTHING(gnutls_certificate_set_retrieve_function2,                                                       \
            (gnutls_certificate_credentials_t a, gnutls_certificate_retrieve_function2 * b), (a, b))         \
    NOTHING(gnutls_certificate_set_retrieve_function3,                                                       \
            (gnutls_certificate_credentials_t a, gnutls_certificate_retrieve_function3 * b), (a, b))         \
    RESULT(int, gnutls_certificate_set_x509_key_mem,                                                         \
           (gnutls_certificate_credentials_t a, const gnutls_datum_t *b, const gnutls_datum_t *c,            \
            gnutls_x509_crt_fmt_t d),                                                                        \
           (a, b, c, d))                                                                                     \
    RESULT(int, gnutls_certificate_set_x509_key_mem2,                                                        \
           (gnutls_certificate_credentials_t a, const gnutls_datum_t *b, const gnutls_datum_t *c,            \
            gnutls_x509_crt_fmt_t d, const char *e, unsigned int f),                                         \
           (a, b, c, d, e, f))                                                                               \
    RESULT(int, gnutls_certificate_set_x509_trust_mem,                                                       \
           (gnutls_certificate_credentials_t a, const gnutls_datum_t *b, gnutls_x509_crt_fmt_t c),           \
           (a, b, c))                                                                                        \
    RESULT(gnutls_cipher_algorithm_t, gnutls_cipher_get, (gnutls_session_t a), (a))                          \
    RESULT(int, gnutls_credentials_set, (gnutls_session_t a, gnutls_credentials_type_t b, void *c),          \
           (a, b, c))                                                                                        \
    NOTHING(gnutls_deinit, (gnutls_session_t a), (a))                                                        \
    NOTHING(gnutls_dh_params_deinit, (gnutls_dh_params_t a), (a))                                            \
    RESULT(int, gnutls_dh_params_import_pkcs3,                                                               \
           (gnutls_dh_params_t a, const gnutls_datum_t *b, gnutls_x509_crt_fmt_t c), (a, b, c))              \
    RESULT(int, gnutls_dh_params_init, (gnutls_dh_params_t * a), (a))                                        \
    RESULT(int, gnutls_handshake, (gnutls_session_t a), (a))                                                 \
    RESULT(int, gnutls_init, (gnutls_session_t * a, unsigned int b), (a, b))                                 \
    NOTHING(gnutls_priority_deinit, (gnutls_priority_t a), (a))                                              \
    RESULT(int, gnutls_priority_init, (gnutls_priority_t * a, const char *b, const char **c), (a, b, c))     \
    RESULT(int, gnutls_priority_set, (gnutls_session_t a, gnutls_priority_t b), (a, b))                      \
    RESULT(gnutls_protocol_t, gnutls_protocol_get_version, (gnutls_session_t a), (a))                        \
    RESULT(int, gnutls_psk_allocate_server_credentials, (gnutls_psk_server_credentials_t * a), (a))          \
    NOTHING(gnutls_psk_free_server_credentials, (gnutls_psk_server_credentials_t a), (a))                    \
    NOTHING(gnutls_psk_set_server_credentials_function,                                                      \
            (gnutls_psk_server_credentials_t a, gnutls_psk_server_credentials_function * b), (a, b))         \
    RESULT(size_t, gnutls_record_check_pending, (gnutls_session_t a), (a))                                   \
    RESULT(int, gnutls_record_get_direction, (gnutls_session_t a), (a))                                      \
    RESULT(ssize_t, gnutls_record_recv, (gnutls_session_t a, void *b, size_t c), (a, b, c))                  \
    RESULT(ssize_t, gnutls_record_send, (gnutls_session_t a, const void *b, size_t c), (a, b, c))            \
    RESULT(int, gnutls_rnd, (gnutls_rnd_level_t a, void *b, size_t c), (a, b, c))                            \
    RESULT(void *, gnutls_session_get_ptr, (gnutls_session_t a), (a))                                        \
    NOTHING(gnutls_session_set_ptr, (gnutls_session_t a, void *b), (a, b))                                   \
    RESULT(const char *, gnutls_strerror, (int a), (a))                                                      \
    NOTHING(gnutls_transport_set_int2, (gnutls_session_t a, int b, int c), (a, b, c))                        \
    NOTHING(gnutls_x509_crt_deinit, (gnutls_x509_crt_t a), (a))                                              \
    RESULT(int, gnutls_x509_crt_export2, (gnutls_x509_crt_t a, gnutls_x509_crt_fmt_t b, gnutls_datum_t * c), \
           (a, b, c))                                                                                        \
    RESULT(time_t, gnutls_x509_crt_get_activation_time, (gnutls_x509_crt_t a), (a))                          \
    RESULT(int, gnutls_x509_crt_get_ca_status, (gnutls_x509_crt_t a, unsigned int *b), (a, b))               \
    RESULT(time_t, gnutls_x509_crt_get_expiration_time, (gnutls_x509_crt_t a), (a))                          \
    RESULT(int, gnutls_x509_crt_get_key_id,                                                                  \
           (gnutls_x509_crt_t a, unsigned int b, unsigned char *c, size_t *d), (a, b, c, d))                 \
    RESULT(int, gnutls_x509_crt_get_subject_alt_name,                                                        \
           (gnutls_x509_crt_t a, unsigned int b, void *c, size_t *d, unsigned int *e), (a, b, c, d, e))      \
    RESULT(int, gnutls_x509_crt_get_subject_key_id,                                                          \
           (gnutls_x509_crt_t a, void *b, size_t *c, unsigned int *d), (a, b, c, d))                         \
    RESULT(int, gnutls_x509_crt_import,                                                                      \
           (gnutls_x509_crt_t a, const gnutls_datum_t *b, gnutls_x509_crt_fmt_t c), (a, b, c))               \
    RESULT(int, gnutls_x509_crt_init, (gnutls_x509_crt_t * a), (a))                                          \
    RESULT(int, gnutls_x509_crt_set_activation_time, (gnutls_x509_crt_t a, time_t b), (a, b))                \
    RESULT(int, gnutls_x509_crt_set_authority_key_id, (gnutls_x509_crt_t a, const void *b, size_t c),        \
           (a, b, c))                                                                                        \
    RESULT(int, gnutls_x509_crt_set_basic_constraints, (gnutls_x509_crt_t a, unsigned int b, int c),         \
           (a, b, c))                                                                                        \
    RESULT(int, gnutls_x509_crt_set_dn, (gnutls_x509_crt_t a, const char *b, const char **c), (a, b, c))     \
    RESULT(int, gnutls_x509_crt_set_expiration_time, (gnutls_x509_crt_t a, time_t b), (a, b))                \
    RESULT(int, gnutls_x509_crt_set_key, (gnutls_x509_crt_t a, gnutls_x509_privkey_t b), (a, b))             \
    RESULT(int, gnutls_x509_crt_set_key_purpose_oid, (gnutls_x509_crt_t a, const void *b, unsigned int c),   \
           (a, b, c))                                                                                        \
    RESULT(int, gnutls_x509_crt_set_key_usage, (gnutls_x509_crt_t a, unsigned int b), (a, b))                \
    RESULT(int, gnutls_x509_crt_set_serial, (gnutls_x509_crt_t a, const void *b, size_t c), (a, b, c))       \
    RESULT(int, gnutls_x509_crt_set_subject_alt_name,                                                        \
           (gnutls_x509_crt_t a, gnutls_x509_subject_alt_name_t b, const void *c, unsigned int d,            \
            unsigned int e),                                                                                 \
           (a, b, c, d, e))                                                                                  \
    RESULT(int, gnutls_x509_crt_set_subject_key_id, (gnutls_x509_crt_t a, const void *b, size_t c),          \
           (a, b, c))                                                                                        \
    RESULT(int, gnutls_x509_crt_set_version, (gnutls_x509_crt_t a, unsigned int b), (a, b))                  \
    RESULT(int, gnutls_x509_crt_sign2,                                                                       \
           (gnutls_x509_crt_t a, gnutls_x509_crt_t b, gnutls_x509_privkey_t c, gnutls_digest_algorithm_t d,  \
            unsigned int e),                                                                                 \
           (a, b, c, d, e))                                                                                  \
    RESULT(int, gnutls_x509_crt_verify,                                                                      \
           (gnutls_x509_crt_t a, const gnutls_x509_crt_t *b, unsigned c, unsigned int d, unsigned int *e),   \
           (a, b, c, d, e))                                                                                  \
    NOTHING(gnutls_x509_privkey_deinit, (gnutls_x509_privkey_t a), (a))                                      \
    RESULT(int, gnutls_x509_privkey_export2_pkcs8,                                                           \
           (gnutls_x509_privkey_t a, gnutls_x509_crt_fmt_t b, const char *c, unsigned int d,                 \
            gnutls_datum_t *e),                                                                              \
           (a, b, c, d, e))                                                                                  \
    RESULT(int, gnutls_x509_privkey_generate,                                                                \
           (gnutls_x509_privkey_t a, gnutls_pk_algorithm_t b, unsigned int c, unsigned int d), (a, b, c, d)) \
    RESULT(int, gnutls_x509_privkey_get_key_id,                                                              \
           (gnutls_x509_privkey_t a, unsigned int b, unsigned char *c, size_t *d), (a, b, c, d))             \
    RESULT(int, gnutls_x509_privkey_import,                                                                  \
           (gnutls_x509_privkey_t a, const gnutls_datum_t *b, gnutls_x509_crt_fmt_t c), (a, b, c))           \
    RESULT(int, gnutls_x509_privkey_init, (gnutls_x509_privkey_t * a), (a))

#define MEMBER_RESULT(type, name, params, args) __typeof__(name) *name;
#define MEMBER_NOTHING(name, params, args) __typeof__(name) *name;
static struct {
    FUNCTIONS(MEMBER_RESULT, MEMBER_NOTHING)
} library;

#define CALL_RESULT(type, name, params, args)                                                                \
    type name params                                                                                         \
    {                                                                                                        \
        return library.name args;                                                                            \
    }
#define CALL_NOTHING(name, params, args)                                                                     \
    void name params                                                                                         \
    {                                                                                                        \
        library.name args;                                                                                   \
    }
FUNCTIONS(CALL_RESULT, CALL_NOTHING)

gnutls_alloc_function gnutls_malloc;
gnutls_free_function gnutls_free;

/* libmicrohttpd calls these two at the start and at the end of every program, also without TLS. The library
 * does both by itself when it is loaded and when the program ends. */
int gnutls_global_init(void)
{
    return 0;
}

void gnutls_global_deinit(void)
{
}

/* -1 when a function is missing. */
static int find_functions(void *from)
{
#define ROW_RESULT(type, name, params, args) {#name, (void **)&library.name},
#define ROW_NOTHING(name, params, args) {#name, (void **)&library.name},
    const struct {
        const char *name;
        void **function;
    } wanted[] = {FUNCTIONS(ROW_RESULT, ROW_NOTHING)};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!(*wanted[i].function = dlsym(from, wanted[i].name)))
            return -1;
    const gnutls_alloc_function *allocate = dlsym(from, "gnutls_malloc");
    const gnutls_free_function *release = dlsym(from, "gnutls_free");
    if (!allocate || !release)
        return -1;
    gnutls_malloc = *allocate;
    gnutls_free = *release;
    return 0;
}

int gnutls_library_load(struct str *ret_problem)
{
    static bool loaded;
    void *from = loaded ? NULL : dlopen("libgnutls.so.30", RTLD_NOW | RTLD_LOCAL);
    if (loaded || (from && find_functions(from) == 0)) {
        loaded = true;
        return 0;
    }
    *ret_problem = from ? STR("libgnutls.so.30 lacks a function that TLS needs")
                        : STR("TLS needs libgnutls.so.30, which is not installed");
    return -1;
}
