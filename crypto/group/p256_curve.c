#include "p256_curve.h"

#include "base/bytes.h"

/* A point x / z, y / z; the identity has z = 0. All numbers of this file are in Montgomery's form. */
typedef struct
{
    mont256 x;
    mont256 y;
    mont256 z;
} projective;

static const mont256_modulus field = {
    .m = {{UINT64_C(0xffffffffffffffff), UINT64_C(0x00000000ffffffff), UINT64_C(0x0000000000000000),
           UINT64_C(0xffffffff00000001)}},
    .negative = UINT64_C(0x0000000000000001),
    .one = {{UINT64_C(0x0000000000000001), UINT64_C(0xffffffff00000000),
             UINT64_C(0xffffffffffffffff), UINT64_C(0x00000000fffffffe)}},
    .r_squared = {{UINT64_C(0x0000000000000003), UINT64_C(0xfffffffbffffffff),
                   UINT64_C(0xfffffffffffffffe), UINT64_C(0x00000004fffffffd)}},
};

static const mont256 curve_b = {{UINT64_C(0xd89cdf6229c4bddf), UINT64_C(0xacf005cd78843090),
                                 UINT64_C(0xe5a220abf7212ed6), UINT64_C(0xdc30061d04874834)}};
static const mont256 minus_three = {{UINT64_C(0xfffffffffffffffc), UINT64_C(0x00000003ffffffff),
                                     UINT64_C(0x0000000000000000),
                                     UINT64_C(0xfffffffc00000004)}}; /* the curve's a */
static const mont256 map_z = {{UINT64_C(0xfffffffffffffff5), UINT64_C(0x0000000affffffff),
                               UINT64_C(0x0000000000000000),
                               UINT64_C(0xfffffff50000000b)}}; /* -10 */
static const mont256 root_of_ten = {{UINT64_C(0xa1fd38ee98a195fd), UINT64_C(0x78400ad7423dcf70),
                                     UINT64_C(0x6913c88f9ea8dfee),
                                     UINT64_C(0x9051d26e12a8f304)}}; /* c2 = sqrt(-Z) */

/* Exponents. */
static const mont256 p_minus_2 = {{UINT64_C(0xfffffffffffffffd), UINT64_C(0x00000000ffffffff),
                                   UINT64_C(0x0000000000000000), UINT64_C(0xffffffff00000001)}};
static const mont256 p_minus_3_by_4 = {{UINT64_C(0xffffffffffffffff), UINT64_C(0x000000003fffffff),
                                        UINT64_C(0x4000000000000000),
                                        UINT64_C(0x3fffffffc0000000)}};
static const mont256 p_plus_1_by_4 = {{UINT64_C(0x0000000000000000), UINT64_C(0x0000000040000000),
                                       UINT64_C(0x4000000000000000), UINT64_C(0x3fffffffc0000000)}};

static mont256 add(mont256 a, mont256 b)
{
    return mont256_add(&field, a, b);
}

static mont256 sub(mont256 a, mont256 b)
{
    return mont256_sub(&field, a, b);
}

static mont256 mul(mont256 a, mont256 b)
{
    return mont256_mul(&field, a, b);
}

static mont256 square(mont256 a)
{
    return mont256_mul(&field, a, a);
}

static mont256 negate(mont256 a)
{
    return sub((mont256){{0}}, a);
}

/* RFC 9380's sgn0. */
static uint64_t is_odd(mont256 a)
{
    return mont256_leave(&field, a).w[0] & 1;
}

/* ---- encoding -------------------------------------------------------------------------------- */

/* x^3 - 3 x + b */
static mont256 right_side(mont256 x)
{
    return add(mul(add(square(x), minus_three), x), curve_b);
}

bool p256_decode(p256_point *out, const uint8_t bytes[P256_POINT_SIZE])
{
    mont256 plain = mont256_load(bytes + 1);
    mont256 x = mont256_enter(&field, plain);
    mont256 right = right_side(x);
    mont256 y = mont256_power(&field, right, &p_plus_1_by_4); /* a root, if there is one */
    y = mont256_select(y, negate(y), is_odd(y) ^ (bytes[0] & 1));
    uint64_t good = mont256_is_below(&plain, &field.m) & mont256_is_equal(square(y), right);
    good &= (uint64_t)((bytes[0] & 0xfe) == 2);
    out->x = mont256_select((mont256){{0}}, plain, good);
    out->y = mont256_select((mont256){{0}}, mont256_leave(&field, y), good);
    return good == 1;
}

void p256_encode(uint8_t bytes[P256_POINT_SIZE], const p256_point *point)
{
    bytes[0] = (uint8_t)(2 + (point->y.w[0] & 1));
    mont256_store(bytes + 1, &point->x);
}

/* ---- the map --------------------------------------------------------------------------------- */

/* 384 bits, high 2^256 + low, modulo p: 2^256 in Montgomery's form is R^2. */
static mont256 reduce(const uint8_t wide[P256_WIDE_SIZE])
{
    uint8_t bytes[MONT256_SIZE] = {0};
    sr_copy(bytes + 16, wide, 16);
    mont256 high = mont256_enter(&field, mont256_load(bytes));
    sr_wipe(bytes, sizeof bytes);
    mont256 low = mont256_enter(&field, mont256_load(wide + 16));
    return add(mul(high, field.r_squared), low);
}

mont256 p256_field_element(const uint8_t wide[P256_WIDE_SIZE])
{
    return mont256_leave(&field, reduce(wide));
}

/* sqrt(u / v), and 1, if that is a square; else sqrt(Z u / v), and 0 (appendix F.2.1.2, p = 3 mod 4). */
static uint64_t root_of_ratio(mont256 *out, mont256 u, mont256 v)
{
    mont256 uv = mul(u, v);
    mont256 y1 = mul(mont256_power(&field, mul(square(v), uv), &p_minus_3_by_4), uv);
    uint64_t is_square = mont256_is_equal(mul(square(y1), v), u);
    *out = mont256_select(mul(y1, root_of_ten), y1, is_square);
    return is_square;
}

/* Appendix F.2, names and numbers are its own; the division of step 25 stays undone. */
static projective map(mont256 u)
{
    mont256 tv1 = mul(map_z, square(u));                                    /* 1, 2 */
    mont256 tv2 = add(square(tv1), tv1);                                    /* 3, 4 */
    mont256 tv3 = mul(curve_b, add(tv2, field.one));                        /* 5, 6 */
    mont256 tv4 = mont256_select(negate(tv2), map_z, mont256_is_zero(tv2)); /* 7 */
    tv4 = mul(minus_three, tv4);                                            /* 8 */
    mont256 tv6 = square(tv4);                                              /* 10 */
    tv2 = mul(add(square(tv3), mul(minus_three, tv6)), tv3);                /* 9, 11-13 */
    tv6 = mul(tv6, tv4);                                                    /* 14 */
    tv2 = add(tv2, mul(curve_b, tv6));                                      /* 15, 16 */
    mont256 y1;
    uint64_t first = root_of_ratio(&y1, tv2, tv6);               /* 18 */
    mont256 y = mont256_select(mul(mul(tv1, u), y1), y1, first); /* 19, 20, 22 */
    mont256 x = mont256_select(mul(tv1, tv3), tv3, first);       /* 17, 21 */
    y = mont256_select(y, negate(y), is_odd(u) ^ is_odd(y));     /* 23, 24 */
    return (projective){x, mul(y, tv4), tv4};
}

/* Algorithm 4 of Renes, Costello and Batina (a = -3): right for every two points. */
static projective add_points(const projective *p, const projective *q)
{
    mont256 xx = mul(p->x, q->x);
    mont256 yy = mul(p->y, q->y);
    mont256 zz = mul(p->z, q->z);
    mont256 xy = sub(mul(add(p->x, p->y), add(q->x, q->y)), add(xx, yy));
    mont256 yz = sub(mul(add(p->y, p->z), add(q->y, q->z)), add(yy, zz));
    mont256 xz = sub(mul(add(p->x, p->z), add(q->x, q->z)), add(xx, zz));
    mont256 s = sub(xz, mul(curve_b, zz));
    s = add(add(s, s), s);
    mont256 zz3 = add(add(zz, zz), zz);
    mont256 t = sub(sub(mul(curve_b, xz), zz3), xx);
    t = add(add(t, t), t);
    mont256 w = sub(add(add(xx, xx), xx), zz3);
    mont256 low = sub(yy, s);
    mont256 high = add(yy, s);
    return (projective){
        sub(mul(xy, high), mul(yz, t)),
        add(mul(high, low), mul(w, t)),
        add(mul(yz, low), mul(xy, w)),
    };
}

bool p256_map(p256_point *out, const uint8_t wide[2 * P256_WIDE_SIZE])
{
    projective p = map(reduce(wide));
    projective q = map(reduce(wide + P256_WIDE_SIZE));
    projective sum = add_points(&p, &q);
    mont256 inverse = mont256_power(&field, sum.z, &p_minus_2); /* 0 for 0 */
    out->x = mont256_leave(&field, mul(sum.x, inverse));
    out->y = mont256_leave(&field, mul(sum.y, inverse));
    return mont256_is_zero(sum.z) == 0;
}
