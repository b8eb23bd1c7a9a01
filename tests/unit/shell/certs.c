/* Certificates are judged by somebody else's eyes: the openssl program. */
#include "server/shell/certs.h"

#include <unistd.h>

#include "base/file.h"
#include "place.h"

static const certs_paths ca = {"ca.pem", "ca.key"};
static const certs_paths server = {"server.pem", "server.key"};
static const certs_paths member = {"owner.pem", "owner.key"};
static const principal publisher = {.member = "publisher", .role = ROLE_OWNER};

static void make_all(void)
{
    sr_err err = SR_ERR_INIT;
    check_ok(certs_make_ca(&ca, &err), &err);
    check_ok(certs_make_server(&server, &ca, &err), &err);
    check_ok(certs_make_member(&member, &ca, &publisher, &err), &err);
}

static void the_chain_verifies_for_its_purpose_alone(void **state)
{
    (void)state;
    make_all();
    check_int(place_run("openssl verify -x509_strict -CAfile ca.pem -purpose sslserver server.pem"),
              0);
    check_int(place_run("openssl verify -x509_strict -CAfile ca.pem -purpose sslclient owner.pem"),
              0);
    check(place_run("openssl verify -CAfile ca.pem -purpose sslclient server.pem") != 0);
    check(place_run("openssl verify -CAfile ca.pem -purpose sslserver owner.pem") != 0);
    check(place_run("openssl verify -CAfile server.pem owner.pem") != 0);
}

static void another_ca_does_not_verify_it(void **state)
{
    static const certs_paths other = {"other.pem", "other.key"};
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_all();
    check_ok(certs_make_ca(&other, &err), &err);
    check(place_run("openssl verify -CAfile other.pem owner.pem") != 0);
}

static bool says(const char *file, const char *words)
{
    SR_TEXT(command);
    command = sr_text_printf("openssl x509 -noout -text -in %s | grep -qF -- '%s'", file, words);
    return place_run(command) == 0;
}

static void names_are_where_they_belong(void **state)
{
    (void)state;
    make_all();
    check(says("server.pem", "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"));
    check(says("owner.pem", "URI:sealroom://publisher/owner"));
    check(says("owner.pem", "CN = publisher"));
    check(!says("owner.pem", "DNS:"));
    check(!says("ca.pem", "Subject Alternative Name"));
}

static void algorithms_and_limits_are_those_promised(void **state)
{
    static const char *const files[] = {"ca.pem", "server.pem", "owner.pem"};
    (void)state;
    make_all();
    for (size_t i = 0; i < 3; i++)
    {
        check(says(files[i], "prime256v1"));
        check(says(files[i], "ecdsa-with-SHA256"));
        check(says(files[i], "Version: 3"));
    }
    check(says("ca.pem", "CA:TRUE, pathlen:0"));
    check(says("ca.pem", "Certificate Sign"));
    check(says("owner.pem", "CA:FALSE"));
    check(!says("owner.pem", "Certificate Sign"));
}

static bool is_valid_for(const char *file, long days)
{
    SR_TEXT(command);
    command = sr_text_printf("openssl x509 -noout -checkend %ld -in %s", days * 86400, file);
    return place_run(command) == 0;
}

static void validity_is_ten_years_and_one(void **state)
{
    (void)state;
    make_all();
    check(is_valid_for("ca.pem", 3649) && !is_valid_for("ca.pem", 3651));
    check(is_valid_for("server.pem", 364) && !is_valid_for("server.pem", 366));
    check(is_valid_for("owner.pem", 364) && !is_valid_for("owner.pem", 366));
}

static void serial_numbers_are_random(void **state)
{
    (void)state;
    make_all();
    check_int(
        place_run(
            "test $(for f in ca server owner; do openssl x509 -noout -serial -in $f.pem; done "
            "| sort -u | wc -l) = 3"),
        0);
    check_int(place_run("test $(openssl x509 -noout -serial -in ca.pem | wc -c) -gt 32"), 0);
}

static void keys_are_private_pkcs8(void **state)
{
    SR_TEXT(key);
    (void)state;
    make_all();
    key = place_read("owner.key");
    check(strncmp(key, "-----BEGIN PRIVATE KEY-----\n", 28) == 0);
    check_int(place_mode("ca.key"), 0600);
    check_int(place_mode("owner.key"), 0600);
    check_int(place_mode("owner.pem"), 0644);
    check_int(place_run("test \"$(openssl pkey -in owner.key -pubout)\" = "
                        "\"$(openssl x509 -in owner.pem -noout -pubkey)\""),
              0);
}

static void nothing_is_overwritten(void **state)
{
    SR_TEXT(certificate);
    SR_TEXT(key);
    SR_TEXT(certificate_after);
    SR_TEXT(key_after);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_all();
    certificate = place_read("ca.pem");
    key = place_read("ca.key");
    check_fails(certs_make_ca(&ca, &err), &err, SR_E_EXISTS);
    check_int(unlink("owner.key"), 0);
    check_fails(certs_make_member(&member, &ca, &publisher, &err), &err, SR_E_EXISTS);
    check(!sr_file_exists("owner.key")); /* no key beside a certificate that is not its own */
    certificate_after = place_read("ca.pem");
    key_after = place_read("ca.key");
    check_text(certificate_after, certificate);
    check_text(key_after, key);
}

static void check_ca_refused(const certs_paths *with, sr_code code)
{
    static const certs_paths fresh = {"fresh.pem", "fresh.key"};
    sr_err err = SR_ERR_INIT;
    check_fails(certs_make_server(&fresh, with, &err), &err, code);
    check(!sr_file_exists("fresh.pem") && !sr_file_exists("fresh.key"));
}

static void only_a_ca_with_its_own_key_signs(void **state)
{
    static const certs_paths mixed = {"ca.pem", "owner.key"};
    static const certs_paths swapped = {"ca.key", "ca.pem"};
    static const certs_paths missing = {"none.pem", "ca.key"};
    static const certs_paths locked = {"ca.pem", "locked.key"};
    (void)state;
    make_all();
    check_ca_refused(&mixed, SR_E_FORMAT);
    check_ca_refused(&swapped, SR_E_FORMAT);
    check_ca_refused(&missing, SR_E_NOT_FOUND);
    /* A key under a passphrase is refused; nobody is asked for it. */
    check_int(place_run("openssl pkcs8 -topk8 -in ca.key -out locked.key -passout pass:x"), 0);
    check_ca_refused(&locked, SR_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(the_chain_verifies_for_its_purpose_alone),
        place_test(another_ca_does_not_verify_it),
        place_test(names_are_where_they_belong),
        place_test(algorithms_and_limits_are_those_promised),
        place_test(validity_is_ten_years_and_one),
        place_test(serial_numbers_are_random),
        place_test(keys_are_private_pkcs8),
        place_test(nothing_is_overwritten),
        place_test(only_a_ca_with_its_own_key_signs),
    };
    check_main(tests);
}
