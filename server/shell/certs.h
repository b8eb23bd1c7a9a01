/*
 * certs.h: certificates made here: a CA, a server's, members'. The door to OpenSSL of this folder.
 *
 * EC P-256, SHA-256, X.509 v3; keys as unencrypted PKCS#8 PEM of mode 0600, certificates as PEM of mode 0644.
 *
 *     kind     extensions                                               valid
 *     CA       basicConstraints CA, keyUsage keyCertSign                10 years
 *     server   SAN DNS:localhost, IP:127.0.0.1, IP:::1, EKU serverAuth  1 year
 *     member   SAN URI:sealroom://<member>/<role>, EKU clientAuth       1 year
 *
 * Serial numbers are 128 random bits. Validity begins an hour early, for clocks that disagree. Existing
 * files are never overwritten (SR_E_EXISTS).
 */
#ifndef SEALROOM_SERVER_SHELL_CERTS_H
#define SEALROOM_SERVER_SHELL_CERTS_H

#include "base/bytes.h"
#include "model/principal.h"

/* Where a certificate and its private key lie. */
typedef struct
{
    const char *certificate;
    const char *key;
} certs_paths;

sr_result certs_make_ca(const certs_paths *out, sr_err *err) SR_MUST_USE;
sr_result certs_make_server(const certs_paths *out, const certs_paths *ca, sr_err *err) SR_MUST_USE;
sr_result certs_make_member(const certs_paths *out, const certs_paths *ca, const principal *who,
                            sr_err *err) SR_MUST_USE;

#endif
