/*
 * hmac.h: HMAC-SHA-256 (RFC 2104) with the key's two first blocks computed once.
 *
 *     HMAC(K, m) = H((K ^ opad) || H((K ^ ipad) || m)),  K hashed first when longer than 64 bytes
 *
 * An `hmac_key` keeps both states after their key block, so that a short message costs two blocks
 * instead of four. It is as secret as the key: clear it, or declare it with HMAC_KEY. It is read
 * only while in use, so threads may share it. Time depends on lengths only. Nothing here can fail.
 */
#ifndef SEALROOM_CRYPTO_HMAC_H
#define SEALROOM_CRYPTO_HMAC_H

#include "digest.h"

typedef struct
{
    digest inner;
    digest outer;
} hmac_key;

/* Any key length, 0 included. */
void hmac_key_init(hmac_key *key, sr_slice bytes);
void hmac_key_clear(hmac_key *key);
#define HMAC_KEY(name) hmac_key name SR_CLEANUP(hmac_key_clear) = {.inner = {{0}}, .outer = {{0}}}

/* HMAC(key, first || second); either part may be empty. */
void hmac_sha256(digest_value *out, const hmac_key *key, sr_slice first, sr_slice second);

/* The same for any number of parts: start, digest_add each, finish (which wipes the state). */
void hmac_start(digest *state, const hmac_key *key);
void hmac_finish(digest_value *out, digest *state, const hmac_key *key);

#endif
