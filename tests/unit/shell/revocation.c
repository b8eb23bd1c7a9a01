/* The list of revoked certificates: followed while it changes, and nobody passes while it is broken. */
#include "server/shell/revocation.h"

#include <unistd.h>

#include "place.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define FIRST_LINE "# sealroom revocations 1\n"

static void check_passes(revocation *list, const char *fingerprint)
{
    sr_err err = SR_ERR_INIT;
    check_ok(revocation_check(list, fingerprint, &err), &err);
}

static void check_refused(revocation *list, const char *fingerprint)
{
    sr_err err = SR_ERR_INIT;
    check(revocation_check(list, fingerprint, &err) != SR_OK);
    check_int(err.code, SR_E_UNKNOWN_PEER);
}

static void a_revoked_certificate_is_refused_from_the_next_check_on(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(revocation_list_make("revoked.txt", &err), &err);
    revocation *list = revocation_new("revoked.txt");
    check_passes(list, HEX_A);
    check_ok(revocation_list_add("revoked.txt", HEX_A, &err), &err);
    check_refused(list, HEX_A);
    check_passes(list, HEX_B);
    check_refused(list, ""); /* no certificate */
    revocation_free(list);
}

static void a_broken_list_lets_nobody_in_until_it_is_whole(void **state)
{
    static const char *const broken[] = {"", FIRST_LINE HEX_A, FIRST_LINE "no hex\n", HEX_A "\n"};
    (void)state;
    revocation *list = revocation_new("revoked.txt");
    check_refused(list, HEX_B); /* missing */
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
    {
        place_write("revoked.txt", broken[i], 0644);
        check_refused(list, HEX_B);
        place_write("revoked.txt", FIRST_LINE "\n# a remark\n" HEX_A "\n", 0644);
        check_passes(list, HEX_B);
        check_refused(list, HEX_A);
    }
    check_int(unlink("revoked.txt"), 0);
    check_refused(list, HEX_B);
    revocation_free(list);
}

static void adding_twice_adds_once_and_no_fingerprint_adds_nothing(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(content);
    (void)state;
    check_ok(revocation_list_add("revoked.txt", HEX_A, &err), &err);
    check_ok(revocation_list_add("revoked.txt", HEX_A, &err), &err);
    check(revocation_list_add("revoked.txt", "abc", &err) != SR_OK);
    check_int(err.code, SR_E_INVALID);
    content = place_read("revoked.txt");
    check_text(content, FIRST_LINE HEX_A "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(a_revoked_certificate_is_refused_from_the_next_check_on),
        place_test(a_broken_list_lets_nobody_in_until_it_is_whole),
        place_test(adding_twice_adds_once_and_no_fingerprint_adds_nothing),
    };
    check_main(tests);
}
