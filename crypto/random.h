/*
 * random.h: a buffered generator for row nonces (a call to the kernel or RAND_bytes costs some 900
 * ns; a nonce from the buffer a few).
 *
 * Construction: AES-256-CTR as a generator with fast key erasure (D. J. Bernstein, 2017). Each
 * block of 4096 bytes is made with a key used once; its first 32 bytes become the next key, the
 * rest is handed out and overwritten as it goes. So whoever reads the memory later learns nothing
 * of bytes given before. The first key comes from the kernel, and another is mixed in every 1024
 * blocks.
 *
 * Fork: the state lies in a page that the kernel empties in the child (MADV_WIPEONFORK); an empty
 * state takes a new key from the kernel. The page is left out of core dumps. It is not locked:
 * lockable memory is scarce, and nonces are public in the end.
 *
 * Not shared by threads: each has its own. For keys and secrets use sr_random_bytes (kernel).
 */
#ifndef SEALROOM_CRYPTO_RANDOM_H
#define SEALROOM_CRYPTO_RANDOM_H

#include "cell.h"

typedef struct random_source random_source;

sr_result random_source_new(random_source **out, sr_err *err) SR_MUST_USE;
/* Any length; cannot fail (stops the process when the kernel has no randomness). */
void random_source_fill(random_source *source, void *out, size_t len);
void random_source_nonces(random_source *source, cell_nonce *out, size_t count);
void random_source_free(random_source *source); /* wipes; accepts NULL */
void random_source_clear(random_source **source);
#define RANDOM_SOURCE(name) random_source *name SR_CLEANUP(random_source_clear) = NULL

#endif
