#include "crypto/group/scalar25519.h"

#include "support.h"

/* 8 l and 8 (l - 1), l the prime order. */
static const uint8_t eight_l[32] = {
    0x68, 0x9f, 0xae, 0xe7, 0xd2, 0x18, 0x93, 0xc0, 0xb2, 0xe6, 0xbc, 0x17, 0xf5, 0xce, 0xf7, 0xa6,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x80};

static void largest(uint8_t out[32])
{
    memcpy(out, eight_l, 32);
    out[0] -= 8;
}

static void only_multiples_of_8_below_8l_are_scalars(void **state)
{
    uint8_t bytes[32] = {8};
    (void)state;
    check(scalar25519_is_valid(bytes));
    for (uint8_t low = 0; low < 8; low++)
    {
        bytes[0] = low; /* 0, and what is no multiple */
        check(!scalar25519_is_valid(bytes));
    }
    largest(bytes);
    check(scalar25519_is_valid(bytes));
    check(!scalar25519_is_valid(eight_l));
    memcpy(bytes, eight_l, 32);
    bytes[0] += 8;
    check(!scalar25519_is_valid(bytes));
    memset(bytes, 0xff, 32);
    bytes[0] = 0xf8;
    check(!scalar25519_is_valid(bytes));
}

static void random_scalars_are_valid_and_all_differ(void **state)
{
    uint8_t last[32] = {0};
    unsigned high = 0;
    (void)state;
    for (int i = 0; i < 1000; i++)
    {
        uint8_t scalar[32];
        scalar25519_random(scalar);
        check(scalar25519_is_valid(scalar));
        check(memcmp(scalar, last, 32) != 0);
        memcpy(last, scalar, 32);
        high += (scalar[31] & 0x40) != 0 ? 1 : 0;
    }
    check(high > 400 && high < 600); /* the upper half of 1..l-1 about every other time */
}

/* s'·(s·P) = P for P = the base point, which has prime order. */
static void check_inverse(const uint8_t scalar[32])
{
    uint8_t inverse[32];
    uint8_t u[32] = {9};
    uint8_t base[32] = {9};
    uint8_t valid = 0;
    scalar25519_inverse(inverse, scalar);
    check(scalar25519_is_valid(inverse));
    curve25519_portable.mask(u, &valid, scalar, u, 1);
    check_int(valid, 1);
    curve25519_portable.mask(u, &valid, inverse, u, 1);
    check_int(valid, 1);
    assert_memory_equal(u, base, 32);
    scalar25519_inverse(inverse, inverse);
    assert_memory_equal(inverse, scalar, 32);
}

static void an_inverse_undoes_its_scalar(void **state)
{
    uint8_t scalar[32] = {8};
    (void)state;
    check_inverse(scalar);
    scalar[0] = 16;
    check_inverse(scalar);
    largest(scalar);
    check_inverse(scalar);
    for (int i = 0; i < 100; i++)
    {
        scalar25519_random(scalar);
        check_inverse(scalar);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_multiples_of_8_below_8l_are_scalars),
        cmocka_unit_test(random_scalars_are_valid_and_all_differ),
        cmocka_unit_test(an_inverse_undoes_its_scalar),
    };
    check_main(tests);
}
