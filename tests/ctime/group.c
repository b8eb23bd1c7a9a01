/* The group of overlap sessions: scalars, identifiers and points are secret, in every kernel. Which points are valid is
 * public, so the kernel is called directly: group.c looks at the verdicts. */
#include <string.h>

#include "crypto/group/curve25519.h"
#include "crypto/group/group.h"
#include "crypto/group/p256_curve.h"
#include "crypto/group/scalar25519.h"
#include "crypto/group/suite.h"
#include "ctime.h"

enum
{
    POINT = 32,
    POINTS = 11, /* more than any kernel works on at once, and no multiple */
};

static uint8_t scalar[GROUP_SCALAR_SIZE];
static uint8_t points[POINTS * POINT];
static uint8_t field[2 * POINTS * POINT];
static uint8_t out[POINTS * POINT];
static uint8_t valid[POINTS];
static volatile const uint8_t table[256] = {1, 2, 3};

/* 9, and what follows: some on the curve, some on its twist, one of small order. */
static void prepare(void)
{
    memset(points, 0, sizeof points);
    for (size_t i = 0; i < POINTS; i++)
        points[POINT * i] = (uint8_t)(i == 3 ? 1 : 9 + i);
    for (size_t i = 0; i < sizeof scalar; i++)
        scalar[i] = (uint8_t)(8 + 8 * i);
    make_secret(scalar, sizeof scalar);
    make_secret(points, sizeof points);
}

static void hash_ids_to_field(void)
{
    static char id[] = "person@example.com";
    sr_err err = SR_ERR_INIT;
    group_domain domain;
    must(group_domain_init(&domain, GROUP_CURVE25519, sr_slice_text("SEALROOM-CTIME"), &err), &err);
    make_secret(id, sizeof id);
    for (size_t i = 0; i < POINTS; i++)
        curve25519_hash_to_field(field + 2 * POINT * i, &domain.tag, sr_slice_of(id, 18 - i));
}

static void expand_a_list_of_ids(void)
{
    static uint8_t wide[96 * POINTS];
    static char id[] = "person@example.com";
    sr_err err = SR_ERR_INIT;
    group_domain domain;
    sr_slice ids[POINTS];
    must(group_domain_init(&domain, GROUP_CURVE25519, sr_slice_text("SEALROOM-CTIME"), &err), &err);
    make_secret(id, sizeof id);
    for (size_t i = 0; i < POINTS; i++)
        ids[i] = sr_slice_of(id, 18 - i);
    xmd_expand_list(wide, 96, &domain.tag, curve25519_kernel_in_use()->sha512, ids, POINTS);
    memcpy(out, wide, sizeof out);
}

static void mask_points(void)
{
    prepare();
    curve25519_kernel_in_use()->mask(out, valid, scalar, points, POINTS);
}

static void ladder_points(void)
{
    prepare();
    curve25519_kernel_in_use()->ladder(out, scalar, points, POINTS);
}

static void check_points(void)
{
    prepare();
    if (curve25519_kernel_in_use()->check != NULL)
        curve25519_kernel_in_use()->check(valid, points, POINTS);
}

static void hash_ids(void)
{
    hash_ids_to_field();
    curve25519_kernel_in_use()->hash(out, field, POINTS);
}

static void hash_and_mask_ids(void)
{
    prepare();
    hash_ids_to_field();
    curve25519_kernel_in_use()->hash_and_mask(out, valid, scalar, field, POINTS);
}

static void invert_a_scalar(void)
{
    prepare();
    scalar25519_inverse(scalar, scalar);
}

static void judge_a_scalar(void)
{
    prepare();
    bool good = scalar25519_is_valid(scalar);
    make_public(&good, sizeof good);
}

/* ---- p256: all but the multiplication, which is OpenSSL's --------------------------------------- */

static p256_point mapped;
static bool verdict;

static void map_to_p256(void)
{
    uint8_t wide[2 * P256_WIDE_SIZE] = {[5] = 1, [60] = 9};
    make_secret(wide, sizeof wide);
    verdict = p256_map(&mapped, wide);
}

static void encode_and_decode_in_p256(void)
{
    uint8_t bytes[P256_POINT_SIZE];
    map_to_p256();
    p256_encode(bytes, &mapped);
    verdict = p256_decode(&mapped, bytes);
}

static void multiply_and_invert_scalars_of_p256(void)
{
    prepare();
    p256_suite.scalar_product(scalar, scalar, scalar);
    p256_suite.scalar_inverse(scalar, scalar);
}

/* ---- leaky twins: they also show that a secret stays one all the way through the kernel ------------- */

static void mask_only_for_bits_that_are_set(void)
{
    prepare();
    for (int i = 0; i < 8; i++)
        if (scalar[1] >> i & 1)
            curve25519_kernel_in_use()->mask(out, valid, scalar, points, 1);
}

static void branch_on_a_masked_point(void)
{
    mask_points();
    volatile int seen = 0;
    if (out[0] & 1)
        seen = 1;
    (void)seen;
}

static void branch_on_a_verdict(void)
{
    mask_points();
    volatile int seen = 0;
    if (valid[2] == 1)
        seen = 1;
    (void)seen;
}

static void look_up_by_expanded_bytes(void)
{
    expand_a_list_of_ids();
    uint8_t found = table[out[40]];
    make_public(&found, sizeof found);
}

static void look_up_by_a_hash(void)
{
    hash_ids();
    uint8_t found = table[out[POINT]];
    make_public(&found, sizeof found);
}

static void look_up_by_a_masked_hash(void)
{
    hash_and_mask_ids();
    uint8_t found = table[out[5]];
    make_public(&found, sizeof found);
}

static void branch_on_a_point_of_p256(void)
{
    encode_and_decode_in_p256();
    volatile int seen = 0;
    if (mapped.y.w[0] & 1)
        seen = 1;
    (void)seen;
}

static void branch_on_an_inverse(void)
{
    invert_a_scalar();
    volatile int seen = 0;
    if (scalar[9] & 1)
        seen = 1;
    (void)seen;
}

const ctime_case group_cases[] = {
    {"expanding a list of identifiers", expand_a_list_of_ids, 0},
    {"mask", mask_points, 0},
    {"ladder", ladder_points, 0},
    {"check", check_points, 0},
    {"hash", hash_ids, 0},
    {"hash and mask", hash_and_mask_ids, 0},
    {"a scalar's inverse", invert_a_scalar, 0},
    {"is it a scalar", judge_a_scalar, 0},
    {"p256: the map", map_to_p256, 0},
    {"p256: encoding and decoding", encode_and_decode_in_p256, 0},
    {"p256: scalars", multiply_and_invert_scalars_of_p256, 0},
    {"leaky twin: masking where a scalar's bit is set", mask_only_for_bits_that_are_set, ANY},
    {"leaky twin: a branch on a masked point", branch_on_a_masked_point, ANY},
    {"leaky twin: a branch on a verdict", branch_on_a_verdict, ANY},
    {"leaky twin: a table indexed by expanded bytes", look_up_by_expanded_bytes, ANY},
    {"leaky twin: a table indexed by a hash", look_up_by_a_hash, ANY},
    {"leaky twin: a table indexed by a masked hash", look_up_by_a_masked_hash, ANY},
    {"leaky twin: a branch on a point of p256", branch_on_a_point_of_p256, ANY},
    {"leaky twin: a branch on an inverse", branch_on_an_inverse, ANY},
    {NULL, NULL, 0},
};
