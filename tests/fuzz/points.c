/* Any bytes as a list of points, of every suite: checking and masking refuse the same ones at the same place; what passes stays a
 * point, and a mask and its inverse leave its part of prime order. The first bytes as a scalar: what is read
 * is written again. */
#include "crypto/group/group.h"
#include "fuzz.h"

enum
{
    MOST = 4, /* points of an input: a mask takes its time */
};

static const uint8_t scalar_bytes[GROUP_SCALAR_SIZE] = {0x98, 0x51, 0x13, 0x07, 0xc4, [31] = 0x5b};

static void read_scalar(group_suite suite, const uint8_t *data)
{
    sr_err err = SR_ERR_INIT;
    uint8_t again[GROUP_SCALAR_SIZE];
    GROUP_SCALAR(scalar);
    GROUP_SCALAR(inverse);
    if (group_scalar_read(&scalar, suite, data, &err) != SR_OK)
        return;
    group_scalar_write(again, &scalar);
    fuzz_check(memcmp(again, data, sizeof again) == 0);
    group_scalar_inverse(&inverse, &scalar);
    group_scalar_write(again, &inverse);
    fuzz_check(group_scalar_read(&inverse, suite, again, &err) == SR_OK);
    group_scalar_inverse(&inverse, &inverse);
    fuzz_check(memcmp(inverse.bytes, data, sizeof again) == 0);
}

static void mask_and_unmask(group_suite suite, uint8_t *out, const group_scalar *scalar,
                            const group_scalar *inverse, const uint8_t *points, size_t count)
{
    sr_err err = SR_ERR_INIT;
    fuzz_check(group_mask(out, scalar, points, count, &err) == SR_OK);
    fuzz_check(group_check(suite, out, count, &err) == SR_OK);
    fuzz_check(group_mask(out, inverse, out, count, &err) == SR_OK);
}

static void read_points(group_suite suite, const uint8_t *data, size_t count)
{
    static const uint8_t zero[MOST * GROUP_POINT_SIZE_MAX];
    size_t size = count * group_point_size(suite);
    sr_err err = SR_ERR_INIT;
    sr_err other = SR_ERR_INIT;
    uint8_t out[MOST * GROUP_POINT_SIZE_MAX];
    uint8_t again[MOST * GROUP_POINT_SIZE_MAX];
    GROUP_SCALAR(scalar);
    GROUP_SCALAR(inverse);
    fuzz_check(group_scalar_read(&scalar, suite, scalar_bytes, &err) == SR_OK);
    group_scalar_inverse(&inverse, &scalar);
    memset(out, 0xaa, sizeof out);
    sr_result checked = group_check(suite, data, count, &err);
    fuzz_check(group_mask(out, &scalar, data, count, &other) == checked);
    fuzz_check(strcmp(err.text, other.text) == 0);
    if (checked != SR_OK)
    {
        fuzz_check(err.code == SR_E_FORMAT && memcmp(out, zero, size) == 0);
        return;
    }
    mask_and_unmask(suite, out, &scalar, &inverse, data, count);
    mask_and_unmask(suite, again, &scalar, &inverse, out, count);
    fuzz_check(memcmp(again, out, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (group_suite suite = GROUP_CURVE25519; suite < GROUP_SUITE_COUNT_; suite++)
    {
        size_t count = size / group_point_size(suite);
        if (size >= GROUP_SCALAR_SIZE)
            read_scalar(suite, data);
        read_points(suite, data, count < MOST ? count : MOST);
    }
    return 0;
}
