/*
 * checkpoint.h: what a member keeps of an overlap session, so that it can go on after its process died (DESIGN
 * 4.2, "Resume"): the scalar, and which input it was used for.
 *
 *     key     = HKDF(salt = M, secret = local secret (32) || share (32), info "sealroom-v1/checkpoint")
 *     sealed  = nonce (12) || AES-256-GCM(key, nonce, AAD = M, content) || tag (16)
 *
 * The local secret lies in a file of the member, mode 0600; the share is kept by the server for this member and
 * session, and is deleted when the session ends. So neither a stolen disk alone, nor the server alone, nor
 * anybody once the session is over, learns the scalar.
 *
 * Opening fails with SR_E_SECRET for another secret, share or session, and for what was changed.
 */
#ifndef SEALROOM_CRYPTO_CHECKPOINT_H
#define SEALROOM_CRYPTO_CHECKPOINT_H

#include "base/bytes.h"
#include "base/err.h"
#include "digest.h"

enum
{
    CHECKPOINT_SECRET_SIZE = 32,
    CHECKPOINT_SHARE_SIZE = 32,
    CHECKPOINT_OVERHEAD = 12 + 16,
    CHECKPOINT_MOST = 4096, /* bytes of content */
};

/* Wipes itself: CHECKPOINT_KEY(key). */
typedef struct
{
    uint8_t bytes[32];
    digest_value manifest_hash;
} checkpoint_key;

void checkpoint_key_clear(checkpoint_key *key);
#define CHECKPOINT_KEY(name) checkpoint_key name SR_CLEANUP(checkpoint_key_clear) = {{0}, {{0}}}

void checkpoint_key_make(checkpoint_key *out, const uint8_t secret[CHECKPOINT_SECRET_SIZE],
                         const uint8_t share[CHECKPOINT_SHARE_SIZE],
                         const digest_value *manifest_hash);

/* Appends content.len + CHECKPOINT_OVERHEAD bytes. */
sr_result checkpoint_seal(sr_buf *out, const checkpoint_key *key, sr_slice content,
                          sr_err *err) SR_MUST_USE;
/* Appends the content to `out`, which should be a secret buffer. */
sr_result checkpoint_open(sr_buf *out, const checkpoint_key *key, sr_slice sealed,
                          sr_err *err) SR_MUST_USE;

/* A digest that only the holder of the key can make: tells whether an input is the same again, and nothing to
 * anybody else. Start with checkpoint_digest_start, digest_add, then finish. */
void checkpoint_digest_start(digest *out, const checkpoint_key *key);
void checkpoint_digest_finish(digest_value *out, digest *state, const checkpoint_key *key);

#endif
