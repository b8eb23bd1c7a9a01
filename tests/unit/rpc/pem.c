/* pem.h: what is said of PEM texts, and SHA-256 against published vectors. */
#include "room.h"

#include "base/text.h"
#include "rpc/pem.h"

static void check_digest(sr_slice bytes, const char *expected)
{
    uint8_t digest[32];
    char text[65];
    rpc_sha256(digest, bytes);
    sr_hex_encode(text, sr_slice_of(digest, sizeof digest));
    check_text(text, expected);
}

/* FIPS 180-2, appendix B, and the empty message. */
static void sha256_gives_the_published_digests(void **state)
{
    sr_err err = SR_ERR_INIT;
    uint8_t *million = NULL;
    SR_BUF(long_message, 1000000);
    (void)state;
    check_digest(sr_slice_of(NULL, 0),
                 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_digest(sr_slice_text("abc"),
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_digest(sr_slice_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check_ok(sr_buf_extend(&long_message, &million, 1000000, &err), &err);
    memset(million, 'a', 1000000);
    check_digest(sr_buf_view(&long_message),
                 "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void the_fingerprint_is_what_openssl_prints(void **state)
{
    char text[RPC_FINGERPRINT_TEXT_SIZE];
    (void)state;
    rpc_pem_fingerprint(text, certificate_text("analyst.pem"));
    check_text(text, certificate_text("analyst.fingerprint"));
    rpc_pem_fingerprint(text, certificate_text("analyst.key"));
    check_text(text, "");
}

static void good_certificates_and_keys_pass(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(rpc_pem_check_certificate(certificate_text("ca.pem"), "CA", &err), &err);
    check_ok(rpc_pem_check_key(certificate_text("server.key"), "key", &err), &err);
}

static void what_is_no_certificate_is_refused(void **state)
{
    static const char *const bad[] = {
        "-----BEGIN CERTIFICATE-----\nAAAA",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAA!A\n-----END CERTIFICATE-----",
        "-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
        sr_err err = SR_ERR_INIT;
        check_fails(rpc_pem_check_certificate(bad[i], "CA certificate", &err), &err, SR_E_INVALID);
        check_error_says(&err, "CA certificate: ");
    }
}

static void what_is_no_key_is_refused_without_showing_it(void **state)
{
    static const char damaged[] = "-----BEGIN PRIVATE KEY-----\nsecret!\n-----END PRIVATE KEY-----";
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_fails(rpc_pem_check_key(certificate_text("ca.pem"), "key", &err), &err, SR_E_INVALID);
    check_fails(rpc_pem_check_key(certificate_text("encrypted.key"), "key", &err), &err,
                SR_E_INVALID);
    check_error_says(&err, "is encrypted");
    check_fails(rpc_pem_check_key(NULL, "key", &err), &err, SR_E_INVALID);
    check_fails(rpc_pem_check_key(damaged, "key", &err), &err, SR_E_INVALID);
    check(strstr(err.text, "secret") == NULL);
}

static void an_overlong_text_is_refused(void **state)
{
    sr_err err = SR_ERR_INIT;
    uint8_t *fill = NULL;
    SR_BUF(big, RPC_PEM_MAX + 2);
    (void)state;
    check_ok(sr_buf_extend(&big, &fill, RPC_PEM_MAX + 2, &err), &err);
    memset(fill, 'A', RPC_PEM_MAX + 1);
    fill[RPC_PEM_MAX + 1] = '\0';
    check_fails(rpc_pem_check_certificate((const char *)big.data, "CA", &err), &err, SR_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(the_fingerprint_is_what_openssl_prints),
        cmocka_unit_test(good_certificates_and_keys_pass),
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(what_is_no_key_is_refused_without_showing_it),
        cmocka_unit_test(an_overlong_text_is_refused),
    };
    return cmocka_run_group_tests(tests, certificates_setup, certificates_teardown);
}
