/*
 * cert_command.h: `sealroomd cert ca|issue|renew|revoke`: certificates for real deployments.
 *
 * A CA is a folder with ca.pem and ca.key; it belongs on a machine that is not the server. The server
 * needs ca.pem and, as its `revocationList`, the CA's revoked.txt (revocation.h). What is made has the
 * form that certs.h tells.
 *
 * Errors: SR_E_USAGE for the command line, with the way to the help; else those of certs.h and
 * revocation.h. Existing keys and certificates are never overwritten, but for `renew`, which keeps the
 * old certificate.
 */
#ifndef SEALROOM_SERVER_SHELL_CERT_COMMAND_H
#define SEALROOM_SERVER_SHELL_CERT_COMMAND_H

#include "base/err.h"

/* `words[0]` is "cert"; what it did is told on standard output. */
sr_result cert_command_run(int count, char **words, sr_err *err) SR_MUST_USE;

#endif
