/*
 * digest.h: SHA-256 (FIPS 180-4), incremental and in one call. The door to OpenSSL.
 *
 * For uploads' digests, certificate fingerprints, and as the ground of hmac.h and kdf.h. It uses
 * the processor's SHA instructions where there are any (one block of 64 bytes costs about 40 ns
 * with them). Nothing here can fail.
 *
 * A `digest` is plain memory: it may be copied to fork a computation (a cached beginning,
 * "midstate"). When it has seen secrets, wipe it with digest_clear. Time depends on lengths only.
 *
 *     digest state;
 *     digest_init(&state);
 *     digest_add(&state, part);
 *     digest_finish(&sum, &state);
 */
#ifndef SEALROOM_CRYPTO_DIGEST_H
#define SEALROOM_CRYPTO_DIGEST_H

#include "base/bytes.h"

enum
{
    DIGEST_SIZE = 32,
    DIGEST_STATE_WORDS = 14, /* room for the library's state; checked when compiled */
};

typedef struct
{
    uint8_t bytes[DIGEST_SIZE];
} digest_value;

typedef struct
{
    uint64_t words[DIGEST_STATE_WORDS];
} digest;

void digest_init(digest *state);
void digest_add(digest *state, sr_slice bytes);
/* Gives the digest and wipes the state. */
void digest_finish(digest_value *out, digest *state);
/* Wipes a state; may be called twice, and after digest_finish. */
void digest_clear(digest *state);

/* All in one. */
digest_value digest_of(sr_slice bytes);
/* SHA-256(start || bytes), where `start` has been fed the beginning and stays as it is. */
void digest_from(digest_value *out, const digest *start, sr_slice bytes);

#endif
