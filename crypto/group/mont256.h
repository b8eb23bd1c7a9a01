/*
 * mont256.h: arithmetic modulo an odd number between 2^255 and 2^256, four 64-bit words, in Montgomery's
 * form (P. Montgomery, "Modular multiplication without trial division", 1985; R = 2^256). Internal to
 * crypto/group: the field and the scalars of p256.
 *
 * Numbers are little-endian words. In Montgomery's form x stands as x R mod m, below m; all functions
 * but mont256_enter want and give that. Constant time, but for exponents, which are public.
 */
#ifndef SEALROOM_CRYPTO_GROUP_MONT256_H
#define SEALROOM_CRYPTO_GROUP_MONT256_H

#include <stdint.h>

enum
{
    MONT256_WORDS = 4,
    MONT256_SIZE = 32,
};

typedef struct
{
    uint64_t w[MONT256_WORDS];
} mont256;

typedef struct
{
    mont256 m;         /* the modulus */
    uint64_t negative; /* -1 / m mod 2^64 */
    mont256 one;       /* R mod m */
    mont256 r_squared; /* R^2 mod m */
} mont256_modulus;

/* Plain numbers, big-endian, and whether the number is below m (1 or 0). */
mont256 mont256_load(const uint8_t bytes[MONT256_SIZE]);
void mont256_store(uint8_t bytes[MONT256_SIZE], const mont256 *plain);
uint64_t mont256_is_below(const mont256 *plain, const mont256 *limit);

/* Into the form, from any plain number below 2^256 (so it also reduces); and back, below m. */
mont256 mont256_enter(const mont256_modulus *m, mont256 plain);
mont256 mont256_leave(const mont256_modulus *m, mont256 a);

mont256 mont256_add(const mont256_modulus *m, mont256 a, mont256 b);
mont256 mont256_sub(const mont256_modulus *m, mont256 a, mont256 b);
mont256 mont256_mul(const mont256_modulus *m, mont256 a, mont256 b);
/* a^exponent, a plain and public number. */
mont256 mont256_power(const mont256_modulus *m, mont256 a, const mont256 *exponent);

uint64_t mont256_is_zero(mont256 a);             /* 1 or 0 */
uint64_t mont256_is_equal(mont256 a, mont256 b); /* 1 or 0 */
/* which (1 or 0) ? b : a */
mont256 mont256_select(mont256 a, mont256 b, uint64_t which);

#endif
