/*
 * curve25519.h: what the suite curve25519 is made of, for its tests and measurements. Users include
 * group.h.
 */
#ifndef SEALROOM_CRYPTO_GROUP_CURVE25519_H
#define SEALROOM_CRYPTO_GROUP_CURVE25519_H

#include "kernel.h"
#include "xmd.h"

enum
{
    CURVE25519_SIZE = 32,
};

/* hash_to_field of RFC 9380 section 5.2 with count = 2 and L = 48: two numbers of 384 bits
 * (big-endian, OS2IP) modulo p, each 32 bytes little-endian, canonical. Constant time. */
void curve25519_hash_to_field(uint8_t out[2 * CURVE25519_SIZE], const xmd_tag *tag, sr_slice id);

/* The kernel that computes (group_kernel_force chooses another). */
const curve25519_kernel *curve25519_kernel_in_use(void);

#endif
