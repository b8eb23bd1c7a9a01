/*
 * sealed_row_keys.h: what sealed.c needs of the shared row keys. Inside crypto/ only; others use
 * sealed.h.
 *
 *     CELLKEY(n) = SHA256(ROOT || n)                                              C3R-FORMAT 1.2
 *
 * The keys of a batch lie one after another, as secret as the values they seal; they are wiped when
 * replaced and when freed.
 */
#ifndef SEALROOM_CRYPTO_SEALED_ROW_KEYS_H
#define SEALROOM_CRYPTO_SEALED_ROW_KEYS_H

#include "sealed.h"

/* SHA-256 fed with ROOT. */
void sealed_root_start(digest *out, const kdf_schedule *schedule);
/* The key of row `index`; asserts that the keys were filled with this nonce there. 32 bytes,
 * borrowed. */
const uint8_t *sealed_row_keys_at(const sealed_row_keys *keys, size_t index,
                                  const cell_nonce *nonce);

#endif
