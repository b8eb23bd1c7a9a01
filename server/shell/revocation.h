/*
 * revocation.h: the list of certificates that are let in no more, read again whenever it changes.
 *
 *     # sealroom revocations 1
 *     9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 *
 * The first line is exactly that; then one certificate a line: SHA-256 of its DER bytes, 64 lower-case
 * hexadecimal digits (`openssl x509 -noout -fingerprint -sha256`, without colons). Every line ends with a
 * newline. Lines that are empty or begin with "#" say nothing. Because of the first line an emptied file
 * is not an empty list.
 *
 * Fail closed: while the file is missing, unreadable, longer than 1 MiB (some 16,000 certificates) or not
 * of this form, no certificate passes; one log line says why, and another when it is read again.
 *
 * The file is looked at (stat) at every check and read again when its device, inode, size or a time
 * changed. A call is checked when it begins: a stream that runs already runs to its end.
 *
 * Threads: any, for revocation_check.
 */
#ifndef SEALROOM_SERVER_SHELL_REVOCATION_H
#define SEALROOM_SERVER_SHELL_REVOCATION_H

#include "base/bytes.h"

typedef struct revocation revocation;

/* The path is copied; the file is first read at the first check. */
revocation *revocation_new(const char *path) SR_MUST_USE;
void revocation_free(revocation *self); /* accepts NULL */

/* SR_E_UNKNOWN_PEER: this certificate is on the list, or nobody can tell. `fingerprint` as above. */
sr_result revocation_check(revocation *self, const char *fingerprint, sr_err *err) SR_MUST_USE;

/* Begins an empty list; a file that is there already is SR_E_EXISTS. */
sr_result revocation_list_make(const char *path, sr_err *err) SR_MUST_USE;
/* Adds a certificate and replaces the file in one step; made when it is not there. Once is enough: a
 * second time changes nothing. SR_E_INVALID: no fingerprint; SR_E_FORMAT: the file is no such list. */
sr_result revocation_list_add(const char *path, const char *fingerprint, sr_err *err) SR_MUST_USE;

#endif
