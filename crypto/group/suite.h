/*
 * suite.h: what a suite of group.h is: one row of the table in group.c. Internal to crypto/group.
 *
 * Scalars are 32 bytes in the suite's own encoding; points are point_size bytes. Functions over
 * lists give the index of the first bad item, and `count` when all are good; what stands in `out`
 * after a bad one does not matter, because group.c empties it.
 */
#ifndef SEALROOM_CRYPTO_GROUP_SUITE_H
#define SEALROOM_CRYPTO_GROUP_SUITE_H

#include "group.h"

typedef struct
{
    const char *name; /* in manifests and domain separation tags */
    size_t point_size;
    xmd_hash hash;
    /* Uniform among the suite's scalars. */
    void (*scalar_random)(uint8_t out[GROUP_SCALAR_SIZE]);
    /* Undoes multiplication by a valid scalar on points of prime order. */
    void (*scalar_inverse)(uint8_t out[GROUP_SCALAR_SIZE], const uint8_t in[GROUP_SCALAR_SIZE]);
    /* What multiplying by both does, on points of prime order. */
    void (*scalar_product)(uint8_t out[GROUP_SCALAR_SIZE], const uint8_t a[GROUP_SCALAR_SIZE],
                           const uint8_t b[GROUP_SCALAR_SIZE]);
    bool (*scalar_is_valid)(const uint8_t bytes[GROUP_SCALAR_SIZE]);
    size_t (*hash_ids)(uint8_t *out, const xmd_tag *tag, const sr_slice *ids, size_t count);
    size_t (*mask)(uint8_t *out, const uint8_t scalar[GROUP_SCALAR_SIZE], const uint8_t *points,
                   size_t count);
    size_t (*hash_and_mask)(uint8_t *out, const uint8_t scalar[GROUP_SCALAR_SIZE],
                            const xmd_tag *tag, const sr_slice *ids, size_t count);
    size_t (*check)(const uint8_t *points, size_t count);
    void (*random_points)(uint8_t *out, size_t count);
} suite_row;

extern const suite_row curve25519_suite; /* curve25519.c */
extern const suite_row p256_suite;       /* p256.c */

#endif
