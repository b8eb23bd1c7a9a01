/* Keys and certificates are made by the openssl program, of each kind that a CA may use. */
#include "crypto/signature.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

enum
{
    PEM_MOST = 64 * 1024,
};

static const char *const kinds[] = {
    "-newkey ec -pkeyopt ec_paramgen_curve:P-256",
    "-newkey rsa:2048",
    "-newkey ed25519",
};

static char folder[64];

static void read_file(sr_buf *out, const char *name)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(path);
    path = sr_path_join(folder, name);
    check_ok(sr_file_read(out, path, &err), &err);
}

/* A key and its certificate, for a year. */
static void make_pair(const char *kind, sr_buf *key, sr_buf *certificate)
{
    SR_TEXT(command);
    command = sr_text_printf("cd %s && openssl req -x509 -nodes %s -keyout key.pem -out cert.pem"
                             " -days 365 -subj /CN=test 2>/dev/null",
                             folder, kind);
    check_int(system(command), 0);
    read_file(key, "key.pem");
    read_file(certificate, "cert.pem");
}

static void what_a_key_signs_its_certificate_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        signature_value made;
        SR_BUF(key, PEM_MOST);
        SR_BUF(certificate, PEM_MOST);
        make_pair(kinds[i], &key, &certificate);
        sr_slice message = sr_slice_text("a message");
        check_ok(signature_make(&made, sr_buf_view(&key), message, &err), &err);
        sr_slice signature = sr_slice_of(made.bytes, made.len);
        check_ok(signature_check(sr_buf_view(&certificate), message, signature, &err), &err);
        check_fails(
            signature_check(sr_buf_view(&certificate), sr_slice_text("b message"), signature, &err),
            &err, SR_E_UNKNOWN_PEER);
        for (size_t bit = 0; bit < 8 * made.len; bit += 37)
        {
            sr_err flipped = SR_ERR_INIT;
            made.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            check_fails(signature_check(sr_buf_view(&certificate), message, signature, &flipped),
                        &flipped, SR_E_UNKNOWN_PEER);
            made.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        sr_err_reset(&err);
        for (size_t len = 0; len < made.len; len += 11)
        {
            sr_err cut = SR_ERR_INIT;
            check_fails(signature_check(sr_buf_view(&certificate), message,
                                        sr_slice_of(made.bytes, len), &cut),
                        &cut, SR_E_UNKNOWN_PEER);
        }
    }
}

static void anothers_signature_does_not_fit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    signature_value made;
    SR_BUF(key, PEM_MOST);
    SR_BUF(certificate, PEM_MOST);
    SR_BUF(other_key, PEM_MOST);
    SR_BUF(other_certificate, PEM_MOST);
    make_pair(kinds[0], &key, &certificate);
    make_pair(kinds[0], &other_key, &other_certificate);
    check_ok(signature_make(&made, sr_buf_view(&key), sr_slice_text("m"), &err), &err);
    check_fails(signature_check(sr_buf_view(&other_certificate), sr_slice_text("m"),
                                sr_slice_of(made.bytes, made.len), &err),
                &err, SR_E_UNKNOWN_PEER);
}

static void what_is_no_pem_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    signature_value made;
    char print[SIGNATURE_FINGERPRINT_SIZE];
    static const char *const texts[] = {"", "-----BEGIN CERTIFICATE-----", "hello"};
    for (size_t i = 0; i < 3; i++)
    {
        sr_slice text = sr_slice_text(texts[i]);
        check_fails(signature_make(&made, text, text, &err), &err, SR_E_FORMAT);
        sr_err_reset(&err);
        check_fails(signature_check(text, text, text, &err), &err, SR_E_FORMAT);
        sr_err_reset(&err);
        check_fails(signature_fingerprint(print, text, &err), &err, SR_E_FORMAT);
        sr_err_reset(&err);
    }
}

static void a_fingerprint_is_what_the_openssl_program_prints(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char print[SIGNATURE_FINGERPRINT_SIZE];
    SR_BUF(key, PEM_MOST);
    SR_BUF(certificate, PEM_MOST);
    SR_BUF(told, PEM_MOST);
    SR_TEXT(command);
    make_pair(kinds[0], &key, &certificate);
    command = sr_text_printf("cd %s && openssl x509 -in cert.pem -noout -fingerprint -sha256 |"
                             " cut -d= -f2 | tr -d ':\\n' | tr A-F a-f > print.txt",
                             folder);
    check_int(system(command), 0);
    read_file(&told, "print.txt");
    check_ok(signature_fingerprint(print, sr_buf_view(&certificate), &err), &err);
    check(sr_slice_equal_var(sr_slice_text(print), sr_buf_view(&told)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_key_signs_its_certificate_checks),
        cmocka_unit_test(anothers_signature_does_not_fit),
        cmocka_unit_test(what_is_no_pem_is_refused),
        cmocka_unit_test(a_fingerprint_is_what_the_openssl_program_prints),
    };
    sr_err err = SR_ERR_INIT;
    strcpy(folder, "/tmp/signature-test-XXXXXX");
    check(mkdtemp(folder) != NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    check_ok(sr_folder_remove(folder, &err), &err);
    return failed;
}
