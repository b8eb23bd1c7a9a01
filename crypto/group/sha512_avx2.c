/* SHA-512 of four messages at once, with AVX2. */
#define SHA512_LANES 4
#include "sha512_vector.h"

static void absorb(uint64_t *state, const uint64_t *words, const size_t *blocks)
{
    sha512_absorb(state, words, blocks);
}

const sha512_lanes sha512_avx2 = {.lanes = SHA512_LANES, .absorb = absorb};
