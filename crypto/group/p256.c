/* The suite p256: for members bound to FIPS curves. Points one by one; nothing is batched. */
#include "base/text.h"
#include "p256_curve.h"
#include "p256_door.h"
#include "suite.h"

/* n, the order of the curve. */
static const mont256_modulus order = {
    .m = {{UINT64_C(0xf3b9cac2fc632551), UINT64_C(0xbce6faada7179e84), UINT64_C(0xffffffffffffffff),
           UINT64_C(0xffffffff00000000)}},
    .negative = UINT64_C(0xccd1c8aaee00bc4f),
    .one = {{UINT64_C(0x0c46353d039cdaaf), UINT64_C(0x4319055258e8617b),
             UINT64_C(0x0000000000000000), UINT64_C(0x00000000ffffffff)}},
    .r_squared = {{UINT64_C(0x83244c95be79eea2), UINT64_C(0x4699799c49bd6fa6),
                   UINT64_C(0x2845b2392b6bec59), UINT64_C(0x66e12d94f3d95620)}},
};
static const mont256 n_minus_2 = {{UINT64_C(0xf3b9cac2fc63254f), UINT64_C(0xbce6faada7179e84),
                                   UINT64_C(0xffffffffffffffff), UINT64_C(0xffffffff00000000)}};

/* ---- scalars: k in 1..n-1, big-endian -------------------------------------------------------- */

static bool scalar_is_valid(const uint8_t bytes[GROUP_SCALAR_SIZE])
{
    mont256 k = mont256_load(bytes);
    uint64_t good = mont256_is_below(&k, &order.m) & (mont256_is_zero(k) ^ 1);
    sr_wipe(&k, sizeof k);
    return good == 1;
}

static void scalar_random(uint8_t out[GROUP_SCALAR_SIZE])
{
    do
        sr_random_bytes(out, GROUP_SCALAR_SIZE);
    while (!scalar_is_valid(out)); /* one in 2^32 is drawn again */
}

static void scalar_inverse(uint8_t out[GROUP_SCALAR_SIZE], const uint8_t in[GROUP_SCALAR_SIZE])
{
    mont256 k = mont256_enter(&order, mont256_load(in));
    k = mont256_leave(&order, mont256_power(&order, k, &n_minus_2));
    mont256_store(out, &k);
    sr_wipe(&k, sizeof k);
}

static void scalar_product(uint8_t out[GROUP_SCALAR_SIZE], const uint8_t a[GROUP_SCALAR_SIZE],
                           const uint8_t b[GROUP_SCALAR_SIZE])
{
    mont256 k = mont256_enter(&order, mont256_load(a));
    k = mont256_mul(&order, mont256_load(b), k); /* a R b / R */
    mont256_store(out, &k);
    sr_wipe(&k, sizeof k);
}

/* ---- points ---------------------------------------------------------------------------------- */

static bool hash_one(p256_point *out, const xmd_tag *tag, sr_slice id)
{
    uint8_t wide[2 * P256_WIDE_SIZE];
    xmd_expand(wide, sizeof wide, tag, id);
    bool good = p256_map(out, wide);
    sr_wipe(wide, sizeof wide);
    return good;
}

static size_t hash_ids(uint8_t *out, const xmd_tag *tag, const sr_slice *ids, size_t count)
{
    p256_point point;
    size_t i = 0;
    for (; i < count && hash_one(&point, tag, ids[i]); i++)
        p256_encode(out + P256_POINT_SIZE * i, &point);
    sr_wipe(&point, sizeof point);
    return i;
}

static size_t mask(uint8_t *out, const uint8_t scalar[GROUP_SCALAR_SIZE], const uint8_t *points,
                   size_t count)
{
    P256_MULTIPLIER(multiplier);
    p256_point point;
    size_t i = 0;
    multiplier = p256_multiplier_new(scalar);
    for (; i < count; i++)
    {
        if (!p256_decode(&point, points + P256_POINT_SIZE * i) ||
            !p256_multiply(multiplier, &point, &point))
            break;
        p256_encode(out + P256_POINT_SIZE * i, &point);
    }
    sr_wipe(&point, sizeof point);
    return i;
}

static size_t hash_and_mask(uint8_t *out, const uint8_t scalar[GROUP_SCALAR_SIZE],
                            const xmd_tag *tag, const sr_slice *ids, size_t count)
{
    P256_MULTIPLIER(multiplier);
    p256_point point;
    size_t i = 0;
    multiplier = p256_multiplier_new(scalar);
    for (; i < count; i++)
    {
        if (!hash_one(&point, tag, ids[i]) || !p256_multiply(multiplier, &point, &point))
            break;
        p256_encode(out + P256_POINT_SIZE * i, &point);
    }
    sr_wipe(&point, sizeof point);
    return i;
}

/* The order is prime: what is on the curve has it, but for the identity, which has no encoding. */
static size_t check(const uint8_t *points, size_t count)
{
    p256_point point;
    size_t i = 0;
    while (i < count && p256_decode(&point, points + P256_POINT_SIZE * i))
        i++;
    return i;
}

/* What the hash makes of uniform field elements is as good as uniform (RFC 9380 section 10.1). */
static void random_points(uint8_t *out, size_t count)
{
    uint8_t wide[2 * P256_WIDE_SIZE];
    p256_point point;
    for (size_t i = 0; i < count;)
    {
        sr_random_bytes(wide, sizeof wide);
        if (!p256_map(&point, wide))
            continue;
        p256_encode(out + P256_POINT_SIZE * i, &point);
        i++;
    }
    sr_wipe(wide, sizeof wide);
    sr_wipe(&point, sizeof point);
}

const suite_row p256_suite = {
    .name = "p256",
    .point_size = P256_POINT_SIZE,
    .hash = XMD_SHA256,
    .scalar_random = scalar_random,
    .scalar_inverse = scalar_inverse,
    .scalar_product = scalar_product,
    .scalar_is_valid = scalar_is_valid,
    .hash_ids = hash_ids,
    .mask = mask,
    .hash_and_mask = hash_and_mask,
    .check = check,
    .random_points = random_points,
};
