/*
 * ifma_map.h: powers, Elligator2 and the sum of two points, eight at a time, two vectors side by side
 * where a chain of squarings would otherwise wait for itself. Internal to kernel_ifma.c.
 *
 * Sources of the formulas: crypto/group/README.md. All values are narrow (ifma_field.h). Constant time:
 * choices are mask registers.
 */
#ifndef SEALROOM_CRYPTO_GROUP_IFMA_MAP_H
#define SEALROOM_CRYPTO_GROUP_IFMA_MAP_H

#include "ifma_field.h"

enum
{
    CURVE_A = 486662,
};

/* Eight u = x / z; the identity has z = 0. */
typedef struct
{
    ifma_fe x;
    ifma_fe z;
} projective;

/* Eight points u = x / d with d != 0, and v. */
typedef struct
{
    ifma_fe x;
    ifma_fe d;
    ifma_fe v;
} mapped;

/* Two vectors that are raised to the same power side by side. */
typedef struct
{
    ifma_fe v[2];
} pair;

/* ---- powers ---------------------------------------------------------------------------------- */

static inline pair pair_mul(const pair *x, const pair *y)
{
    return (pair){{ifma_mul(x->v[0], y->v[0]), ifma_mul(x->v[1], y->v[1])}};
}

/* x^(2^times) */
static __attribute__((noinline)) pair pair_square_times(const pair *x, int times)
{
    ifma_fe a = x->v[0];
    ifma_fe b = x->v[1];
    for (int i = 0; i < times; i++)
    {
        a = ifma_sqr(a);
        b = ifma_sqr(b);
    }
    return (pair){{a, b}};
}

/* x^(2^times) y */
static __attribute__((noinline)) pair pair_square_times_mul(const pair *x, int times, const pair *y)
{
    pair squared = pair_square_times(x, times);
    return pair_mul(&squared, y);
}

/* The powers of which p - 2, (p - 1) / 2 and (p - 5) / 8 are made. */
typedef struct
{
    pair two;
    pair four;
    pair eleven;
    pair ones; /* 2^250 - 1 */
} powers;

static __attribute__((noinline)) void raise(powers *out, const pair *x)
{
    out->two = pair_square_times(x, 1);
    out->four = pair_square_times(&out->two, 1);
    pair nine = pair_square_times_mul(&out->four, 1, x);
    out->eleven = pair_mul(&nine, &out->two);
    pair ones5 = pair_square_times_mul(&out->eleven, 1, &nine); /* 31 = 2^5 - 1 */
    pair ones10 = pair_square_times_mul(&ones5, 5, &ones5);
    pair ones20 = pair_square_times_mul(&ones10, 10, &ones10);
    pair ones40 = pair_square_times_mul(&ones20, 20, &ones20);
    pair ones50 = pair_square_times_mul(&ones40, 10, &ones10);
    pair ones100 = pair_square_times_mul(&ones50, 50, &ones50);
    pair ones200 = pair_square_times_mul(&ones100, 100, &ones100);
    out->ones = pair_square_times_mul(&ones200, 50, &ones50);
}

/* 1 / x = x^(p - 2), p - 2 = 2^5 (2^250 - 1) + 11; 0 for 0. */
static pair pair_invert(const pair *x)
{
    powers of;
    raise(&of, x);
    return pair_square_times_mul(&of.ones, 5, &of.eleven);
}

/* x^((p - 5) / 8), (p - 5) / 8 = 2^2 (2^250 - 1) + 1 */
static pair pair_root_power(const pair *x)
{
    powers of;
    raise(&of, x);
    return pair_square_times_mul(&of.ones, 2, x);
}

/* 1 for squares, -1 for others, 0 for 0: x^((p - 1) / 2), (p - 1) / 2 = 2^4 (2^250 - 1) + 6 */
static pair pair_legendre(const pair *x)
{
    powers of;
    raise(&of, x);
    pair six = pair_mul(&of.four, &of.two);
    return pair_square_times_mul(&of.ones, 4, &six);
}

/* ---- Elligator2 and the sum of two points ---------------------------------------------------- */

/* Where the map of one field element stands between its two halves. */
typedef struct
{
    ifma_fe two_uu; /* tv1 = 2 u^2 */
    ifma_fe gxd;    /* d^3, d = 1 + 2 u^2 the denominator of both candidates x1 and x2 */
    ifma_fe gx1;    /* the curve's right side at x1, times gxd */
    ifma_fe tv3;    /* gx1 gxd^3 */
} map_state;

/* RFC 9380 appendix G.2.1, map_to_curve_elligator2_curve25519: steps 1 to 15. Gives gx1 gxd^7, whose
 * (p - 5) / 8th power the second half wants. x1n = -A is a constant:
 * gx1 = ((A tv1 x1n + d^2) x1n = -A (d^2 - A^2 tv1). */
static ifma_fe map_begin(map_state *s, ifma_fe u)
{
    ifma_fe uu = ifma_sqr(u);
    s->two_uu = ifma_add(uu, uu);
    ifma_fe d = ifma_add(s->two_uu, ifma_small(1));
    ifma_fe dd = ifma_sqr(d);
    s->gxd = ifma_mul(dd, d);
    ifma_fe aa_uu = ifma_mul_small(ifma_mul_small(s->two_uu, CURVE_A), CURVE_A);
    s->gx1 = ifma_mul_small(ifma_sub(aa_uu, dd), CURVE_A);
    ifma_fe gxd2 = ifma_sqr(s->gxd);
    s->tv3 = ifma_mul(ifma_mul(gxd2, s->gxd), s->gx1);
    return ifma_mul(ifma_sqr(gxd2), s->tv3);
}

/* c3 = sqrt(-1) = 2^((p - 1) / 4) and c2 = 2^((p + 3) / 8), whose square is 2 c3. */
static const int64_t root_minus_one[IFMA_LIMBS] = {
    INT64_C(0x61b274a0ea0b0), INT64_C(0xd5a5fc8f189d), INT64_C(0x7ef5e9cbd0c60),
    INT64_C(0x78595a6804c9e), INT64_C(0x2b8324804fc1d)};
static const int64_t root_two_c3[IFMA_LIMBS] = {INT64_C(0x61b274a0ea0b1), INT64_C(0xd5a5fc8f189d),
                                                INT64_C(0x7ef5e9cbd0c60), INT64_C(0x78595a6804c9e),
                                                INT64_C(0x2b8324804fc1d)};

static ifma_fe constant(const int64_t limbs[IFMA_LIMBS])
{
    return (ifma_fe){{ifma_all(limbs[0]), ifma_all(limbs[1]), ifma_all(limbs[2]),
                      ifma_all(limbs[3]), ifma_all(limbs[4])}};
}

/* Steps 16 to 39, with three squares less than written there: y11^2 gxd is gx1 times one of 1, -1,
 * c3, -c3, and the first two say that x1 is a point's. Then y1 is y11, or y11 c3 for -1. Else x2 = 2 u^2
 * x1 is a point's; as gx2 = 2 u^2 gx1 and (y11 u c2)^2 gxd = 2 u^2 c3 (y11^2 gxd), y2 is y11 u c2 if
 * c3 y11^2 gxd = gx1, or c3 times that. (Both are 0 for u = 0, where x1 is a point's.) */
static void map_end(mapped *out, const map_state *s, ifma_fe u, ifma_fe power)
{
    const ifma_fe c3 = constant(root_minus_one);
    ifma_fe y11 = ifma_mul(power, s->tv3);
    ifma_fe right = ifma_mul(ifma_sqr(y11), s->gxd);
    __mmask8 plus = ifma_is_equal(right, s->gx1);
    __mmask8 first = plus | ifma_is_zero(ifma_add(right, s->gx1));
    __mmask8 plus2 = ifma_is_equal(ifma_mul(right, c3), s->gx1);
    ifma_fe x1n = ifma_neg(ifma_small(CURVE_A));
    ifma_fe y21 = ifma_mul(ifma_mul(y11, u), constant(root_two_c3));
    ifma_fe y = ifma_select(first, y21, y11);
    __mmask8 direct = (first & plus) | (__mmask8)(~first & plus2);
    y = ifma_select(direct, ifma_mul(y, c3), y);
    out->x = ifma_select(first, ifma_mul(x1n, s->two_uu), x1n);
    out->d = ifma_add(s->two_uu, ifma_small(1));
    out->v = ifma_select(first ^ ifma_is_odd(y), y, ifma_neg(y));
}

/* Eight items: both their field elements side by side. */
static __attribute__((noinline)) void map_both(mapped out[2], const pair *u)
{
    map_state state[2];
    pair power;
    for (int i = 0; i < 2; i++)
        power.v[i] = map_begin(&state[i], u->v[i]);
    power = pair_root_power(&power);
    for (int i = 0; i < 2; i++)
        map_end(&out[i], &state[i], u->v[i], power.v[i]);
}

/* u(2P) = (x^2 - z^2)^2 / (4 x z (x^2 + A x z + z^2)); the identity and order two give z = 0. */
static projective twice(projective p)
{
    ifma_fe xx = ifma_sqr(p.x);
    ifma_fe zz = ifma_sqr(p.z);
    ifma_fe xz = ifma_mul(p.x, p.z);
    ifma_fe inner = ifma_add(ifma_add(xx, zz), ifma_mul_small(xz, CURVE_A));
    return (projective){ifma_sqr(ifma_sub(xx, zz)), ifma_mul(ifma_mul_small(xz, 4), inner)};
}

/* u(p + q), from u3 = ((v2 - v1) / (u2 - u1))^2 - A - u1 - u2 with u1 = s / D, u2 = t / D, D = d1 d2:
 *     u3 = (D^3 dv^2 - (A D + s + t) du^2) / (D du^2), du = t - s, dv = v2 - v1.
 * Opposite points: du = 0 and dv != 0, so z = 0 and x != 0, the identity. Equal points: 0 / 0, so
 * twice(p) is taken there (which is the identity for v = 0). */
static projective add_points(const mapped *p, const mapped *q)
{
    ifma_fe s = ifma_mul(p->x, q->d);
    ifma_fe t = ifma_mul(q->x, p->d);
    ifma_fe d = ifma_mul(p->d, q->d);
    ifma_fe du = ifma_sub(t, s);
    ifma_fe dv = ifma_sub(q->v, p->v);
    ifma_fe du2 = ifma_sqr(du);
    ifma_fe rise = ifma_mul(ifma_sqr(ifma_mul(dv, d)), d);
    ifma_fe shift = ifma_add(ifma_mul_small(d, CURVE_A), ifma_add(s, t));
    projective sum = {ifma_sub(rise, ifma_mul(shift, du2)), ifma_mul(d, du2)};
    projective doubled = twice((projective){p->x, p->d});
    __mmask8 equal = ifma_is_zero(du) & ifma_is_zero(dv);
    return (projective){ifma_select(equal, sum.x, doubled.x), ifma_select(equal, sum.z, doubled.z)};
}

#endif
