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
 * h - M to limb k + 1. Columns 5 to 8 become limbs t0 to t4 first and come back as one more product,
 * t 19 2^-51, in columns 0 to 4 (2^255 = 19).
 *
 * Exactness does not depend on the rounding mode, but the bounds below take round-to-nearest; the
 * kernel's entries set MXCSR. The multiply-adds are assembly and nothing else is contracted, so what
 * is written is what is rounded. There are no denormals: a limb is 0 or at least 2^-51, a product at
 * least 2^-102.
 *
 * Bounds. In units of 1/2 (integer: 2^50), e standing for less than 2^-24:
 *
 *     tight   |limb| <= 1 + e    what multiplications take. A carry of 8 units leaves 1/2 + 76 2^-51,
 *                                avx2_add_small 1/2 + 2^-27
 *     loose   |limb| <= 3.5 + e  what the _loose functions give: two of them may be added or
 *                                subtracted (7 + e), which a carry makes tight again
 *
 * A double holds a multiple of 2^-51 (or, among the l, of 2^-102) exactly while it is at most 8
 * units (of l: 8 * 2^-52). Every sum that the functions form stays within that:
 *
 *     A product of tight limbs adds at most 1/4 + e to a chain. The l of a step is at most 1 unit
 *     (2^-52) while h is in [2, 4), 2 units while it is in [4, 8); h must never fall below 2, where
 *     it would no longer be a multiple of 2^-51. With M = 3 that allows four products but for e, so
 *     columns of four take M = 49/16: h >= 2 + 1/16 - e, and h > 4 not before the fourth product,
 *     because 49/16 + 3/4 < 4. Column 4 has five products: multiplication splits it into two chains
 *     with M = 3, squaring has one with M = 53/16: h >= 2 + 1/16 - e, h > 4 not before the third.
 *
 *                      l of the column                 h - M from below     sum
 *     t1, t2, t3       3, 2, 1                         2, 1.5, 1            5, 3.5, 2
 *     t0               3 + 2                           2.5 (column 4)       7.5 + e
 *     t4                                               0.5
 *     limb 0           1, 1 (fold)                                          2
 *     limb 1           2, 1 (fold)                     0.5 + e              3.5 + e
 *     limb 2           3, 1 (fold)                     1 + e                5 + e
 *     limb 3           3, 1 (fold), then 2             1.5 + e              7.5 + e
 *     limb 4           5, 1 (fold)                     2 + e                8 + e: see finish()
 *
 *     (19 t 2^-51 adds e to a chain. Squaring has fewer terms, twice as large: every row is at most
 *     that of multiplication.)
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
#define AVX2_FOLD _mm256_set1_pd(19 * 0x1p-51)
#define AVX2_M3 _mm256_set1_pd(3.0)         /* columns of up to three products */
#define AVX2_M4 _mm256_set1_pd(49.0 / 16.0) /* of four */
#define AVX2_M5 _mm256_set1_pd(53.0 / 16.0) /* of five */

/* a b + c, rounded once */
AVX2_INLINE avx2_vec avx2_fma(avx2_vec a, avx2_vec b, avx2_vec c)
{
    __asm__("vfmadd231pd %2, %1, %0" : "+x"(c) : "x"(a), "x"(b));
    return c;
}

/* a b - c, rounded once */
AVX2_INLINE avx2_vec avx2_fms(avx2_vec a, avx2_vec b, avx2_vec c)
{
    __asm__("vfmsub213pd %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
    return a;
}

AVX2_INLINE avx2_vec avx2_whole(avx2_vec a)
{
    return _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* ---- columns --------------------------------------------------------------------------------- */

AVX2_INLINE avx2_column avx2_begin(avx2_vec a, avx2_vec b, avx2_vec m)
{
    avx2_column c = {m, m};
    __asm__("vfmadd231pd %3, %2, %0\n\t"
            "vsubpd %0, %1, %1\n\t"
            "vfmadd231pd %3, %2, %1"
            : "+&x"(c.h), "+&x"(c.l)
            : "x"(a), "x"(b));
    return c;
}

AVX2_INLINE void avx2_more(avx2_column *c, avx2_vec a, avx2_vec b)
{
    avx2_vec h = c->h;
    avx2_vec l = c->h;
    __asm__("vfmadd231pd %4, %3, %0\n\t"
            "vsubpd %0, %1, %1\n\t"
            "vfmadd231pd %4, %3, %1\n\t"
            "vaddpd %1, %2, %2"
            : "+&x"(h), "+&x"(l), "+&x"(c->l)
            : "x"(a), "x"(b));
    c->h = h;
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
    r->limb[0] = avx2_fma(c4, AVX2_FOLD, _mm256_sub_pd(a0, c0));
    r->limb[1] = avx2_fma(c0, AVX2_DOWN, _mm256_sub_pd(a1, c1));
    r->limb[2] = avx2_fma(c1, AVX2_DOWN, _mm256_sub_pd(a2, c2));
    r->limb[3] = avx2_fma(c2, AVX2_DOWN, _mm256_sub_pd(a3, c3));
    r->limb[4] = avx2_fma(c3, AVX2_DOWN, _mm256_sub_pd(a4, c4));
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

/* Tight, of loose or tight terms. */
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

/* Columns 0 to 3, and the sum of the l of column 4 (what is above it has gone into t0). */
typedef struct
{
    avx2_column p0, p1, p2, p3;
    avx2_vec l4;
} avx2_columns;

/*
 * Columns 0 to 4 to limbs; column 3 began with AVX2_M4, 0 to 2 with AVX2_M3. Limb 4 may reach
 * 8 + e units, too much for one double: its carry c4 is taken from the rounded sum (off by 2^-51
 * at most), and the two parts are added after c4 left them: both steps are exact again, and what
 * remains is at most 1 unit and 2^-51.
 *
 * Tight: all limbs carry. Loose: limbs 2, 3 and 4 do, the others are at most 3.5 + e as they are.
 */
AVX2_INLINE void avx2_finish(avx2_fe *r, const avx2_columns *c, int tight)
{
    avx2_vec above3 = avx2_above(c->p3, AVX2_M4);
    avx2_vec c4 = avx2_whole(avx2_fma(c->l4, AVX2_UP, above3));
    avx2_vec r4 = avx2_fma(c->l4, AVX2_UP, _mm256_sub_pd(above3, c4));
    avx2_vec r3 = avx2_fma(c->p3.l, AVX2_UP, avx2_above(c->p2, AVX2_M3));
    avx2_vec r2 = avx2_fma(c->p2.l, AVX2_UP, avx2_above(c->p1, AVX2_M3));
    avx2_vec r1 = avx2_fma(c->p1.l, AVX2_UP, avx2_above(c->p0, AVX2_M3));
    avx2_vec r0 = _mm256_mul_pd(c->p0.l, AVX2_UP);
    avx2_vec c3 = avx2_whole(r3), c2 = avx2_whole(r2);
    r->limb[4] = avx2_fma(c3, AVX2_DOWN, r4);
    r->limb[3] = avx2_fma(c2, AVX2_DOWN, _mm256_sub_pd(r3, c3));
    r2 = _mm256_sub_pd(r2, c2);
    if (tight)
    {
        avx2_vec c1 = avx2_whole(r1), c0 = avx2_whole(r0);
        r2 = avx2_fma(c1, AVX2_DOWN, r2);
        r1 = avx2_fma(c0, AVX2_DOWN, _mm256_sub_pd(r1, c1));
        r0 = _mm256_sub_pd(r0, c0);
    }
    r->limb[2] = r2;
    r->limb[1] = r1;
    r->limb[0] = avx2_fma(c4, AVX2_FOLD, r0);
}

/* Columns 5 to 8 of a product as t1 to t4, and the l of column 5, which t0 still needs. */
typedef struct
{
    avx2_vec t1, t2, t3, t4;
    avx2_vec l5;
} avx2_high;

/* a b in two parts, both operands tight: what is above limb 4 first. In each part neighbours do not
 * wait for each other; two products whose parts alternate do so still less. */
AVX2_INLINE void avx2_mul_high(avx2_high *r, const avx2_fe *a, const avx2_fe *b)
{
    avx2_vec a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec b1 = b->limb[1], b2 = b->limb[2], b3 = b->limb[3], b4 = b->limb[4];
    avx2_column q5 = avx2_begin(a1, b4, AVX2_M4), q6 = avx2_begin(a2, b4, AVX2_M3);
    avx2_column q7 = avx2_begin(a3, b4, AVX2_M3), q8 = avx2_begin(a4, b4, AVX2_M3);
    avx2_more(&q5, a2, b3);
    avx2_more(&q6, a3, b3);
    avx2_more(&q7, a4, b3);
    r->t4 = avx2_above(q8, AVX2_M3);
    avx2_more(&q5, a3, b2);
    avx2_more(&q6, a4, b2);
    r->t3 = avx2_fma(q8.l, AVX2_UP, avx2_above(q7, AVX2_M3));
    avx2_more(&q5, a4, b1);
    r->t2 = avx2_fma(q7.l, AVX2_UP, avx2_above(q6, AVX2_M3));
    r->t1 = avx2_fma(q6.l, AVX2_UP, avx2_above(q5, AVX2_M4));
    r->l5 = q5.l;
}

AVX2_INLINE void avx2_mul_low(avx2_fe *r, const avx2_high *high, const avx2_fe *a, const avx2_fe *b,
                              int tight)
{
    avx2_vec a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec b0 = b->limb[0], b1 = b->limb[1], b2 = b->limb[2], b3 = b->limb[3], b4 = b->limb[4];
    avx2_columns c;
    avx2_column x = avx2_begin(a0, b4, AVX2_M3), y = avx2_begin(a1, b3, AVX2_M3);
    c.p3 = avx2_begin(a0, b3, AVX2_M4);
    c.p2 = avx2_begin(a0, b2, AVX2_M3);
    c.p1 = avx2_begin(a0, b1, AVX2_M3);
    avx2_more(&x, a4, b0);
    avx2_more(&y, a2, b2);
    avx2_more(&c.p3, a1, b2);
    avx2_more(&c.p2, a1, b1);
    avx2_more(&c.p1, a1, b0);
    avx2_more(&x, high->t4, AVX2_FOLD);
    avx2_more(&y, a3, b1);
    avx2_more(&c.p3, high->t3, AVX2_FOLD);
    avx2_more(&c.p2, a2, b0);
    avx2_more(&c.p1, high->t1, AVX2_FOLD);
    c.p0 = avx2_begin(a0, b0, AVX2_M3);
    avx2_more(&c.p3, a2, b1);
    avx2_more(&c.p2, high->t2, AVX2_FOLD);
    avx2_vec above4 = _mm256_add_pd(avx2_above(x, AVX2_M3), avx2_above(y, AVX2_M3));
    c.l4 = _mm256_add_pd(x.l, y.l);
    avx2_more(&c.p3, a3, b0);
    avx2_more(&c.p0, avx2_fma(high->l5, AVX2_UP, above4), AVX2_FOLD); /* t0 */
    avx2_finish(r, &c, tight);
}

/* a^2, a tight: mixed products once, with one factor doubled. */
AVX2_INLINE void avx2_square_high(avx2_high *r, const avx2_fe *a)
{
    avx2_vec a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec d2 = _mm256_add_pd(a2, a2), d4 = _mm256_add_pd(a4, a4);
    avx2_column q8 = avx2_begin(a4, a4, AVX2_M3), q7 = avx2_begin(a3, d4, AVX2_M3);
    avx2_column q6 = avx2_begin(a3, a3, AVX2_M3), q5 = avx2_begin(a1, d4, AVX2_M4);
    avx2_more(&q6, a2, d4);
    avx2_more(&q5, d2, a3);
    r->t4 = avx2_above(q8, AVX2_M3);
    r->t3 = avx2_fma(q8.l, AVX2_UP, avx2_above(q7, AVX2_M3));
    r->t2 = avx2_fma(q7.l, AVX2_UP, avx2_above(q6, AVX2_M3));
    r->t1 = avx2_fma(q6.l, AVX2_UP, avx2_above(q5, AVX2_M4));
    r->l5 = q5.l;
}

AVX2_INLINE void avx2_square_low(avx2_fe *r, const avx2_high *high, const avx2_fe *a, int tight)
{
    avx2_vec a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec d0 = _mm256_add_pd(a0, a0), d1 = _mm256_add_pd(a1, a1), d4 = _mm256_add_pd(a4, a4);
    avx2_columns c;
    avx2_column x = avx2_begin(a2, a2, AVX2_M5);
    c.p3 = avx2_begin(d0, a3, AVX2_M4);
    c.p2 = avx2_begin(d0, a2, AVX2_M3);
    c.p1 = avx2_begin(d0, a1, AVX2_M3);
    c.p0 = avx2_begin(a0, a0, AVX2_M3);
    avx2_more(&x, high->t4, AVX2_FOLD);
    avx2_more(&c.p3, high->t3, AVX2_FOLD);
    avx2_more(&c.p2, a1, a1);
    avx2_more(&c.p1, high->t1, AVX2_FOLD);
    avx2_more(&x, a0, d4);
    avx2_more(&c.p3, d1, a2);
    avx2_more(&c.p2, high->t2, AVX2_FOLD);
    avx2_more(&x, d1, a3);
    c.l4 = x.l;
    avx2_more(&c.p0, avx2_fma(high->l5, AVX2_UP, avx2_above(x, AVX2_M5)), AVX2_FOLD); /* t0 */
    avx2_finish(r, &c, tight);
}

AVX2_INLINE void avx2_mul(avx2_fe *r, const avx2_fe *a, const avx2_fe *b)
{
    avx2_high high;
    avx2_mul_high(&high, a, b);
    avx2_mul_low(r, &high, a, b, 1);
}

AVX2_INLINE void avx2_mul_loose(avx2_fe *r, const avx2_fe *a, const avx2_fe *b)
{
    avx2_high high;
    avx2_mul_high(&high, a, b);
    avx2_mul_low(r, &high, a, b, 0);
}

AVX2_INLINE void avx2_square(avx2_fe *r, const avx2_fe *a)
{
    avx2_high high;
    avx2_square_high(&high, a);
    avx2_square_low(r, &high, a, 1);
}

/* Two products that do not need each other: r = a b and s = c d, loose. s may be a or b. */
AVX2_INLINE void avx2_mul_two_loose(avx2_fe *r, const avx2_fe *a, const avx2_fe *b, avx2_fe *s,
                                    const avx2_fe *c, const avx2_fe *d)
{
    avx2_high u, v;
    avx2_mul_high(&u, a, b);
    avx2_mul_high(&v, c, d);
    avx2_mul_low(r, &u, a, b, 0);
    avx2_mul_low(s, &v, c, d, 0);
}

/* r = a^2, loose or tight, and s = b^2, tight. r may be a, s may be b. */
AVX2_INLINE void avx2_square_two(avx2_fe *r, const avx2_fe *a, int tight, avx2_fe *s,
                                 const avx2_fe *b)
{
    avx2_high u, v;
    avx2_square_high(&u, a);
    avx2_square_high(&v, b);
    avx2_square_low(r, &u, a, tight);
    avx2_square_low(s, &v, b, 1);
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
    avx2_vec s = _mm256_set1_pd(small);
    avx2_vec a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
    avx2_vec c0 = avx2_small_carry(to->limb[0], a0, s), c1 = avx2_small_carry(to->limb[1], a1, s);
    avx2_vec c2 = avx2_small_carry(to->limb[2], a2, s), c3 = avx2_small_carry(to->limb[3], a3, s);
    avx2_vec c4 = avx2_small_carry(to->limb[4], a4, s);
    r->limb[0] = avx2_fma(c4, AVX2_FOLD, avx2_small_rest(to->limb[0], a0, s, c0));
    r->limb[1] = avx2_fma(c0, AVX2_DOWN, avx2_small_rest(to->limb[1], a1, s, c1));
    r->limb[2] = avx2_fma(c1, AVX2_DOWN, avx2_small_rest(to->limb[2], a2, s, c2));
    r->limb[3] = avx2_fma(c2, AVX2_DOWN, avx2_small_rest(to->limb[3], a3, s, c3));
    r->limb[4] = avx2_fma(c3, AVX2_DOWN, avx2_small_rest(to->limb[4], a4, s, c4));
}

#endif
