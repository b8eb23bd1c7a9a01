/*
 * spill.h: scratch files that say nothing: authenticated encryption of chunks under a key that
 * lives and dies with the process.
 *
 *     sealed chunk = nonce (12) || AES-256-GCM(key, nonce, AAD = uint64 chunk number, chunk) || tag
 * (16) nonce        = 0 (4) || uint64 counter of this cipher, never repeated
 *
 * The external sort of `encrypt` writes plaintext rows when a table is larger than memory; they go
 * through here. The chunk number is the caller's: it must be the one given when sealing, so that
 * chunks cannot be exchanged. A chunk that was changed, cut or moved is SR_E_CORRUPT.
 *
 * Not shared by threads. A chunk is at most 64 MiB.
 */
#ifndef SEALROOM_CRYPTO_SPILL_H
#define SEALROOM_CRYPTO_SPILL_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    SPILL_NONCE_SIZE = 12,
    SPILL_TAG_SIZE = 16,
    SPILL_OVERHEAD = SPILL_NONCE_SIZE + SPILL_TAG_SIZE,
    SPILL_CHUNK_MAX = 64 * 1024 * 1024,
};

typedef struct spill_cipher spill_cipher;

/* With a fresh random key. */
sr_result spill_cipher_new(spill_cipher **out, sr_err *err) SR_MUST_USE;
/* Appends the sealed chunk: chunk.len + SPILL_OVERHEAD bytes. */
sr_result spill_seal(spill_cipher *cipher, sr_buf *out, uint64_t number, sr_slice chunk,
                     sr_err *err) SR_MUST_USE;
/* Appends the chunk; on failure `out` is as before. */
sr_result spill_open(spill_cipher *cipher, sr_buf *out, uint64_t number, sr_slice sealed,
                     sr_err *err) SR_MUST_USE;
void spill_cipher_free(spill_cipher *cipher); /* wipes; accepts NULL */
void spill_cipher_clear(spill_cipher **cipher);
#define SPILL_CIPHER(name) spill_cipher *name SR_CLEANUP(spill_cipher_clear) = NULL

#endif
