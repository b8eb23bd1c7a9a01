/* SHA-512 of eight messages at once, with AVX-512. */
#define SHA512_LANES 8
#include "sha512_vector.h"

static void absorb(uint64_t *state, const uint64_t *words, const size_t *blocks)
{
    sha512_absorb(state, words, blocks);
}

const sha512_lanes sha512_avx512 = {.lanes = SHA512_LANES, .absorb = absorb};
