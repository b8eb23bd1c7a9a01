/*
 * fe51.h: GF(2^255 - 19) in five limbs of 51 bits. Internal to crypto/group.
 *
 *     value = v[0] + 2^51 v[1] + 2^102 v[2] + 2^153 v[3] + 2^204 v[4]   mod p = 2^255 - 19
 *
 * The representation is Bernstein, Duif, Lange, Schwabe, Yang, "High-speed high-security
 * signatures" (2011), section 3. Limbs are unsigned and may exceed 51 bits; two words for how far:
 *
 *     tight   every limb < 2^51 + 2^13
 *     loose   every limb < 2^54
 *
 *     function              takes          gives    why it holds
 *     fe51_mul, _square     loose          tight    a column is at most 77 products of 54-bit limbs
 *                                                   (one, and four times 19): < 2^114.3; its carry
 *                                                   < 2^63.3. The last carry comes from a column
 *                                                   without a factor 19: 5 * 2^108 + 2^64, so it is
 *                                                   < 2^59.4, times 19 < 2^63.7, and what limb 0
 *                                                   passes on to limb 1 is < 2^12.8.
 *     fe51_mul_small        loose, < 2^20  tight    products < 2^74, carries < 2^24, 19 times < 2^28
 *     fe51_add              tight          loose    < 2^52.1
 *     fe51_sub              tight          loose    a + 2p - b; limbs of 2p are >= 2^52 - 38, more
 *                                                   than a tight limb, so none goes below 0; < 2^53
 *     fe51_carry            loose          tight    carries < 2^4
 *     fe51_freeze           loose          canonical: the one representative below p
 *
 * So a sum or a difference of tight values may be multiplied at once, and only products are added.
 * Nothing branches on a limb or uses it as an address. The multiplication relies on the
 * processor's 64 by 64 bit multiplication taking the same time for all operands, as x86-64's does.
 */
#ifndef SEALROOM_CRYPTO_GROUP_FE51_H
#define SEALROOM_CRYPTO_GROUP_FE51_H

#include <stdint.h>

enum
{
    FE51_LIMBS = 5,
    FE51_SIZE = 32, /* bytes of an encoding */
};

typedef struct
{
    uint64_t v[FE51_LIMBS];
} fe51;

__extension__ typedef unsigned __int128 fe51_wide;

#define FE51_MASK ((UINT64_C(1) << 51) - 1)

/* Written out, because compilers make one instruction of that, and not of a loop. */
static inline uint64_t fe51_load64(const uint8_t *b)
{
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
}

static inline void fe51_store64(uint8_t *b, uint64_t word)
{
    b[0] = (uint8_t)word;
    b[1] = (uint8_t)(word >> 8);
    b[2] = (uint8_t)(word >> 16);
    b[3] = (uint8_t)(word >> 24);
    b[4] = (uint8_t)(word >> 32);
    b[5] = (uint8_t)(word >> 40);
    b[6] = (uint8_t)(word >> 48);
    b[7] = (uint8_t)(word >> 56);
}

static inline fe51 fe51_small(uint64_t value)
{
    return (fe51){{value}};
}

/* From 256 bits, the lowest word first; bit 255 is ignored. Limbs < 2^51. */
static inline fe51 fe51_from_words(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    return (fe51){{w0 & FE51_MASK, (w0 >> 51 | w1 << 13) & FE51_MASK,
                   (w1 >> 38 | w2 << 26) & FE51_MASK, (w2 >> 25 | w3 << 39) & FE51_MASK,
                   (w3 >> 12) & FE51_MASK}};
}

static inline fe51 fe51_decode(const uint8_t *bytes)
{
    return fe51_from_words(fe51_load64(bytes), fe51_load64(bytes + 8), fe51_load64(bytes + 16),
                           fe51_load64(bytes + 24));
}

static inline fe51 fe51_carry(fe51 a)
{
    for (int i = 0; i < FE51_LIMBS - 1; i++)
    {
        a.v[i + 1] += a.v[i] >> 51;
        a.v[i] &= FE51_MASK;
    }
    a.v[0] += 19 * (a.v[4] >> 51);
    a.v[4] &= FE51_MASK;
    return a;
}

/* Tight values are below 2p, so p is taken away at most once: exactly when value + 19 >= 2^255. */
static inline fe51 fe51_freeze(fe51 a)
{
    a = fe51_carry(a);
    uint64_t over = (a.v[0] + 19) >> 51;
    for (int i = 1; i < FE51_LIMBS; i++)
        over = (a.v[i] + over) >> 51;
    a.v[0] += 19 * over;
    for (int i = 0; i < FE51_LIMBS - 1; i++)
    {
        a.v[i + 1] += a.v[i] >> 51;
        a.v[i] &= FE51_MASK;
    }
    a.v[4] &= FE51_MASK;
    return a;
}

static inline void fe51_encode(uint8_t *bytes, fe51 a)
{
    a = fe51_freeze(a);
    fe51_store64(bytes, a.v[0] | a.v[1] << 51);
    fe51_store64(bytes + 8, a.v[1] >> 13 | a.v[2] << 38);
    fe51_store64(bytes + 16, a.v[2] >> 26 | a.v[3] << 25);
    fe51_store64(bytes + 24, a.v[3] >> 39 | a.v[4] << 12);
}

static inline fe51 fe51_add(fe51 a, fe51 b)
{
    for (int i = 0; i < FE51_LIMBS; i++)
        a.v[i] += b.v[i];
    return a;
}

static inline fe51 fe51_sub(fe51 a, fe51 b)
{
    a.v[0] += 2 * (FE51_MASK - 18) - b.v[0];
    for (int i = 1; i < FE51_LIMBS; i++)
        a.v[i] += 2 * FE51_MASK - b.v[i];
    return a;
}

/* Five columns of products to tight limbs. */
static inline fe51 fe51_reduce(fe51_wide t0, fe51_wide t1, fe51_wide t2, fe51_wide t3, fe51_wide t4)
{
    fe51 r;
    t1 += (uint64_t)(t0 >> 51);
    t2 += (uint64_t)(t1 >> 51);
    t3 += (uint64_t)(t2 >> 51);
    t4 += (uint64_t)(t3 >> 51);
    r.v[0] = ((uint64_t)t0 & FE51_MASK) + 19 * (uint64_t)(t4 >> 51);
    r.v[1] = ((uint64_t)t1 & FE51_MASK) + (r.v[0] >> 51);
    r.v[0] &= FE51_MASK;
    r.v[2] = (uint64_t)t2 & FE51_MASK;
    r.v[3] = (uint64_t)t3 & FE51_MASK;
    r.v[4] = (uint64_t)t4 & FE51_MASK;
    return r;
}

static inline fe51 fe51_mul(fe51 a, fe51 b)
{
    uint64_t a0 = a.v[0], a1 = a.v[1], a2 = a.v[2], a3 = a.v[3], a4 = a.v[4];
    uint64_t b0 = b.v[0], b1 = b.v[1], b2 = b.v[2], b3 = b.v[3], b4 = b.v[4];
    uint64_t c1 = 19 * b1, c2 = 19 * b2, c3 = 19 * b3, c4 = 19 * b4; /* 2^255 = 19 */
    return fe51_reduce((fe51_wide)a0 * b0 + (fe51_wide)a1 * c4 + (fe51_wide)a2 * c3 +
                           (fe51_wide)a3 * c2 + (fe51_wide)a4 * c1,
                       (fe51_wide)a0 * b1 + (fe51_wide)a1 * b0 + (fe51_wide)a2 * c4 +
                           (fe51_wide)a3 * c3 + (fe51_wide)a4 * c2,
                       (fe51_wide)a0 * b2 + (fe51_wide)a1 * b1 + (fe51_wide)a2 * b0 +
                           (fe51_wide)a3 * c4 + (fe51_wide)a4 * c3,
                       (fe51_wide)a0 * b3 + (fe51_wide)a1 * b2 + (fe51_wide)a2 * b1 +
                           (fe51_wide)a3 * b0 + (fe51_wide)a4 * c4,
                       (fe51_wide)a0 * b4 + (fe51_wide)a1 * b3 + (fe51_wide)a2 * b2 +
                           (fe51_wide)a3 * b1 + (fe51_wide)a4 * b0);
}

static inline fe51 fe51_square(fe51 a)
{
    uint64_t a0 = a.v[0], a1 = a.v[1], a2 = a.v[2], a3 = a.v[3], a4 = a.v[4];
    uint64_t d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2;
    uint64_t n3 = 19 * a3, n4 = 19 * a4; /* 2 * 19 * 2^54 < 2^59.3 */
    return fe51_reduce((fe51_wide)a0 * a0 + (fe51_wide)d1 * n4 + (fe51_wide)d2 * n3,
                       (fe51_wide)d0 * a1 + (fe51_wide)d2 * n4 + (fe51_wide)a3 * n3,
                       (fe51_wide)d0 * a2 + (fe51_wide)a1 * a1 + (fe51_wide)(2 * a3) * n4,
                       (fe51_wide)d0 * a3 + (fe51_wide)d1 * a2 + (fe51_wide)a4 * n4,
                       (fe51_wide)d0 * a4 + (fe51_wide)d1 * a3 + (fe51_wide)a2 * a2);
}

static inline fe51 fe51_mul_small(fe51 a, uint32_t small)
{
    return fe51_reduce((fe51_wide)a.v[0] * small, (fe51_wide)a.v[1] * small,
                       (fe51_wide)a.v[2] * small, (fe51_wide)a.v[3] * small,
                       (fe51_wide)a.v[4] * small);
}

static inline fe51 fe51_square_times(fe51 a, int times)
{
    for (int i = 0; i < times; i++)
        a = fe51_square(a);
    return a;
}

/* 1 for zero, else 0. */
static inline uint64_t fe51_is_zero(fe51 a)
{
    a = fe51_freeze(a);
    uint64_t any = a.v[0] | a.v[1] | a.v[2] | a.v[3] | a.v[4];
    return (any - 1) >> 63; /* limbs are below 2^51, so only 0 wraps */
}

/* Both tight. */
static inline uint64_t fe51_equal(fe51 a, fe51 b)
{
    return fe51_is_zero(fe51_sub(a, b));
}

/* RFC 9380 section 4.1: sgn0 is the lowest bit of the canonical value. */
static inline uint64_t fe51_sign(fe51 a)
{
    return fe51_freeze(a).v[0] & 1;
}

/* RFC 9380's CMOV: `b` when `choice` is 1, `a` when it is 0. */
static inline fe51 fe51_select(fe51 a, fe51 b, uint64_t choice)
{
    uint64_t mask = 0 - choice;
    for (int i = 0; i < FE51_LIMBS; i++)
        a.v[i] ^= mask & (a.v[i] ^ b.v[i]);
    return a;
}

static inline void fe51_swap(fe51 *a, fe51 *b, uint64_t choice)
{
    uint64_t mask = 0 - choice;
    for (int i = 0; i < FE51_LIMBS; i++)
    {
        uint64_t change = mask & (a->v[i] ^ b->v[i]);
        a->v[i] ^= change;
        b->v[i] ^= change;
    }
}

/* a^((p - 5) / 8) = a^(2^252 - 3), the chain of Bernstein's curve25519: the comments name the
 * exponent. Inverses, square roots and the square test all come from it. */
static inline fe51 fe51_root_power(fe51 a)
{
    fe51 t2 = fe51_square(a);
    fe51 t9 = fe51_mul(fe51_square_times(t2, 2), a);
    fe51 t11 = fe51_mul(t9, t2);
    fe51 x5 = fe51_mul(fe51_square(t11), t9);              /* 2^5 - 1 */
    fe51 x10 = fe51_mul(fe51_square_times(x5, 5), x5);     /* 2^10 - 1 */
    fe51 x20 = fe51_mul(fe51_square_times(x10, 10), x10);  /* 2^20 - 1 */
    fe51 x40 = fe51_mul(fe51_square_times(x20, 20), x20);  /* 2^40 - 1 */
    fe51 x50 = fe51_mul(fe51_square_times(x40, 10), x10);  /* 2^50 - 1 */
    fe51 x100 = fe51_mul(fe51_square_times(x50, 50), x50); /* 2^100 - 1 */
    fe51 x200 = fe51_mul(fe51_square_times(x100, 100), x100);
    fe51 x250 = fe51_mul(fe51_square_times(x200, 50), x50); /* 2^250 - 1 */
    return fe51_mul(fe51_square_times(x250, 2), a);         /* 2^252 - 3 */
}

/* a^(p - 2): p - 2 = 8 (2^252 - 3) + 3. Zero gives zero. */
static inline fe51 fe51_invert(fe51 a)
{
    fe51 cube = fe51_mul(fe51_square(a), a);
    return fe51_mul(fe51_square_times(fe51_root_power(a), 3), cube);
}

/* a^((p - 1) / 2): (p - 1) / 2 = 4 (2^252 - 3) + 2. 1 for squares, -1 for others, 0 for zero. */
static inline fe51 fe51_legendre(fe51 a)
{
    return fe51_mul(fe51_square_times(fe51_root_power(a), 2), fe51_square(a));
}

#endif
