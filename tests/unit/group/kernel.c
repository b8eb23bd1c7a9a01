/* One kernel, named by the first argument, against the RFCs, OpenSSL and the portable kernel:
 *
 *     group_kernel [NAME [POINTS [ROUNDS [SEED]]]]
 *
 * POINTS are compared with OpenSSL, ROUNDS of RFC 7748's iteration are done. A kernel that this machine lacks is
 * skipped (77), not passed. */
#include <stdlib.h>

#include "support.h"

enum
{
    EXIT_SKIPPED = 77,
    BATCH = 1000, /* points under one scalar: not a multiple of what a kernel works on at once */
};

static const curve25519_kernel *kernel;
static size_t points_asked = 2000;
static int64_t rounds_asked = 1000;

/* ---- RFC 7748 -------------------------------------------------------------------------------- */

static void x25519(uint8_t out[32], const uint8_t k[32], const uint8_t u[32])
{
    uint8_t scalar[32];
    uint8_t point[32];
    memcpy(scalar, k, 32);
    memcpy(point, u, 32);
    scalar[0] &= 248;
    scalar[31] = (uint8_t)((scalar[31] & 127) | 64);
    point[31] &= 127;
    kernel->ladder(out, scalar, point, 1);
}

static void the_ladder_gives_the_vectors_of_rfc_7748(void **state)
{
    SR_JSON(vectors);
    (void)state;
    vectors = support_vectors("rfc7748/x25519.json");
    for (size_t i = 0; i < sr_json_size(vectors); i++)
    {
        uint8_t in[2][32];
        uint8_t want[32];
        uint8_t out[32];
        const sr_json *one = sr_json_item(vectors, i);
        support_bytes(in[0], sr_json_text(sr_json_member(one, "scalar")), false);
        support_bytes(in[1], sr_json_text(sr_json_member(one, "u")), false);
        support_bytes(want, sr_json_text(sr_json_member(one, "out")), false);
        x25519(out, in[0], in[1]);
        assert_memory_equal(out, want, 32);
    }
}

static void the_ladder_gives_the_iterated_vectors_of_rfc_7748(void **state)
{
    SR_JSON(vectors);
    uint8_t k[32];
    uint8_t u[32];
    int64_t done = 0;
    (void)state;
    vectors = support_vectors("rfc7748/x25519_iterated.json");
    support_number(k, 9);
    support_number(u, 9);
    for (size_t i = 0; i < sr_json_size(vectors); i++)
    {
        uint8_t want[32];
        int64_t times = sr_json_int(sr_json_member(sr_json_item(vectors, i), "times"));
        if (times > rounds_asked)
            break;
        for (; done < times; done++)
        {
            uint8_t next[32];
            x25519(next, k, u);
            memcpy(u, k, 32);
            memcpy(k, next, 32);
        }
        support_bytes(want, sr_json_text(sr_json_member(sr_json_item(vectors, i), "out")), false);
        assert_memory_equal(k, want, 32);
    }
    check(done >= 1000);
}

/* ---- against OpenSSL ------------------------------------------------------------------------- */

static uint8_t points[BATCH][32];
static uint8_t laddered[BATCH][32];
static uint8_t masked[BATCH][32];
static uint8_t valid[BATCH];
static const uint8_t zero[32];

static void check_batch(size_t count, size_t with_curve_test)
{
    uint8_t scalar[32];
    support_clamped(scalar);
    for (size_t i = 0; i < count; i++)
        support_element(points[i]);
    kernel->ladder(laddered[0], scalar, points[0], count);
    kernel->mask(masked[0], valid, scalar, points[0], count);
    for (size_t i = 0; i < count; i++)
    {
        uint8_t want[32];
        oracle_x25519(want, scalar, points[i]);
        assert_memory_equal(laddered[i], want, 32);
        check(valid[i] <= 1);
        assert_memory_equal(masked[i], valid[i] == 1 ? want : zero, 32);
        check(valid[i] == 0 || memcmp(want, zero, 32) != 0);
        if (i < with_curve_test && memcmp(want, zero, 32) != 0)
            check_int(valid[i], oracle_is_on_curve(points[i]) ? 1 : 0);
    }
}

static void masks_and_ladders_equal_openssl(void **state)
{
    (void)state;
    for (size_t done = 0; done < points_asked; done += BATCH)
        check_batch(points_asked - done < BATCH ? points_asked - done : BATCH, 100);
}

/* Bit 255 of a scalar counts, unlike X25519's: [2^255] P = [2^254] P + [2^254] P, by doubling in the scalar. */
static void bit_255_of_a_scalar_counts(void **state)
{
    uint8_t half[32] = {0};
    uint8_t whole[32] = {0};
    uint8_t two[32] = {2};
    uint8_t a[32];
    uint8_t b[32];
    uint8_t u[32] = {9};
    (void)state;
    half[31] = 0x40;
    half[3] = 0x12;
    whole[31] = 0x80;
    whole[3] = 0x24;
    kernel->ladder(a, half, u, 1);
    kernel->ladder(a, two, a, 1);
    kernel->ladder(b, whole, u, 1);
    assert_memory_equal(a, b, 32);
    check(memcmp(a, zero, 32) != 0);
}

/* Each point alone, in every place of a longer list, and in place. */
static void a_point_does_not_depend_on_its_neighbours(void **state)
{
    uint8_t scalar[32];
    uint8_t one[32];
    uint8_t one_valid;
    (void)state;
    support_clamped(scalar);
    for (size_t i = 0; i < 200; i++)
        support_element(points[i]);
    for (size_t count = 1; count < 200; count += count < 70 ? 1 : 43)
    {
        kernel->mask(masked[0], valid, scalar, points[0], count);
        kernel->mask(one, &one_valid, scalar, points[count - 1], 1);
        assert_memory_equal(masked[count - 1], one, 32);
        check_int(valid[count - 1], one_valid);
    }
    memcpy(laddered, points, sizeof points);
    kernel->mask(masked[0], valid, scalar, points[0], 199);
    kernel->mask(laddered[0], valid, scalar, laddered[0], 199);
    assert_memory_equal(laddered, masked, 199 * sizeof *masked);
    kernel->mask(masked[0], valid, scalar, points[0], 0);
}

/* Scalars that Sealroom never draws, on points of small order and others: the same bytes and verdicts as the
 * portable kernel's, whatever a formula breaks down to, and nothing written behind the list. */
static void edges_equal_the_portable_kernel(void **state)
{
    static const char *const scalars[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000001",
        "0000000000000000000000000000000000000000000000000000000000000002",
        "8000000000000000000000000000000000000000000000000000000000000000",
        "80000000000000000000000000000000a6f7cef517bce6b2c09318d2e7ae9f68", /* 8 l */
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    static const char *const orders_of_8[] = {
        "00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0",
        "57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5f",
    };
    enum
    {
        EDGES = 45,
    };
    (void)state;
    for (size_t i = 0; i < EDGES; i++)
        support_element(points[i]);
    support_number(points[0], 0);
    support_number(points[1], 1);
    support_bytes(points[2], orders_of_8[0], true);
    support_bytes(points[3], orders_of_8[1], true);
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
    {
        uint8_t scalar[32];
        support_bytes(scalar, scalars[i], true);
        memset(masked, 0xa5, sizeof masked);
        memset(valid, 0xa5, sizeof valid);
        kernel->mask(masked[0], valid, scalar, points[0], EDGES);
        curve25519_portable.mask(laddered[0], laddered[EDGES], scalar, points[0], EDGES);
        assert_memory_equal(masked, laddered, EDGES * sizeof *masked);
        assert_memory_equal(valid, laddered[EDGES], EDGES);
        check(masked[EDGES][0] == 0xa5 && valid[EDGES] == 0xa5);
    }
}

/* ---- hashing --------------------------------------------------------------------------------- */

static uint8_t fields[BATCH][64];
static uint8_t hashed[BATCH][32];
static uint8_t other[BATCH][32];
static uint8_t other_valid[BATCH];

/* Every eighth item maps to two equal points, and every eighth to opposite ones. */
static void make_fields(size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        support_element(fields[i]);
        support_element(fields[i] + 32);
        if (i % 8 == 1)
            memcpy(fields[i] + 32, fields[i], 32);
        if (i % 8 == 5 && memcmp(fields[i], zero, 32) != 0)
            oracle_opposite(fields[i] + 32, fields[i]);
    }
}

static void hashes_equal_the_definition(void **state)
{
    size_t identities = 0;
    (void)state;
    make_fields(400);
    kernel->hash(hashed[0], fields[0], 400);
    for (size_t i = 0; i < 400; i++)
    {
        uint8_t want[32];
        oracle_hash(want, fields[i]);
        assert_memory_equal(hashed[i], want, 32);
        identities += memcmp(want, zero, 32) == 0 ? 1 : 0;
    }
    check(identities > 20);
}

static void hashes_equal_the_portable_kernel(void **state)
{
    (void)state;
    if (kernel == &curve25519_portable)
        return; /* it is its own oracle here, and OpenSSL's numbers are elsewhere */
    for (size_t done = 0; done < points_asked; done += BATCH)
    {
        uint8_t scalar[32];
        support_clamped(scalar);
        make_fields(BATCH);
        kernel->hash(hashed[0], fields[0], BATCH);
        curve25519_portable.hash(other[0], fields[0], BATCH);
        assert_memory_equal(hashed, other, sizeof hashed);
        kernel->hash_and_mask(masked[0], valid, scalar, fields[0], BATCH);
        curve25519_portable.mask(other[0], other_valid, scalar, other[0], BATCH);
        assert_memory_equal(masked, other, sizeof masked);
        assert_memory_equal(valid, other_valid, sizeof valid);
    }
}

static void hashes_of_short_lists_are_the_same(void **state)
{
    (void)state;
    make_fields(80);
    kernel->hash(hashed[0], fields[0], 80);
    for (size_t count = 0; count < 80; count++)
    {
        uint8_t scalar[32] = {8};
        memset(other, 0, sizeof other);
        kernel->hash(other[0], fields[0], count);
        assert_memory_equal(other, hashed, 32 * count);
        assert_memory_equal(other[count], zero, 32);
        kernel->hash_and_mask(masked[0], valid, scalar, fields[0], count);
        kernel->mask(other[0], other_valid, scalar, hashed[0], count);
        assert_memory_equal(masked, other, 32 * count);
        assert_memory_equal(valid, other_valid, count);
    }
}

/* Lengths around those at which a text takes another block, longer ones that leave the lanes, and none at all. */
static void lists_of_messages_expand_as_each_does(void **state)
{
    static uint8_t text[700];
    static uint8_t at_once[40][200];
    static const size_t sizes[] = {1, 32, 64, 65, 96, 200};
    static const size_t tags[] = {1, 93, 255, 300};
    (void)state;
    support_random_bytes(text, sizeof text);
    for (size_t turn = 0; turn < 200; turn++)
    {
        sr_err err = SR_ERR_INIT;
        xmd_tag tag;
        sr_slice messages[40];
        size_t count = support_random() % 41;
        size_t len = sizes[support_random() % 6];
        size_t most = turn % 4 == 0 ? 600 : 257;
        xmd_hash hash = turn % 10 == 0 ? XMD_SHA256 : XMD_SHA512;
        check_ok(xmd_tag_init(&tag, hash, sr_slice_of(text, tags[turn % 4]), &err), &err);
        for (size_t i = 0; i < count; i++)
            messages[i] = sr_slice_of(text + turn % 50, support_random() % most);
        xmd_expand_list(at_once[0], len, &tag, kernel->sha512, messages, count);
        for (size_t i = 0; i < count; i++)
        {
            uint8_t alone[200];
            xmd_expand(alone, len, &tag, messages[i]);
            assert_memory_equal(at_once[0] + len * i, alone, len);
        }
    }
}

/* ---- decoding -------------------------------------------------------------------------------- */

static void checking_and_masking_agree(void **state)
{
    const curve25519_kernel *checker = kernel->check == NULL ? &curve25519_portable : kernel;
    uint8_t scalar[32];
    (void)state;
    support_clamped(scalar);
    for (size_t i = 0; i < BATCH; i++)
        support_element(points[i]);
    for (size_t i = 0; i < 2; i++)
        support_number(points[i], i); /* of small order */
    (checker->check)(other_valid, points[0], BATCH);
    kernel->mask(masked[0], valid, scalar, points[0], BATCH);
    assert_memory_equal(valid, other_valid, BATCH);
    check(valid[0] == 0 && valid[1] == 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ladder_gives_the_vectors_of_rfc_7748),
        cmocka_unit_test(the_ladder_gives_the_iterated_vectors_of_rfc_7748),
        cmocka_unit_test(masks_and_ladders_equal_openssl),
        cmocka_unit_test(bit_255_of_a_scalar_counts),
        cmocka_unit_test(a_point_does_not_depend_on_its_neighbours),
        cmocka_unit_test(edges_equal_the_portable_kernel),
        cmocka_unit_test(hashes_equal_the_definition),
        cmocka_unit_test(hashes_equal_the_portable_kernel),
        cmocka_unit_test(hashes_of_short_lists_are_the_same),
        cmocka_unit_test(lists_of_messages_expand_as_each_does),
        cmocka_unit_test(checking_and_masking_agree),
    };
    sr_err err = SR_ERR_INIT;
    const char *name = argc > 1 ? argv[1] : "portable";
    if (argc > 2)
        points_asked = (size_t)strtoull(argv[2], NULL, 10);
    if (argc > 3)
        rounds_asked = (int64_t)strtoull(argv[3], NULL, 10);
    if (argc > 4)
        support_seed(strtoull(argv[4], NULL, 10));
    if (group_kernel_force(name, &err) != SR_OK)
    {
        printf("skipped: %s\n", err.text);
        return EXIT_SKIPPED;
    }
    kernel = curve25519_kernel_in_use();
    printf("kernel %s: %zu points, %lld rounds\n", kernel->name, points_asked,
           (long long)rounds_asked);
    check_main(tests);
}
