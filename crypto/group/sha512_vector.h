/*
 * sha512_vector.h: the compression function of FIPS 180-4 section 6.4.2 on SHA512_LANES messages at
 * once. Included by the .c file of each instruction set, which defines SHA512_LANES first.
 */
#ifndef SEALROOM_CRYPTO_GROUP_SHA512_VECTOR_H
#define SEALROOM_CRYPTO_GROUP_SHA512_VECTOR_H

#include "base/bytes.h"
#include "sha512_lanes.h"

typedef uint64_t sha512_vector __attribute__((vector_size(8 * SHA512_LANES)));

static inline sha512_vector sha512_rotate(sha512_vector x, int by)
{
    return x >> by | x << (64 - by);
}

/* One round with its word of the schedule; v[0] to v[7] are a to h of the standard, which moves them by
 * one name a round: here `first` says where a is. */
static inline void sha512_round(sha512_vector v[SHA512_WORDS], int first, sha512_vector input)
{
    sha512_vector a = v[first & 7], b = v[(first + 1) & 7], c = v[(first + 2) & 7];
    sha512_vector e = v[(first + 4) & 7], f = v[(first + 5) & 7], g = v[(first + 6) & 7];
    sha512_vector sum1 = sha512_rotate(e, 14) ^ sha512_rotate(e, 18) ^ sha512_rotate(e, 41);
    sha512_vector sum0 = sha512_rotate(a, 28) ^ sha512_rotate(a, 34) ^ sha512_rotate(a, 39);
    sha512_vector t1 = v[(first + 7) & 7] + sum1 + (g ^ (e & (f ^ g))) + input;
    v[(first + 3) & 7] += t1;
    v[(first + 7) & 7] = t1 + sum0 + ((a & b) | (c & (a | b)));
}

/* Sixteen rounds; the schedule moves on by sixteen words. */
static inline void sha512_sixteen_rounds(sha512_vector v[SHA512_WORDS], sha512_vector w[16],
                                         const uint64_t *constants)
{
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
    {
        sha512_vector x = w[(i + 1) & 15], y = w[(i + 14) & 15];
        sha512_round(v, 16 - i, w[i] + constants[i]);
        w[i] += (sha512_rotate(x, 1) ^ sha512_rotate(x, 8) ^ (x >> 7)) + w[(i + 9) & 15] +
                (sha512_rotate(y, 19) ^ sha512_rotate(y, 61) ^ (y >> 6));
    }
}

static inline void sha512_compress(sha512_vector state[SHA512_WORDS], sha512_vector w[16],
                                   sha512_vector live)
{
    sha512_vector v[SHA512_WORDS];
    for (int i = 0; i < SHA512_WORDS; i++)
        v[i] = state[i];
    for (int round = 0; round < SHA512_ROUNDS; round += 16)
        sha512_sixteen_rounds(v, w, sha512_constants + round);
    for (int i = 0; i < SHA512_WORDS; i++)
        state[i] += v[i] & live;
}

static inline sha512_vector sha512_gather(const uint64_t words[SHA512_LANES])
{
    sha512_vector out;
    for (int lane = 0; lane < SHA512_LANES; lane++)
        out[lane] = words[lane];
    return out;
}

/* All ones where a lane has this block; the others compute on whatever stands there, for nothing. */
static inline sha512_vector sha512_live(const size_t *blocks, size_t block)
{
    sha512_vector live;
    for (int lane = 0; lane < SHA512_LANES; lane++)
        live[lane] = block < blocks[lane] ? ~UINT64_C(0) : 0;
    return live;
}

static inline void sha512_absorb(uint64_t *state, const uint64_t *words, const size_t *blocks)
{
    sha512_vector v[SHA512_WORDS];
    sha512_vector w[16];
    size_t most = 0;
    for (size_t lane = 0; lane < SHA512_LANES; lane++)
        most = blocks[lane] > most ? blocks[lane] : most;
    for (size_t i = 0; i < SHA512_WORDS; i++)
        v[i] = sha512_gather(state + i * SHA512_LANES);
    for (size_t block = 0; block < most; block++)
    {
        for (size_t i = 0; i < 16; i++)
            w[i] = sha512_gather(words + (16 * block + i) * SHA512_LANES);
        sha512_compress(v, w, sha512_live(blocks, block));
    }
    for (size_t i = 0; i < SHA512_WORDS; i++)
        for (size_t lane = 0; lane < SHA512_LANES; lane++)
            state[i * SHA512_LANES + lane] = v[i][lane];
    sr_wipe(w, sizeof w);
}

#endif
