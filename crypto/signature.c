/* A door to OpenSSL: keys, certificates and signatures. */
#include "signature.h"

#include <limits.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"

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
static void context_clear(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static BIO *open_pem(sr_slice pem)
{
    return BIO_new_mem_buf(pem.data, pem.len > INT_MAX ? 0 : (int)pem.len);
}

/* Nobody is asked for a passphrase. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)context;
    return 0;
}

static sr_result read_certificate(X509 **out, sr_slice pem, sr_err *err)
{
    BIO *bio SR_CLEANUP(bio_clear) = open_pem(pem);
    *out = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    ERR_clear_error();
    return *out != NULL ? SR_OK : sr_fail(err, SR_E_FORMAT, "no PEM certificate");
}

static sr_result read_key(EVP_PKEY **out, sr_slice pem, sr_err *err)
{
    BIO *bio SR_CLEANUP(bio_clear) = open_pem(pem);
    *out = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    ERR_clear_error();
    return *out != NULL ? SR_OK : sr_fail(err, SR_E_FORMAT, "no unencrypted PEM private key");
}

/* Ed25519 and Ed448 hash by themselves; for the others SHA-256 says what is signed. */
static const EVP_MD *digest_for(const EVP_PKEY *key)
{
    int kind = EVP_PKEY_get_base_id(key);
    return kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448 ? NULL : EVP_sha256();
}

sr_result signature_make(signature_value *out, sr_slice key_pem, sr_slice message, sr_err *err)
{
    EVP_PKEY *key SR_CLEANUP(key_clear) = NULL;
    EVP_MD_CTX *context SR_CLEANUP(context_clear) = EVP_MD_CTX_new();
    *out = (signature_value){.len = 0};
    if (read_key(&key, key_pem, err) != SR_OK)
        return SR_FAIL;
    size_t len = sizeof out->bytes;
    bool made = context != NULL &&
                EVP_DigestSignInit(context, NULL, digest_for(key), NULL, key) == 1 &&
                EVP_DigestSign(context, out->bytes, &len, message.data, message.len) == 1;
    ERR_clear_error();
    if (!made)
        return sr_fail(err, SR_E_INVALID, "this private key cannot sign");
    out->len = len;
    return SR_OK;
}

sr_result signature_check(sr_slice certificate_pem, sr_slice message, sr_slice signature,
                          sr_err *err)
{
    X509 *certificate SR_CLEANUP(x509_clear) = NULL;
    EVP_MD_CTX *context SR_CLEANUP(context_clear) = EVP_MD_CTX_new();
    if (read_certificate(&certificate, certificate_pem, err) != SR_OK)
        return SR_FAIL;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    bool fits =
        key != NULL && context != NULL &&
        EVP_DigestVerifyInit(context, NULL, digest_for(key), NULL, key) == 1 &&
        EVP_DigestVerify(context, signature.data, signature.len, message.data, message.len) == 1;
    ERR_clear_error();
    return fits ? SR_OK
                : sr_fail(err, SR_E_UNKNOWN_PEER, "the signature does not fit the certificate");
}

sr_result signature_fingerprint(char out[SIGNATURE_FINGERPRINT_SIZE], sr_slice certificate_pem,
                                sr_err *err)
{
    X509 *certificate SR_CLEANUP(x509_clear) = NULL;
    uint8_t sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    out[0] = '\0';
    if (read_certificate(&certificate, certificate_pem, err) != SR_OK)
        return SR_FAIL;
    if (X509_digest(certificate, EVP_sha256(), sum, &len) != 1)
        return sr_fail(err, SR_E_FORMAT, "no PEM certificate");
    sr_hex_encode(out, sr_slice_of(sum, len));
    return SR_OK;
}
