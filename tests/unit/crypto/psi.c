/* Values computed with Python's hashlib. */
#include "crypto/psi.h"

#include "support.h"

static digest_value sum_of(const char *text)
{
    return digest_of(sr_slice_text(text));
}

static void check_sum(sr_slice bytes, const char *expected)
{
    digest_value sum = digest_of(bytes);
    check_hex(sr_slice_of(sum.bytes, sizeof sum.bytes), expected);
}

static void a_domain_names_suite_and_manifest(void **state)
{
    (void)state;
    char domain[PSI_DOMAIN_SIZE];
    digest_value manifest = sum_of("manifest");
    psi_domain(domain, "curve25519", &manifest);
    check_text(domain, "SEALROOM-PSI-V01-curve25519-"
                       "05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f");
}

static void what_is_signed_says_what_it_is_for(void **state)
{
    (void)state;
    uint8_t nonce[32];
    uint8_t confirm[PSI_CONFIRM_SIZE];
    uint8_t part[PSI_PART_SIZE];
    digest_value terms = sum_of("terms");
    digest_value manifest = sum_of("manifest");
    digest_value points = sum_of("points");
    memset(nonce, 7, sizeof nonce);
    psi_confirm_message(confirm, &terms, nonce);
    psi_part_message(part, &manifest, 258, &points);
    check_sum(sr_slice_of(confirm, sizeof confirm),
              "de08237b4bb3e84a7d733539f7caf921a00bcbb86a1c3032c9475b436b35aeef");
    check_sum(sr_slice_of(part, sizeof part),
              "53bf7e595795f47e6efd31e7f3cd46e5757e89ea5758bde561cae1ed1b61556c");
}

static void a_tag_depends_on_session_and_point(void **state)
{
    (void)state;
    digest start;
    digest_value sum;
    digest_value manifest = sum_of("manifest");
    psi_tag_start(&start, &manifest);
    digest_from(&sum, &start, sr_slice_text("point"));
    check_hex(sr_slice_of(sum.bytes, PSI_TAG_SIZE), "654484177fddd327c45f1b36983cb991");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_names_suite_and_manifest),
        cmocka_unit_test(what_is_signed_says_what_it_is_for),
        cmocka_unit_test(a_tag_depends_on_session_and_point),
    };
    check_main(tests);
}
