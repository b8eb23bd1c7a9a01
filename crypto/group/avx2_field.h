/*
 * avx2_field.h: arithmetic modulo p = 2^255 - 19 on four numbers at once, in floating point with
 * exact products. For kernel_avx2.c alone (and its test); needs AVX2 and FMA.
 *
 * A number is five limbs, one vector of four doubles each, in radix 2^51. A limb is kept as a
 * fraction: the integer n is the double n 2^-51, so that rounding to the nearest whole number
 * (vroundpd, one instruction) splits off the carry. Limbs are signed.
 *
 *     value = 2^51 (limb0 + limb1 2^51 + limb2 2^102 + limb3 2^153 + limb4 2^204)
 *
 * Products. Two fused multiply-adds give all 102 bits of a product (Emmart, Zheng, Weems, "Faster
 * modular exponentiation using double precision floating point arithmetic on the GPU", ARITH 2018):
 * with M in [2, 4), where doubles are 2^-51 apart,
 *
 *     h = fma(a, b, M)           M + a b, rounded to a multiple of 2^-51
 *     l = fma(a, b, M - h)       what the rounding dropped: exact, a multiple of 2^-102
 *
 * Here one chain serves a whole column of the schoolbook product, h' = fma(a, b, h) and
 * l' = fma(a, b, h - h'), and the l are summed in floating point. That is four instructions a
 * product, spread evenly over multipliers and adders. Column k gives (sum of l) 2^51 to limb k and
 * h - M to limb k + 1. What columns 0 to 3 give becomes r0 to r3, and what columns 5 to 8 give
 * becomes t0 to t3 and t4, which is what is above column 8. As 2^255 = 19, limb k is r_k + 19 t_k, too
 * much for one double: its carry c is the whole part of the rounded sum, and (19 t_k - c) + r_k is
 * exact. t4 19 2^-51 is one more product of column 4.
 *
 * Exactness does not depend on the rounding mode, but the bounds below take round-to-nearest; the
 * kernel's entries set MXCSR. Multiply-adds are intrinsics or assembly and nothing else is contracted
 * (-ffp-contract=off), so what is written is what is rounded. There are no denormals: a limb is 0 or
 * at least 2^-51, a product at least 2^-102.
 *
 * Bounds. In units of 1/2 (integer: 2^50), e standing for less than 2^-24:
 *
 *     tight   |limb| <= 1 + e    what products take and all functions give, but the _plain ones. A
 *                                carry of 8 units leaves 1/2 + 76 2^-51, a product 1/2 + 92 2^-51,
 *                                avx2_add_small 1/2 + 2^-27
 *
 * A double holds a multiple of 2^-51 (or, among the l, of 2^-102) exactly while it is at most 8
 * units (of l: 8 * 2^-52). Every sum that the functions form stays within that:
 *
 *     A product of tight limbs adds at most 1/4 + e to a chain. The l of a step is at most 1 unit
 *     (2^-52) while h is in [2, 4), 2 units while it is in [4, 8); h must never fall below 2, where
 *     it would no longer be a multiple of 2^-51. M = 49/16 allows four products: h >= 2 + 1/16 - e,
 *     and h > 4 not before the fourth, because 49/16 + 3/4 < 4. Column 4 has five and is split into
 *     two chains, x and y. Squaring has half as many products, mixed ones twice as large, and one
 *     chain for column 4, whose second large one comes last: a square is never negative, so again
 *     h >= 2 + 1/16 - e and h > 4 not before the last.
 *
 *                l of the column      h - M from below     sum
 *     t0         3 + 2                2.5 (column 4)       7.5 + e
 *     t1         3                    2                    5
 *     t2         2                    1.5                  3.5
 *     t3         1                    1                    2
 *     t4                              0.5                  0.5
 *     r0         1                                         1
 *     r1         2                    0.5                  2.5
 *     r2         3                    1                    4
 *     r3         3 + 2                1.5                  6.5 + e
 *     limb 4     5 + 1 (t4)           2                    8 + e: see avx2_finish
 *
 *     (t4 19 2^-51 adds e to a chain. For squaring every row is at most that.)
 *
 *     Limb k of 0 to 3: |19 t_k + r_k| < 72, so its rounding is off by at most 2^-47, and with c the
 *     rest is at most 1/2 + 2^-47. 19 t_k - c is at most |r_k| + 1/2 + 2^-47 < 4, so it is exact. c is
 *     at most 72, that of limb 4 at most 4: 1/2 + (16 + max(72, 4 * 19)) 2^-51 in the end.
 */
#ifndef SEALROOM_CRYPTO_GROUP_AVX2_FIELD_H
#define SEALROOM_CRYPTO_GROUP_AVX2_FIELD_H

#include <immintrin.h>

/* Always inlined: the kernel's step is one straight run of instructions. */
#define AVX2_INLINE static inline __attribute__((always_inline))

typedef __m256d avx2_vec;

typedef struct
{
    avx2_vec limb[5];
} avx2_fe;

/* A column of a product: h and the sum of the l. */
typedef struct
{
    avx2_vec h;
    avx2_vec l;
} avx2_column;

#define AVX2_UP _mm256_set1_pd(0x1p51)
#define AVX2_DOWN _mm256_set1_pd(0x1p-51)
#define AVX2_NINETEEN _mm256_set1_pd(19.0)
#define AVX2_FOLD _mm256_set1_pd(19 * 0x1p-51)
#define AVX2_M _mm256_set1_pd(49.0 / 16.0) /* where a chain begins */
#define AVX2_TWO_M _mm256_set1_pd(49.0 / 8.0)

/* a b + c, rounded once */
AVX2_INLINE avx2_vec avx2_fma(avx2_vec a, avx2_vec b, avx2_vec c)
{
    return _mm256_fmadd_pd(a, b, c);
}

/* a b - c, rounded once */
AVX2_INLINE avx2_vec avx2_fms(avx2_vec a, avx2_vec b, avx2_vec c)
{
    return _mm256_fmsub_pd(a, b, c);
}

/* A constant that is used often, in a register: else the compiler reads it from memory each time. */
AVX2_INLINE avx2_vec avx2_keep(avx2_vec a)
{
    __asm__("" : "+x"(a));
    return a;
}

AVX2_INLINE avx2_vec avx2_whole(avx2_vec a)
{
    return _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* ---- columns --------------------------------------------------------------------------------- */

/* Assembly, so that the compiler neither reorders nor rearranges them: the order of steps is what keeps
 * the multipliers busy. */
AVX2_INLINE avx2_column avx2_begin(avx2_vec a, avx2_vec b, avx2_vec m)
{
    avx2_column c = {m, m};
    __asm__("vfmadd231pd %3, %2, %0\n\t"
            "vsubpd %0, %4, %1\n\t"
            "vfmadd231pd %3, %2, %1"
            : "+&x"(c.h), "=&x"(c.l)
            : "x"(a), "x"(b), "x"(m));
    return c;
}

AVX2_INLINE void avx2_more(avx2_column *c, avx2_vec a, avx2_vec b)
{
    avx2_vec l;
    __asm__("vmovapd %0, %1\n\t"
            "vfmadd231pd %4, %3, %0\n\t"
            "vsubpd %0, %1, %1\n\t"
            "vfmadd231pd %4, %3, %1\n\t"
            "vaddpd %1, %2, %2"
            : "+&x"(c->h), "=&x"(l), "+&x"(c->l)
            : "x"(a), "x"(b));
}

/* What column c gives to the limb above, m being where its chain began. */
AVX2_INLINE avx2_vec avx2_above(avx2_column c, avx2_vec m)
{
    return _mm256_sub_pd(c.h, m);
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* Up to 8 units become tight. */
AVX2_INLINE void avx2_carry(avx2_fe *r, const avx2_fe *a)
{
    avx2_vec a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec c0 = avx2_whole(a0), c1 = avx2_whole(a1), c2 = avx2_whole(a2), c3 = avx2_whole(a3);
    avx2_vec c4 = avx2_whole(a4);
    avx2_vec down = avx2_keep(AVX2_DOWN);
    r->limb[0] = avx2_fma(c4, AVX2_FOLD, _mm256_sub_pd(a0, c0));
    r->limb[1] = avx2_fma(c0, down, _mm256_sub_pd(a1, c1));
    r->limb[2] = avx2_fma(c1, down, _mm256_sub_pd(a2, c2));
    r->limb[3] = avx2_fma(c2, down, _mm256_sub_pd(a3, c3));
    r->limb[4] = avx2_fma(c3, down, _mm256_sub_pd(a4, c4));
}

/* Limb by limb, no carry: bounds add up. */
AVX2_INLINE void avx2_add_plain(avx2_fe *r, const avx2_fe *a, const avx2_fe *b)
{
    r->limb[0] = _mm256_add_pd(a->limb[0], b->limb[0]);
    r->limb[1] = _mm256_add_pd(a->limb[1], b->limb[1]);
    r->limb[2] = _mm256_add_pd(a->limb[2], b->limb[2]);
    r->limb[3] = _mm256_add_pd(a->limb[3], b->limb[3]);
    r->limb[4] = _mm256_add_pd(a->limb[4], b->limb[4]);
}

AVX2_INLINE void avx2_sub_plain(avx2_fe *r, const avx2_fe *a, const avx2_fe *b)
{
    r->limb[0] = _mm256_sub_pd(a->limb[0], b->limb[0]);
    r->limb[1] = _mm256_sub_pd(a->limb[1], b->limb[1]);
    r->limb[2] = _mm256_sub_pd(a->limb[2], b->limb[2]);
    r->limb[3] = _mm256_sub_pd(a->limb[3], b->limb[3]);
    r->limb[4] = _mm256_sub_pd(a->limb[4], b->limb[4]);
}

/* Tight, of terms that are at most 4 units each. */
AVX2_INLINE void avx2_add(avx2_fe *r, const avx2_fe *a, const avx2_fe *b)
{
    avx2_add_plain(r, a, b);
    avx2_carry(r, r);
}

AVX2_INLINE void avx2_sub(avx2_fe *r, const avx2_fe *a, const avx2_fe *b)
{
    avx2_sub_plain(r, a, b);
    avx2_carry(r, r);
}

/* Per lane: b where the mask's top bit is set, else a. */
AVX2_INLINE void avx2_select(avx2_fe *r, const avx2_fe *a, const avx2_fe *b, avx2_vec mask)
{
    r->limb[0] = _mm256_blendv_pd(a->limb[0], b->limb[0], mask);
    r->limb[1] = _mm256_blendv_pd(a->limb[1], b->limb[1], mask);
    r->limb[2] = _mm256_blendv_pd(a->limb[2], b->limb[2], mask);
    r->limb[3] = _mm256_blendv_pd(a->limb[3], b->limb[3], mask);
    r->limb[4] = _mm256_blendv_pd(a->limb[4], b->limb[4], mask);
}

/* ---- products -------------------------------------------------------------------------------- */

/* Columns 0 to 3; the sum of the l of column 4 and t4, what is above it being in t0; t0 to t3. */
typedef struct
{
    avx2_column p0, p1, p2, p3;
    avx2_vec l4;
    avx2_vec t0, t1, t2, t3;
} avx2_columns;

/* A limb on its way: what the carry leaves of it, and the carry. */
typedef struct
{
    avx2_vec rest;
    avx2_vec carry;
} avx2_part;

/* r + 19 t, `nineteen` being AVX2_NINETEEN in a register. */
AVX2_INLINE avx2_part avx2_reduce(avx2_vec r, avx2_vec t, avx2_vec nineteen)
{
    avx2_part part;
    part.carry = avx2_whole(avx2_fma(t, nineteen, r));
    part.rest = _mm256_add_pd(avx2_fms(t, nineteen, part.carry), r);
    return part;
}

/* All limbs carry. Limb 4, (sum of l) 2^51 + above, may reach 8 + e units, too much for one double:
 * its carry c4 is taken from the rounded sum (off by 2^-51 at most), and the two parts are added after
 * c4 left them: both steps are exact again, and what remains is at most 1 unit and 2^-51. */
AVX2_INLINE void avx2_finish(avx2_fe *r, const avx2_columns *c)
{
    const avx2_vec m = AVX2_M, nineteen = avx2_keep(AVX2_NINETEEN), up = avx2_keep(AVX2_UP);
    avx2_part r0 = avx2_reduce(_mm256_mul_pd(c->p0.l, up), c->t0, nineteen);
    avx2_part r1 = avx2_reduce(avx2_fma(c->p1.l, up, avx2_above(c->p0, m)), c->t1, nineteen);
    avx2_part r2 = avx2_reduce(avx2_fma(c->p2.l, up, avx2_above(c->p1, m)), c->t2, nineteen);
    avx2_part r3 = avx2_reduce(avx2_fma(c->p3.l, up, avx2_above(c->p2, m)), c->t3, nineteen);
    avx2_vec above3 = avx2_above(c->p3, m), down = avx2_keep(AVX2_DOWN);
    avx2_vec c4 = avx2_whole(avx2_fma(c->l4, AVX2_UP, above3));
    avx2_vec r4 = avx2_fma(c->l4, AVX2_UP, _mm256_sub_pd(above3, c4));
    r->limb[4] = avx2_fma(r3.carry, down, r4);
    r->limb[0] = avx2_fma(c4, AVX2_FOLD, r0.rest);
    r->limb[1] = avx2_fma(r0.carry, down, r1.rest);
    r->limb[2] = avx2_fma(r1.carry, down, r2.rest);
    r->limb[3] = avx2_fma(r2.carry, down, r3.rest);
}

/* a b, both tight: rows from the top, what is above limb 4 first. Neighbours do not wait for each
 * other, and few columns are open at once. */
AVX2_INLINE void avx2_mul(avx2_fe *r, const avx2_fe *a, const avx2_fe *b)
{
    const avx2_vec m = AVX2_M;
    avx2_vec a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec b4 = b->limb[4];
    avx2_column q8 = avx2_begin(a4, b4, m), q7 = avx2_begin(a3, b4, m);
    avx2_column q6 = avx2_begin(a2, b4, m), q5 = avx2_begin(a1, b4, m);
    avx2_vec t4 = avx2_above(q8, m);
    avx2_vec b3 = b->limb[3];
    avx2_more(&q7, a4, b3);
    avx2_more(&q6, a3, b3);
    avx2_more(&q5, a2, b3);
    avx2_vec t3 = avx2_fma(q8.l, AVX2_UP, avx2_above(q7, m));
    avx2_vec b2 = b->limb[2];
    avx2_more(&q6, a4, b2);
    avx2_more(&q5, a3, b2);
    avx2_vec t2 = avx2_fma(q7.l, AVX2_UP, avx2_above(q6, m));
    avx2_vec b1 = b->limb[1];
    avx2_more(&q5, a4, b1);
    avx2_vec t1 = avx2_fma(q6.l, AVX2_UP, avx2_above(q5, m));
    avx2_vec a0 = a->limb[0], b0 = b->limb[0];
    avx2_column x = avx2_begin(a4, b0, m), p3 = avx2_begin(a3, b0, m);
    avx2_column y = avx2_begin(a3, b1, m);
    avx2_more(&p3, a2, b1);
    avx2_more(&y, a2, b2);
    avx2_more(&p3, a1, b2);
    avx2_more(&x, t4, AVX2_FOLD);
    avx2_more(&y, a1, b3);
    avx2_more(&p3, a0, b3);
    avx2_more(&x, a0, b4);
    avx2_vec above4 = _mm256_add_pd(_mm256_sub_pd(x.h, AVX2_TWO_M), y.h);
    avx2_vec l4 = _mm256_add_pd(x.l, y.l), t0 = avx2_fma(q5.l, AVX2_UP, above4);
    avx2_column p0 = avx2_begin(a0, b0, m), p1 = avx2_begin(a1, b0, m);
    avx2_column p2 = avx2_begin(a2, b0, m);
    avx2_more(&p1, a0, b1);
    avx2_more(&p2, a1, b1);
    avx2_more(&p2, a0, b2);
    avx2_finish(r, &(avx2_columns){p0, p1, p2, p3, l4, t0, t1, t2, t3});
}

/* a^2, a tight: mixed products once, with one factor doubled. */
AVX2_INLINE void avx2_square(avx2_fe *r, const avx2_fe *a)
{
    const avx2_vec m = AVX2_M;
    avx2_vec a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec d0 = _mm256_add_pd(a0, a0), d1 = _mm256_add_pd(a1, a1);
    avx2_vec d2 = _mm256_add_pd(a2, a2), d3 = _mm256_add_pd(a3, a3);
    avx2_column q8 = avx2_begin(a4, a4, m), q7 = avx2_begin(d3, a4, m);
    avx2_column q6 = avx2_begin(d2, a4, m), q5 = avx2_begin(d1, a4, m);
    avx2_column x = avx2_begin(d0, a4, m);
    avx2_vec t4 = avx2_above(q8, m);
    avx2_more(&q6, a3, a3);
    avx2_more(&q5, d2, a3);
    avx2_more(&x, t4, AVX2_FOLD);
    avx2_column p3 = avx2_begin(d0, a3, m);
    avx2_vec t3 = avx2_fma(q8.l, AVX2_UP, avx2_above(q7, m));
    avx2_more(&x, a2, a2);
    avx2_more(&p3, d1, a2);
    avx2_vec t2 = avx2_fma(q7.l, AVX2_UP, avx2_above(q6, m));
    avx2_vec t1 = avx2_fma(q6.l, AVX2_UP, avx2_above(q5, m));
    avx2_more(&x, d1, a3);
    avx2_column p2 = avx2_begin(d0, a2, m), p1 = avx2_begin(d0, a1, m);
    avx2_column p0 = avx2_begin(a0, a0, m);
    avx2_more(&p2, a1, a1);
    avx2_vec t0 = avx2_fma(q5.l, AVX2_UP, avx2_above(x, m));
    avx2_finish(r, &(avx2_columns){p0, p1, p2, p3, x.l, t0, t1, t2, t3});
}

/* to + small a, tight: `to` and `a` at most 2 units, small an integer below 2^19. The carry is the
 * whole part of the rounded sum, below 2^20 and off by less than 2^-32; the rest of small a without it
 * is at most 3 + e units and exact, and with `to` at most 1 + e. */
AVX2_INLINE avx2_vec avx2_small_carry(avx2_vec to, avx2_vec a, avx2_vec small)
{
    return avx2_whole(avx2_fma(a, small, to));
}

AVX2_INLINE avx2_vec avx2_small_rest(avx2_vec to, avx2_vec a, avx2_vec small, avx2_vec carry)
{
    return _mm256_add_pd(to, avx2_fms(a, small, carry));
}

AVX2_INLINE void avx2_add_small(avx2_fe *r, const avx2_fe *to, const avx2_fe *a, double small)
{
    avx2_vec s = avx2_keep(_mm256_set1_pd(small));
    avx2_vec a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec c0 = avx2_small_carry(to->limb[0], a0, s), c1 = avx2_small_carry(to->limb[1], a1, s);
    avx2_vec c2 = avx2_small_carry(to->limb[2], a2, s), c3 = avx2_small_carry(to->limb[3], a3, s);
    avx2_vec c4 = avx2_small_carry(to->limb[4], a4, s);
    avx2_vec down = avx2_keep(AVX2_DOWN);
    r->limb[0] = avx2_fma(c4, AVX2_FOLD, avx2_small_rest(to->limb[0], a0, s, c0));
    r->limb[1] = avx2_fma(c0, down, avx2_small_rest(to->limb[1], a1, s, c1));
    r->limb[2] = avx2_fma(c1, down, avx2_small_rest(to->limb[2], a2, s, c2));
    r->limb[3] = avx2_fma(c2, down, avx2_small_rest(to->limb[3], a3, s, c3));
    r->limb[4] = avx2_fma(c3, down, avx2_small_rest(to->limb[4], a4, s, c4));
}

#endif
