/* The kernel for every processor: one point at a time, 64-bit integers (fe51.h). README.md names
 * the source of every formula. */
#include "kernel.h"

#include "base/bytes.h"
#include "fe51.h"

enum
{
    CURVE_A = 486662,
    LADDER_A24 = 121665,       /* (A - 2) / 4 */
    PAIR_SIZE = 2 * FE51_SIZE, /* two field elements: what is hashed to a point */
    BLOCK = 64,                /* points that share one inversion */
};

/* u = x / z; the identity has z = 0. Both tight. */
typedef struct
{
    fe51 x;
    fe51 z;
} projective;

/* u = x / d with d != 0, and v. All tight. */
typedef struct
{
    fe51 x;
    fe51 d;
    fe51 v;
} mapped;

/* Some points on their way; wiped when done. */
typedef struct
{
    size_t count;
    projective points[BLOCK];
    fe51 before[BLOCK]; /* products of all denominators before this one */
    fe51 u[BLOCK];
    uint64_t good[BLOCK]; /* 1 or 0 */
} block;

/* ---- the ladder ------------------------------------------------------------------------------ */

/* RFC 7748 section 5: (p, q) becomes (2p, p + q), where u is that of p - q. */
static inline void ladder_step(projective *p, projective *q, fe51 u)
{
    fe51 a = fe51_add(p->x, p->z);
    fe51 b = fe51_sub(p->x, p->z);
    fe51 da = fe51_mul(fe51_sub(q->x, q->z), a);
    fe51 cb = fe51_mul(fe51_add(q->x, q->z), b);
    fe51 aa = fe51_square(a);
    fe51 bb = fe51_square(b);
    fe51 e = fe51_sub(aa, bb);
    q->x = fe51_square(fe51_add(da, cb));
    q->z = fe51_mul(u, fe51_square(fe51_sub(da, cb)));
    p->x = fe51_mul(aa, bb);
    p->z = fe51_mul(e, fe51_add(aa, fe51_mul_small(e, LADDER_A24)));
}

/* All 256 bits, whatever they are. */
static projective ladder_one(const uint8_t scalar[32], fe51 u)
{
    projective p = {fe51_small(1), fe51_small(0)};
    projective q = {u, fe51_small(1)};
    uint64_t swap = 0;
    for (int i = 255; i >= 0; i--)
    {
        uint64_t bit = (uint64_t)(scalar[i / 8] >> (i % 8)) & 1;
        swap ^= bit;
        fe51_swap(&p.x, &q.x, swap);
        fe51_swap(&p.z, &q.z, swap);
        swap = bit;
        ladder_step(&p, &q, u);
    }
    fe51_swap(&p.x, &q.x, swap);
    fe51_swap(&p.z, &q.z, swap);
    return p;
}

/* u^3 + A u^2 + u is a square other than 0 (it is 0 for u = 0 alone, the point of order two). */
static uint64_t is_on_curve(fe51 u)
{
    fe51 right = fe51_mul(fe51_add(u, fe51_small(CURVE_A)), u);
    right = fe51_mul(fe51_add(right, fe51_small(1)), u);
    return fe51_equal(fe51_legendre(right), fe51_small(1));
}

/* ---- hashing --------------------------------------------------------------------------------- */

/* RFC 9380 appendix G.2.1, steps 18 to 39: which of x1n / xd and x1n tv1 / xd is on the curve, and
 * its v. `y11` is gx1's candidate root; gx1's and gx2's true roots differ from theirs by sqrt(-1) at
 * most. */
static mapped choose_point(fe51 u, fe51 tv1, fe51 xd, fe51 gxd, fe51 x1n, fe51 gx1, fe51 y11)
{
    /* c3 = sqrt(-1) and c2 = 2^((p + 3) / 8) = c3 + 1 */
    static const fe51 c3 = {{UINT64_C(0x61b274a0ea0b0), UINT64_C(0xd5a5fc8f189d),
                             UINT64_C(0x7ef5e9cbd0c60), UINT64_C(0x78595a6804c9e),
                             UINT64_C(0x2b8324804fc1d)}};
    fe51 c2 = fe51_add(c3, fe51_small(1));
    uint64_t e1 = fe51_equal(fe51_mul(fe51_square(y11), gxd), gx1); /* 19-21 */
    fe51 y1 = fe51_select(fe51_mul(y11, c3), y11, e1);              /* 18, 22 */
    fe51 y21 = fe51_mul(fe51_mul(y11, u), c2);                      /* 24, 25 */
    fe51 gx2 = fe51_mul(gx1, tv1);                                  /* 27 */
    uint64_t e2 = fe51_equal(fe51_mul(fe51_square(y21), gxd), gx2); /* 28-30 */
    fe51 y2 = fe51_select(fe51_mul(y21, c3), y21, e2);              /* 26, 31 */
    uint64_t e3 = fe51_equal(fe51_mul(fe51_square(y1), gxd), gx1);  /* 32-34 */
    fe51 x = fe51_select(fe51_mul(x1n, tv1), x1n, e3);              /* 23, 35 */
    fe51 y = fe51_select(y2, y1, e3);                               /* 36 */
    fe51 minus_y = fe51_carry(fe51_sub(fe51_small(0), y));
    return (mapped){x, xd, fe51_select(y, minus_y, e3 ^ fe51_sign(y))}; /* 37-39 */
}

/* RFC 9380 section 6.7.1 by appendix G.2.1 (Elligator 2, Z = 2); the numbers are its steps'. Never
 * the identity: xd = 1 + 2 u^2 is never 0, because -1/2 is not a square. */
static mapped map_to_curve(fe51 u)
{
    fe51 tv1 = fe51_mul_small(fe51_square(u), 2);                        /* 1, 2 */
    fe51 xd = fe51_carry(fe51_add(tv1, fe51_small(1)));                  /* 3 */
    fe51 x1n = fe51_carry(fe51_sub(fe51_small(0), fe51_small(CURVE_A))); /* 4 */
    fe51 tv2 = fe51_square(xd);                                          /* 5 */
    fe51 gxd = fe51_mul(tv2, xd);                                        /* 6 */
    fe51 gx1 = fe51_mul(fe51_mul_small(tv1, CURVE_A), x1n);              /* 7, 8 */
    gx1 = fe51_mul(fe51_add(gx1, tv2), x1n);                             /* 9, 10 */
    fe51 tv3 = fe51_square(gxd);                                         /* 11 */
    tv2 = fe51_square(tv3);                                              /* 12 */
    tv3 = fe51_mul(fe51_mul(tv3, gxd), gx1);                             /* 13, 14 */
    fe51 y11 = fe51_mul(fe51_root_power(fe51_mul(tv2, tv3)), tv3);       /* 15-17 */
    return choose_point(u, tv1, xd, gxd, x1n, gx1, y11);
}

/* u of 2P; right for the identity (x : 0) and for u = 0. */
static projective double_point(projective p)
{
    fe51 aa = fe51_square(fe51_add(p.x, p.z));
    fe51 bb = fe51_square(fe51_sub(p.x, p.z));
    fe51 e = fe51_sub(aa, bb);
    return (projective){fe51_mul(aa, bb), fe51_mul(e, fe51_add(aa, fe51_mul_small(e, LADDER_A24)))};
}

/* u of P + Q, by the chord: u = (v2 - v1)^2 / (u2 - u1)^2 - A - u1 - u2. With d = d1 d2 and
 * c = (u2 - u1) d,
 *
 *     x = (v2 - v1)^2 d^3 - (A d + x1 d2 + x2 d1) c^2,    z = c^2 d
 *
 * Opposite points have c = 0 and x != 0, the identity, as it should be. Equal points, and only they,
 * have x = z = 0: the tangent's formula takes their place (also for v = 0, where 2P is the
 * identity). */
static projective add_points(mapped p, mapped q)
{
    fe51 d = fe51_mul(p.d, q.d);
    fe51 left = fe51_mul(p.x, q.d);
    fe51 right = fe51_mul(q.x, p.d);
    fe51 cc = fe51_square(fe51_sub(right, left));
    fe51 sum = fe51_add(fe51_mul_small(d, CURVE_A), fe51_add(left, right));
    fe51 rise = fe51_square(fe51_sub(q.v, p.v));
    fe51 first = fe51_mul(fe51_mul(rise, fe51_square(d)), d);
    projective chord = {fe51_carry(fe51_sub(first, fe51_mul(sum, cc))), fe51_mul(cc, d)};
    projective tangent = double_point((projective){p.x, p.d});
    uint64_t same = fe51_is_zero(chord.x) & fe51_is_zero(chord.z);
    return (projective){fe51_select(chord.x, tangent.x, same),
                        fe51_select(chord.z, tangent.z, same)};
}

static projective hash_one(const uint8_t *field)
{
    mapped p = map_to_curve(fe51_decode(field));
    mapped q = map_to_curve(fe51_decode(field + FE51_SIZE));
    projective sum = add_points(p, q);
    return double_point(double_point(double_point(sum))); /* clears the cofactor 8 */
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* u[i] = x / z with one inversion for all (Montgomery's trick), and 0 for the identity: there 1
 * stands in for its denominator. */
static void make_affine(block *b)
{
    fe51 product = fe51_small(1);
    for (size_t i = 0; i < b->count; i++)
    {
        uint64_t identity = fe51_is_zero(b->points[i].z);
        b->points[i].z = fe51_select(b->points[i].z, fe51_small(1), identity);
        b->points[i].x = fe51_select(b->points[i].x, fe51_small(0), identity);
        b->before[i] = product;
        product = fe51_mul(product, b->points[i].z);
    }
    fe51 inverse = fe51_invert(product);
    for (size_t i = b->count; i-- > 0;)
    {
        b->u[i] = fe51_mul(b->points[i].x, fe51_mul(inverse, b->before[i]));
        inverse = fe51_mul(inverse, b->points[i].z);
    }
}

static void multiply(block *b, const uint8_t scalar[32])
{
    for (size_t i = 0; i < b->count; i++)
        b->points[i] = ladder_one(scalar, b->u[i]);
    make_affine(b);
}

static void hash_block(block *b, const uint8_t *field)
{
    for (size_t i = 0; i < b->count; i++)
        b->points[i] = hash_one(field + PAIR_SIZE * i);
    make_affine(b);
}

static void encode(uint8_t *out, const block *b)
{
    for (size_t i = 0; i < b->count; i++)
        fe51_encode(out + FE51_SIZE * i, b->u[i]);
}

/* Those that are good and not zero; zero for all others. */
static void encode_valid(uint8_t *out, uint8_t *valid, block *b)
{
    for (size_t i = 0; i < b->count; i++)
    {
        uint64_t good = b->good[i] & (fe51_is_zero(b->u[i]) ^ 1);
        b->u[i] = fe51_select(fe51_small(0), b->u[i], good);
        valid[i] = (uint8_t)good;
    }
    encode(out, b);
}

static size_t block_size(size_t left)
{
    return left < BLOCK ? left : BLOCK;
}

/* ---- the kernel ------------------------------------------------------------------------------ */

static bool is_usable(void)
{
    return true;
}

static void mask(uint8_t *out, uint8_t *valid, const uint8_t scalar[32], const uint8_t *u,
                 size_t count)
{
    block b;
    for (size_t done = 0; done < count; done += b.count)
    {
        b.count = block_size(count - done);
        for (size_t i = 0; i < b.count; i++)
        {
            b.u[i] = fe51_decode(u + FE51_SIZE * (done + i));
            b.good[i] = is_on_curve(b.u[i]);
        }
        multiply(&b, scalar);
        encode_valid(out + FE51_SIZE * done, valid + done, &b);
    }
    sr_wipe(&b, sizeof b);
}

static void hash(uint8_t *out, const uint8_t *field, size_t count)
{
    block b;
    for (size_t done = 0; done < count; done += b.count)
    {
        b.count = block_size(count - done);
        hash_block(&b, field + PAIR_SIZE * done);
        encode(out + FE51_SIZE * done, &b);
    }
    sr_wipe(&b, sizeof b);
}

static void hash_and_mask(uint8_t *out, uint8_t *valid, const uint8_t scalar[32],
                          const uint8_t *field, size_t count)
{
    block b;
    for (size_t done = 0; done < count; done += b.count)
    {
        b.count = block_size(count - done);
        hash_block(&b, field + PAIR_SIZE * done);
        for (size_t i = 0; i < b.count; i++)
            b.good[i] = 1; /* the identity (u = 0) stays the identity */
        multiply(&b, scalar);
        encode_valid(out + FE51_SIZE * done, valid + done, &b);
    }
    sr_wipe(&b, sizeof b);
}

/* Three doublings of a point of small order end in the identity. */
static void check(uint8_t *valid, const uint8_t *u, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        projective p = {fe51_decode(u + FE51_SIZE * i), fe51_small(1)};
        uint64_t on_curve = is_on_curve(p.x);
        p = double_point(double_point(double_point(p)));
        valid[i] = (uint8_t)(on_curve & (fe51_is_zero(p.z) ^ 1));
    }
}

static void ladder(uint8_t *out, const uint8_t scalar[32], const uint8_t *u, size_t count)
{
    block b;
    for (size_t done = 0; done < count; done += b.count)
    {
        b.count = block_size(count - done);
        for (size_t i = 0; i < b.count; i++)
            b.u[i] = fe51_decode(u + FE51_SIZE * (done + i));
        multiply(&b, scalar);
        encode(out + FE51_SIZE * done, &b);
    }
    sr_wipe(&b, sizeof b);
}

const curve25519_kernel curve25519_portable = {
    .name = "portable",
    .lanes = 1,
    .is_usable = is_usable,
    .mask = mask,
    .hash = hash,
    .hash_and_mask = hash_and_mask,
    .check = check,
    .ladder = ladder,
};
