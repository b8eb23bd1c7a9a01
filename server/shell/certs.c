#include "certs.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/file.h"

enum
{
    PEM_MOST = 64 * 1024,
    SERIAL_BITS = 128,
    HOUR = 3600,
    CA_DAYS = 3650,
    LEAF_DAYS = 365,
    X509_VERSION_3_ = 2, /* the field counts from 0 */
};

static void bio_clear(BIO **bio)
{
    BIO_free_all(*bio);
}
static void x509_clear(X509 **certificate)
{
    X509_free(*certificate);
}
static void key_clear(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}
static void number_clear(BIGNUM **number)
{
    BN_free(*number);
}
static void extension_clear(X509_EXTENSION **extension)
{
    X509_EXTENSION_free(*extension);
}

/* The library's own words are left out: they may quote what it read. */
static sr_result fail_library(sr_err *err)
{
    ERR_clear_error();
    return sr_fail(err, SR_E_INTERNAL, "the certificate could not be made");
}

/* ---- files ----------------------------------------------------------------------------------- */

static sr_result write_pem(BIO *bio, const char *path, unsigned mode, sr_err *err)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    if (len <= 0)
        return fail_library(err);
    return sr_file_write(path, sr_slice_of(data, (size_t)len), mode, false, err);
}

static sr_result write_pair(const certs_paths *out, X509 *certificate, EVP_PKEY *key, sr_err *err)
{
    BIO *certificate_text SR_CLEANUP(bio_clear) = BIO_new(BIO_s_mem());
    BIO *key_text SR_CLEANUP(bio_clear) = BIO_new(BIO_s_secmem());
    if (certificate_text == NULL || key_text == NULL ||
        PEM_write_bio_X509(certificate_text, certificate) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) != 1)
        return fail_library(err);
    if (sr_file_exists(out->certificate))
        return sr_fail(err, SR_E_EXISTS, "%s: exists already", out->certificate);
    if (write_pem(key_text, out->key, 0600, err) != SR_OK)
        return SR_FAIL;
    return write_pem(certificate_text, out->certificate, 0644, err);
}

static sr_result read_bio(BIO **out, const char *path, sr_buf *bytes, sr_err *err)
{
    *out = NULL;
    if (sr_file_read(bytes, path, err) != SR_OK)
        return SR_FAIL;
    *out = BIO_new_mem_buf(bytes->data, bytes->len > INT_MAX ? 0 : (int)bytes->len);
    return *out == NULL ? fail_library(err) : SR_OK;
}

/* Asked for the passphrase of an encrypted key: there is none, and nobody is asked at the terminal. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static sr_result read_pair(X509 **certificate, EVP_PKEY **key, const certs_paths *from, sr_err *err)
{
    SR_BUF(certificate_bytes, PEM_MOST);
    SR_SECRET_BUF(key_bytes, PEM_MOST);
    BIO *certificate_text SR_CLEANUP(bio_clear) = NULL;
    BIO *key_text SR_CLEANUP(bio_clear) = NULL;
    if (read_bio(&certificate_text, from->certificate, &certificate_bytes, err) != SR_OK ||
        read_bio(&key_text, from->key, &key_bytes, err) != SR_OK)
        return SR_FAIL;
    *certificate = PEM_read_bio_X509(certificate_text, NULL, no_passphrase, NULL);
    *key = PEM_read_bio_PrivateKey(key_text, NULL, no_passphrase, NULL);
    if (*certificate != NULL && *key != NULL && X509_check_private_key(*certificate, *key) == 1)
        return SR_OK;
    ERR_clear_error();
    return sr_fail(err, SR_E_FORMAT, "%s: no certificate, or not that of the unencrypted key %s",
                   from->certificate, from->key);
}

/* ---- parts of a certificate ------------------------------------------------------------------ */

static bool set_serial(X509 *certificate)
{
    BIGNUM *number SR_CLEANUP(number_clear) = BN_new();
    return number != NULL &&
           BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
}

static bool set_validity(X509 *certificate, int days)
{
    return X509_gmtime_adj(X509_getm_notBefore(certificate), -HOUR) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, NULL) != NULL;
}

static bool set_subject(X509 *certificate, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1;
}

static bool add_extension(X509 *certificate, X509 *issuer, int id, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension SR_CLEANUP(extension_clear) =
        X509V3_EXT_conf_nid(NULL, &context, id, value);
    return extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
}

typedef struct
{
    const char *subject;
    const char *names; /* subjectAltName, or NULL */
    const char *usage; /* extendedKeyUsage, or NULL: a CA */
    int days;
} certificate_kind;

static bool add_extensions(X509 *certificate, X509 *issuer, const certificate_kind *kind)
{
    bool is_ca = kind->usage == NULL;
    const char *constraints = is_ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE";
    const char *key_usage = is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
    return add_extension(certificate, issuer, NID_basic_constraints, constraints) &&
           add_extension(certificate, issuer, NID_key_usage, key_usage) &&
           add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") &&
           (is_ca || (add_extension(certificate, issuer, NID_ext_key_usage, kind->usage) &&
                      add_extension(certificate, issuer, NID_subject_alt_name, kind->names)));
}

/* `issuer` NULL: self-signed. */
static sr_result make_pair(const certs_paths *out, X509 *issuer, EVP_PKEY *issuer_key,
                           const certificate_kind *kind, sr_err *err)
{
    X509 *certificate SR_CLEANUP(x509_clear) = X509_new();
    EVP_PKEY *key SR_CLEANUP(key_clear) = EVP_EC_gen("P-256");
    if (certificate == NULL || key == NULL)
        return fail_library(err);
    X509 *signer = issuer == NULL ? certificate : issuer;
    bool made = X509_set_version(certificate, X509_VERSION_3_) == 1 && set_serial(certificate) &&
                set_validity(certificate, kind->days) && set_subject(certificate, kind->subject) &&
                X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1 &&
                X509_set_pubkey(certificate, key) == 1 &&
                add_extensions(certificate, signer, kind) &&
                X509_sign(certificate, issuer == NULL ? key : issuer_key, EVP_sha256()) > 0;
    return made ? write_pair(out, certificate, key, err) : fail_library(err);
}

static sr_result make_leaf(const certs_paths *out, const certs_paths *ca,
                           const certificate_kind *kind, sr_err *err)
{
    X509 *issuer SR_CLEANUP(x509_clear) = NULL;
    EVP_PKEY *issuer_key SR_CLEANUP(key_clear) = NULL;
    if (read_pair(&issuer, &issuer_key, ca, err) != SR_OK)
        return SR_FAIL;
    return make_pair(out, issuer, issuer_key, kind, err);
}

/* ---- the three kinds ------------------------------------------------------------------------- */

sr_result certs_make_ca(const certs_paths *out, sr_err *err)
{
    certificate_kind kind = {.subject = "Sealroom CA", .days = CA_DAYS};
    return make_pair(out, NULL, NULL, &kind, err);
}

sr_result certs_make_server(const certs_paths *out, const certs_paths *ca, sr_err *err)
{
    certificate_kind kind = {
        .subject = "Sealroom server",
        .names = "DNS:localhost,IP:127.0.0.1,IP:::1",
        .usage = "serverAuth",
        .days = LEAF_DAYS,
    };
    return make_leaf(out, ca, &kind, err);
}

sr_result certs_make_member(const certs_paths *out, const certs_paths *ca, const principal *who,
                            sr_err *err)
{
    return certs_issue_member(out, ca, who, LEAF_DAYS, err);
}

sr_result certs_issue_member(const certs_paths *out, const certs_paths *ca, const principal *who,
                             int days, sr_err *err)
{
    SR_TEXT(uri);
    SR_TEXT(names);
    uri = principal_print_uri(who);
    names = sr_text_printf("URI:%s", uri);
    certificate_kind kind = {
        .subject = who->member,
        .names = names,
        .usage = "clientAuth",
        .days = days,
    };
    return make_leaf(out, ca, &kind, err);
}

/* ---- a server elsewhere ---------------------------------------------------------------------- */

/* "DNS:a,IP:b" of "a,b". Only what a host or an address is made of: the library reads this text as a
 * little language. */
static sr_result print_names(char **out, const char *hosts, sr_err *err)
{
    SR_BUF(names, PEM_MOST);
    SR_TEXT(copy);
    char *rest = NULL;
    copy = sr_text_copy(hosts);
    for (char *host = strtok_r(copy, ",", &rest); host != NULL; host = strtok_r(NULL, ",", &rest))
    {
        ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
        const char *kind = address == NULL ? "DNS" : "IP";
        bool is_host = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(host);
        ASN1_OCTET_STRING_free(address);
        ERR_clear_error();
        if (kind[0] == 'D' && !is_host)
            return sr_fail(err, SR_E_INVALID,
                           "a server's name is a host in lower case or an address");
        if (sr_buf_printf(&names, err, "%s%s:%s", names.len == 0 ? "" : ",", kind, host) != SR_OK)
            return SR_FAIL;
    }
    if (names.len == 0)
        return sr_fail(err, SR_E_INVALID, "a server needs a name: HOST[,HOST...]");
    return sr_buf_take_text(out, &names, err);
}

sr_result certs_issue_server(const certs_paths *out, const certs_paths *ca, const char *hosts,
                             int days, sr_err *err)
{
    SR_TEXT(names);
    if (print_names(&names, hosts, err) != SR_OK)
        return SR_FAIL;
    certificate_kind kind = {
        .subject = "Sealroom server",
        .names = names,
        .usage = "serverAuth",
        .days = days,
    };
    return make_leaf(out, ca, &kind, err);
}

/* ---- renewing -------------------------------------------------------------------------------- */

static sr_result write_renewed(const char *path, X509 *certificate, sr_slice old_bytes, sr_err *err)
{
    SR_TEXT(old);
    BIO *text SR_CLEANUP(bio_clear) = BIO_new(BIO_s_mem());
    char *data = NULL;
    if (text == NULL || PEM_write_bio_X509(text, certificate) != 1)
        return fail_library(err);
    long len = BIO_get_mem_data(text, &data);
    old = sr_text_printf("%s.old", path);
    if (sr_file_write(old, old_bytes, 0644, true, err) != SR_OK)
        return SR_FAIL;
    return sr_file_write(path, sr_slice_of(data, (size_t)len), 0644, true, err);
}

sr_result certs_renew(const char *certificate, const certs_paths *ca, int days, sr_err *err)
{
    SR_BUF(bytes, PEM_MOST);
    BIO *text SR_CLEANUP(bio_clear) = NULL;
    X509 *issuer SR_CLEANUP(x509_clear) = NULL;
    EVP_PKEY *issuer_key SR_CLEANUP(key_clear) = NULL;
    X509 *renewed SR_CLEANUP(x509_clear) = NULL;
    if (read_pair(&issuer, &issuer_key, ca, err) != SR_OK ||
        read_bio(&text, certificate, &bytes, err) != SR_OK)
        return SR_FAIL;
    renewed = PEM_read_bio_X509(text, NULL, no_passphrase, NULL);
    if (renewed == NULL || X509_verify(renewed, issuer_key) != 1 || X509_check_ca(renewed) != 0)
    {
        ERR_clear_error();
        return sr_fail(err, SR_E_FORMAT, "%s: not a certificate that this CA issued", certificate);
    }
    if (!set_serial(renewed) || !set_validity(renewed, days) ||
        X509_sign(renewed, issuer_key, EVP_sha256()) <= 0)
        return fail_library(err);
    return write_renewed(certificate, renewed, sr_buf_view(&bytes), err);
}
