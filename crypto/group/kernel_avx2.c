/* The kernel for processors with AVX2 and FMA: four points in the lanes of a vector, exact products
 * in floating point (avx2_field.h). README.md names the source of every formula. */
#include "kernel.h"

#include "avx2_number.h"

enum
{
    CURVE_A = 486662,
    LADDER_A24 = 121665, /* (A - 2) / 4 */
    VECTORS = 64,        /* of four points each, that share one inversion; even */
    POINTS = VECTORS * AVX2_LANES
};

/* u = x / z; the identity has z = 0. Both tight. */
typedef struct
{
    avx2_fe x, z;
} projective;

/* Some points on their way; wiped when done. */
typedef struct
{
    size_t count;
    size_t vectors;
    projective points[VECTORS];
    avx2_fe before[VECTORS]; /* products of all denominators before this one */
    avx2_fe u[VECTORS];
    avx2_vec good[VECTORS]; /* masks */
} block;

/* ---- the ladder ------------------------------------------------------------------------------ */

/* Two points whose difference is the ladder's P: after each step the one that was doubled and the
 * one that is a sum. All tight. */
typedef struct
{
    avx2_fe double_x, double_z, sum_x, sum_z;
} ladder_state;

/* RFC 7748 section 5. The sum is the same whichever of the two is called first, up to the sign of
 * da - cb, which is squared; so nothing is swapped, and only the point to double is chosen: `s`'s
 * double, or its sum where `other` says so. */
AVX2_INLINE void ladder_step(ladder_state *s, const avx2_fe *u, avx2_vec other)
{
    avx2_fe a, b, c, d, da, cb, aa, bb, e, f;
    avx2_add(&a, &s->double_x, &s->double_z);
    avx2_sub(&b, &s->double_x, &s->double_z);
    avx2_add(&c, &s->sum_x, &s->sum_z);
    avx2_sub(&d, &s->sum_x, &s->sum_z);
    avx2_mul(&da, &d, &a);
    avx2_mul(&cb, &c, &b);
    avx2_select(&a, &a, &c, other);
    avx2_select(&b, &b, &d, other);
    avx2_square(&aa, &a);
    avx2_square(&bb, &b);
    avx2_add(&a, &da, &cb);
    avx2_sub(&b, &da, &cb);
    avx2_square(&s->sum_x, &a);
    avx2_square(&b, &b);
    avx2_sub_plain(&e, &aa, &bb);
    avx2_add_small(&f, &aa, &e, LADDER_A24);
    avx2_carry(&e, &e);
    avx2_mul(&s->double_x, &aa, &bb);
    avx2_mul(&s->double_z, &e, &f);
    avx2_mul(&s->sum_z, u, &b);
}

/* A bit as a mask for all lanes, which the compiler cannot know to be one of two. */
AVX2_INLINE avx2_vec bit_mask(uint64_t bit)
{
    int64_t all = -(int64_t)bit;
    __asm__("" : "+r"(all));
    return _mm256_castsi256_pd(_mm256_set1_epi64x(all));
}

/* All 256 bits, whatever they are. Starts from the identity (the double) and P (the sum). */
static void ladder_vector(projective *r, const uint8_t scalar[32], const avx2_fe *u)
{
    ladder_state s;
    avx2_small(&s.double_x, 1);
    avx2_small(&s.double_z, 0);
    s.sum_x = *u;
    avx2_small(&s.sum_z, 1);
    uint64_t before = 0;
    for (int i = 255; i >= 0; i--)
    {
        uint64_t bit = (uint64_t)(scalar[i / 8] >> (i % 8)) & 1;
        ladder_step(&s, u, bit_mask(bit ^ before));
        before = bit;
    }
    avx2_select(&r->x, &s.double_x, &s.sum_x, bit_mask(before));
    avx2_select(&r->z, &s.double_z, &s.sum_z, bit_mask(before));
    sr_wipe(&s, sizeof s);
}

/* u^3 + A u^2 + u */
static void curve_right_side(avx2_fe *r, const avx2_fe *u)
{
    avx2_fe a, one;
    avx2_small(&a, CURVE_A);
    avx2_small(&one, 1);
    avx2_add(&a, &a, u);
    avx2_mul(&a, &a, u);
    avx2_add(&a, &a, &one);
    avx2_mul(r, &a, u);
}

/* The right side is a square other than 0 (it is 0 for u = 0 alone, the point of order two). */
static void check_on_curve(block *b)
{
    avx2_fe one;
    avx2_small(&one, 1);
    for (size_t i = 0; i < b->vectors; i += 2) /* the last may have no partner: rubbish, unread */
    {
        avx2_pair right;
        curve_right_side(&right.first, &b->u[i]);
        curve_right_side(&right.second, &b->u[i + 1]);
        avx2_legendre(&right, &right);
        b->good[i] = avx2_is_equal(&right.first, &one);
        b->good[i + 1] = avx2_is_equal(&right.second, &one);
    }
}

/* ---- hashing --------------------------------------------------------------------------------- */

/* One map to the curve on its way: RFC 9380 appendix G.2.1 (Elligator 2, Z = 2), its names. */
typedef struct
{
    avx2_fe u, tv1, xd, gxd, gx1, tv3;
    avx2_fe x, y; /* u = x / xd, v = y */
} mapping;

/* Steps 1 to 15, but for the power: what is to be raised to (p - 5) / 8. */
static void map_begin(mapping *m, avx2_fe *base)
{
    avx2_fe one, zero, minus_a, tv2, t;
    avx2_small(&one, 1);
    avx2_small(&zero, 0);
    avx2_small(&minus_a, -CURVE_A);
    avx2_square(&m->tv1, &m->u);
    avx2_add(&m->tv1, &m->tv1, &m->tv1);         /* 1, 2 */
    avx2_add(&m->xd, &m->tv1, &one);             /* 3 */
    avx2_square(&tv2, &m->xd);                   /* 5 */
    avx2_mul(&m->gxd, &tv2, &m->xd);             /* 6 */
    avx2_add_small(&t, &zero, &m->tv1, CURVE_A); /* 7 */
    avx2_mul(&t, &t, &minus_a);                  /* 8 */
    avx2_add(&t, &t, &tv2);                      /* 9 */
    avx2_mul(&m->gx1, &t, &minus_a);             /* 10 */
    avx2_square(&m->tv3, &m->gxd);               /* 11 */
    avx2_square(&tv2, &m->tv3);                  /* 12 */
    avx2_mul(&m->tv3, &m->tv3, &m->gxd);         /* 13 */
    avx2_mul(&m->tv3, &m->tv3, &m->gx1);         /* 14 */
    avx2_mul(base, &tv2, &m->tv3);               /* 15 */
}

/* c3 = sqrt(-1) */
static void root_of_minus_one(avx2_fe *r)
{
    static const uint8_t bytes[AVX2_SIZE] = {0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4,
                                             0x78, 0xe4, 0x2f, 0xad, 0x06, 0x18, 0x43, 0x2f,
                                             0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00, 0x4d, 0x2b,
                                             0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b};
    avx2_decode(r, bytes, 0, AVX2_LANES);
}

/* Is y^2 gxd = gx? */
static avx2_vec is_root(const mapping *m, const avx2_fe *y, const avx2_fe *gx)
{
    avx2_fe t;
    avx2_square(&t, y);
    avx2_mul(&t, &t, &m->gxd);
    return avx2_is_equal(&t, gx);
}

/* y, or y sqrt(-1) if that is the root. */
static void settle_root(const mapping *m, avx2_fe *y, const avx2_fe *gx, const avx2_fe *c3)
{
    avx2_fe other;
    avx2_mul(&other, y, c3);
    avx2_select(y, &other, y, is_root(m, y, gx));
}

/* Steps 16 to 39: which of x1n / xd and x1n tv1 / xd is on the curve, and its v. */
static void map_end(mapping *m, const avx2_fe *power)
{
    avx2_fe c3, c2, one, zero, y1, y2, gx2, x1n, x2n, minus_y;
    root_of_minus_one(&c3);
    avx2_small(&one, 1);
    avx2_small(&zero, 0);
    avx2_add(&c2, &c3, &one); /* 2^((p + 3) / 8) */
    avx2_small(&x1n, -CURVE_A);
    avx2_mul(&y1, power, &m->tv3); /* 17 */
    avx2_mul(&y2, &y1, &m->u);
    avx2_mul(&y2, &y2, &c2);                   /* 24, 25 */
    settle_root(m, &y1, &m->gx1, &c3);         /* 18 to 22 */
    avx2_mul(&x2n, &x1n, &m->tv1);             /* 23 */
    avx2_mul(&gx2, &m->gx1, &m->tv1);          /* 27 */
    settle_root(m, &y2, &gx2, &c3);            /* 26 to 31 */
    avx2_vec first = is_root(m, &y1, &m->gx1); /* 32 to 34 */
    avx2_select(&m->x, &x2n, &x1n, first);     /* 35 */
    avx2_select(&m->y, &y2, &y1, first);       /* 36 */
    avx2_sub(&minus_y, &zero, &m->y);
    avx2_vec negate = _mm256_xor_pd(first, avx2_is_odd(&m->y)); /* 37 */
    avx2_select(&m->y, &m->y, &minus_y, negate);                /* 38 */
}

/* u of 2P; right for the identity (x : 0) and for u = 0. */
static void double_point(projective *r, const projective *p)
{
    avx2_fe a, b, e;
    avx2_add(&a, &p->x, &p->z);
    avx2_sub(&b, &p->x, &p->z);
    avx2_square(&a, &a);
    avx2_square(&b, &b);
    avx2_sub(&e, &a, &b);
    avx2_mul(&r->x, &a, &b);
    avx2_add_small(&a, &a, &e, LADDER_A24);
    avx2_mul(&r->z, &e, &a);
}

/* u of P + Q, by the chord: u = (v2 - v1)^2 / (u2 - u1)^2 - A - u1 - u2. With d = d1 d2 and
 * c = (u2 - u1) d,
 *
 *     x = (v2 - v1)^2 d^3 - (A d + x1 d2 + x2 d1) c^2,    z = c^2 d
 *
 * Opposite points have c = 0 and x != 0, the identity, as it should be. Equal points, and only they,
 * have x = z = 0: the tangent's formula takes their place (also for v = 0, where 2P is the
 * identity). */
static void add_points(projective *r, const mapping *p, const mapping *q)
{
    avx2_fe d, left, right, cc, sum, t;
    projective chord, tangent = {p->x, p->xd};
    avx2_mul(&d, &p->xd, &q->xd);
    avx2_mul(&left, &p->x, &q->xd);
    avx2_mul(&right, &q->x, &p->xd);
    avx2_sub(&cc, &right, &left);
    avx2_square(&cc, &cc);
    avx2_add(&sum, &left, &right);
    avx2_add_small(&sum, &sum, &d, CURVE_A);
    avx2_mul(&sum, &sum, &cc);
    avx2_mul(&chord.z, &cc, &d);
    avx2_sub(&t, &q->y, &p->y);
    avx2_mul(&t, &t, &d); /* t^2 d = (v2 - v1)^2 d^3 */
    avx2_square(&t, &t);
    avx2_mul(&t, &t, &d);
    avx2_sub(&chord.x, &t, &sum);
    double_point(&tangent, &tangent);
    avx2_vec same = _mm256_and_pd(avx2_is_zero(&chord.x), avx2_is_zero(&chord.z));
    avx2_select(&r->x, &chord.x, &tangent.x, same);
    avx2_select(&r->z, &chord.z, &tangent.z, same);
}

/* `count` (at most 4) items of two field elements. */
static void hash_vector(projective *r, const uint8_t *field, size_t count)
{
    mapping p, q;
    avx2_pair power;
    avx2_decode(&p.u, field, 2 * AVX2_SIZE, count);
    avx2_decode(&q.u, field + AVX2_SIZE, 2 * AVX2_SIZE, count);
    map_begin(&p, &power.first);
    map_begin(&q, &power.second);
    avx2_root_power(&power, &power);
    map_end(&p, &power.first);
    map_end(&q, &power.second);
    add_points(r, &p, &q);
    for (int i = 0; i < 3; i++) /* clears the cofactor 8 */
        double_point(r, r);
    sr_wipe(&p, sizeof p);
    sr_wipe(&q, sizeof q);
    sr_wipe(&power, sizeof power);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* u[i] = x / z with one inversion for all (Montgomery's trick), and 0 for the identity: there 1
 * stands in for its denominator. */
static void make_affine(block *b)
{
    avx2_pair product;
    avx2_fe one, zero, t;
    avx2_small(&one, 1);
    avx2_small(&zero, 0);
    product.first = product.second = one;
    for (size_t i = 0; i < b->vectors; i++)
    {
        projective *p = &b->points[i];
        avx2_vec identity = avx2_is_zero(&p->z);
        avx2_select(&p->z, &p->z, &one, identity);
        avx2_select(&p->x, &p->x, &zero, identity);
        b->before[i] = product.first;
        avx2_mul(&product.first, &product.first, &p->z);
    }
    avx2_invert(&product, &product);
    for (size_t i = b->vectors; i-- > 0;)
    {
        avx2_mul(&t, &product.first, &b->before[i]);
        avx2_mul(&b->u[i], &b->points[i].x, &t);
        avx2_mul(&product.first, &product.first, &b->points[i].z);
    }
}

/* The next up to POINTS of `left` items. */
static void begin_block(block *b, size_t left)
{
    b->count = left < POINTS ? left : POINTS;
    b->vectors = (b->count + AVX2_LANES - 1) / AVX2_LANES;
}

static size_t lanes_used(const block *b, size_t vector)
{
    size_t left = b->count - vector * AVX2_LANES;
    return left < AVX2_LANES ? left : AVX2_LANES;
}

static void decode_block(block *b, const uint8_t *u)
{
    for (size_t i = 0; i < b->vectors; i++)
        avx2_decode(&b->u[i], u + AVX2_LANES * AVX2_SIZE * i, AVX2_SIZE, lanes_used(b, i));
    if (b->vectors % 2 == 1) /* check_on_curve works in pairs */
        avx2_small(&b->u[b->vectors], 0);
}

static void multiply(block *b, const uint8_t scalar[32])
{
    for (size_t i = 0; i < b->vectors; i++)
        ladder_vector(&b->points[i], scalar, &b->u[i]);
    make_affine(b);
}

static void hash_block(block *b, const uint8_t *field)
{
    const size_t step = 2 * AVX2_LANES * AVX2_SIZE;
    for (size_t i = 0; i < b->vectors; i++)
        hash_vector(&b->points[i], field + step * i, lanes_used(b, i));
    make_affine(b);
}

static void encode(uint8_t *out, const block *b)
{
    const avx2_vec all = _mm256_castsi256_pd(_mm256_set1_epi64x(-1));
    for (size_t i = 0; i < b->vectors; i++)
        avx2_encode(out + AVX2_LANES * AVX2_SIZE * i, &b->u[i], all, lanes_used(b, i));
}

static void put_valid(uint8_t *valid, avx2_vec good, size_t count)
{
    unsigned bits = (unsigned)_mm256_movemask_pd(good);
    for (size_t j = 0; j < count; j++)
        valid[j] = (uint8_t)((bits >> j) & 1);
}

/* Those that are good and not zero; zero for all others. */
static void encode_valid(uint8_t *out, uint8_t *valid, const block *b)
{
    for (size_t i = 0; i < b->vectors; i++)
    {
        avx2_vec good = _mm256_andnot_pd(avx2_is_zero(&b->u[i]), b->good[i]);
        avx2_encode(out + AVX2_LANES * AVX2_SIZE * i, &b->u[i], good, lanes_used(b, i));
        put_valid(valid + AVX2_LANES * i, good, lanes_used(b, i));
    }
}

/* ---- the kernel, in the processor's default floating-point state ------------------------------ */

enum
{
    MXCSR_DEFAULT = 0x1f80 /* round to nearest, no exception traps, denormals as they are */
};

typedef struct
{
    const uint8_t *scalar;
    const uint8_t *in;
    uint8_t *out;
    uint8_t *valid;
    size_t count;
} request;

typedef void stage(block *b, const request *r, size_t done);

static void mask_stage(block *b, const request *r, size_t done)
{
    decode_block(b, r->in + AVX2_SIZE * done);
    check_on_curve(b);
    multiply(b, r->scalar);
    encode_valid(r->out + AVX2_SIZE * done, r->valid + done, b);
}

static void hash_stage(block *b, const request *r, size_t done)
{
    hash_block(b, r->in + 2 * AVX2_SIZE * done);
    encode(r->out + AVX2_SIZE * done, b);
}

static void hash_and_mask_stage(block *b, const request *r, size_t done)
{
    hash_block(b, r->in + 2 * AVX2_SIZE * done);
    for (size_t i = 0; i < b->vectors; i++) /* the identity (u = 0) stays the identity */
        b->good[i] = _mm256_castsi256_pd(_mm256_set1_epi64x(-1));
    multiply(b, r->scalar);
    encode_valid(r->out + AVX2_SIZE * done, r->valid + done, b);
}

/* Three doublings of a point of small order end in the identity. */
static void check_stage(block *b, const request *r, size_t done)
{
    decode_block(b, r->in + AVX2_SIZE * done);
    check_on_curve(b);
    for (size_t i = 0; i < b->vectors; i++)
    {
        projective p = {.x = b->u[i]};
        avx2_small(&p.z, 1);
        for (int j = 0; j < 3; j++)
            double_point(&p, &p);
        avx2_vec good = _mm256_andnot_pd(avx2_is_zero(&p.z), b->good[i]);
        put_valid(r->valid + done + AVX2_LANES * i, good, lanes_used(b, i));
    }
}

static void ladder_stage(block *b, const request *r, size_t done)
{
    decode_block(b, r->in + AVX2_SIZE * done);
    multiply(b, r->scalar);
    encode(r->out + AVX2_SIZE * done, b);
}

/* Called through a pointer that the compiler cannot follow, so that no arithmetic moves out of the
 * stretch between the two changes of MXCSR. */
static void run(stage *work, const request *r)
{
    block b;
    __asm__("" : "+r"(work));
    unsigned before = _mm_getcsr();
    _mm_setcsr(MXCSR_DEFAULT);
    for (size_t done = 0; done < r->count; done += b.count)
    {
        begin_block(&b, r->count - done);
        work(&b, r, done);
    }
    _mm_setcsr(before);
    sr_wipe(&b, sizeof b);
    _mm256_zeroall();
}

static bool is_usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static void mask(uint8_t *out, uint8_t *valid, const uint8_t scalar[32], const uint8_t *u,
                 size_t count)
{
    run(mask_stage, &(request){scalar, u, out, valid, count});
}

static void hash(uint8_t *out, const uint8_t *field, size_t count)
{
    run(hash_stage, &(request){NULL, field, out, NULL, count});
}

static void hash_and_mask(uint8_t *out, uint8_t *valid, const uint8_t scalar[32],
                          const uint8_t *field, size_t count)
{
    run(hash_and_mask_stage, &(request){scalar, field, out, valid, count});
}

static void check(uint8_t *valid, const uint8_t *u, size_t count)
{
    run(check_stage, &(request){NULL, u, NULL, valid, count});
}

static void ladder(uint8_t *out, const uint8_t scalar[32], const uint8_t *u, size_t count)
{
    run(ladder_stage, &(request){scalar, u, out, NULL, count});
}

const curve25519_kernel curve25519_avx2 = {
    .name = "avx2",
    .lanes = AVX2_LANES,
    .is_usable = is_usable,
    .mask = mask,
    .hash = hash,
    .hash_and_mask = hash_and_mask,
    .check = check,
    .ladder = ladder,
    .sha512 = &sha512_avx2,
};
