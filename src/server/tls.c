/*
 * Functions of GnuTLS return a negative number when they fail, so that steps are chained by `rc < 0 ||`: the
 * first failure is the result. Keys are P-256: they are made in a millisecond, and every client of the cloud
 * accepts them.
 */
#include "server/tls.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "server/gnutls_library.h"

enum {
    DAY = 24 * 3600,
    AUTHORITY_DAYS = 10 * 365,
    SERVER_DAYS = 397,       /* the longest that browsers accept */
    RENEW_DAYS = 30,         /* before the end, so that it does not expire while a server runs for weeks */
    BACKDATED_SECONDS = DAY, /* for clients whose clock is behind, as in some containers */
    SERIAL_BYTES = 16,
    KEY_ID_BYTES = 20,
    NAME_MAX_BYTES = 256, /* a host name has at most 253 (RFC 1035) */
    LOCK_STEP_MS = 10,    /* between two attempts to take the lock */
};

/* A parsed pair; GnuTLS's objects are freed at the end of the scope. */
struct parsed {
    gnutls_x509_crt_t crt;
    gnutls_x509_privkey_t key;
};

#define PARSED_SCOPE __attribute__((cleanup(parsed_leave))) struct parsed

static void parsed_leave(struct parsed *p)
{
    if (p->crt)
        gnutls_x509_crt_deinit(p->crt);
    if (p->key)
        gnutls_x509_privkey_deinit(p->key);
}

/* The first use of GnuTLS in every function that needs it. */
static int parsed_init(struct parsed *p)
{
    struct str problem;
    if (gnutls_library_load(&problem) != 0)
        return GNUTLS_E_UNIMPLEMENTED_FEATURE;
    int rc = gnutls_x509_crt_init(&p->crt);
    return rc < 0 ? rc : gnutls_x509_privkey_init(&p->key);
}

static gnutls_datum_t datum_of(struct str text)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)text.p, (unsigned)text.n}; /* only read */
}

static int parse(const struct pem_pair *pair, struct parsed *p)
{
    gnutls_datum_t crt = datum_of(pair->certificate), key = datum_of(pair->key);
    int rc = parsed_init(p);
    if (rc < 0 || (rc = gnutls_x509_crt_import(p->crt, &crt, GNUTLS_X509_FMT_PEM)) < 0)
        return rc;
    return gnutls_x509_privkey_import(p->key, &key, GNUTLS_X509_FMT_PEM);
}

/* Copies a text of GnuTLS into the arena and frees it. */
static struct str take(struct arena *a, gnutls_datum_t *d)
{
    struct str copy = arena_dup(a, (struct str){(const char *)d->data, d->size});
    gnutls_free(d->data);
    return copy;
}

static int export_pair(struct arena *a, const struct parsed *p, struct pem_pair *ret_pair)
{
    gnutls_datum_t crt, key;
    int rc = gnutls_x509_crt_export2(p->crt, GNUTLS_X509_FMT_PEM, &crt);
    if (rc < 0)
        return rc;
    ret_pair->certificate = take(a, &crt);
    rc = gnutls_x509_privkey_export2_pkcs8(p->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &key);
    if (rc < 0)
        return rc;
    ret_pair->key = take(a, &key);
    return 0;
}

/* --- making certificates --- */

static int make_key(struct parsed *p)
{
    unsigned bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    int rc = parsed_init(p);
    return rc < 0 ? rc : gnutls_x509_privkey_generate(p->key, GNUTLS_PK_ECDSA, bits, 0);
}

/* Random: a counter would give the same number twice when the folder is restored from a copy. */
static int set_serial(gnutls_x509_crt_t crt)
{
    unsigned char serial[SERIAL_BYTES];
    int rc = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
    serial[0] &= 0x7f; /* a serial number is positive */
    return rc < 0 ? rc : gnutls_x509_crt_set_serial(crt, serial, sizeof serial);
}

static int set_key(const struct parsed *p)
{
    unsigned char id[KEY_ID_BYTES];
    size_t n = sizeof id;
    int rc = gnutls_x509_crt_set_key(p->crt, p->key);
    if (rc < 0 || (rc = gnutls_x509_crt_get_key_id(p->crt, 0, id, &n)) < 0)
        return rc;
    return gnutls_x509_crt_set_subject_key_id(p->crt, id, n);
}

/* What both kinds of certificate have. */
static int set_common(const struct parsed *p, int64_t now_s, int days)
{
    int rc = gnutls_x509_crt_set_version(p->crt, 3);
    if (rc < 0 || (rc = set_serial(p->crt)) < 0 || (rc = set_key(p)) < 0 ||
        (rc = gnutls_x509_crt_set_activation_time(p->crt, (time_t)(now_s - BACKDATED_SECONDS))) < 0)
        return rc;
    return gnutls_x509_crt_set_expiration_time(p->crt, (time_t)(now_s + (int64_t)days * DAY));
}

/* Gives each authority its own name: a client that also trusts an older one selects by the name. */
static int name_authority(struct arena *a, const struct parsed *p)
{
    unsigned char id[KEY_ID_BYTES];
    size_t n = sizeof id;
    int rc = gnutls_x509_crt_get_key_id(p->crt, 0, id, &n);
    if (rc < 0)
        return rc;
    struct str dn = arena_printf(a, "CN=virga local CA %02x%02x%02x%02x,O=virga", id[0], id[1], id[2], id[3]);
    return gnutls_x509_crt_set_dn(p->crt, dn.p, NULL);
}

static int build_authority(struct arena *a, const struct parsed *p, int64_t now_s)
{
    int rc = set_common(p, now_s, AUTHORITY_DAYS);
    if (rc < 0 || (rc = name_authority(a, p)) < 0 ||
        (rc = gnutls_x509_crt_set_basic_constraints(p->crt, 1, 0)) < 0 ||
        (rc = gnutls_x509_crt_set_key_usage(p->crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)) < 0)
        return rc;
    return gnutls_x509_crt_sign2(p->crt, p->crt, p->key, GNUTLS_DIG_SHA256, 0);
}

/* Turns a result of GnuTLS into 0 or -1, with a sentence. */
static int report(int rc, const char *what, struct arena *a, struct str *ret_problem)
{
    if (rc >= 0)
        return 0;
    *ret_problem = arena_printf(a, "cannot make %s: %s", what, gnutls_strerror(rc));
    return -1;
}

static int make_authority(struct arena *a, int64_t now_s, struct pem_pair *ret_pair, struct str *ret_problem)
{
    PARSED_SCOPE p = {0};
    int rc = make_key(&p);
    if (rc >= 0 && (rc = build_authority(a, &p, now_s)) >= 0)
        rc = export_pair(a, &p, ret_pair);
    return report(rc, "a certificate authority", a, ret_problem);
}

/* A name as a certificate holds it: the bytes of an address, or the text. */
struct san {
    gnutls_x509_subject_alt_name_t type;
    unsigned char bytes[NAME_MAX_BYTES];
    size_t n;
};

static struct san san_of(struct str name)
{
    struct san san = {.type = GNUTLS_SAN_IPADDRESS, .n = 4};
    char text[NAME_MAX_BYTES] = "";
    memcpy(text, name.p, name.n < sizeof text ? name.n : 0); /* a longer one is no host name */
    if (inet_pton(AF_INET, text, san.bytes) == 1)
        return san;
    san.n = 16;
    if (inet_pton(AF_INET6, text, san.bytes) == 1)
        return san;
    san = (struct san){.type = GNUTLS_SAN_DNSNAME, .n = strlen(text)};
    memcpy(san.bytes, text, san.n);
    return san;
}

static int set_names(gnutls_x509_crt_t crt, struct san_list names)
{
    for (size_t i = 0; i < names.n; i++) {
        struct san san = san_of(names.name[i]);
        int rc = gnutls_x509_crt_set_subject_alt_name(crt, san.type, san.bytes, (unsigned)san.n,
                                                      GNUTLS_FSAN_APPEND);
        if (rc < 0)
            return rc;
    }
    return gnutls_x509_crt_set_dn(crt, "CN=virga,O=virga", NULL);
}

static int build_server(const struct parsed *p, const struct parsed *authority, const struct x509_server *w)
{
    unsigned char id[KEY_ID_BYTES];
    size_t n = sizeof id;
    int rc = set_common(p, w->now_s, SERVER_DAYS);
    if (rc < 0 || (rc = set_names(p->crt, w->names)) < 0 ||
        (rc = gnutls_x509_crt_set_basic_constraints(p->crt, 0, -1)) < 0 ||
        (rc = gnutls_x509_crt_set_key_usage(p->crt, GNUTLS_KEY_DIGITAL_SIGNATURE)) < 0 ||
        (rc = gnutls_x509_crt_set_key_purpose_oid(p->crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0 ||
        (rc = gnutls_x509_crt_get_subject_key_id(authority->crt, id, &n, NULL)) < 0 ||
        (rc = gnutls_x509_crt_set_authority_key_id(p->crt, id, n)) < 0)
        return rc;
    return gnutls_x509_crt_sign2(p->crt, authority->crt, authority->key, GNUTLS_DIG_SHA256, 0);
}

static int make_server(struct arena *a, const struct x509_server *wanted, struct pem_pair *ret_pair,
                       struct str *ret_problem)
{
    PARSED_SCOPE authority = {0};
    PARSED_SCOPE p = {0};
    int rc = parse(wanted->authority, &authority);
    if (rc >= 0 && (rc = make_key(&p)) >= 0 && (rc = build_server(&p, &authority, wanted)) >= 0)
        rc = export_pair(a, &p, ret_pair);
    return report(rc, "a certificate", a, ret_problem);
}

/* --- checking certificates --- */

static bool parts_belong_together(const struct parsed *p)
{
    unsigned char of_crt[KEY_ID_BYTES], of_key[KEY_ID_BYTES];
    size_t n_crt = sizeof of_crt, n_key = sizeof of_key;
    return gnutls_x509_crt_get_key_id(p->crt, 0, of_crt, &n_crt) >= 0 &&
           gnutls_x509_privkey_get_key_id(p->key, 0, of_key, &n_key) >= 0 && n_crt == n_key &&
           memcmp(of_crt, of_key, n_crt) == 0;
}

/* False also when the clock went back before the start. */
static bool in_time(const struct parsed *p, int64_t now_s)
{
    return gnutls_x509_crt_get_activation_time(p->crt) <= now_s &&
           gnutls_x509_crt_get_expiration_time(p->crt) >= now_s + (int64_t)RENEW_DAYS * DAY;
}

bool x509_authority_is_good(const struct pem_pair *authority, int64_t now_s)
{
    PARSED_SCOPE p = {0};
    return parse(authority, &p) >= 0 && parts_belong_together(&p) && in_time(&p, now_s) &&
           gnutls_x509_crt_get_ca_status(p.crt, NULL) > 0;
}

/* Is this the certificate's name number `i`? */
static bool has_name(gnutls_x509_crt_t crt, unsigned i, struct str name)
{
    struct san wanted = san_of(name);
    unsigned char bytes[NAME_MAX_BYTES];
    size_t n = sizeof bytes;
    int type = gnutls_x509_crt_get_subject_alt_name(crt, i, bytes, &n, NULL);
    return type == (int)wanted.type && n == wanted.n && memcmp(bytes, wanted.bytes, n) == 0;
}

/* Exactly these names, in this order: with other options the server needs another certificate. */
static bool has_names(gnutls_x509_crt_t crt, struct san_list names)
{
    unsigned char bytes[NAME_MAX_BYTES];
    size_t n = sizeof bytes;
    for (size_t i = 0; i < names.n; i++)
        if (!has_name(crt, (unsigned)i, names.name[i]))
            return false;
    return gnutls_x509_crt_get_subject_alt_name(crt, (unsigned)names.n, bytes, &n, NULL) ==
           GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static bool is_signed_by(const struct parsed *p, const struct parsed *authority)
{
    unsigned status = 0;
    return gnutls_x509_crt_verify(p->crt, &authority->crt, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) >=
               0 &&
           status == 0;
}

bool x509_server_is_good(const struct pem_pair *server, const struct x509_server *wanted)
{
    PARSED_SCOPE authority = {0};
    PARSED_SCOPE p = {0};
    return parse(wanted->authority, &authority) >= 0 && parse(server, &p) >= 0 && parts_belong_together(&p) &&
           in_time(&p, wanted->now_s) && is_signed_by(&p, &authority) && has_names(p.crt, wanted->names);
}

/* --- the folder --- */

/* The lock of the folder lasts from the first read to the last write: of two servers that start at the same
 * time, one makes the files and the other one finds them. */

static int fail(const struct ca *ca, const char *what, struct str *ret_problem)
{
    *ret_problem = arena_printf(ca->arena, "%s: %s", what, strerror(errno));
    return -1;
}

static const char *path_of(const struct ca *ca, const char *name)
{
    return arena_printf(ca->arena, "%s/%s", ca->folder, name).p;
}

/* Makes the folder, and its name absolute for clients with another working directory. */
static int find_folder(struct ca *ca)
{
    char real[PATH_MAX];
    if (file_make_parents(ca->arena, path_of(ca, "lock")) != 0 || !realpath(ca->folder, real))
        return -1;
    ca->folder = arena_cstr(ca->arena, str_from(real));
    return 0;
}

/* -1 with errno. Signals are blocked during the start, so the wait must end by itself. */
static int wait_for_lock(int fd)
{
    for (int waited_ms = 0;; waited_ms += LOCK_STEP_MS) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited_ms >= LIMIT_CA_LOCK_MS)
            return -1;
        (void)poll(NULL, 0, LOCK_STEP_MS);
    }
}

/* Returns a descriptor that holds the lock until it is closed. -1 with a sentence. */
static int lock(struct ca *ca, struct str *ret_problem)
{
    if (find_folder(ca) != 0)
        return fail(ca, ca->folder, ret_problem);
    const char *path = path_of(ca, "lock");
    const char *refusal = file_refusal(path);
    if (refusal) {
        *ret_problem = arena_printf(ca->arena, "%s: %s", path, refusal);
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && wait_for_lock(fd) == 0)
        return fd;
    if (errno == EWOULDBLOCK)
        *ret_problem = arena_printf(ca->arena, "%s: another process holds this lock", path);
    else
        (void)fail(ca, path, ret_problem);
    fd_close(&fd);
    return -1;
}

/* *ret_text is empty for a missing file; no certificate is. */
static int load(const struct ca *ca, const char *name, struct str *ret_text, struct str *ret_problem)
{
    const char *path = path_of(ca, name);
    *ret_text = STR("");
    if (access(path, F_OK) != 0)
        return errno == ENOENT ? 0 : fail(ca, path, ret_problem);
    if (file_read(ca->arena, path, LIMIT_PEM_FILE, ret_text, ret_problem) != 0)
        return -1;
    /* A copy or a restored file may be readable for others. The target of a link is not changed. */
    (void)fchmodat(AT_FDCWD, path, 0600, AT_SYMLINK_NOFOLLOW);
    return 0;
}

/* The key comes first: after a crash in between, the two do not belong together and both are made again. */
static int save(const struct ca *ca, const char *const names[2], const struct pem_pair *pair,
                struct str *ret_problem)
{
    if (file_replace(ca->arena, path_of(ca, names[1]), pair->key, ret_problem) != 0)
        return -1;
    return file_replace(ca->arena, path_of(ca, names[0]), pair->certificate, ret_problem);
}

static const char *const authority_names[2] = {"ca.pem", "ca.key"};
static const char *const server_names[2] = {"leaf.pem", "leaf.key"};

static int load_pair(const struct ca *ca, const char *const names[2], struct pem_pair *ret_pair,
                     struct str *ret_problem)
{
    if (load(ca, names[0], &ret_pair->certificate, ret_problem) != 0)
        return -1;
    return load(ca, names[1], &ret_pair->key, ret_problem);
}

/* What a start leaves that is killed while it makes certificates: half a key, among others. */
static void sweep(const struct ca *ca)
{
    for (size_t i = 0; i < 2; i++) {
        file_sweep(ca->arena, path_of(ca, authority_names[i]));
        file_sweep(ca->arena, path_of(ca, server_names[i]));
    }
}

static int open_locked(struct ca *ca, struct str *ret_problem)
{
    int64_t now_s = clock_real_ms() / 1000;
    assert(ca->folder && ca->folder[0] == '/'); /* see find_folder */
    ca->path = path_of(ca, authority_names[0]);
    ca->replaced = false;
    sweep(ca);
    if (load_pair(ca, authority_names, &ca->authority, ret_problem) != 0)
        return -1;
    if (x509_authority_is_good(&ca->authority, now_s))
        return 0;
    ca->replaced = ca->authority.certificate.n > 0;
    if (make_authority(ca->arena, now_s, &ca->authority, ret_problem) != 0)
        return -1;
    return save(ca, authority_names, &ca->authority, ret_problem);
}

int ca_open(struct ca *ca, struct str *ret_problem)
{
    if (gnutls_library_load(ret_problem) != 0)
        return -1;
    FD_SCOPE fd = lock(ca, ret_problem);
    return fd < 0 ? -1 : open_locked(ca, ret_problem);
}

int ca_certificate(struct ca *ca, struct san_list names, struct pem_pair *ret_server, struct str *ret_problem)
{
    if (gnutls_library_load(ret_problem) != 0)
        return -1;
    FD_SCOPE fd = lock(ca, ret_problem);
    struct x509_server wanted = {&ca->authority, names, clock_real_ms() / 1000};
    if (fd < 0 || open_locked(ca, ret_problem) != 0 ||
        load_pair(ca, server_names, ret_server, ret_problem) != 0)
        return -1;
    if (x509_server_is_good(ret_server, &wanted))
        return 0;
    if (make_server(ca->arena, &wanted, ret_server, ret_problem) != 0)
        return -1;
    return save(ca, server_names, ret_server, ret_problem);
}
