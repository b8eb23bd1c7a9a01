/* The second opinion: OpenSSL's X25519, and its whole numbers for everything else. */
#include "support.h"

#include <openssl/bn.h>
#include <openssl/evp.h>

enum
{
    CURVE_A = 486662,
};

void oracle_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t u[32])
{
    size_t len = 32;
    EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar, 32);
    EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, u, 32);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(mine, NULL);
    check(EVP_PKEY_derive_init(context) == 1);
    check(EVP_PKEY_derive_set_peer(context, theirs) == 1);
    if (EVP_PKEY_derive(context, out, &len) != 1)
        memset(out, 0, 32); /* it refuses the identity */
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(theirs);
    EVP_PKEY_free(mine);
}

/* ---- numbers modulo p ------------------------------------------------------------------------ */

/* Every test that asks runs in one thread. */
static BN_CTX *work;
static BIGNUM *p;

static BIGNUM *small(unsigned long value)
{
    BIGNUM *n = BN_new();
    check(BN_set_word(n, value) == 1);
    return n;
}

static void begin(void)
{
    work = BN_CTX_new();
    p = small(0);
    check(BN_set_bit(p, 255) == 1 && BN_sub_word(p, 19) == 1);
}

static void end(void)
{
    BN_free(p);
    BN_CTX_free(work);
}

static void multiply(BIGNUM *out, const BIGNUM *a, const BIGNUM *b)
{
    check(BN_mod_mul(out, a, b, p, work) == 1);
}

static void plus(BIGNUM *out, const BIGNUM *a, const BIGNUM *b)
{
    check(BN_mod_add(out, a, b, p, work) == 1);
}

static void minus(BIGNUM *out, const BIGNUM *a, const BIGNUM *b)
{
    check(BN_mod_sub(out, a, b, p, work) == 1);
}

static void invert(BIGNUM *out, const BIGNUM *a)
{
    check(BN_mod_inverse(out, a, p, work) != NULL);
}

/* x^3 + A x^2 + x */
static void right_side(BIGNUM *out, const BIGNUM *x)
{
    BIGNUM *sum = small(CURVE_A);
    plus(sum, sum, x);
    multiply(sum, sum, x);
    check(BN_add_word(sum, 1) == 1);
    multiply(out, sum, x);
    BN_free(sum);
}

bool oracle_is_on_curve(const uint8_t u[32])
{
    begin();
    BIGNUM *x = BN_lebin2bn(u, 32, NULL);
    right_side(x, x);
    bool square = BN_kronecker(x, p, work) == 1;
    BN_free(x);
    end();
    return square;
}

void oracle_invert(uint8_t out[32], const uint8_t u[32])
{
    begin();
    BIGNUM *x = BN_lebin2bn(u, 32, NULL);
    invert(x, x);
    check(BN_bn2lebinpad(x, out, 32) == 32);
    BN_free(x);
    end();
}

void oracle_opposite(uint8_t out[32], const uint8_t field[32])
{
    begin();
    BIGNUM *f = BN_lebin2bn(field, 32, NULL);
    plus(f, f, f);
    invert(f, f);
    check(BN_bn2lebinpad(f, out, 32) == 32);
    BN_free(f);
    end();
}

/* ---- points ---------------------------------------------------------------------------------- */

typedef struct
{
    bool identity;
    BIGNUM *x;
    BIGNUM *y;
} point;

static void free_point(point *a)
{
    BN_free(a->x);
    BN_free(a->y);
}

/* RFC 9380 section 6.7.1 with Z = 2: x1 = -A / (1 + 2 u^2); if g(x1) is a square, x1 and the odd root, else
 * x2 = -x1 - A and the even one. */
static point map(const uint8_t bytes[32])
{
    BIGNUM *u = BN_lebin2bn(bytes, 32, NULL);
    BIGNUM *a = small(CURVE_A);
    BIGNUM *zero = small(0);
    point out = {.x = BN_new(), .y = BN_new()};
    multiply(u, u, u);
    plus(u, u, u);
    check(BN_add_word(u, 1) == 1);
    invert(u, u);
    multiply(out.x, u, a);
    minus(out.x, zero, out.x);
    right_side(out.y, out.x);
    int odd = BN_kronecker(out.y, p, work) >= 0;
    if (!odd)
    {
        minus(out.x, zero, out.x);
        minus(out.x, out.x, a);
        right_side(out.y, out.x);
    }
    check(BN_mod_sqrt(out.y, out.y, p, work) != NULL);
    if (BN_is_odd(out.y) != odd)
        minus(out.y, zero, out.y);
    BN_free(u);
    BN_free(a);
    BN_free(zero);
    return out;
}

/* The slope of the line through both: of the tangent when they are equal. */
static void slope_of(BIGNUM *out, const point *a, const point *b)
{
    BIGNUM *below = BN_new();
    if (BN_cmp(a->x, b->x) != 0)
    {
        minus(out, b->y, a->y);
        minus(below, b->x, a->x);
    }
    else
    {
        BIGNUM *two_a = small(2UL * CURVE_A); /* (3 x^2 + 2 A x + 1) / 2 y */
        multiply(out, a->x, a->x);
        plus(below, out, out);
        plus(out, out, below);
        multiply(two_a, two_a, a->x);
        plus(out, out, two_a);
        check(BN_add_word(out, 1) == 1);
        plus(below, a->y, a->y);
        BN_free(two_a);
    }
    invert(below, below);
    multiply(out, out, below);
    BN_free(below);
}

/* a = a + b */
static void add_to(point *a, const point *b)
{
    BIGNUM *slope = BN_new();
    BIGNUM *x = BN_new();
    BIGNUM *curve_a = small(CURVE_A);
    BN_zero(x);
    minus(x, x, b->y);
    if (a->identity || b->identity)
        a->identity = true; /* only ever doubled from there */
    else if (BN_cmp(a->x, b->x) == 0 && BN_cmp(a->y, x) == 0)
        a->identity = true;
    else
    {
        slope_of(slope, a, b);
        multiply(x, slope, slope);
        minus(x, x, curve_a);
        minus(x, x, a->x);
        minus(x, x, b->x);
        minus(a->x, a->x, x); /* y = slope (x_a - x) - y_a */
        multiply(slope, slope, a->x);
        minus(a->y, slope, a->y);
        check(BN_copy(a->x, x) != NULL);
    }
    BN_free(slope);
    BN_free(x);
    BN_free(curve_a);
}

static void double_it(point *a)
{
    point same = {a->identity, BN_dup(a->x), BN_dup(a->y)};
    add_to(a, &same);
    free_point(&same);
}

void oracle_hash(uint8_t out[32], const uint8_t field[64])
{
    begin();
    point a = map(field);
    point b = map(field + 32);
    add_to(&a, &b);
    for (int i = 0; i < 3; i++)
        double_it(&a);
    memset(out, 0, 32);
    if (!a.identity)
        check(BN_bn2lebinpad(a.x, out, 32) == 32);
    free_point(&a);
    free_point(&b);
    end();
}
