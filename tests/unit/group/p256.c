/* The suite p256: RFC 9380's vectors, strict decoding, and the laws of the group. */
#include "crypto/group/p256_curve.h"
#include "support.h"

enum
{
    POINT = P256_POINT_SIZE,
    MANY = 40,
};

static const uint8_t zero[MANY * POINT];

/* P-256's generator, and its double (SEC 2; NIST's published multiples). */
static const char generator[] = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
static const char doubled[] = "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978";

static void domain_of(group_domain *out, const char *tag)
{
    sr_err err = SR_ERR_INIT;
    check_ok(group_domain_init(out, GROUP_P256, sr_slice_text(tag), &err), &err);
}

static char names[MANY][32];
static sr_slice ids[MANY];

static void hash_many(uint8_t out[MANY * POINT])
{
    sr_err err = SR_ERR_INIT;
    group_domain domain;
    domain_of(&domain, "SEALROOM-TEST");
    for (size_t i = 0; i < MANY; i++)
    {
        (void)snprintf(names[i], sizeof names[i], "person %zu", i);
        ids[i] = sr_slice_text(names[i]);
    }
    check_ok(group_hash(out, &domain, ids, MANY, &err), &err);
}

/* ---- hashing --------------------------------------------------------------------------------- */

static void check_vector(const sr_json *one)
{
    sr_err err = SR_ERR_INIT;
    group_domain domain;
    uint8_t wide[2 * P256_WIDE_SIZE];
    uint8_t got[32];
    uint8_t want[32];
    uint8_t out[POINT];
    sr_slice msg = sr_slice_text(sr_json_text(sr_json_member(one, "msg")));
    domain_of(&domain, sr_json_text(sr_json_member(one, "dst")));
    xmd_expand(wide, sizeof wide, &domain.tag, msg);
    for (size_t at = 0; at < 2; at++)
    {
        mont256 u = p256_field_element(wide + P256_WIDE_SIZE * at);
        mont256_store(got, &u);
        support_bytes(want, sr_json_text(sr_json_item(sr_json_member(one, "u"), at)), false);
        assert_memory_equal(got, want, 32);
    }
    check_ok(group_hash(out, &domain, &msg, 1, &err), &err);
    support_bytes(want, sr_json_text(sr_json_member(one, "P.x")), false);
    assert_memory_equal(out + 1, want, 32);
    support_bytes(want, sr_json_text(sr_json_member(one, "P.y")), false);
    check_int(out[0], 2 + (want[31] & 1));
}

static void hashing_gives_the_vectors_of_rfc_9380(void **state)
{
    SR_JSON(vectors);
    (void)state;
    vectors = support_vectors("rfc9380/P256_XMD_SHA-256_SSWU_RO.json");
    check_int(sr_json_size(vectors), 5);
    for (size_t i = 0; i < sr_json_size(vectors); i++)
        check_vector(sr_json_item(vectors, i));
}

/* u = 0 and u^2 = 1/10 are the map's exceptions (its denominator would be 0); equal maps are doubled,
 * maps of u and -u cancel. */
static void exceptions_of_the_map_and_the_sum_are_points_too(void **state)
{
    uint8_t wide[2 * P256_WIDE_SIZE] = {0};
    uint8_t bytes[POINT];
    p256_point point;
    p256_point again;
    (void)state;
    check(p256_map(&point, wide)); /* map(0) + map(0) */
    p256_encode(bytes, &point);
    check(p256_decode(&again, bytes));
    assert_memory_equal(&point, &again, sizeof point);
    for (size_t i = 0; i < P256_WIDE_SIZE; i++)
        wide[i] = 0;
    wide[P256_WIDE_SIZE - 1] = 5;
    support_bytes(wide + P256_WIDE_SIZE + 16, /* p - 5 */
                  "ffffffff00000001000000000000000000000000fffffffffffffffffffffffa", false);
    check(!p256_map(&point, wide));
    assert_memory_equal(&point, zero, sizeof point);
}

/* ---- masking --------------------------------------------------------------------------------- */

static void twice_the_generator_is_its_published_double(void **state)
{
    sr_err err = SR_ERR_INIT;
    uint8_t scalar[GROUP_SCALAR_SIZE] = {0};
    uint8_t point[POINT] = {3};
    uint8_t want[32];
    GROUP_SCALAR(two);
    (void)state;
    scalar[GROUP_SCALAR_SIZE - 1] = 2;
    support_bytes(point + 1, generator, false);
    support_bytes(want, doubled, false);
    check_ok(group_scalar_read(&two, GROUP_P256, scalar, &err), &err);
    check_ok(group_mask(point, &two, point, 1, &err), &err);
    assert_memory_equal(point + 1, want, 32);
    check_int(point[0], 3);
}

static void masks_commute_and_are_undone(void **state)
{
    static uint8_t hashed[MANY * POINT];
    static uint8_t ab[MANY * POINT];
    static uint8_t ba[MANY * POINT];
    sr_err err = SR_ERR_INIT;
    group_domain domain;
    GROUP_SCALAR(a);
    GROUP_SCALAR(b);
    GROUP_SCALAR(other);
    (void)state;
    domain_of(&domain, "SEALROOM-TEST");
    group_scalar_random(&a, GROUP_P256);
    group_scalar_random(&b, GROUP_P256);
    hash_many(hashed);
    check_ok(group_mask(ab, &a, hashed, MANY, &err), &err);
    check_ok(group_hash_and_mask(ba, &a, &domain, ids, MANY, &err), &err);
    assert_memory_equal(ab, ba, sizeof ab);
    check_ok(group_mask(ab, &b, ab, MANY, &err), &err);
    check_ok(group_mask(ba, &b, hashed, MANY, &err), &err);
    check_ok(group_mask(ba, &a, ba, MANY, &err), &err);
    assert_memory_equal(ab, ba, sizeof ab);
    group_scalar_product(&other, &a, &b);
    check_ok(group_mask(ba, &other, hashed, MANY, &err), &err);
    assert_memory_equal(ab, ba, sizeof ab);
    group_scalar_inverse(&other, &other);
    check_ok(group_mask(ab, &other, ab, MANY, &err), &err);
    assert_memory_equal(ab, hashed, sizeof ab);
}

static void scalars_outside_their_range_are_refused(void **state)
{
    static const char order[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    sr_err err = SR_ERR_INIT;
    uint8_t bytes[GROUP_SCALAR_SIZE] = {0};
    GROUP_SCALAR(scalar);
    (void)state;
    check_fails(group_scalar_read(&scalar, GROUP_P256, bytes, &err), &err, SR_E_FORMAT);
    support_bytes(bytes, order, false);
    check_fails(group_scalar_read(&scalar, GROUP_P256, bytes, &err), &err, SR_E_FORMAT);
    bytes[GROUP_SCALAR_SIZE - 1] -= 1;
    check_ok(group_scalar_read(&scalar, GROUP_P256, bytes, &err), &err);
}

/* ---- decoding -------------------------------------------------------------------------------- */

static void check_refused(const uint8_t points[3 * POINT])
{
    sr_err err = SR_ERR_INIT;
    uint8_t out[3 * POINT];
    GROUP_SCALAR(scalar);
    group_scalar_random(&scalar, GROUP_P256);
    memset(out, 1, sizeof out);
    check_fails(group_mask(out, &scalar, points, 3, &err), &err, SR_E_FORMAT);
    check_error_says(&err, "point 1");
    assert_memory_equal(out, zero, sizeof out);
    check_fails(group_check(GROUP_P256, points, 3, &err), &err, SR_E_FORMAT);
}

static void what_is_not_a_canonical_point_is_refused(void **state)
{
    static const uint8_t prefixes[] = {0, 1, 4, 5, 6, 7, 0x82, 0xff};
    sr_err err = SR_ERR_INIT;
    uint8_t points[3 * POINT];
    uint8_t *second = points + POINT;
    (void)state;
    group_random_points(points, GROUP_P256, 3);
    check_ok(group_check(GROUP_P256, points, 3, &err), &err);
    for (size_t i = 0; i < sizeof prefixes; i++)
    {
        second[0] = prefixes[i];
        check_refused(points);
    }
    second[0] = 2; /* x = 5 is on the curve; so p + 5 would be, were it not too large */
    support_bytes(second + 1, "0000000000000000000000000000000000000000000000000000000000000005",
                  false);
    check_ok(group_check(GROUP_P256, points, 3, &err), &err);
    support_bytes(second + 1, "ffffffff00000001000000000000000000000001000000000000000000000004",
                  false);
    check_refused(points);
    support_bytes(second + 1, "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
                  false);
    check_refused(points); /* p */
    support_bytes(second + 1, "0000000000000000000000000000000000000000000000000000000000000001",
                  false);
    check_refused(points); /* x = 1 has no y */
    memset(second, 0, POINT);
    check_refused(points); /* SEC 1's identity, padded */
}

static void half_of_all_x_have_a_point_and_both_signs_decode(void **state)
{
    size_t good = 0;
    (void)state;
    for (uint8_t x = 0; x < 200; x++)
    {
        uint8_t bytes[POINT] = {2};
        uint8_t back[POINT];
        p256_point even;
        p256_point odd;
        bytes[POINT - 1] = x;
        bool is_point = p256_decode(&even, bytes);
        bytes[0] = 3;
        check_int(p256_decode(&odd, bytes), is_point);
        good += is_point ? 1 : 0;
        if (!is_point)
            continue;
        check_int(even.y.w[0] & 1, 0);
        p256_encode(back, &odd);
        assert_memory_equal(back, bytes, POINT);
    }
    check(good > 70 && good < 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashing_gives_the_vectors_of_rfc_9380),
        cmocka_unit_test(exceptions_of_the_map_and_the_sum_are_points_too),
        cmocka_unit_test(twice_the_generator_is_its_published_double),
        cmocka_unit_test(masks_commute_and_are_undone),
        cmocka_unit_test(scalars_outside_their_range_are_refused),
        cmocka_unit_test(what_is_not_a_canonical_point_is_refused),
        cmocka_unit_test(half_of_all_x_have_a_point_and_both_signs_decode),
    };
    check_main(tests);
}
