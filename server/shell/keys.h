/*
 * keys.h: the server's own keys: one of 32 random bytes for each collaboration, with which fingerprints are
 * re-keyed to tokens on arrival (crypto/token.h).
 *
 *     <key folder>/<collaboration uuid>.key     32 raw bytes, mode 0600; the folder has mode 0700
 *
 * Keep the folder on another device than the data: a stolen data disk without it leaves fingerprints
 * untestable, even for a holder of the collaboration secret. Losing a key means uploading again; a key is
 * therefore never made when a table is stored, only when its collaboration is.
 */
#ifndef SEALROOM_SERVER_SHELL_KEYS_H
#define SEALROOM_SERVER_SHELL_KEYS_H

#include "base/uuid.h"
#include "crypto/token.h"

typedef struct server_keys server_keys;

/* The folder must be there (SR_E_NOT_FOUND), be one (SR_E_INVALID), and be nobody else's to read
 * (SR_E_SECRET). Nothing is read yet. */
sr_result server_keys_open(server_keys **out, const char *folder, sr_err *err) SR_MUST_USE;
/* Durable (file and folder) when it returns, and never seen half written. SR_E_EXISTS: there is one, and it
 * stays as it is. */
sr_result server_keys_make(const server_keys *keys, const sr_uuid *collaboration,
                           sr_err *err) SR_MUST_USE;
/* Undoes a make whose collaboration did not come about. A failure is swallowed. */
void server_keys_forget(const server_keys *keys, const sr_uuid *collaboration);
/* SR_E_CORRUPT: the key is not there, not 32 bytes, or others may read it; *out is then zero. The caller
 * clears *out (TOKEN_KEY). */
sr_result server_keys_load(token_key *out, const server_keys *keys, const sr_uuid *collaboration,
                           sr_err *err) SR_MUST_USE;
void server_keys_free(server_keys *keys); /* accepts NULL */
void server_keys_clear(server_keys **keys);
#define SERVER_KEYS(name) server_keys *name SR_CLEANUP(server_keys_clear) = NULL

#endif
