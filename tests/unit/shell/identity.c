#include "server/shell/identity.h"

#include "check.h"

static const char owner[] = "sealroom://publisher/owner";

static void one_uri_names_the_principal(void **state)
{
    const char *uris[] = {"https://example.org/publisher", owner, "spiffe://publisher/admin"};
    principal who;
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(identity_of_uris(&who, uris, 3, &err), &err);
    check_text(who.member, "publisher");
    check_int(who.role, ROLE_OWNER);
}

static void refuse(const char *const *uris, size_t count, const char *words)
{
    principal who = {.member = "somebody", .role = ROLE_ANALYST};
    sr_err err = SR_ERR_INIT;
    check_fails(identity_of_uris(&who, uris, count, &err), &err, SR_E_UNKNOWN_PEER);
    check_error_says(&err, words);
    check_text(who.member, "");
}

static void no_uri_names_nobody(void **state)
{
    const char *other[] = {"https://publisher/owner"};
    (void)state;
    refuse(NULL, 0, "no principal");
    refuse(other, 1, "no principal");
}

static void two_uris_name_nobody(void **state)
{
    const char *same[] = {owner, owner};
    const char *different[] = {owner, "sealroom://publisher/admin"};
    const char *disguised[] = {owner, "SealRoom://publisher/admin"};
    (void)state;
    refuse(same, 2, "more than one");
    refuse(different, 2, "more than one");
    refuse(disguised, 2, "more than one");
}

static void a_uri_must_parse_to_its_last_character(void **state)
{
    static const char *const wrong[] = {
        "sealroom://",
        "sealroom://publisher",
        "sealroom://publisher/",
        "sealroom:///owner",
        "sealroom://publisher/emperor",
        "sealroom://publisher/owner/",
        "sealroom://publisher/owner?x",
        "sealroom://publisher/Owner",
        "sealroom://Publisher/owner",
        "sealroom://user@publisher/owner",
        "SEALROOM://publisher/owner",
        "sealroom://publisher/owner sealroom://publisher/admin",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        refuse(&wrong[i], 1, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_uri_names_the_principal),
        cmocka_unit_test(no_uri_names_nobody),
        cmocka_unit_test(two_uris_name_nobody),
        cmocka_unit_test(a_uri_must_parse_to_its_last_character),
    };
    check_main(tests);
}
