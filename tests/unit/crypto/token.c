#include "crypto/token.h"

#include "support.h"

static void make(token_value *out, uint8_t key_fill, const uint8_t *fingerprints, size_t count)
{
    TOKEN_KEY(key);
    TOKEN_MAKER(maker);
    memset(key.bytes, key_fill, sizeof key.bytes);
    token_maker_init(&maker, &key);
    token_make(out, &maker, fingerprints, count);
}

/* Computed with Python's hmac module. */
static void a_token_is_half_the_mac_of_label_and_fingerprint(void **state)
{
    (void)state;
    token_value tokens[2];
    uint8_t fingerprints[2 * FINGERPRINT_SIZE];
    memset(fingerprints, 0x11, FINGERPRINT_SIZE);
    memset(fingerprints + FINGERPRINT_SIZE, 0x22, FINGERPRINT_SIZE);
    make(tokens, 7, fingerprints, 2);
    check_hex(sr_slice_of(tokens[0].bytes, TOKEN_SIZE), "75255815ef287a30a01ecfc308194346");
    check_hex(sr_slice_of(tokens[1].bytes, TOKEN_SIZE), "d84b171d7dc78fa027fae29ca5c2397d");
}

static void another_server_key_gives_other_tokens(void **state)
{
    (void)state;
    token_value a;
    token_value b;
    uint8_t fingerprint[FINGERPRINT_SIZE] = {1};
    make(&a, 1, fingerprint, 1);
    make(&b, 2, fingerprint, 1);
    assert_memory_not_equal(&a, &b, sizeof a);
}

static void generated_keys_differ_and_are_wiped(void **state)
{
    (void)state;
    static const token_key zeros;
    token_key a;
    token_key b;
    token_key_generate(&a);
    token_key_generate(&b);
    assert_memory_not_equal(&a, &b, sizeof a);
    token_key_clear(&a);
    assert_memory_equal(&a, &zeros, sizeof a);
    token_key_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_half_the_mac_of_label_and_fingerprint),
        cmocka_unit_test(another_server_key_gives_other_tokens),
        cmocka_unit_test(generated_keys_differ_and_are_wiped),
    };
    check_main(tests);
}
