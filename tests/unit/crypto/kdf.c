#include "crypto/kdf.h"

#include "support.h"

typedef struct
{
    const char *secret;
    const char *salt;
    const char *info;
    const char *prk;
    const char *okm;
} hkdf_case;

/* RFC 5869, appendix A, the three cases with SHA-256. */
static const hkdf_case rfc5869[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
     "f0f1f2f3f4f5f6f7f8f9", "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
     "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
     "404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
     "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
     "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
     "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
     "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

static void hkdf_gives_the_vectors_of_rfc_5869(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rfc5869 / sizeof rfc5869[0]; i++)
    {
        SR_BUF(secret, 256);
        SR_BUF(salt, 256);
        SR_BUF(info, 256);
        digest_value prk;
        uint8_t okm[128];
        size_t len = strlen(rfc5869[i].okm) / 2;
        support_hex(&secret, rfc5869[i].secret);
        support_hex(&salt, rfc5869[i].salt);
        support_hex(&info, rfc5869[i].info);
        kdf_extract(&prk, sr_buf_view(&salt), sr_buf_view(&secret));
        check_hex(sr_slice_of(prk.bytes, sizeof prk.bytes), rfc5869[i].prk);
        kdf_expand(okm, len, &prk, sr_buf_view(&info));
        check_hex(sr_slice_of(okm, len), rfc5869[i].okm);
    }
}

static void check_column_keys(const kdf_schedule *schedule, const sr_json *columns)
{
    for (size_t i = 0; i < sr_json_size(columns); i++)
    {
        const sr_json *column = sr_json_item(columns, i);
        KDF_FINGERPRINT_KEY(key);
        kdf_derive_fingerprint(
            &key, schedule, sr_slice_text(sr_json_text(sr_json_member(column, "target"))), false);
        check_hex(sr_slice_of(key.bytes, sizeof key.bytes),
                  sr_json_text(sr_json_member(column, "key_hex")));
    }
}

static void all_keys_are_those_of_the_c3r_client(void **state)
{
    (void)state;
    SR_JSON(keys);
    keys = support_vectors("keys.json");
    for (size_t i = 0; i < sr_json_size(keys); i++)
    {
        const sr_json *room = sr_json_item(keys, i);
        KDF_SCHEDULE(schedule);
        KDF_ROOT_KEY(root);
        KDF_FINGERPRINT_KEY(joins);
        schedule = support_room(sr_json_text(sr_json_member(room, "room")));
        kdf_derive_root(&root, schedule);
        check_hex(sr_slice_of(root.bytes, sizeof root.bytes),
                  sr_json_text(sr_json_member(room, "root_key_hex")));
        kdf_derive_fingerprint(&joins, schedule, sr_slice_text("any"), true);
        check_hex(sr_slice_of(joins.bytes, sizeof joins.bytes),
                  sr_json_text(sr_json_member(room, "joins_key_hex")));
        check_column_keys(schedule, sr_json_member(room, "column_keys"));
    }
}

static void another_header_gives_another_deterministic_key(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    KDF_DETERMINISTIC_KEY(a);
    KDF_DETERMINISTIC_KEY(b);
    schedule = support_usual_schedule(1);
    kdf_derive_deterministic(&a, schedule, sr_slice_text("city"));
    kdf_derive_deterministic(&b, schedule, sr_slice_text("cit"));
    assert_memory_not_equal(a.bytes, b.bytes, 32);
    assert_memory_not_equal(a.bytes + 32, b.bytes + 32, 32);
    assert_memory_not_equal(a.bytes, a.bytes + 32, 32);
}

static void another_collaboration_gives_other_keys(void **state)
{
    (void)state;
    KDF_SCHEDULE(one);
    KDF_SCHEDULE(other);
    KDF_CARD_KEY(a);
    KDF_CARD_KEY(b);
    one = support_schedule(1, "12345678-1234-1234-1234-1234567890ab");
    other = support_schedule(1, "12345678-1234-1234-1234-1234567890ac");
    kdf_derive_card(&a, one);
    kdf_derive_card(&b, other);
    assert_memory_not_equal(a.bytes, b.bytes, sizeof a.bytes);
}

static void a_key_is_wiped_by_its_clear(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    kdf_root_key root;
    static const uint8_t zeros[KDF_KEY_SIZE];
    schedule = support_usual_schedule(1);
    kdf_derive_root(&root, schedule);
    assert_memory_not_equal(root.bytes, zeros, sizeof zeros);
    kdf_root_key_clear(&root);
    assert_memory_equal(root.bytes, zeros, sizeof zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hkdf_gives_the_vectors_of_rfc_5869),
        cmocka_unit_test(all_keys_are_those_of_the_c3r_client),
        cmocka_unit_test(another_header_gives_another_deterministic_key),
        cmocka_unit_test(another_collaboration_gives_other_keys),
        cmocka_unit_test(a_key_is_wiped_by_its_clear),
    };
    check_main(tests);
}
