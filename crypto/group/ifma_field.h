/*
 * ifma_field.h: GF(2^255 - 19), eight elements at once in AVX-512 IFMA. Internal to kernel_ifma.c
 * (and to the test that feeds it extreme limbs); only files compiled with IFMA may include it.
 *
 * An element is a + 2^51 b + 2^102 c + 2^153 d + 2^204 e, one vector a limb, one element a 64-bit
 * lane; in this radix 2^255 = 19. Two types say how large the limbs are:
 *
 *   ifma_fe    "narrow": every limb < NARROW = 2^51 + 2^14. What multiplications read: vpmadd52
 *              sees the low 52 bits of a factor only, and NARROW < 2^52.
 *   ifma_wide  every limb < 2^62, as products and sums leave them. ifma_carry makes it narrow.
 *
 * Every factor passes through exactly one ifma_carry: sums and differences are made of wide values
 * and carried once, after, never before.
 *
 * Bounds of a product of narrow factors x, y. lo < 2^52 and, as NARROW^2 < 2^102 + 2^66,
 * hi <= 2^50 + 2^14. Column k (0..9, weight 2^51k) sums lo of the pairs i + j = k and twice hi of
 * the pairs i + j = k - 1 (hi has weight 2^52 = 2 * 2^51); column k + 5 is then added 19 times to
 * column k. With n pairs in column k (n = k + 1 below, 4 - k in column k + 5; k and 5 - k for hi):
 *     limb k < (k + 1) 2^52 + 2 k (2^50 + 2^14) + 19 ((4 - k) 2^52 + 2 (5 - k) (2^50 + 2^14))
 * largest for k = 0: 124.5 * 2^52 + 2^22 < 125 * 2^52 = PRODUCT; for k = 4: < 17 * 2^52.
 * A square has the same columns, so the same bounds.
 *
 * A difference of wide values must not go below zero. LIFT = 2^8 p, limb by limb (2^59 - 4864,
 * then 2^59 - 256), is at least PRODUCT in every limb, and 0 modulo p: "lifted" products start from
 * it instead of zero and cost nothing more. Lifted limbs are < PRODUCT + 2^59 < 2^60; a lifted
 * value minus a product is >= 0, lifted plus product < 2^61.
 *
 * Carry: limb k keeps its low 51 bits and takes limb k - 1's upper bits, limb 0 takes 19 times
 * limb 4's. From limbs < 2^62 the upper bits are < 2^11 and 19 * 2^11 > 2^14 would be too much: the
 * precondition on limb 4 is < 2^60 (19 * 2^9 < 2^14). Lifted plus product has limb 4
 * < 2 * 17 * 2^52 + 2^59 < 2^60. Limbs are then < 2^51 + 19 * 2^9 < NARROW.
 *
 * Constant time: no branch and no address depends on an element; choices are mask registers.
 */
#ifndef SEALROOM_CRYPTO_GROUP_IFMA_FIELD_H
#define SEALROOM_CRYPTO_GROUP_IFMA_FIELD_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "fe51.h"

#define IFMA_INLINE static inline __attribute__((always_inline))

enum
{
    IFMA_LIMBS = 5,
    IFMA_LANES = 8,
    IFMA_LIMB_BITS = 51,
};

#define IFMA_LIMB_MASK ((INT64_C(1) << IFMA_LIMB_BITS) - 1)

typedef struct
{
    __m512i l[IFMA_LIMBS];
} ifma_fe;

typedef struct
{
    __m512i l[IFMA_LIMBS];
} ifma_wide;

/* ---- small values ---------------------------------------------------------------------------- */

IFMA_INLINE __m512i ifma_all(int64_t value)
{
    return _mm512_set1_epi64(value);
}

/* Limb k of 2^shift * p. */
IFMA_INLINE __m512i ifma_p(int k, int shift)
{
    return ifma_all((IFMA_LIMB_MASK - (k == 0 ? 18 : 0)) * (INT64_C(1) << shift));
}

/* The same small number (0 <= value < 2^51) in every lane. */
IFMA_INLINE ifma_fe ifma_small(int64_t value)
{
    __m512i zero = _mm512_setzero_si512();
    return (ifma_fe){{ifma_all(value), zero, zero, zero, zero}};
}

IFMA_INLINE ifma_wide ifma_widen(ifma_fe x)
{
    return (ifma_wide){{x.l[0], x.l[1], x.l[2], x.l[3], x.l[4]}};
}

/* ---- carries, sums, choices ------------------------------------------------------------------ */

/* Limb 4 < 2^60, the others < 2^62. */
IFMA_INLINE ifma_fe ifma_carry(ifma_wide x)
{
    const __m512i mask = ifma_all(IFMA_LIMB_MASK);
    __m512i up[IFMA_LIMBS];
    ifma_fe out;
    for (int k = 0; k < IFMA_LIMBS; k++)
    {
        up[k] = _mm512_srli_epi64(x.l[k], IFMA_LIMB_BITS);
        out.l[k] = _mm512_and_si512(x.l[k], mask);
    }
    for (int k = 1; k < IFMA_LIMBS; k++)
        out.l[k] = _mm512_add_epi64(out.l[k], up[k - 1]);
    out.l[0] = _mm512_madd52lo_epu64(out.l[0], up[4], ifma_all(19));
    return out;
}

/* Limbs add up: the caller's bounds. */
IFMA_INLINE ifma_wide ifma_wide_add(ifma_wide x, ifma_wide y)
{
    ifma_wide out;
    for (int k = 0; k < IFMA_LIMBS; k++)
        out.l[k] = _mm512_add_epi64(x.l[k], y.l[k]);
    return out;
}

/* x lifted, y a product (or narrow): no limb goes below zero. */
IFMA_INLINE ifma_wide ifma_wide_sub(ifma_wide x, ifma_wide y)
{
    ifma_wide out;
    for (int k = 0; k < IFMA_LIMBS; k++)
        out.l[k] = _mm512_sub_epi64(x.l[k], y.l[k]);
    return out;
}

IFMA_INLINE ifma_fe ifma_add(ifma_fe x, ifma_fe y)
{
    return ifma_carry(ifma_wide_add(ifma_widen(x), ifma_widen(y)));
}

/* 2p has limbs >= 2^52 - 38 > NARROW. */
IFMA_INLINE ifma_fe ifma_sub(ifma_fe x, ifma_fe y)
{
    ifma_wide lifted;
    for (int k = 0; k < IFMA_LIMBS; k++)
        lifted.l[k] = _mm512_add_epi64(x.l[k], ifma_p(k, 1));
    return ifma_carry(ifma_wide_sub(lifted, ifma_widen(y)));
}

IFMA_INLINE ifma_fe ifma_neg(ifma_fe x)
{
    return ifma_sub(ifma_small(0), x);
}

/* Lane by lane: the mask's bit ? y : x. */
IFMA_INLINE ifma_fe ifma_select(__mmask8 mask, ifma_fe x, ifma_fe y)
{
    ifma_fe out;
    for (int k = 0; k < IFMA_LIMBS; k++)
        out.l[k] = _mm512_mask_blend_epi64(mask, x.l[k], y.l[k]);
    return out;
}

/* ---- products -------------------------------------------------------------------------------- */

/* column[0..4] += the low (high) 52 bits of x * y.l[0..4]. */
IFMA_INLINE void ifma_row_lo(__m512i *column, __m512i x, const ifma_fe *y)
{
    for (int j = 0; j < IFMA_LIMBS; j++)
        column[j] = _mm512_madd52lo_epu64(column[j], x, y->l[j]);
}

IFMA_INLINE void ifma_row_hi(__m512i *column, __m512i x, const ifma_fe *y)
{
    for (int j = 0; j < IFMA_LIMBS; j++)
        column[j] = _mm512_madd52hi_epu64(column[j], x, y->l[j]);
}

/* The same over the limbs above i only: the cross products of a square. */
IFMA_INLINE void ifma_cross_lo(__m512i *column, const ifma_fe *x, int i)
{
    for (int j = i + 1; j < IFMA_LIMBS; j++)
        column[j] = _mm512_madd52lo_epu64(column[j], x->l[i], x->l[j]);
}

IFMA_INLINE void ifma_cross_hi(__m512i *column, const ifma_fe *x, int i)
{
    for (int j = i + 1; j < IFMA_LIMBS; j++)
        column[j] = _mm512_madd52hi_epu64(column[j], x->l[i], x->l[j]);
}

/* Ten columns to five: 2^255 = 19. Columns 5 to 9 are < 7 * 2^52, times 19 < 2^60. Bit k of `halves`: column
 * k + 5 holds half of what it stands for. The compiler is not to know the factors: gcc would make four
 * shifts and sums of one product. */
IFMA_INLINE ifma_wide ifma_fold(const __m512i *column, unsigned halves)
{
    __m512i once = ifma_all(19);
    __m512i twice = ifma_all(38);
    ifma_wide out;
    __asm__("" : "+v"(once), "+v"(twice));
    for (int k = 0; k < IFMA_LIMBS; k++)
    {
        __m512i factor = (halves >> k & 1) != 0 ? twice : once;
        out.l[k] = _mm512_add_epi64(column[k], _mm512_mullo_epi64(column[k + 5], factor));
    }
    return out;
}

/* x y (+ LIFT). The lift enters before the doublings: half of it in the high products' columns. */
IFMA_INLINE ifma_wide ifma_mul_from(ifma_fe x, ifma_fe y, int lifted)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i high[9];
    __m512i column[10];
    for (int k = 0; k < 9; k++)
        high[k] = lifted && k < 4 ? ifma_p(k + 1, 7) : zero;
    for (int i = 0; i < IFMA_LIMBS; i++)
        ifma_row_hi(high + i, x.l[i], &y);
    column[0] = lifted ? ifma_p(0, 8) : zero;
    for (int k = 0; k < 8; k++)
        column[k + 1] = _mm512_add_epi64(high[k], high[k]);
    column[9] = high[8]; /* no low products there: doubled by the fold */
    for (int i = 0; i < IFMA_LIMBS; i++)
        ifma_row_lo(column + i, x.l[i], &y);
    return ifma_fold(column, 0x10);
}

/* x^2 (+ LIFT). High cross products count four times, high squares and low cross products twice; low
 * squares, in even columns, once. The fold doubles columns 5, 7 and 9. */
IFMA_INLINE ifma_wide ifma_sqr_from(ifma_fe x, int lifted)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i high[10]; /* high[k] belongs to column k */
    __m512i column[10];
    for (int k = 0; k < 10; k++)
        high[k] = lifted && k > 1 && k < 5 ? ifma_p(k, 6) : zero;
    for (int i = 0; i < IFMA_LIMBS; i++)
        ifma_cross_hi(high + i + 1, &x, i);
    for (int k = 2; k < 9; k++)
        high[k] = _mm512_add_epi64(high[k], high[k]);
    high[1] = lifted ? ifma_p(1, 7) : zero;
    for (int i = 0; i < IFMA_LIMBS; i++)
    {
        high[2 * i + 1] = _mm512_madd52hi_epu64(high[2 * i + 1], x.l[i], x.l[i]);
        ifma_cross_lo(high + i, &x, i);
    }
    column[0] = lifted ? ifma_p(0, 8) : zero;
    for (int k = 1; k < 10; k++)
        column[k] = k < 5 || k % 2 == 0 ? _mm512_add_epi64(high[k], high[k]) : high[k];
    for (int i = 0; i < IFMA_LIMBS; i++)
        column[2 * i] = _mm512_madd52lo_epu64(column[2 * i], x.l[i], x.l[i]);
    return ifma_fold(column, 0x15);
}

/* Wide products: < PRODUCT, or lifted. */
IFMA_INLINE ifma_wide ifma_mul_wide(ifma_fe x, ifma_fe y)
{
    return ifma_mul_from(x, y, 0);
}

IFMA_INLINE ifma_wide ifma_mul_lifted(ifma_fe x, ifma_fe y)
{
    return ifma_mul_from(x, y, 1);
}

IFMA_INLINE ifma_wide ifma_sqr_wide(ifma_fe x)
{
    return ifma_sqr_from(x, 0);
}

IFMA_INLINE ifma_wide ifma_sqr_lifted(ifma_fe x)
{
    return ifma_sqr_from(x, 1);
}

IFMA_INLINE ifma_fe ifma_mul(ifma_fe x, ifma_fe y)
{
    return ifma_carry(ifma_mul_wide(x, y));
}

IFMA_INLINE ifma_fe ifma_sqr(ifma_fe x)
{
    return ifma_carry(ifma_sqr_wide(x));
}

/* base + factor x for 0 < factor < 2^20. Adds less than 2^52 + 2 * 19 * 2^20 to a limb. */
IFMA_INLINE ifma_wide ifma_mul_small_to(ifma_wide base, ifma_fe x, int64_t factor)
{
    const __m512i small = ifma_all(factor);
    const __m512i zero = _mm512_setzero_si512();
    for (int k = 0; k < IFMA_LIMBS; k++)
        base.l[k] = _mm512_madd52lo_epu64(base.l[k], x.l[k], small);
    for (int k = 0; k < 4; k++)
    {
        __m512i high = _mm512_madd52hi_epu64(zero, x.l[k], small);
        base.l[k + 1] = _mm512_add_epi64(base.l[k + 1], _mm512_add_epi64(high, high));
    }
    __m512i high = _mm512_madd52hi_epu64(zero, x.l[4], small);
    base.l[0] = _mm512_madd52lo_epu64(base.l[0], high, ifma_all(38));
    return base;
}

IFMA_INLINE ifma_fe ifma_mul_small(ifma_fe x, int64_t factor)
{
    return ifma_carry(ifma_mul_small_to(ifma_widen(ifma_small(0)), x, factor));
}

/* ---- bytes and decisions --------------------------------------------------------------------- */

/* One carry along the limbs; limb 4's goes to limb 0. A narrow x becomes limbs < 2^51, but for
 * limb 0, which may reach 2^51 + 19: a value < 2^255 + 2^6 < 2 p. */
IFMA_INLINE ifma_fe ifma_chain(ifma_fe x)
{
    const __m512i mask = ifma_all(IFMA_LIMB_MASK);
    for (int k = 0; k < 4; k++)
    {
        x.l[k + 1] = _mm512_add_epi64(x.l[k + 1], _mm512_srli_epi64(x.l[k], IFMA_LIMB_BITS));
        x.l[k] = _mm512_and_si512(x.l[k], mask);
    }
    x.l[0] = _mm512_madd52lo_epu64(x.l[0], _mm512_srli_epi64(x.l[4], IFMA_LIMB_BITS), ifma_all(19));
    x.l[4] = _mm512_and_si512(x.l[4], mask);
    return x;
}

/* The one representative < p. x + 19 reaches 2^255 exactly if x >= p; then 19 is added and the last
 * carry, 2^255, dropped. */
IFMA_INLINE ifma_fe ifma_freeze(ifma_fe x)
{
    x = ifma_chain(x);
    __m512i over = _mm512_srli_epi64(_mm512_add_epi64(x.l[0], ifma_all(19)), IFMA_LIMB_BITS);
    for (int k = 1; k < IFMA_LIMBS; k++)
        over = _mm512_srli_epi64(_mm512_add_epi64(x.l[k], over), IFMA_LIMB_BITS);
    x.l[0] = _mm512_madd52lo_epu64(x.l[0], over, ifma_all(19));
    for (int k = 0; k < 4; k++)
    {
        x.l[k + 1] = _mm512_add_epi64(x.l[k + 1], _mm512_srli_epi64(x.l[k], IFMA_LIMB_BITS));
        x.l[k] = _mm512_and_si512(x.l[k], ifma_all(IFMA_LIMB_MASK));
    }
    x.l[4] = _mm512_and_si512(x.l[4], ifma_all(IFMA_LIMB_MASK));
    return x;
}

/* The lanes that hold 0 modulo p. */
IFMA_INLINE __mmask8 ifma_is_zero(ifma_fe x)
{
    x = ifma_freeze(x);
    __m512i any = x.l[0];
    for (int k = 1; k < IFMA_LIMBS; k++)
        any = _mm512_or_si512(any, x.l[k]);
    return _mm512_testn_epi64_mask(any, any);
}

IFMA_INLINE __mmask8 ifma_is_equal(ifma_fe x, ifma_fe y)
{
    return ifma_is_zero(ifma_sub(x, y));
}

/* The lanes that hold an odd number (RFC 9380 sgn0). */
IFMA_INLINE __mmask8 ifma_is_odd(ifma_fe x)
{
    return _mm512_test_epi64_mask(ifma_freeze(x).l[0], ifma_all(1));
}

/* Reads an element of 32 bytes little-endian in each of the first `live` lanes, `stride` bytes after each
 * other; the other lanes are 0. Bit 255 is dropped. */
IFMA_INLINE ifma_fe ifma_load(const uint8_t *bytes, size_t stride, size_t live)
{
    int64_t limbs[IFMA_LIMBS][IFMA_LANES] = {{0}};
    for (size_t lane = 0; lane < live; lane++)
    {
        fe51 x = fe51_decode(bytes + stride * lane);
        for (int k = 0; k < IFMA_LIMBS; k++)
            limbs[k][lane] = (int64_t)x.v[k];
    }
    ifma_fe out;
    for (int k = 0; k < IFMA_LIMBS; k++)
        out.l[k] = _mm512_loadu_si512(limbs[k]);
    return out;
}

/* Writes the representative < p of each of the first `live` lanes, 32 bytes after 32 bytes. */
IFMA_INLINE void ifma_store(uint8_t *bytes, ifma_fe x, size_t live)
{
    uint64_t limbs[IFMA_LIMBS][IFMA_LANES];
    x = ifma_freeze(x);
    for (int k = 0; k < IFMA_LIMBS; k++)
        _mm512_storeu_si512(limbs[k], x.l[k]);
    for (size_t lane = 0; lane < live; lane++)
        fe51_encode(bytes + FE51_SIZE * lane,
                    (fe51){{limbs[0][lane], limbs[1][lane], limbs[2][lane], limbs[3][lane],
                            limbs[4][lane]}});
}

#endif
