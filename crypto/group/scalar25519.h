/*
 * scalar25519.h: secret scalars of curve25519. Internal to crypto/group.
 *
 * A scalar is 8k with k in 1..l-1, 32 bytes little-endian; 8l < 2^256, so it fits, and bit 255 may
 * be set. Arithmetic is modulo the prime l, by Montgomery multiplication (P. Montgomery, "Modular
 * multiplication without trial division", 1985) with R = 2^256. Constant time; the only thing that
 * shows is how many candidates a draw rejected, and those are thrown away.
 */
#ifndef SEALROOM_CRYPTO_GROUP_SCALAR25519_H
#define SEALROOM_CRYPTO_GROUP_SCALAR25519_H

#include <stdbool.h>
#include <stdint.h>

enum
{
    SCALAR25519_SIZE = 32,
};

/* k by rejection: 253 random bits until 0 < k < l (two draws on average). */
void scalar25519_random(uint8_t out[SCALAR25519_SIZE]);
/* 8m with m = (64 k)^-1 mod l. `out` may be `in`. */
void scalar25519_inverse(uint8_t out[SCALAR25519_SIZE], const uint8_t in[SCALAR25519_SIZE]);
/* 8m with m = 8 j k mod l for the scalars 8j and 8k: what multiplying by both does. `out` may be one of them. */
void scalar25519_product(uint8_t out[SCALAR25519_SIZE], const uint8_t a[SCALAR25519_SIZE],
                         const uint8_t b[SCALAR25519_SIZE]);
/* A multiple of 8, and its eighth in 1..l-1. */
bool scalar25519_is_valid(const uint8_t bytes[SCALAR25519_SIZE]);

#endif
