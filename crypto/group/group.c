#include "group.h"

#include <assert.h>
#include <string.h>

#include "../psi.h"
#include "suite.h"

/* One row a suite. */
static const suite_row *const suites[GROUP_SUITE_COUNT_] = {
    [GROUP_CURVE25519] = &curve25519_suite,
    [GROUP_P256] = &p256_suite,
};

static const suite_row *row_of(group_suite suite)
{
    assert(suite > GROUP_NONE && suite < GROUP_SUITE_COUNT_);
    return suites[suite];
}

/* ---- suites ---------------------------------------------------------------------------------- */

sr_result group_suite_parse(group_suite *out, const char *name, sr_err *err)
{
    *out = GROUP_NONE;
    for (int i = GROUP_NONE + 1; i < GROUP_SUITE_COUNT_; i++)
        if (strcmp(suites[i]->name, name) == 0)
            *out = (group_suite)i;
    if (*out == GROUP_NONE)
        return sr_fail(err, SR_E_INVALID, "not a suite that this version knows");
    return SR_OK;
}

const char *group_suite_name(group_suite suite)
{
    return row_of(suite)->name;
}

size_t group_point_size(group_suite suite)
{
    return row_of(suite)->point_size;
}

/* ---- scalars --------------------------------------------------------------------------------- */

void group_scalar_clear(group_scalar *scalar)
{
    sr_wipe(scalar, sizeof *scalar);
}

void group_scalar_random(group_scalar *out, group_suite suite)
{
    out->suite = suite;
    row_of(suite)->scalar_random(out->bytes);
}

void group_scalar_inverse(group_scalar *out, const group_scalar *scalar)
{
    out->suite = scalar->suite;
    row_of(scalar->suite)->scalar_inverse(out->bytes, scalar->bytes);
}

void group_scalar_product(group_scalar *out, const group_scalar *a, const group_scalar *b)
{
    group_suite suite = a->suite;
    assert(suite == b->suite);
    row_of(suite)->scalar_product(out->bytes, a->bytes, b->bytes);
    out->suite = suite;
}

void group_scalar_write(uint8_t out[GROUP_SCALAR_SIZE], const group_scalar *scalar)
{
    sr_copy(out, scalar->bytes, GROUP_SCALAR_SIZE);
}

sr_result group_scalar_read(group_scalar *out, group_suite suite,
                            const uint8_t bytes[GROUP_SCALAR_SIZE], sr_err *err)
{
    group_scalar_clear(out);
    if (!row_of(suite)->scalar_is_valid(bytes))
        return sr_fail(err, SR_E_FORMAT, "not a scalar of %s", row_of(suite)->name);
    out->suite = suite;
    sr_copy(out->bytes, bytes, GROUP_SCALAR_SIZE);
    return SR_OK;
}

/* ---- hashing --------------------------------------------------------------------------------- */

sr_result group_domain_init(group_domain *out, group_suite suite, sr_slice tag, sr_err *err)
{
    *out = (group_domain){.suite = suite};
    return xmd_tag_init(&out->tag, row_of(suite)->hash, tag, err);
}

/* What stands in a list after a bad item is nobody's business. */
static sr_result verdict(uint8_t *out, const suite_row *row, size_t good, size_t count,
                         const char *item, sr_err *err)
{
    if (good == count)
        return SR_OK;
    if (out != NULL)
        sr_wipe(out, count * row->point_size);
    return sr_fail(err, SR_E_FORMAT, "%s %zu: not a point of %s that may be used", item, good,
                   row->name);
}

sr_result group_hash(uint8_t *out, const group_domain *domain, const sr_slice *ids, size_t count,
                     sr_err *err)
{
    const suite_row *row = row_of(domain->suite);
    return verdict(out, row, row->hash_ids(out, &domain->tag, ids, count), count, "identifier",
                   err);
}

sr_result group_hash_and_mask(uint8_t *out, const group_scalar *scalar, const group_domain *domain,
                              const sr_slice *ids, size_t count, sr_err *err)
{
    const suite_row *row = row_of(domain->suite);
    assert(scalar->suite == domain->suite);
    size_t good = row->hash_and_mask(out, scalar->bytes, &domain->tag, ids, count);
    return verdict(out, row, good, count, "identifier", err);
}

/* ---- lists ----------------------------------------------------------------------------------- */

sr_result group_mask(uint8_t *out, const group_scalar *scalar, const uint8_t *points, size_t count,
                     sr_err *err)
{
    const suite_row *row = row_of(scalar->suite);
    return verdict(out, row, row->mask(out, scalar->bytes, points, count), count, "point", err);
}

sr_result group_check(group_suite suite, const uint8_t *points, size_t count, sr_err *err)
{
    const suite_row *row = row_of(suite);
    return verdict(NULL, row, row->check(points, count), count, "point", err);
}

void group_random_points(uint8_t *out, group_suite suite, size_t count)
{
    row_of(suite)->random_points(out, count);
}

void group_tag_list(group_tag *out, group_suite suite, const digest_value *manifest_hash,
                    const uint8_t *points, size_t count)
{
    size_t size = group_point_size(suite);
    digest start;
    psi_tag_start(&start, manifest_hash);
    for (size_t i = 0; i < count; i++)
    {
        digest_value sum;
        digest_from(&sum, &start, sr_slice_of(points + size * i, size));
        sr_copy(out[i].bytes, sum.bytes, GROUP_TAG_SIZE);
    }
}
