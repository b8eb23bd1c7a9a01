/* The kernel for processors with AVX-512 IFMA: eight points a vector (ifma_field.h, ifma_map.h). Compiled
 * with IFMA for itself alone. */
#include "kernel.h"

#include "base/bytes.h"
#include "ifma_map.h"

enum
{
    LADDER_A24 = 121665, /* (A - 2) / 4 */
    ENCODED = FE51_SIZE,
    VECTORS = 32, /* share one inversion; even */
    BLOCK = VECTORS * IFMA_LANES,
};

/* The same before the carries: lifted x, product z, as ladder_step leaves and takes them. */
typedef struct
{
    ifma_wide x;
    ifma_wide z;
} unreduced;

/* The points of one inversion: `count` in `vectors` vectors, the last one perhaps empty. */
typedef struct
{
    ifma_fe x[VECTORS];
    ifma_fe z[VECTORS];
    ifma_fe prefix[VECTORS];
    __mmask8 valid[VECTORS]; /* lanes that may be encoded */
    size_t count;
    size_t vectors;
} block;

static void block_clear(block *b)
{
    sr_wipe(b, sizeof *b);
}

/* As many of `count` points as fit. */
static void block_init(block *b, size_t count)
{
    b->count = count < BLOCK ? count : BLOCK;
    b->vectors = (b->count + 2 * IFMA_LANES - 1) / (2 * IFMA_LANES) * 2;
}

/* How many lanes of vector i hold points; an odd number of vectors ends in an empty one. */
static size_t live_lanes(const block *b, size_t i)
{
    size_t from = i * IFMA_LANES;
    size_t live = from < b->count ? b->count - from : 0;
    return live < IFMA_LANES ? live : IFMA_LANES;
}

/* x[i] becomes x / z, 0 for the identity. Montgomery's trick along the even and along the odd vectors:
 * prefix[i] is the product before z[i], taken back from behind. The identity counts as 0 / 1. */
static void make_affine(block *b)
{
    const ifma_fe one = ifma_small(1);
    pair product = {{one, one}};
    for (size_t i = 0; i < b->vectors; i++)
    {
        __mmask8 identity = ifma_is_zero(b->z[i]);
        b->x[i] = ifma_select(identity, b->x[i], ifma_small(0));
        b->z[i] = ifma_select(identity, b->z[i], one);
        b->prefix[i] = product.v[i % 2];
        product.v[i % 2] = ifma_mul(product.v[i % 2], b->z[i]);
    }
    product = pair_invert(&product);
    for (size_t i = b->vectors; i-- > 0;)
    {
        ifma_fe inverse = ifma_mul(product.v[i % 2], b->prefix[i]);
        product.v[i % 2] = ifma_mul(product.v[i % 2], b->z[i]);
        b->x[i] = ifma_mul(b->x[i], inverse);
    }
    sr_wipe(&product, sizeof product);
}

/* ---- the ladder ------------------------------------------------------------------------------ */

/* RFC 7748 section 5: (p, q) becomes (2p, p + q), or (2q, p + q) in lanes whose `swap` bit is set,
 * where u1 is the u of p - q. The sum is the same either way round (da - cb changes its sign only and
 * is squared), so the point to double is chosen, and nothing swapped. The order of the statements lets
 * products that do not wait for each other follow each other: measured, 4 %. */
IFMA_INLINE void ladder_step(unreduced *p, unreduced *q, const ifma_fe *u1, __mmask8 swap)
{
    ifma_fe a = ifma_carry(ifma_wide_add(p->x, p->z));
    ifma_fe b = ifma_carry(ifma_wide_sub(p->x, p->z));
    ifma_fe c = ifma_carry(ifma_wide_add(q->x, q->z));
    ifma_fe d = ifma_carry(ifma_wide_sub(q->x, q->z));
    ifma_wide aa = ifma_sqr_lifted(ifma_select(swap, a, c));
    ifma_wide bb = ifma_sqr_wide(ifma_select(swap, b, d));
    ifma_wide da = ifma_mul_lifted(d, a);
    ifma_wide cb = ifma_mul_wide(c, b);
    ifma_fe e = ifma_carry(ifma_wide_sub(aa, bb));
    ifma_fe aa_narrow = ifma_carry(aa);
    ifma_fe f = ifma_carry(ifma_mul_small_to(ifma_widen(aa_narrow), e, LADDER_A24));
    ifma_fe difference = ifma_carry(ifma_wide_sub(da, cb));
    p->x = ifma_mul_lifted(aa_narrow, ifma_carry(bb));
    ifma_fe difference2 = ifma_sqr(difference);
    ifma_fe sum = ifma_carry(ifma_wide_add(da, cb));
    p->z = ifma_mul_wide(e, f);
    q->x = ifma_sqr_lifted(sum);
    q->z = ifma_mul_wide(*u1, difference2);
}

/* x lifted as a product is: p fits wherever LIFT does. */
static unreduced unreduce(ifma_fe x, ifma_fe z)
{
    unreduced out = {ifma_widen(x), ifma_widen(z)};
    for (int k = 0; k < IFMA_LIMBS; k++)
        out.x.l[k] = _mm512_add_epi64(out.x.l[k], ifma_p(k, 8));
    return out;
}

/* [scalar] of the eight points x, as x / z; all 256 bits. The scalar is the same in all lanes. */
static __attribute__((noinline)) void ladder(ifma_fe *x, ifma_fe *z, const uint8_t scalar[32])
{
    const ifma_fe u = *x;
    unreduced p = unreduce(ifma_small(1), ifma_small(0));
    unreduced q = unreduce(u, ifma_small(1));
    unsigned last = 0;
    for (int i = 255; i >= 0; i--)
    {
        unsigned bit = (unsigned)(scalar[i / 8] >> (i % 8)) & 1;
        ladder_step(&p, &q, &u, (__mmask8)(0U - (bit ^ last)));
        last = bit;
    }
    __mmask8 swap = (__mmask8)(0U - last);
    *x = ifma_select(swap, ifma_carry(p.x), ifma_carry(q.x));
    *z = ifma_select(swap, ifma_carry(p.z), ifma_carry(q.z));
    sr_wipe(&p, sizeof p);
    sr_wipe(&q, sizeof q);
}

/* Lanes where u^3 + A u^2 + u is a square other than 0: points of the curve, not of the twist. It is
 * 0 for u = 0 alone, a point of order two. */
static void are_on_curve(__mmask8 out[2], const pair *u)
{
    pair right;
    for (int i = 0; i < 2; i++)
    {
        ifma_fe inner = ifma_mul(ifma_add(u->v[i], ifma_small(CURVE_A)), u->v[i]);
        right.v[i] = ifma_mul(ifma_add(inner, ifma_small(1)), u->v[i]);
    }
    right = pair_legendre(&right);
    for (int i = 0; i < 2; i++)
        out[i] = ifma_is_equal(right.v[i], ifma_small(1));
}

/* 8 (map(u0) + map(u1)) of the items of vector i. */
static void hash_vector(block *b, size_t i, const uint8_t *field)
{
    const uint8_t *from = field + i * 2 * ENCODED * IFMA_LANES;
    size_t live = live_lanes(b, i);
    pair u = {{ifma_load(from, 2 * ENCODED, live), ifma_load(from + ENCODED, 2 * ENCODED, live)}};
    mapped point[2];
    map_both(point, &u);
    projective sum = twice(twice(twice(add_points(&point[0], &point[1]))));
    b->x[i] = sum.x;
    b->z[i] = sum.z;
}

/* ---- the entries ------------------------------------------------------------------------ */

static pair load_pair(const block *b, size_t i, const uint8_t *u)
{
    pair out;
    for (size_t j = 0; j < 2; j++)
        out.v[j] = ifma_load(u + (i + j) * ENCODED * IFMA_LANES, ENCODED, live_lanes(b, i + j));
    return out;
}

/* Takes the points, and finds those on the curve. */
static void load_all(block *b, const uint8_t *u, bool check_curve)
{
    for (size_t i = 0; i < b->vectors; i += 2)
    {
        pair points = load_pair(b, i, u);
        b->x[i] = points.v[0];
        b->x[i + 1] = points.v[1];
        if (check_curve)
            are_on_curve(b->valid + i, &points);
    }
}

/* u becomes u / 1 times the scalar. */
static void ladder_all(block *b, const uint8_t scalar[32])
{
    for (size_t i = 0; i < b->vectors; i++)
        ladder(&b->x[i], &b->z[i], scalar);
    make_affine(b);
}

static void hash_all(block *b, const uint8_t *field)
{
    for (size_t i = 0; i < b->vectors; i++)
    {
        hash_vector(b, i, field);
        b->valid[i] = 0xff;
    }
    make_affine(b);
}

static void store_all(const block *b, uint8_t *out)
{
    for (size_t i = 0; i < b->vectors; i++)
        ifma_store(out + i * ENCODED * IFMA_LANES, b->x[i], live_lanes(b, i));
}

static void store_verdicts(const block *b, uint8_t *valid)
{
    for (size_t i = 0; i < b->count; i++)
        valid[i] = (uint8_t)(b->valid[i / IFMA_LANES] >> (i % IFMA_LANES)) & 1;
}

/* Those that are valid and not the identity; zero for all others. */
static void store_valid(block *b, uint8_t *out, uint8_t *valid)
{
    for (size_t i = 0; i < b->vectors; i++)
    {
        b->valid[i] &= (__mmask8)~ifma_is_zero(b->x[i]);
        b->x[i] = ifma_select(b->valid[i], ifma_small(0), b->x[i]);
    }
    store_all(b, out);
    store_verdicts(b, valid);
}

static void mask(uint8_t *out, uint8_t *valid, const uint8_t scalar[32], const uint8_t *u,
                 size_t count)
{
    block b SR_CLEANUP(block_clear);
    for (size_t done = 0; done < count; done += b.count)
    {
        block_init(&b, count - done);
        load_all(&b, u + ENCODED * done, true);
        ladder_all(&b, scalar);
        store_valid(&b, out + ENCODED * done, valid + done);
    }
}

static void hash(uint8_t *out, const uint8_t *field, size_t count)
{
    block b SR_CLEANUP(block_clear);
    for (size_t done = 0; done < count; done += b.count)
    {
        block_init(&b, count - done);
        hash_all(&b, field + 2 * ENCODED * done);
        store_all(&b, out + ENCODED * done);
    }
}

static void hash_and_mask(uint8_t *out, uint8_t *valid, const uint8_t scalar[32],
                          const uint8_t *field, size_t count)
{
    block b SR_CLEANUP(block_clear);
    for (size_t done = 0; done < count; done += b.count)
    {
        block_init(&b, count - done);
        hash_all(&b, field + 2 * ENCODED * done);
        ladder_all(&b, scalar);
        store_valid(&b, out + ENCODED * done, valid + done);
    }
}

/* Of small order: thrice doubled, it is the identity. */
static void check(uint8_t *valid, const uint8_t *u, size_t count)
{
    block b SR_CLEANUP(block_clear);
    for (size_t done = 0; done < count; done += b.count)
    {
        block_init(&b, count - done);
        load_all(&b, u + ENCODED * done, true);
        for (size_t i = 0; i < b.vectors; i++)
        {
            projective p = twice(twice(twice((projective){b.x[i], ifma_small(1)})));
            b.valid[i] &= (__mmask8)~ifma_is_zero(p.z);
        }
        store_verdicts(&b, valid + done);
    }
}

static void ladder_only(uint8_t *out, const uint8_t scalar[32], const uint8_t *u, size_t count)
{
    block b SR_CLEANUP(block_clear);
    for (size_t done = 0; done < count; done += b.count)
    {
        block_init(&b, count - done);
        load_all(&b, u + ENCODED * done, false);
        ladder_all(&b, scalar);
        store_all(&b, out + ENCODED * done);
    }
}

/* __builtin_cpu_supports asks the processor, and whether the system saves the vector registers. */
static bool is_usable(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma");
}

const curve25519_kernel curve25519_ifma = {
    .name = "ifma",
    .lanes = 2 * IFMA_LANES,
    .is_usable = is_usable,
    .mask = mask,
    .hash = hash,
    .hash_and_mask = hash_and_mask,
    .check = check,
    .ladder = ladder_only,
    .sha512 = &sha512_avx512,
};
