#include "scalar25519.h"

#include "base/bytes.h"
#include "base/text.h"
#include "fe51.h"

enum
{
    WORDS = 4,
};

typedef struct
{
    uint64_t w[WORDS]; /* little-endian */
} number;

static const number order = {
    {UINT64_C(0x5812631a5cf5d3ed), UINT64_C(0x14def9dea2f79cd6), 0, UINT64_C(0x1000000000000000)}};
static const uint64_t order_minus_inverse = UINT64_C(0xd2b51da312547e1b); /* -1 / l mod 2^64 */
static const number r_squared = {{UINT64_C(0xa40611e3449c0f01), UINT64_C(0xd00e1ba768859347),
                                  UINT64_C(0xceec73d217f5be65),
                                  UINT64_C(0x0399411b7c309a3d)}}; /* 2^512 mod l */
static const number r_once = {{UINT64_C(0xd6ec31748d98951d), UINT64_C(0xc6ef5bf4737dcf70),
                               UINT64_C(0xfffffffffffffffe),
                               UINT64_C(0x0fffffffffffffff)}}; /* 2^256 mod l */
static const number inverse_of_64 = {
    {UINT64_C(0x6d27c1cf1f37b568), UINT64_C(0x08ce1169ecc0762a), 0, UINT64_C(0x06c0000000000000)}};

/* a - b, and 1 when a < b. */
static uint64_t subtract(number *out, const number *a, const number *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < WORDS; i++)
    {
        fe51_wide part = (fe51_wide)a->w[i] - b->w[i] - borrow;
        out->w[i] = (uint64_t)part;
        borrow = (uint64_t)(part >> 64) & 1;
    }
    return borrow;
}

/* One round: t += a b, then t = (t + m l) / 2^64 with m so that nothing is cut off. */
static void accumulate(uint64_t t[WORDS + 2], const number *a, uint64_t b)
{
    fe51_wide carry = 0;
    for (int i = 0; i < WORDS; i++)
    {
        carry += (fe51_wide)a->w[i] * b + t[i];
        t[i] = (uint64_t)carry;
        carry >>= 64;
    }
    carry += t[WORDS];
    t[WORDS] = (uint64_t)carry;
    t[WORDS + 1] = (uint64_t)(carry >> 64);
    uint64_t m = t[0] * order_minus_inverse;
    carry = ((fe51_wide)m * order.w[0] + t[0]) >> 64;
    for (int i = 1; i < WORDS; i++)
    {
        carry += (fe51_wide)m * order.w[i] + t[i];
        t[i - 1] = (uint64_t)carry;
        carry >>= 64;
    }
    carry += t[WORDS];
    t[WORDS - 1] = (uint64_t)carry;
    t[WORDS] = t[WORDS + 1] + (uint64_t)(carry >> 64);
}

/* a b / 2^256 mod l, below l, for a < 2^256 and b < l: the sum stays below 2l < 2^254, so one
 * subtraction is enough and t[WORDS] ends as 0. */
static void multiply(number *out, const number *a, const number *b)
{
    uint64_t t[WORDS + 2] = {0};
    number whole;
    number less;
    for (int i = 0; i < WORDS; i++)
        accumulate(t, a, b->w[i]);
    for (int i = 0; i < WORDS; i++)
        whole.w[i] = t[i];
    uint64_t keep = 0 - subtract(&less, &whole, &order);
    for (int i = 0; i < WORDS; i++)
        out->w[i] = (whole.w[i] & keep) | (less.w[i] & ~keep);
}

/* k^(l-2) in Montgomery's form, k R too; the exponent is no secret. */
static void invert(number *out, const number *k)
{
    number result = r_once;
    number exponent = order;
    exponent.w[0] -= 2;
    for (int i = 252; i >= 0; i--)
    {
        multiply(&result, &result, &result);
        if (exponent.w[i / 64] >> (i % 64) & 1)
            multiply(&result, &result, k);
    }
    *out = result;
}

static number load(const uint8_t *bytes)
{
    number out;
    for (size_t i = 0; i < WORDS; i++)
        out.w[i] = fe51_load64(bytes + 8 * i);
    return out;
}

/* 8k, for k < 2^253. */
static void store_times_8(uint8_t *out, const number *k)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < WORDS; i++)
    {
        fe51_store64(out + 8 * i, k->w[i] << 3 | carry);
        carry = k->w[i] >> 61;
    }
}

static number divide_by_8(const number *a)
{
    number out;
    for (int i = 0; i < WORDS; i++)
        out.w[i] = a->w[i] >> 3 | (i + 1 < WORDS ? a->w[i + 1] << 61 : 0);
    return out;
}

/* 1 for 0 < k < l. */
static uint64_t in_range(const number *k)
{
    number unused;
    uint64_t any = k->w[0] | k->w[1] | k->w[2] | k->w[3];
    uint64_t below = subtract(&unused, k, &order);
    sr_wipe(&unused, sizeof unused);
    return below & ((any | (0 - any)) >> 63);
}

void scalar25519_random(uint8_t out[SCALAR25519_SIZE])
{
    number k;
    do
    {
        sr_random_bytes(&k, sizeof k);
        k.w[3] &= (UINT64_C(1) << 61) - 1; /* 253 bits */
    } while (!in_range(&k));
    store_times_8(out, &k);
    sr_wipe(&k, sizeof k);
}

void scalar25519_inverse(uint8_t out[SCALAR25519_SIZE], const uint8_t in[SCALAR25519_SIZE])
{
    number k = load(in);
    k = divide_by_8(&k);
    multiply(&k, &k, &r_squared); /* k R */
    invert(&k, &k);               /* k^-1 R */
    multiply(&k, &k, &inverse_of_64);
    store_times_8(out, &k);
    sr_wipe(&k, sizeof k);
}

void scalar25519_product(uint8_t out[SCALAR25519_SIZE], const uint8_t a[SCALAR25519_SIZE],
                         const uint8_t b[SCALAR25519_SIZE])
{
    static const number eight = {{8}};
    number j = load(a);
    number k = load(b);
    j = divide_by_8(&j);
    k = divide_by_8(&k);
    multiply(&j, &j, &r_squared); /* j R */
    multiply(&k, &j, &k);         /* j k */
    multiply(&k, &k, &r_squared);
    multiply(&k, &k, &eight);
    store_times_8(out, &k);
    sr_wipe(&j, sizeof j);
    sr_wipe(&k, sizeof k);
}

bool scalar25519_is_valid(const uint8_t bytes[SCALAR25519_SIZE])
{
    number all = load(bytes);
    number k = divide_by_8(&all);
    uint64_t low = all.w[0] & 7;
    uint64_t valid = in_range(&k) & ((low - 1) >> 63);
    sr_wipe(&all, sizeof all);
    sr_wipe(&k, sizeof k);
    return valid == 1;
}
