/*
 * sha512_lanes.h: SHA-512 (FIPS 180-4) of several messages side by side, one a lane of a vector. Internal
 * to crypto/group: expand_message_xmd of an identifier is six blocks of SHA-512, which one at a
 * time cost more than a tenth of hashing to the curve with a vector kernel.
 *
 * sha512_vector.h is the arithmetic, in GCC's vector types, which clang has too; sha512_avx2.c and
 * sha512_avx512.c compile it for their processors. Which one is used goes with the kernel
 * (kernel.h), so this needs no question to the processor of its own. Time depends on the numbers
 * of blocks only.
 */
#ifndef SEALROOM_CRYPTO_GROUP_SHA512_LANES_H
#define SEALROOM_CRYPTO_GROUP_SHA512_LANES_H

#include <stddef.h>
#include <stdint.h>

enum
{
    SHA512_WORDS = 8,
    SHA512_BLOCK = 128,
    SHA512_ROUNDS = 80,
    SHA512_LANES_MAX = 8,
};

typedef struct sha512_lanes
{
    size_t lanes;
    /* Takes blocks[i] blocks into the state of lane i, for every lane; the numbers may differ. Word w of lane
     * i's state is state[w * lanes + i], of its block b words[(16 b + w) * lanes + i]. */
    void (*absorb)(uint64_t *state, const uint64_t *words, const size_t *blocks);
} sha512_lanes;

/* Big-endian, as all numbers of SHA-512 are. Written out for the compiler's sake. */
static inline uint64_t sha512_load(const uint8_t *b)
{
    return (uint64_t)b[7] | (uint64_t)b[6] << 8 | (uint64_t)b[5] << 16 | (uint64_t)b[4] << 24 |
           (uint64_t)b[3] << 32 | (uint64_t)b[2] << 40 | (uint64_t)b[1] << 48 |
           (uint64_t)b[0] << 56;
}

static inline void sha512_store(uint8_t *b, uint64_t word)
{
    b[0] = (uint8_t)(word >> 56);
    b[1] = (uint8_t)(word >> 48);
    b[2] = (uint8_t)(word >> 40);
    b[3] = (uint8_t)(word >> 32);
    b[4] = (uint8_t)(word >> 24);
    b[5] = (uint8_t)(word >> 16);
    b[6] = (uint8_t)(word >> 8);
    b[7] = (uint8_t)word;
}

extern const uint64_t sha512_constants[SHA512_ROUNDS];

extern const sha512_lanes sha512_avx2;   /* where SEALROOM_HAVE_AVX2 */
extern const sha512_lanes sha512_avx512; /* where SEALROOM_HAVE_IFMA */

#endif
