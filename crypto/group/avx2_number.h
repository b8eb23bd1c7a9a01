/*
 * avx2_number.h: from bytes to four numbers in lanes and back, comparisons, and the long powers.
 * For kernel_avx2.c alone (and its test).
 *
 * Masks are vectors of four 64-bit lanes, all ones or all zeros.
 */
#ifndef SEALROOM_CRYPTO_GROUP_AVX2_NUMBER_H
#define SEALROOM_CRYPTO_GROUP_AVX2_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "avx2_field.h"
#include "base/bytes.h"

enum
{
    AVX2_LANES = 4,
    AVX2_SIZE = 32 /* bytes of an encoded number */
};

typedef __m256i avx2_bits;

/* A number as integers in [0, 2^51). */
typedef struct
{
    avx2_bits limb[5];
} avx2_whole_limbs;

AVX2_INLINE avx2_bits avx2_low51(avx2_bits a)
{
    return _mm256_and_si256(a, _mm256_set1_epi64x((INT64_C(1) << 51) - 1));
}

/* (low >> shift | high << (64 - shift)) mod 2^51 */
#define AVX2_JOIN(low, high, shift)                                                                \
    avx2_low51(                                                                                    \
        _mm256_or_si256(_mm256_srli_epi64(low, shift), _mm256_slli_epi64(high, 64 - (shift))))

/* Rows to columns: words[i] holds word i of four numbers afterwards, number j before it in row j. */
AVX2_INLINE void avx2_transpose(avx2_bits words[4], const avx2_bits rows[4])
{
    avx2_bits a = _mm256_unpacklo_epi64(rows[0], rows[1]);
    avx2_bits b = _mm256_unpackhi_epi64(rows[0], rows[1]);
    avx2_bits c = _mm256_unpacklo_epi64(rows[2], rows[3]);
    avx2_bits d = _mm256_unpackhi_epi64(rows[2], rows[3]);
    words[0] = _mm256_permute2x128_si256(a, c, 0x20);
    words[1] = _mm256_permute2x128_si256(b, d, 0x20);
    words[2] = _mm256_permute2x128_si256(a, c, 0x31);
    words[3] = _mm256_permute2x128_si256(b, d, 0x31);
}

/* An integer in [0, 2^51) to a limb, 2 units at most. */
AVX2_INLINE avx2_vec avx2_limb_of(avx2_bits a)
{
    const avx2_vec magic = _mm256_set1_pd(0x1p52);
    avx2_vec d = _mm256_or_pd(_mm256_castsi256_pd(a), magic);
    return _mm256_mul_pd(_mm256_sub_pd(d, magic), AVX2_DOWN);
}

/* `count` (at least 1) numbers of 32 bytes, little-endian, `stride` apart, bit 255 ignored; lanes
 * past `count` (if it is below 4) are 0. Tight. */
static inline void avx2_decode(avx2_fe *r, const uint8_t *in, size_t stride, size_t count)
{
    avx2_bits rows[4], w[4];
    for (size_t i = 0; i < AVX2_LANES; i++)
        rows[i] = i < count ? _mm256_loadu_si256((const avx2_bits *)(const void *)(in + stride * i))
                            : _mm256_setzero_si256();
    avx2_transpose(w, rows);
    r->limb[0] = avx2_limb_of(avx2_low51(w[0]));
    r->limb[1] = avx2_limb_of(AVX2_JOIN(w[0], w[1], 51));
    r->limb[2] = avx2_limb_of(AVX2_JOIN(w[1], w[2], 38));
    r->limb[3] = avx2_limb_of(AVX2_JOIN(w[2], w[3], 25));
    r->limb[4] = avx2_limb_of(avx2_low51(_mm256_srli_epi64(w[3], 12)));
    avx2_carry(r, r);
}

/* A tight limb to its integer (below 2^51 in size), plus `more`. */
AVX2_INLINE avx2_bits avx2_integer_of(avx2_vec limb, int64_t more)
{
    const avx2_vec magic = _mm256_set1_pd(0x1.8p52);
    avx2_bits bits = _mm256_castpd_si256(avx2_fma(limb, AVX2_UP, magic));
    bits = _mm256_sub_epi64(bits, _mm256_castpd_si256(magic));
    return _mm256_add_epi64(bits, _mm256_set1_epi64x(more));
}

/* Moves each limb's carry up; returns that of limb 4. All limbs are not negative. */
AVX2_INLINE avx2_bits avx2_ripple(avx2_whole_limbs *a, avx2_bits carry)
{
    for (int i = 0; i < 5; i++)
    {
        avx2_bits sum = _mm256_add_epi64(a->limb[i], carry);
        a->limb[i] = avx2_low51(sum);
        carry = _mm256_srli_epi64(sum, 51);
    }
    return carry;
}

/* The one representative in [0, p) of a tight number. */
static inline avx2_whole_limbs avx2_canonical(const avx2_fe *a)
{
    /* + 2 p, so that every limb is positive, and below 2^53 */
    const int64_t low = (INT64_C(1) << 52) - 38, other = (INT64_C(1) << 52) - 2;
    avx2_whole_limbs w;
    w.limb[0] = avx2_integer_of(a->limb[0], low);
    for (int i = 1; i < 5; i++)
        w.limb[i] = avx2_integer_of(a->limb[i], other);
    avx2_bits nineteen = _mm256_set1_epi64x(19);
    avx2_bits top = avx2_ripple(&w, _mm256_setzero_si256()); /* at most 3 */
    /* now below 2^255 + 57; it is p or more just if adding 19 reaches 2^255 */
    w.limb[0] = _mm256_add_epi64(w.limb[0], _mm256_mul_epu32(top, nineteen));
    avx2_whole_limbs trial = w;
    avx2_bits over = avx2_ripple(&trial, nineteen);
    avx2_ripple(&w, _mm256_mul_epu32(over, nineteen));
    return w;
}

/* ---- comparisons ----------------------------------------------------------------------------- */

/* Of a tight number. */
static inline avx2_vec avx2_is_zero(const avx2_fe *a)
{
    avx2_whole_limbs w = avx2_canonical(a);
    avx2_bits any = w.limb[0];
    for (int i = 1; i < 5; i++)
        any = _mm256_or_si256(any, w.limb[i]);
    return _mm256_castsi256_pd(_mm256_cmpeq_epi64(any, _mm256_setzero_si256()));
}

/* Of tight numbers. */
static inline avx2_vec avx2_is_equal(const avx2_fe *a, const avx2_fe *b)
{
    avx2_fe difference;
    avx2_sub(&difference, a, b);
    return avx2_is_zero(&difference);
}

/* RFC 9380 sgn0: is the canonical number odd? */
static inline avx2_vec avx2_is_odd(const avx2_fe *a)
{
    avx2_whole_limbs w = avx2_canonical(a);
    return _mm256_castsi256_pd(_mm256_slli_epi64(w.limb[0], 63)); /* a mask's top bit is enough */
}

/* Canonical bytes of the first `count` lanes, 32 each; lanes outside `mask` give zeros. */
static inline void avx2_encode(uint8_t *out, const avx2_fe *a, avx2_vec mask, size_t count)
{
    avx2_whole_limbs x = avx2_canonical(a);
    for (int i = 0; i < 5; i++)
        x.limb[i] = _mm256_and_si256(x.limb[i], _mm256_castpd_si256(mask));
    avx2_bits w[4], rows[4];
    w[0] = _mm256_or_si256(x.limb[0], _mm256_slli_epi64(x.limb[1], 51));
    w[1] = _mm256_or_si256(_mm256_srli_epi64(x.limb[1], 13), _mm256_slli_epi64(x.limb[2], 38));
    w[2] = _mm256_or_si256(_mm256_srli_epi64(x.limb[2], 26), _mm256_slli_epi64(x.limb[3], 25));
    w[3] = _mm256_or_si256(_mm256_srli_epi64(x.limb[3], 39), _mm256_slli_epi64(x.limb[4], 12));
    avx2_transpose(rows, w);
    for (size_t i = 0; i < AVX2_LANES && i < count; i++)
        _mm256_storeu_si256((avx2_bits *)(void *)(out + AVX2_SIZE * i), rows[i]);
}

AVX2_INLINE void avx2_small(avx2_fe *r, double small)
{
    r->limb[0] = _mm256_set1_pd(small * 0x1p-51);
    for (int i = 1; i < 5; i++)
        r->limb[i] = _mm256_setzero_pd();
}

/* ---- powers ---------------------------------------------------------------------------------- */

/* Two numbers at once: a power is one long chain of squarings, and two chains share the processor
 * better than one uses it. */
typedef struct
{
    avx2_fe first, second;
} avx2_pair;

static inline void avx2_pair_mul(avx2_pair *r, const avx2_pair *a, const avx2_pair *b)
{
    avx2_mul(&r->first, &a->first, &b->first);
    avx2_mul(&r->second, &a->second, &b->second);
}

/* r = a^(2^times), times at least 1. */
static inline void avx2_pair_squares(avx2_pair *r, const avx2_pair *a, int times)
{
    avx2_fe first = a->first, second = a->second;
    for (int i = 0; i < times; i++)
    {
        avx2_square(&first, &first);
        avx2_square(&second, &second);
    }
    r->first = first;
    r->second = second;
}

/* r = a^(2^times) b */
static inline void avx2_pair_shift(avx2_pair *r, const avx2_pair *a, int times, const avx2_pair *b)
{
    avx2_pair power;
    avx2_pair_squares(&power, a, times);
    avx2_pair_mul(r, &power, b);
}

/* z^((p - 5) / 8) = z^(2^252 - 3). Where z = n d^7, n d^3 times this is a root of n / d, or of it times
 * a fourth root of 1 (RFC 9380 appendix G.2.1). Inverses and the square test build on it:
 * p - 2 = 8 (2^252 - 3) + 3 and (p - 1) / 2 = 4 (2^252 - 3) + 2. */
static inline void avx2_root_power(avx2_pair *r, const avx2_pair *z)
{
    avx2_pair z2, a, b, c;
    avx2_pair_squares(&z2, z, 1);
    avx2_pair_shift(&a, &z2, 2, z); /* z^9 */
    avx2_pair_mul(&b, &a, &z2);     /* z^11 */
    avx2_pair_shift(&a, &b, 1, &a); /* z^(2^5 - 1), and so on */
    avx2_pair_shift(&a, &a, 5, &a);
    avx2_pair_shift(&b, &a, 10, &a); /* 20 */
    avx2_pair_shift(&b, &b, 20, &b);
    avx2_pair_shift(&a, &b, 10, &a); /* 50 */
    avx2_pair_shift(&b, &a, 50, &a);
    avx2_pair_shift(&c, &b, 100, &b);
    avx2_pair_shift(&b, &c, 50, &a); /* 250 */
    avx2_pair_shift(r, &b, 2, z);
}

/* 1 / z, and 0 for 0. */
static inline void avx2_invert(avx2_pair *r, const avx2_pair *z)
{
    avx2_pair power, cube;
    avx2_root_power(&power, z);
    avx2_pair_shift(&cube, z, 1, z);
    avx2_pair_shift(r, &power, 3, &cube);
}

/* 1 for squares other than 0, p - 1 for others, 0 for 0. */
static inline void avx2_legendre(avx2_pair *r, const avx2_pair *z)
{
    avx2_pair power, square;
    avx2_root_power(&power, z);
    avx2_pair_squares(&square, z, 1);
    avx2_pair_shift(r, &power, 2, &square);
}

#endif
