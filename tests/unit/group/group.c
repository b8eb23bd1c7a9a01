#include "crypto/group/group.h"

#include "crypto/psi.h"
#include "support.h"

enum
{
    POINT = 32,
    MANY = 600, /* more than two of the portions that a kernel is given */
};

static const uint8_t zero[MANY * POINT];

static void domain_of(group_domain *out, const char *tag)
{
    sr_err err = SR_ERR_INIT;
    check_ok(group_domain_init(out, GROUP_CURVE25519, sr_slice_text(tag), &err), &err);
}

/* ids "person 0", "person 1", … */
static char names[MANY][32];
static sr_slice ids[MANY];

static void make_ids(void)
{
    for (size_t i = 0; i < MANY; i++)
    {
        (void)snprintf(names[i], sizeof names[i], "person %zu", i);
        ids[i] = sr_slice_text(names[i]);
    }
}

static void hash_many(uint8_t out[MANY * POINT])
{
    sr_err err = SR_ERR_INIT;
    group_domain domain;
    domain_of(&domain, "SEALROOM-TEST");
    make_ids();
    check_ok(group_hash(out, &domain, ids, MANY, &err), &err);
}

/* ---- hashing --------------------------------------------------------------------------------- */

static void hashing_gives_the_vectors_of_rfc_9380(void **state)
{
    SR_JSON(vectors);
    (void)state;
    vectors = support_vectors("rfc9380/curve25519_XMD_SHA-512_ELL2_RO.json");
    check_int(sr_json_size(vectors), 5);
    for (size_t i = 0; i < sr_json_size(vectors); i++)
    {
        sr_err err = SR_ERR_INIT;
        group_domain domain;
        uint8_t want[POINT];
        uint8_t field[2 * POINT];
        uint8_t out[POINT];
        const sr_json *one = sr_json_item(vectors, i);
        sr_slice msg = sr_slice_text(sr_json_text(sr_json_member(one, "msg")));
        domain_of(&domain, sr_json_text(sr_json_member(one, "dst")));
        curve25519_hash_to_field(field, &domain.tag, msg);
        for (size_t at = 0; at < 2; at++)
        {
            support_bytes(want, sr_json_text(sr_json_item(sr_json_member(one, "u"), at)), true);
            assert_memory_equal(field + POINT * at, want, POINT);
        }
        check_ok(group_hash(out, &domain, &msg, 1, &err), &err);
        support_bytes(want, sr_json_text(sr_json_member(one, "P.x")), true);
        assert_memory_equal(out, want, POINT);
    }
}

static void another_tag_gives_other_points(void **state)
{
    sr_err err = SR_ERR_INIT;
    group_domain a;
    group_domain b;
    uint8_t out[2][POINT];
    sr_slice id = sr_slice_text("x");
    (void)state;
    domain_of(&a, "SEALROOM-TEST-1");
    domain_of(&b, "SEALROOM-TEST-2");
    check_ok(group_hash(out[0], &a, &id, 1, &err), &err);
    check_ok(group_hash(out[1], &b, &id, 1, &err), &err);
    check(memcmp(out[0], out[1], POINT) != 0);
    check_fails(group_domain_init(&a, GROUP_CURVE25519, sr_slice_text(""), &err), &err,
                SR_E_INVALID);
}

static void hashing_and_masking_is_one_after_the_other(void **state)
{
    static uint8_t hashed[MANY * POINT];
    static uint8_t masked[MANY * POINT];
    static uint8_t at_once[MANY * POINT];
    sr_err err = SR_ERR_INIT;
    GROUP_SCALAR(scalar);
    group_domain domain;
    (void)state;
    domain_of(&domain, "SEALROOM-TEST");
    hash_many(hashed);
    group_scalar_random(&scalar, GROUP_CURVE25519);
    check_ok(group_mask(masked, &scalar, hashed, MANY, &err), &err);
    check_ok(group_hash_and_mask(at_once, &scalar, &domain, ids, MANY, &err), &err);
    assert_memory_equal(at_once, masked, sizeof masked);
}

/* ---- masking --------------------------------------------------------------------------------- */

static void masks_commute_and_give_equal_tags(void **state)
{
    static uint8_t ab[MANY * POINT];
    static uint8_t ba[MANY * POINT];
    static group_tag tags[2][MANY];
    sr_err err = SR_ERR_INIT;
    digest_value manifest = digest_of(sr_slice_text("a manifest"));
    GROUP_SCALAR(a);
    GROUP_SCALAR(b);
    (void)state;
    group_scalar_random(&a, GROUP_CURVE25519);
    group_scalar_random(&b, GROUP_CURVE25519);
    hash_many(ab);
    hash_many(ba);
    check_ok(group_mask(ab, &a, ab, MANY, &err), &err);
    check_ok(group_mask(ba, &b, ba, MANY, &err), &err);
    check(memcmp(ab, ba, POINT) != 0);
    check_ok(group_mask(ab, &b, ab, MANY, &err), &err);
    check_ok(group_mask(ba, &a, ba, MANY, &err), &err);
    assert_memory_equal(ab, ba, sizeof ab);
    group_tag_list(tags[0], GROUP_CURVE25519, &manifest, ab, MANY);
    group_tag_list(tags[1], GROUP_CURVE25519, &manifest, ba, MANY);
    assert_memory_equal(tags[0], tags[1], sizeof tags[0]);
    check(memcmp(&tags[0][0], &tags[0][1], GROUP_TAG_SIZE) != 0);
}

static void a_tag_is_what_the_design_says(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 1000);
    digest_value manifest = digest_of(sr_slice_text("a manifest"));
    uint8_t point[POINT] = {9};
    group_tag tag;
    (void)state;
    check_ok(sr_buf_append_text(&bytes, "SEALROOM-PSI-TAG-V1", &err), &err);
    check_ok(sr_buf_append(&bytes, sr_slice_of(manifest.bytes, DIGEST_SIZE), &err), &err);
    check_ok(sr_buf_append(&bytes, sr_slice_of(point, POINT), &err), &err);
    group_tag_list(&tag, GROUP_CURVE25519, &manifest, point, 1);
    assert_memory_equal(tag.bytes, digest_of(sr_buf_view(&bytes)).bytes, GROUP_TAG_SIZE);
}

static void an_inverse_removes_a_mask(void **state)
{
    static uint8_t points[MANY * POINT];
    static uint8_t masked[MANY * POINT];
    sr_err err = SR_ERR_INIT;
    GROUP_SCALAR(transport);
    GROUP_SCALAR(inverse);
    (void)state;
    hash_many(points);
    group_scalar_random(&transport, GROUP_CURVE25519);
    group_scalar_inverse(&inverse, &transport);
    check_ok(group_mask(masked, &transport, points, MANY, &err), &err);
    check_ok(group_mask(masked, &inverse, masked, MANY, &err), &err);
    assert_memory_equal(masked, points, sizeof points);
}

/* P and P + T with T = (0, 0) of order two: u and 1 / u. */
static void points_that_differ_by_torsion_meet(void **state)
{
    uint8_t points[2][POINT];
    uint8_t masked[2][POINT];
    sr_err err = SR_ERR_INIT;
    GROUP_SCALAR(scalar);
    GROUP_SCALAR(inverse);
    (void)state;
    group_random_points(points[0], GROUP_CURVE25519, 1);
    oracle_invert(points[1], points[0]);
    check_ok(group_check(GROUP_CURVE25519, points[0], 2, &err), &err);
    group_scalar_random(&scalar, GROUP_CURVE25519);
    check_ok(group_mask(masked[0], &scalar, points[0], 2, &err), &err);
    assert_memory_equal(masked[0], masked[1], POINT);
    group_scalar_inverse(&inverse, &scalar); /* an inverse loses torsion as well */
    check_ok(group_mask(masked[0], &inverse, points[0], 2, &err), &err);
    assert_memory_equal(masked[0], masked[1], POINT);
}

static void lists_of_every_length_are_masked_alike(void **state)
{
    static const size_t lengths[] = {0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 255, 256, 257, 511, 512, 513};
    static uint8_t points[MANY * POINT];
    static uint8_t all[MANY * POINT];
    static uint8_t some[MANY * POINT];
    sr_err err = SR_ERR_INIT;
    GROUP_SCALAR(scalar);
    (void)state;
    hash_many(points);
    group_scalar_random(&scalar, GROUP_CURVE25519);
    check_ok(group_mask(all, &scalar, points, MANY, &err), &err);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
    {
        memset(some, 0, sizeof some);
        check_ok(group_mask(some, &scalar, points, lengths[i], &err), &err);
        assert_memory_equal(some, all, lengths[i] * POINT);
        assert_memory_equal(some + lengths[i] * POINT, zero, POINT);
    }
}

/* ---- strict decoding ------------------------------------------------------------------------- */

/* The seven u-coordinates of order 1, 2, 4 and 8 on curve or twist (D. J. Bernstein, "Curve25519", and the list that
 * implementations of X25519 check), the last two in forms that are not canonical; then the others that are wrong. */
static const char *const bad_points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 9 + p */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 18 + p */
    "0900000000000000000000000000000000000000000000000000000000000080", /* 9, bit 255 set */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0200000000000000000000000000000000000000000000000000000000000000", /* on the twist */
};

static void check_refused(const group_scalar *scalar, const uint8_t *points, size_t bad)
{
    static uint8_t out[MANY * POINT];
    char place[40];
    sr_err err = SR_ERR_INIT;
    (void)snprintf(place, sizeof place, "point %zu: ", bad);
    memset(out, 0xaa, sizeof out);
    check_fails(group_mask(out, scalar, points, MANY, &err), &err, SR_E_FORMAT);
    check_error_says(&err, place);
    assert_memory_equal(out, zero, sizeof out);
    check_fails(group_check(GROUP_CURVE25519, points, MANY, &err), &err, SR_E_FORMAT);
    check_error_says(&err, place);
}

static void every_bad_point_is_refused_at_its_place(void **state)
{
    static const size_t places[] = {0, 1, 7, 255, 256, MANY - 1};
    static uint8_t points[MANY * POINT];
    GROUP_SCALAR(scalar);
    (void)state;
    group_scalar_random(&scalar, GROUP_CURVE25519);
    hash_many(points);
    for (size_t i = 0; i < sizeof bad_points / sizeof bad_points[0]; i++)
        for (size_t at = 0; at < sizeof places / sizeof places[0]; at++)
        {
            uint8_t kept[POINT];
            memcpy(kept, points + POINT * places[at], POINT);
            support_bytes(points + POINT * places[at], bad_points[i], false);
            check_refused(&scalar, points, places[at]);
            memcpy(points + POINT * places[at], kept, POINT);
        }
}

static void the_first_of_several_bad_points_is_named(void **state)
{
    static uint8_t points[MANY * POINT];
    GROUP_SCALAR(scalar);
    (void)state;
    group_scalar_random(&scalar, GROUP_CURVE25519);
    hash_many(points);
    support_bytes(points + 20 * POINT, bad_points[9], false);  /* not canonical */
    support_bytes(points + 10 * POINT, bad_points[11], false); /* twist, before it */
    support_bytes(points + 500 * POINT, bad_points[0], false);
    check_refused(&scalar, points, 10);
}

static void a_refusal_quotes_no_byte_of_the_point(void **state)
{
    sr_err first = SR_ERR_INIT;
    sr_err second = SR_ERR_INIT;
    uint8_t point[POINT];
    (void)state;
    support_bytes(point, bad_points[11], false);
    check_fails(group_check(GROUP_CURVE25519, point, 1, &first), &first, SR_E_FORMAT);
    support_bytes(point, bad_points[9], false);
    check_fails(group_check(GROUP_CURVE25519, point, 1, &second), &second, SR_E_FORMAT);
    check_text(first.text, second.text);
}

static void checking_and_masking_accept_the_same_points(void **state)
{
    size_t good = 0;
    GROUP_SCALAR(scalar);
    (void)state;
    group_scalar_random(&scalar, GROUP_CURVE25519);
    for (size_t i = 0; i < 2000; i++)
    {
        sr_err err = SR_ERR_INIT;
        uint8_t point[POINT];
        uint8_t out[POINT];
        support_random_bytes(point, POINT);
        if (i % 2 == 0)
            support_element(point);
        sr_result checked = group_check(GROUP_CURVE25519, point, 1, &err);
        check_int(group_mask(out, &scalar, point, 1, &err), checked);
        if (checked != SR_OK)
            continue;
        good++;
        check(oracle_is_on_curve(point));
        check_ok(group_check(GROUP_CURVE25519, out, 1, &err), &err);
    }
    check(good > 500 && good < 1000);
}

/* ---- scalars, suites, kernels ---------------------------------------------------------------- */

static void a_scalar_is_written_and_read(void **state)
{
    sr_err err = SR_ERR_INIT;
    GROUP_SCALAR(one);
    GROUP_SCALAR(two);
    uint8_t bytes[GROUP_SCALAR_SIZE];
    (void)state;
    group_scalar_random(&one, GROUP_CURVE25519);
    group_scalar_write(bytes, &one);
    check_ok(group_scalar_read(&two, GROUP_CURVE25519, bytes, &err), &err);
    assert_memory_equal(one.bytes, two.bytes, sizeof bytes);
    check_int(two.suite, GROUP_CURVE25519);
    bytes[0] |= 1;
    check_fails(group_scalar_read(&two, GROUP_CURVE25519, bytes, &err), &err, SR_E_FORMAT);
    check_int(two.suite, GROUP_NONE);
    assert_memory_equal(two.bytes, zero, sizeof bytes);
    group_scalar_clear(&one);
    assert_memory_equal(one.bytes, zero, sizeof bytes);
}

/* l P is the identity, so P has prime order: its ladder's u is 0. */
static void random_points_have_prime_order_and_differ(void **state)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    static uint8_t points[MANY * POINT];
    static uint8_t out[MANY * POINT];
    sr_err err = SR_ERR_INIT;
    (void)state;
    group_random_points(points, GROUP_CURVE25519, MANY);
    check_ok(group_check(GROUP_CURVE25519, points, MANY, &err), &err);
    curve25519_portable.ladder(out, order, points, MANY);
    assert_memory_equal(out, zero, sizeof out);
    for (size_t i = 1; i < MANY; i++)
        check(memcmp(points, points + POINT * i, POINT) != 0);
}

static void a_suite_has_a_name_and_a_size(void **state)
{
    sr_err err = SR_ERR_INIT;
    group_suite suite = GROUP_NONE;
    (void)state;
    check_ok(group_suite_parse(&suite, "curve25519", &err), &err);
    check_int(suite, GROUP_CURVE25519);
    check_text(group_suite_name(suite), "curve25519");
    check_int(group_point_size(suite), POINT);
    check_ok(group_suite_parse(&suite, "p256", &err), &err);
    check_int(suite, GROUP_P256);
    check_int(group_point_size(suite), 33);
    check_fails(group_suite_parse(&suite, "curve", &err), &err, SR_E_INVALID);
    check_int(suite, GROUP_NONE);
}

static void a_kernel_is_forced_by_name(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(group_kernel_force("portable", &err), &err);
    check_text(group_kernel_name(), "portable");
    check_fails(group_kernel_force("abacus", &err), &err, SR_E_NOT_FOUND);
    check_text(group_kernel_name(), "portable");
    check_ok(group_kernel_force(NULL, &err), &err);
    check(strlen(group_kernel_name()) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashing_gives_the_vectors_of_rfc_9380),
        cmocka_unit_test(another_tag_gives_other_points),
        cmocka_unit_test(hashing_and_masking_is_one_after_the_other),
        cmocka_unit_test(masks_commute_and_give_equal_tags),
        cmocka_unit_test(a_tag_is_what_the_design_says),
        cmocka_unit_test(an_inverse_removes_a_mask),
        cmocka_unit_test(points_that_differ_by_torsion_meet),
        cmocka_unit_test(lists_of_every_length_are_masked_alike),
        cmocka_unit_test(every_bad_point_is_refused_at_its_place),
        cmocka_unit_test(the_first_of_several_bad_points_is_named),
        cmocka_unit_test(a_refusal_quotes_no_byte_of_the_point),
        cmocka_unit_test(checking_and_masking_accept_the_same_points),
        cmocka_unit_test(a_scalar_is_written_and_read),
        cmocka_unit_test(random_points_have_prime_order_and_differ),
        cmocka_unit_test(a_suite_has_a_name_and_a_size),
        cmocka_unit_test(a_kernel_is_forced_by_name),
    };
    check_main(tests);
}
