#include "model/principal.h"

#include "check.h"

/* ---- the URI --------------------------------------------------------------------------------- */

static void a_certificate_uri_names_member_and_role(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    principal who;
    check_ok(principal_parse_uri(&who, "sealroom://retail-co_2/analyst", &err), &err);
    check_text(who.member, "retail-co_2");
    check_int(who.role, ROLE_ANALYST);
    check_ok(principal_parse_uri(&who, "sealroom://a/admin", &err), &err);
    check_int(who.role, ROLE_ADMIN);
    check_ok(principal_parse_uri(&who, "sealroom://0/owner", &err), &err);
    check_int(who.role, ROLE_OWNER);
}

static void anything_else_in_the_uri_is_an_unknown_peer(void **state)
{
    static const char *const uris[] = {
        "",
        "sealroom:",
        "sealroom://",
        "sealroom:///admin",
        "sealroom://retailer",
        "sealroom://retailer/",
        "sealroom://retailer/admin/",
        "sealroom://retailer/admin?x",
        "sealroom://retailer/admin ",
        "sealroom://retailer//admin",
        "sealroom://retailer/Admin",
        "sealroom://retailer/root",
        "sealroom://Retailer/admin",
        "sealroom://-retailer/admin",
        "sealroom://re.tailer/admin",
        "sealroom://user@retailer/admin",
        "sealroom://retailer:443/admin",
        "sealroom://r%65tailer/admin",
        "Sealroom://retailer/admin",
        " sealroom://retailer/admin",
        "https://retailer/admin",
        "spiffe://retailer/admin",
    };
    (void)state;
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        principal who = {.member = "before"};
        check_fails(principal_parse_uri(&who, uris[i], &err), &err, SR_E_UNKNOWN_PEER);
        check_text(who.member, "");
    }
}

static void a_member_name_has_at_most_63_characters(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    principal who;
    SR_TEXT(fits);
    SR_TEXT(too_long);
    fits = sr_text_printf("sealroom://%063d/owner", 0);
    too_long = sr_text_printf("sealroom://%064d/owner", 0);
    check_ok(principal_parse_uri(&who, fits, &err), &err);
    check_int(strlen(who.member), 63);
    check_fails(principal_parse_uri(&who, too_long, &err), &err, SR_E_UNKNOWN_PEER);
    check_text(who.member, "");
}

static void a_printed_principal_reads_back_the_same(void **state)
{
    (void)state;
    for (int role = 0; role < ROLE_COUNT_; role++)
    {
        sr_err err = SR_ERR_INIT;
        principal who = {.member = "brand", .role = (principal_role)role};
        principal again;
        SR_TEXT(uri);
        uri = principal_print_uri(&who);
        check_ok(principal_parse_uri(&again, uri, &err), &err);
        check_text(again.member, "brand");
        check_int(again.role, role);
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names_keep_to_their_alphabet(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_ok(model_name_check("member", "a", &err), &err);
    check_ok(model_name_check("member", "0-a_b", &err), &err);
    check_fails(model_name_check("member", "", &err), &err, SR_E_INVALID);
    check_error_says(&err, "member");
    check_fails(model_name_check("collaboration", "_a", &err), &err, SR_E_INVALID);
    check_error_says(&err, "collaboration");
    check_error_says(&err, "_a");
    check_fails(model_name_check("member", "-a", &err), &err, SR_E_INVALID);
    check_fails(model_name_check("member", "A", &err), &err, SR_E_INVALID);
    check_fails(model_name_check("member", "a b", &err), &err, SR_E_INVALID);
    check_fails(model_name_check("member", "a/b", &err), &err, SR_E_INVALID);
    check_fails(model_name_check("member", "\xc3\xa4", &err), &err, SR_E_INVALID);
}

static void a_table_name_is_an_sql_identifier_too(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_ok(model_table_name_check("publisher_audience2", &err), &err);
    check_fails(model_table_name_check("publisher-audience", &err), &err, SR_E_INVALID);
    check_error_says(&err, "publisher-audience");
    check_fails(model_table_name_check("2nd", &err), &err, SR_E_INVALID);
    check_fails(model_table_name_check("", &err), &err, SR_E_INVALID);
    check_fails(model_table_name_check("a\"b", &err), &err, SR_E_INVALID);
}

/* ---- roles and abilities --------------------------------------------------------------------- */

static void roles_have_names(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    principal_role role;
    for (int i = 0; i < ROLE_COUNT_; i++)
    {
        check_ok(role_parse(&role, role_name((principal_role)i), &err), &err);
        check_int(role, i);
    }
    check_fails(role_parse(&role, "ADMIN", &err), &err, SR_E_INVALID);
    check_error_says(&err, "analyst");
}

static void abilities_read_and_print(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits <= ABILITY_ALL; bits++)
    {
        sr_err err = SR_ERR_INIT;
        unsigned again = 99;
        SR_TEXT(text);
        text = abilities_print(bits);
        check_ok(abilities_parse(&again, text, &err), &err);
        check_int(again, bits);
    }
}

static void abilities_in_any_order_and_twice_are_one_set(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    unsigned bits = 0;
    check_ok(abilities_parse(&bits, "receive,contribute,receive", &err), &err);
    check_int(bits, ABILITY_RECEIVE_RESULTS | ABILITY_CONTRIBUTE);
}

static void unknown_abilities_are_refused_by_name(void **state)
{
    static const char *const texts[] = {"write",  "query,write", "query write",   "query,",
                                        ",query", "Query",       "query,,receive"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        unsigned bits = 99;
        check_fails(abilities_parse(&bits, texts[i], &err), &err, SR_E_INVALID);
        check_int(bits, 0);
    }
    sr_err err = SR_ERR_INIT;
    unsigned bits = 0;
    check_fails(abilities_parse(&bits, "query,write", &err), &err, SR_E_INVALID);
    check_error_says(&err, "write");
    check_error_says(&err, "contribute");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_uri_names_member_and_role),
        cmocka_unit_test(anything_else_in_the_uri_is_an_unknown_peer),
        cmocka_unit_test(a_member_name_has_at_most_63_characters),
        cmocka_unit_test(a_printed_principal_reads_back_the_same),
        cmocka_unit_test(names_keep_to_their_alphabet),
        cmocka_unit_test(a_table_name_is_an_sql_identifier_too),
        cmocka_unit_test(roles_have_names),
        cmocka_unit_test(abilities_read_and_print),
        cmocka_unit_test(abilities_in_any_order_and_twice_are_one_set),
        cmocka_unit_test(unknown_abilities_are_refused_by_name),
    };
    check_main(tests);
}
