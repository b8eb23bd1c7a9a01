/*
 * signature.h: signing with the key of a certificate, and checking such a signature. The key says the
 * algorithm: ECDSA or RSA (PKCS#1 v1.5) with SHA-256, Ed25519 by itself.
 *
 * Keys and certificates are PEM (RFC 7468), keys unencrypted. What is signed begins with a text that names its
 * purpose (psi.h), so that a signature for one thing is never one for another; TLS's own signatures begin with
 * 64 blanks, ours never do.
 *
 * Errors: SR_E_FORMAT for PEM that is none; SR_E_UNKNOWN_PEER for a signature that does not fit. No text
 * shows a key or a message. The key's copies are wiped by the library when it is released.
 */
#ifndef SEALROOM_CRYPTO_SIGNATURE_H
#define SEALROOM_CRYPTO_SIGNATURE_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    SIGNATURE_MOST = 1024, /* bytes: RSA of 8,192 bits */
    SIGNATURE_FINGERPRINT_SIZE =
        65, /* SHA-256 of the DER form, lower-case hexadecimal, and its NUL */
};

typedef struct
{
    uint8_t bytes[SIGNATURE_MOST];
    size_t len;
} signature_value;

sr_result signature_make(signature_value *out, sr_slice key_pem, sr_slice message,
                         sr_err *err) SR_MUST_USE;
sr_result signature_check(sr_slice certificate_pem, sr_slice message, sr_slice signature,
                          sr_err *err) SR_MUST_USE;
/* What the server and model/manifest.h know a certificate by. */
sr_result signature_fingerprint(char out[SIGNATURE_FINGERPRINT_SIZE], sr_slice certificate_pem,
                                sr_err *err) SR_MUST_USE;

#endif
