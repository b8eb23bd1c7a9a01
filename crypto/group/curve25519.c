/* The suite curve25519: strict decoding, hash_to_field, lists in portions, and which kernel works
 * on them. */
#include "curve25519.h"

#include <stdatomic.h>
#include <string.h>

#include "base/text.h"
#include "fe51.h"
#include "scalar25519.h"
#include "suite.h"

enum
{
    FIELD_BYTES = 48, /* L of RFC 9380: ceil((255 + 128) / 8) */
    WIDE_BYTES = 2 * FIELD_BYTES,
    PAIR_SIZE = 2 * CURVE25519_SIZE, /* two field elements: what is hashed to a point */
    PORTION = 256,                   /* points given to a kernel at once */
};

/* ---- kernels --------------------------------------------------------------------------------- */

/* The fastest first. */
static const curve25519_kernel *const kernels[] = {
#ifdef SEALROOM_HAVE_IFMA
    &curve25519_ifma,
#endif
#ifdef SEALROOM_HAVE_AVX2
    &curve25519_avx2,
#endif
    &curve25519_portable,
};

enum
{
    KERNEL_COUNT = sizeof kernels / sizeof kernels[0],
};

static _Atomic(const curve25519_kernel *) in_use;

static const curve25519_kernel *fastest(void)
{
    size_t i = 0;
    while (i + 1 < KERNEL_COUNT && !kernels[i]->is_usable())
        i++;
    return kernels[i]; /* the last one is usable everywhere */
}

const curve25519_kernel *curve25519_kernel_in_use(void)
{
    const curve25519_kernel *kernel = atomic_load(&in_use);
    if (kernel == NULL)
    {
        kernel = fastest(); /* threads that meet here find the same */
        atomic_store(&in_use, kernel);
    }
    return kernel;
}

sr_result group_kernel_force(const char *name, sr_err *err)
{
    if (name == NULL)
    {
        atomic_store(&in_use, fastest());
        return SR_OK;
    }
    for (size_t i = 0; i < KERNEL_COUNT; i++)
        if (strcmp(kernels[i]->name, name) == 0 && kernels[i]->is_usable())
        {
            atomic_store(&in_use, kernels[i]);
            return SR_OK;
        }
    return sr_fail(err, SR_E_NOT_FOUND, "kernel %s: not usable on this machine", name);
}

const char *group_kernel_name(void)
{
    return curve25519_kernel_in_use()->name;
}

/* ---- hash_to_field --------------------------------------------------------------------------- */

/* 384 bits modulo p: with low 255 bits a, bit 255 b, and c above them, a + 19 b + 38 c. */
static void reduce(uint8_t out[CURVE25519_SIZE], const uint8_t big_endian[FIELD_BYTES])
{
    uint64_t w[FIELD_BYTES / 8]; /* the highest first */
    for (size_t i = 0; i < FIELD_BYTES / 8; i++)
        w[i] = sha512_load(big_endian + 8 * i);
    fe51 low = fe51_from_words(w[5], w[4], w[3], w[2]);
    fe51 high = fe51_from_words(w[1], w[0], 0, 0);
    fe51 sum = fe51_add(low, fe51_mul_small(high, 38));
    sum.v[0] += 19 * (w[2] >> 63);
    fe51_encode(out, sum);
    sr_wipe(w, sizeof w);
}

void curve25519_hash_to_field(uint8_t out[2 * CURVE25519_SIZE], const xmd_tag *tag, sr_slice id)
{
    uint8_t wide[WIDE_BYTES];
    xmd_expand(wide, sizeof wide, tag, id);
    reduce(out, wide);
    reduce(out + CURVE25519_SIZE, wide + FIELD_BYTES);
    sr_wipe(wide, sizeof wide);
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* 1 when u < p and bit 255 is clear: u + 19 does not reach 2^255. */
static uint64_t is_canonical(const uint8_t u[CURVE25519_SIZE])
{
    uint64_t carry = 19;
    for (int i = 0; i < 24; i += 8)
        carry = (uint64_t)(((fe51_wide)fe51_load64(u + i) + carry) >> 64);
    uint64_t top = fe51_load64(u + 24);
    return ((top >> 63) | ((top + carry) >> 63)) ^ 1;
}

static size_t first_not_canonical(const uint8_t *points, size_t count)
{
    size_t i = 0;
    while (i < count && is_canonical(points + CURVE25519_SIZE * i) == 1)
        i++;
    return i;
}

static size_t first_zero(const uint8_t *valid, size_t count)
{
    size_t i = 0;
    while (i < count && valid[i] == 1)
        i++;
    return i;
}

static size_t portion(size_t left)
{
    return left < PORTION ? left : PORTION;
}

/* ---- the suite's functions ------------------------------------------------------------------- */

static size_t mask(uint8_t *out, const uint8_t scalar[GROUP_SCALAR_SIZE], const uint8_t *points,
                   size_t count)
{
    const curve25519_kernel *kernel = curve25519_kernel_in_use();
    uint8_t valid[PORTION];
    for (size_t done = 0; done < count; done += portion(count - done))
    {
        const uint8_t *from = points + CURVE25519_SIZE * done;
        size_t now = portion(count - done);
        size_t canonical = first_not_canonical(from, now);
        kernel->mask(out + CURVE25519_SIZE * done, valid, scalar, from, canonical);
        size_t good = first_zero(valid, canonical);
        if (good < now)
            return done + good;
    }
    return count;
}

static size_t check(const uint8_t *points, size_t count)
{
    const curve25519_kernel *kernel = curve25519_kernel_in_use();
    uint8_t valid[PORTION];
    if (kernel->check == NULL)
        kernel = &curve25519_portable;
    for (size_t done = 0; done < count; done += portion(count - done))
    {
        const uint8_t *from = points + CURVE25519_SIZE * done;
        size_t now = portion(count - done);
        size_t canonical = first_not_canonical(from, now);
        kernel->check(valid, from, canonical);
        size_t good = first_zero(valid, canonical);
        if (good < now)
            return done + good;
    }
    return count;
}

static void ids_to_field(uint8_t *out, const xmd_tag *tag, const sr_slice *ids, size_t count)
{
    uint8_t wide[WIDE_BYTES * PORTION];
    const sha512_lanes *lanes = curve25519_kernel_in_use()->sha512;
    xmd_expand_list(wide, WIDE_BYTES, tag, lanes, ids, count);
    for (size_t i = 0; i < 2 * count; i++)
        reduce(out + CURVE25519_SIZE * i, wide + FIELD_BYTES * i);
    sr_wipe(wide, WIDE_BYTES * count);
}

/* The identity's u is 0. */
static size_t first_identity(const uint8_t *points, size_t count)
{
    static const uint8_t identity[CURVE25519_SIZE] = {0};
    size_t i = 0;
    while (i < count && !sr_equal_ct(points + CURVE25519_SIZE * i, identity, CURVE25519_SIZE))
        i++;
    return i;
}

static size_t hash_ids(uint8_t *out, const xmd_tag *tag, const sr_slice *ids, size_t count)
{
    const curve25519_kernel *kernel = curve25519_kernel_in_use();
    uint8_t field[PAIR_SIZE * PORTION];
    size_t good = 0;
    for (size_t done = 0; done < count && good == done; done += portion(count - done))
    {
        size_t now = portion(count - done);
        ids_to_field(field, tag, ids + done, now);
        kernel->hash(out + CURVE25519_SIZE * done, field, now);
        good += first_identity(out + CURVE25519_SIZE * done, now);
    }
    sr_wipe(field, sizeof field);
    return good;
}

static size_t hash_and_mask(uint8_t *out, const uint8_t scalar[GROUP_SCALAR_SIZE],
                            const xmd_tag *tag, const sr_slice *ids, size_t count)
{
    const curve25519_kernel *kernel = curve25519_kernel_in_use();
    uint8_t field[PAIR_SIZE * PORTION];
    uint8_t valid[PORTION];
    size_t good = 0;
    for (size_t done = 0; done < count && good == done; done += portion(count - done))
    {
        size_t now = portion(count - done);
        ids_to_field(field, tag, ids + done, now);
        kernel->hash_and_mask(out + CURVE25519_SIZE * done, valid, scalar, field, now);
        good += first_zero(valid, now);
    }
    sr_wipe(field, sizeof field);
    return good;
}

/* What the hash makes of uniform field elements is as good as uniform (RFC 9380 section 10.1). */
static void random_points(uint8_t *out, size_t count)
{
    const curve25519_kernel *kernel = curve25519_kernel_in_use();
    uint8_t field[PAIR_SIZE * PORTION];
    uint8_t wide[WIDE_BYTES * PORTION];
    for (size_t done = 0; done < count;)
    {
        size_t now = portion(count - done);
        sr_random_bytes(wide, WIDE_BYTES * now);
        for (size_t i = 0; i < 2 * now; i++)
            reduce(field + CURVE25519_SIZE * i, wide + FIELD_BYTES * i);
        kernel->hash(out + CURVE25519_SIZE * done, field, now);
        done += first_identity(out + CURVE25519_SIZE * done, now); /* else drawn again */
    }
    sr_wipe(field, sizeof field);
    sr_wipe(wide, sizeof wide);
}

const suite_row curve25519_suite = {
    .name = "curve25519",
    .point_size = CURVE25519_SIZE,
    .hash = XMD_SHA512,
    .scalar_random = scalar25519_random,
    .scalar_inverse = scalar25519_inverse,
    .scalar_product = scalar25519_product,
    .scalar_is_valid = scalar25519_is_valid,
    .hash_ids = hash_ids,
    .mask = mask,
    .hash_and_mask = hash_and_mask,
    .check = check,
    .random_points = random_points,
};
