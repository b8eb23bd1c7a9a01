#include "certificate.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "model/principal.h"

static void bio_clear(BIO **bio)
{
    BIO_free(*bio);
}
static void x509_clear(X509 **certificate)
{
    X509_free(*certificate);
}
static void key_clear(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}
static void store_clear(X509_STORE **store)
{
    X509_STORE_free(*store);
}
static void context_clear(X509_STORE_CTX **context)
{
    X509_STORE_CTX_free(*context);
}

static BIO *open_pem(sr_slice pem)
{
    return BIO_new_mem_buf(pem.data, pem.len > INT_MAX ? 0 : (int)pem.len);
}

static X509 *read_certificate(sr_slice pem)
{
    BIO *bio SR_CLEANUP(bio_clear) = open_pem(pem);
    return bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
}

/* An encrypted key gives none: the library would otherwise ask for its passphrase on the terminal. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)context;
    return 0;
}

static EVP_PKEY *read_key(sr_slice pem)
{
    BIO *bio SR_CLEANUP(bio_clear) = open_pem(pem);
    return bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
}

static sr_result check_dates(const X509 *certificate, const char *name, sr_err *err)
{
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "%s: the certificate has expired; ask the server's operator for a new one",
                       name);
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "%s: the certificate is not valid yet; is this machine's clock right?",
                       name);
    return SR_OK;
}

/* Issued by the CA of the profile: the chain alone; dates have been looked at. */
static bool is_issued_by(X509 *ca, X509 *certificate)
{
    X509_STORE *store SR_CLEANUP(store_clear) = X509_STORE_new();
    X509_STORE_CTX *context SR_CLEANUP(context_clear) = X509_STORE_CTX_new();
    if (store == NULL || context == NULL || X509_STORE_add_cert(store, ca) != 1 ||
        X509_STORE_CTX_init(context, store, certificate, NULL) != 1)
        return false;
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
    return X509_verify_cert(context) == 1;
}

sr_result certificate_check(sr_slice ca_pem, sr_slice certificate_pem, sr_slice key_pem,
                            const char *name, sr_err *err)
{
    X509 *ca SR_CLEANUP(x509_clear) = read_certificate(ca_pem);
    X509 *certificate SR_CLEANUP(x509_clear) = read_certificate(certificate_pem);
    EVP_PKEY *key SR_CLEANUP(key_clear) = read_key(key_pem);
    ERR_clear_error();
    if (ca == NULL)
        return sr_fail(err, SR_E_FORMAT, "the CA file of the profile holds no PEM certificate");
    if (certificate == NULL)
        return sr_fail(err, SR_E_FORMAT, "%s: no PEM certificate in it", name);
    if (key == NULL)
        return sr_fail(err, SR_E_FORMAT,
                       "%s: the key file beside it holds no unencrypted PEM private key", name);
    if (check_dates(certificate, name, err) != SR_OK)
        return SR_FAIL;
    if (X509_check_private_key(certificate, key) != 1)
        return sr_fail(err, SR_E_UNKNOWN_PEER, "%s: the private key does not belong to it", name);
    if (!is_issued_by(ca, certificate))
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "%s: it was not issued by the CA of this profile, so the server will not "
                       "accept it",
                       name);
    ERR_clear_error();
    return SR_OK;
}

static void names_clear(GENERAL_NAMES **names)
{
    GENERAL_NAMES_free(*names);
}

/* One of its URIs is sealroom://MEMBER/ROLE. */
static bool names_member(X509 *certificate, const char *member)
{
    GENERAL_NAMES *names SR_CLEANUP(names_clear) =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
    {
        SR_TEXT(uri);
        principal who;
        sr_err ignored = SR_ERR_INIT;
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        sr_slice text = sr_slice_of(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
                                    (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier));
        if (sr_slice_to_text(&uri, text, &ignored) == SR_OK &&
            principal_parse_uri(&who, uri, &ignored) == SR_OK && strcmp(who.member, member) == 0)
            return true;
        sr_err_reset(&ignored);
    }
    return false;
}

sr_result certificate_check_member(sr_slice ca_pem, sr_slice certificate_pem, const char *member,
                                   sr_err *err)
{
    X509 *ca SR_CLEANUP(x509_clear) = read_certificate(ca_pem);
    X509 *certificate SR_CLEANUP(x509_clear) = read_certificate(certificate_pem);
    bool fits = ca != NULL && certificate != NULL && is_issued_by(ca, certificate) &&
                X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0 &&
                names_member(certificate, member);
    ERR_clear_error();
    if (!fits)
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "the certificate that the server shows for member \"%s\" is not one of this "
                       "member, of this profile's CA, valid now",
                       member);
    return SR_OK;
}
