/*
 * secret.h: the collaboration secret, from which all keys of a collaboration come.
 *
 * Members share it out of band; the server never sees it. Format (C3R-compatible): standard base64
 * text (RFC 4648 section 4, missing padding accepted) of at least 32 and at most 4096 bytes, all of
 * which count. Whoever holds it opens every sealed and deterministic value of the collaboration.
 *
 * Memory: the bytes lie in pages of their own between two guard pages, locked (mlock), left out of
 * core dumps (MADV_DONTDUMP) and overwritten before they are given back. When the system refuses to
 * lock them loading fails, saying which limit to raise.
 *
 * Errors: SR_E_SECRET when it is missing, too short, too long or not base64, or lies in a file that
 * others than its owner may open; SR_E_FULL when no memory can be locked; SR_E_IO and
 * SR_E_NOT_FOUND from the system. No error shows any of the content.
 *
 * Typical use:
 *
 *     SECRET(secret);
 *     if (secret_from_env(&secret, NULL, err) != SR_OK)
 *         return sr_fail_in(err, "collaboration secret");
 */
#ifndef SEALROOM_CRYPTO_SECRET_H
#define SEALROOM_CRYPTO_SECRET_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    SECRET_MIN_SIZE = 32,   /* decoded bytes */
    SECRET_MAX_SIZE = 4096, /* decoded bytes */
};

typedef struct collaboration_secret collaboration_secret;

/* From base64 text; one newline (or CR LF) at its end is allowed. The caller wipes its own copy. */
sr_result secret_from_text(collaboration_secret **out, sr_slice text, sr_err *err) SR_MUST_USE;

/* From a file that its owner alone may read or write (mode 0600 or 0400). */
sr_result secret_from_file(collaboration_secret **out, const char *path, sr_err *err) SR_MUST_USE;

/* From an open descriptor, read to its end; the descriptor stays open. */
sr_result secret_from_fd(collaboration_secret **out, int fd, sr_err *err) SR_MUST_USE;

/* From the named environment variable; NULL means SEALROOM_SHARED_SECRET and, when that is not set,
 * C3R_SHARED_SECRET. The value is overwritten in place and the variable removed, whether it was
 * usable or not, so that child processes and /proc/PID/environ do not show it. Not thread-safe
 * (environ). */
sr_result secret_from_env(collaboration_secret **out, const char *variable,
                          sr_err *err) SR_MUST_USE;

/* 32 fresh bytes of the kernel's generator. */
sr_result secret_generate(collaboration_secret **out, sr_err *err) SR_MUST_USE;

/* Writes it as base64 and a newline to a new file of mode 0600; an existing file is SR_E_EXISTS. */
sr_result secret_write_new(const collaboration_secret *secret, const char *path,
                           sr_err *err) SR_MUST_USE;

/* For the key schedule alone: borrowed until the secret is freed. */
sr_slice secret_view(const collaboration_secret *secret);

/* Wipes and releases; accepts NULL. */
void secret_free(collaboration_secret *secret);
void secret_clear(collaboration_secret **secret);
#define SECRET(name) collaboration_secret *name SR_CLEANUP(secret_clear) = NULL

/* Called first thing by the main of every program: no core dumps, and no debugger or /proc/PID/mem
 * for other processes of the same user (PR_SET_DUMPABLE 0, RLIMIT_CORE 0). */
sr_result secret_process_protect(sr_err *err) SR_MUST_USE;

#endif
