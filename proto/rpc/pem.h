/*
 * pem.h: what the transport must know of PEM texts (RFC 7468), which is little.
 *
 * The TLS library reports an unusable certificate or key only as "no port" or as a failed
 * handshake; so the texts are looked at before they are handed over, to say which of them is no PEM
 * of its kind. Whether key and certificate belong together, or the CA signed it, only the handshake
 * tells.
 *
 * A certificate's fingerprint is SHA-256 (FIPS 180-4) over its DER bytes. The hash is here, and
 * small, because the transport links neither crypto/ nor a crypto library; it hashes public data
 * only.
 */
#ifndef SEALROOM_RPC_PEM_H
#define SEALROOM_RPC_PEM_H

#include "base/bytes.h"
#include "base/err.h"

#include "rpc.h"

/* The most that one PEM text may measure. */
enum
{
    RPC_PEM_MAX = 256 * 1024,
};

/* The text holds a certificate; `what` ("CA certificate") is the subject of the error. NULL is
 * refused. */
sr_result rpc_pem_check_certificate(const char *pem, const char *what, sr_err *err) SR_MUST_USE;

/* The text holds an unencrypted private key (PKCS #8, or the older EC and RSA forms). */
sr_result rpc_pem_check_key(const char *pem, const char *what, sr_err *err) SR_MUST_USE;

/* Lower-case hexadecimal SHA-256 of the first certificate in the text; "" when there is none. */
void rpc_pem_fingerprint(char out[RPC_FINGERPRINT_TEXT_SIZE], const char *pem);

/* SHA-256 of any public bytes. */
void rpc_sha256(uint8_t out[32], sr_slice bytes);

#endif
