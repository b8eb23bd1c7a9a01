/*
 * certs.h: certificates made here: a CA, a server's, members'. The door to OpenSSL of this folder.
 *
 * EC P-256, SHA-256, X.509 v3; keys as unencrypted PKCS#8 PEM of mode 0600, certificates as PEM of mode 0644.
 *
 *     kind     extensions                                               valid
 *     CA       basicConstraints CA (pathlen 0), keyUsage keyCertSign    10 years
 *     server   SAN DNS:localhost, IP:127.0.0.1, IP:::1, EKU serverAuth  1 year
 *     member   SAN URI:sealroom://<member>/<role>, EKU clientAuth       1 year
 *
 * Serial numbers are 128 random bits. Validity begins an hour early, for clocks that disagree. The key is
 * written before its certificate, so whoever finds a certificate has its key too; a key alone is what a
 * crash left. Existing files are never overwritten (SR_E_EXISTS).
 *
 * Errors: SR_E_FORMAT when the CA's files are not a certificate and its key; SR_E_INTERNAL in our own
 * words when the library fails.
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

/* Self-signed. */
sr_result certs_make_ca(const certs_paths *out, sr_err *err) SR_MUST_USE;
/* Signed by the CA: for a server on this machine. */
sr_result certs_make_server(const certs_paths *out, const certs_paths *ca, sr_err *err) SR_MUST_USE;
/* Signed by the CA: `who` must be checked already (model_name_check), for it becomes a URI. */
sr_result certs_make_member(const certs_paths *out, const certs_paths *ca, const principal *who,
                            sr_err *err) SR_MUST_USE;

/* The same for as many days; the server's names as "room.example,10.0.0.1". SR_E_INVALID: no such name. */
sr_result certs_issue_server(const certs_paths *out, const certs_paths *ca, const char *hosts,
                             int days, sr_err *err) SR_MUST_USE;
sr_result certs_issue_member(const certs_paths *out, const certs_paths *ca, const principal *who,
                             int days, sr_err *err) SR_MUST_USE;
/* The same key and names with a new serial number and validity, in place of the old certificate, which
 * stays beside it as <certificate>.old. SR_E_FORMAT: not a certificate of this CA. */
sr_result certs_renew(const char *certificate, const certs_paths *ca, int days,
                      sr_err *err) SR_MUST_USE;

#endif
