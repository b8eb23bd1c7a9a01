/* What crypto/group does with secrets, as its users call it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/group/curve25519.h"
#include "crypto/group/group.h"
#include "crypto/group/p256_curve.h"
#include "crypto/group/suite.h"
#include "traces.h"

enum
{
    POINT = 32,
    ID_SIZE = 160, /* the longest takes another block of SHA-512 */
};

static group_domain domain;
static group_scalar scalar;
static uint8_t id_bytes[SHA512_LANES_MAX * ID_SIZE];
static sr_slice ids[SHA512_LANES_MAX];
static uint8_t points[SHA512_LANES_MAX * POINT];
static uint8_t out[SHA512_LANES_MAX * POINT];
static uint8_t expected[SHA512_LANES_MAX * POINT];

static void must(sr_result result, const sr_err *err)
{
    if (result == SR_OK)
        return;
    fprintf(stderr, "traces: %s\n", err->text);
    abort();
}

static size_t lanes(void)
{
    size_t wanted = curve25519_kernel_in_use()->lanes;
    return wanted < SHA512_LANES_MAX ? wanted : SHA512_LANES_MAX;
}

/* All zero, all one, or random by the kind's own seed (splitmix64). */
static void fill(uint8_t *bytes, size_t len, size_t kind)
{
    uint64_t seed = kind;
    for (size_t i = 0; i < len; i++)
    {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        bytes[i] = kind == 0 ? 0 : kind == 1 ? 0xff : (uint8_t)(z >> 40);
    }
}

/* 8k for k = 1, k = 2^252 - 1, or random: all of them are below l. */
static void set_scalar(size_t kind)
{
    sr_err err = SR_ERR_INIT;
    uint8_t bytes[GROUP_SCALAR_SIZE];
    fill(bytes, sizeof bytes, kind);
    bytes[0] &= 0xf8;
    bytes[31] &= 0x7f;
    if (kind == 0)
        bytes[0] = 8;
    must(group_scalar_read(&scalar, GROUP_CURVE25519, bytes, &err), &err);
}

/* Lengths are public: as many as there are identifiers, the same in every run. */
static void set_ids(size_t kind)
{
    sr_err err = SR_ERR_INIT;
    must(group_domain_init(&domain, GROUP_CURVE25519, sr_slice_text("SEALROOM-CTIME"), &err), &err);
    fill(id_bytes, sizeof id_bytes, kind);
    for (size_t i = 0; i < SHA512_LANES_MAX; i++)
        ids[i] = sr_slice_of(id_bytes + ID_SIZE * i, ID_SIZE - 20 * i);
}

void hash_ids(void)
{
    sr_err err = SR_ERR_INIT;
    must(group_hash(out, &domain, ids, lanes(), &err), &err);
}

static void hash_and_mask_ids(void)
{
    sr_err err = SR_ERR_INIT;
    must(group_hash_and_mask(out, &scalar, &domain, ids, lanes(), &err), &err);
}

void mask_points(void)
{
    sr_err err = SR_ERR_INIT;
    must(group_mask(out, &scalar, points, lanes(), &err), &err);
}

/* What is followed must compute what it always does. */
static void mask_points_as_expected(void)
{
    mask_points();
    if (!sr_equal_ct(out, expected, sizeof out))
        abort();
}

static void check_points(void)
{
    sr_err err = SR_ERR_INIT;
    must(group_check(GROUP_CURVE25519, points, lanes(), &err), &err);
}

/* Each kind of secret changes by itself, in the runs 1 and 2; then both do. */
static void prepare_to_hash_and_mask(size_t run)
{
    set_scalar(run < 3 ? run % 2 : run - 1);
    set_ids(run < 3 ? run / 2 : run - 1);
}

void prepare_to_hash(size_t run)
{
    set_ids(run);
}

/* Valid points: what identifiers are hashed to. */
void prepare_to_mask(size_t run)
{
    prepare_to_hash_and_mask(run);
    hash_ids();
    memcpy(points, out, sizeof points);
    memset(out, 0, sizeof out);
    mask_points();
    memcpy(expected, out, sizeof expected);
    memset(out, 0, sizeof out);
}

static void prepare_to_check(size_t run)
{
    set_ids(run);
    hash_ids();
    memcpy(points, out, sizeof points);
}

const unsigned char *secret_scalar(void)
{
    return scalar.bytes;
}

const unsigned char *points_made(void)
{
    return out;
}

const trace_case traces_of_a_kernel[] = {
    {.name = "mask", .prepare = prepare_to_mask, .run = mask_points_as_expected},
    {.name = "check", .prepare = prepare_to_check, .run = check_points},
    {.name = "hash", .prepare = prepare_to_hash, .run = hash_ids},
    {.name = "hash and mask", .prepare = prepare_to_hash_and_mask, .run = hash_and_mask_ids},
    {.name = NULL},
};

/* ---- scalars --------------------------------------------------------------------------------- */

static group_scalar other;
static uint8_t written[GROUP_SCALAR_SIZE];

static void prepare_scalars_of(group_suite suite, size_t kind)
{
    sr_err err = SR_ERR_INIT;
    set_scalar(kind);
    memcpy(written, scalar.bytes, sizeof written);
    must(group_scalar_read(&scalar, suite, written, &err), &err);
}

static void prepare_scalars(size_t run)
{
    prepare_scalars_of(GROUP_CURVE25519, run);
}

static void prepare_scalars_of_p256(size_t run)
{
    prepare_scalars_of(GROUP_P256, run);
}

static void read_a_scalar(void)
{
    sr_err err = SR_ERR_INIT;
    must(group_scalar_read(&other, scalar.suite, written, &err), &err);
}

static void invert_a_scalar(void)
{
    group_scalar_inverse(&other, &scalar);
}

static void multiply_scalars(void)
{
    group_scalar_product(&other, &scalar, &scalar);
}

const trace_case traces_of_scalars[] = {
    {.name = "curve25519: reading a scalar", .prepare = prepare_scalars, .run = read_a_scalar},
    {.name = "curve25519: a scalar's inverse", .prepare = prepare_scalars, .run = invert_a_scalar},
    {.name = "curve25519: a product", .prepare = prepare_scalars, .run = multiply_scalars},
    {.name = "p256: reading a scalar", .prepare = prepare_scalars_of_p256, .run = read_a_scalar},
    {.name = "p256: a scalar's inverse",
     .prepare = prepare_scalars_of_p256,
     .run = invert_a_scalar},
    {.name = "p256: a product", .prepare = prepare_scalars_of_p256, .run = multiply_scalars},
    {.name = NULL},
};

/* ---- the suite p256 -------------------------------------------------------------------------- */

static uint8_t encoded[P256_POINT_SIZE];

static void prepare_to_hash_to_p256(size_t run)
{
    sr_err err = SR_ERR_INIT;
    set_ids(run);
    must(group_domain_init(&domain, GROUP_P256, sr_slice_text("SEALROOM-CTIME"), &err), &err);
}

static void hash_an_id_to_p256(void)
{
    sr_err err = SR_ERR_INIT;
    must(group_hash(encoded, &domain, ids, 1, &err), &err);
}

static void prepare_to_decode_in_p256(size_t run)
{
    prepare_to_hash_to_p256(run);
    hash_an_id_to_p256();
}

static void check_a_point_of_p256(void)
{
    sr_err err = SR_ERR_INIT;
    must(group_check(GROUP_P256, encoded, 1, &err), &err);
}

const trace_case traces_of_p256[] = {
    {.name = "p256: hash", .prepare = prepare_to_hash_to_p256, .run = hash_an_id_to_p256},
    {.name = "p256: check", .prepare = prepare_to_decode_in_p256, .run = check_a_point_of_p256},
    {.name = NULL},
};
