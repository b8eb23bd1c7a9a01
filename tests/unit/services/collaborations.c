#include "base/file.h"
#include "check.h"
#include "model/principal.h"
#include "room.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "server/rpc/permission.h"
#include "wire/wire.h"

static sr_result get_collaboration(Sealroom__V1__Collaboration **out, const char *member,
                                   const char *id_or_name, sr_err *err)
{
    Sealroom__V1__GetCollaborationRequest request = SEALROOM__V1__GET_COLLABORATION_REQUEST__INIT;
    request.collaboration = wire_text(id_or_name);
    return room_ask(out, &sealroom__v1__collaboration__descriptor, member, "analyst",
                    COLLABORATION("GetCollaboration"), &request, err);
}

/* ---- who calls ------------------------------------------------------------------------------- */

static void the_server_says_who_the_certificate_is(void **state)
{
    static const char *const roles[] = {"admin", "owner", "analyst"};
    (void)state;
    for (size_t i = 0; i < 3; i++)
    {
        sr_err err = SR_ERR_INIT;
        Sealroom__V1__WhoAmIRequest request = SEALROOM__V1__WHO_AM_IREQUEST__INIT;
        WIRE_MESSAGE(Sealroom__V1__WhoAmIResponse, answer);
        check_ok(room_ask(&answer, &sealroom__v1__who_am_iresponse__descriptor, "brand", roles[i],
                          COLLABORATION("WhoAmI"), &request, &err),
                 &err);
        check_text(answer->member, "brand");
        check_text(answer->role, roles[i]);
        check_int(strlen(answer->certificate_fingerprint), 64);
    }
}

static void every_call_of_a_wrong_role_is_refused_by_name(void **state)
{
    (void)state;
    size_t count = 0;
    const permission_row *rows = permission_table(&count);
    for (size_t i = 0; i < count; i++)
        for (int role = 0; role < ROLE_COUNT_; role++)
        {
            sr_err err = SR_ERR_INIT;
            const char *name = role_name((principal_role)role);
            if ((rows[i].roles & ROLE_BIT(role)) != 0)
                continue;
            check_fails(room_ask_raw("retailer", name, rows[i].path, sr_slice_text(""), &err), &err,
                        SR_E_ROLE);
            check_error_says(&err, name);
            check_error_says(&err, strrchr(rows[i].path, '/') + 1);
        }
}

static void a_method_that_does_not_exist_is_not_served(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check(room_ask_raw("retailer", "admin", COLLABORATION("Destroy"), sr_slice_text(""), &err) ==
          SR_FAIL);
    check(room_ask_raw("retailer", "admin", "/sealroom.v2.TableService/Upload", sr_slice_text(""),
                       &err) == SR_FAIL);
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    static const uint8_t bad_utf8[] = {0x0a, 0x02, 0xff, 0xfe};
    static const uint8_t cut[] = {0x0a, 0x7f, 'a'};
    static const uint8_t with_nul[] = {0x0a, 0x03, 'a', 0, 'b'};
    static const uint8_t wrong_type[] = {0x08, 0x01};
    const sr_slice messages[] = {
        sr_slice_of(bad_utf8, sizeof bad_utf8),
        sr_slice_of(cut, sizeof cut),
        sr_slice_of(with_nul, sizeof with_nul),
        sr_slice_of(wrong_type, sizeof wrong_type),
    };
    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        check_fails(
            room_ask_raw("retailer", "admin", COLLABORATION("GetCollaboration"), messages[i], &err),
            &err, SR_E_INVALID);
    }
}

/* ---- collaborations -------------------------------------------------------------------------- */

static void a_collaboration_is_found_by_name_and_by_id_in_any_case(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char upper[64];
    WIRE_MESSAGE(Sealroom__V1__Collaboration, by_name);
    WIRE_MESSAGE(Sealroom__V1__Collaboration, by_id);
    check_ok(get_collaboration(&by_name, "brand", "lab", &err), &err);
    check_text(by_name->creator, "retailer");
    check(by_name->flags->allow_cleartext && by_name->flags->allow_duplicates);
    check(!by_name->flags->preserve_nulls);
    check_int(by_name->n_members, 2);
    check_int(strlen(by_name->id), 36);
    for (size_t i = 0; i <= 36; i++)
        upper[i] = (char)(by_name->id[i] >= 'a' && by_name->id[i] <= 'f' ? by_name->id[i] - 32
                                                                         : by_name->id[i]);
    check_ok(get_collaboration(&by_id, "retailer", upper, &err), &err);
    check_text(by_id->id, by_name->id);
}

static void strangers_learn_nothing_of_a_collaboration(void **state)
{
    (void)state;
    sr_err known = SR_ERR_INIT;
    sr_err unknown = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__Collaboration, answer);
    check_fails(get_collaboration(&answer, "outsider", "lab", &known), &known, SR_E_NOT_FOUND);
    check_fails(get_collaboration(&answer, "outsider", "nix", &unknown), &unknown, SR_E_NOT_FOUND);
    check(answer == NULL);
    check_fails(room_accept("outsider", "lab", &known), &known, SR_E_NOT_FOUND);
    check_fails(room_invite("outsider", "lab", "outsider", ABILITY_ALL, &known), &known,
                SR_E_NOT_FOUND);
}

static void only_the_creator_invites(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(room_invite("brand", "lab", "outsider", ABILITY_ALL, &err), &err, SR_E_ROLE);
    check_fails(room_invite("retailer", "lab", "brand", ABILITY_ALL, &err), &err, SR_E_EXISTS);
    check_fails(room_invite("retailer", "lab", "Not A Name", ABILITY_ALL, &err), &err,
                SR_E_INVALID);
}

static void an_invited_member_may_do_nothing_before_it_accepts(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_ok(room_create("brand", "second", "", ROOM_FLAGS, &err), &err);
    check_ok(room_invite("brand", "second", "retailer", ABILITY_QUERY, &err), &err);
    Sealroom__V1__GetCollaborationRequest tables = SEALROOM__V1__GET_COLLABORATION_REQUEST__INIT;
    tables.collaboration = wire_text("second"); /* the same shape as ListTablesRequest */
    check_fails(room_ask(NULL, NULL, "retailer", "owner", TABLE("ListTables"), &tables, &err), &err,
                SR_E_STATE);
    check_error_says(&err, "accept");
    check_ok(room_accept("retailer", "second", &err), &err);
    check_ok(room_ask(NULL, NULL, "retailer", "owner", TABLE("ListTables"), &tables, &err), &err);
    check_fails(room_accept("retailer", "second", &err), &err, SR_E_STATE);
}

static void a_malformed_or_taken_name_or_id_makes_no_collaboration(void **state)
{
    static const char id[] = "0b0b0b0b-0000-4000-8000-00000000000a";
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(key);
    WIRE_MESSAGE(Sealroom__V1__Collaboration, answer);
    check_fails(room_create("retailer", "", "", 0, &err), &err, SR_E_INVALID);
    check_fails(room_create("retailer", "Has Blanks", "", 0, &err), &err, SR_E_INVALID);
    check_fails(room_create("retailer", "x", "not-a-uuid", 0, &err), &err, SR_E_INVALID);
    key = sr_text_printf("%s/server/keys/%s.key", room_folder(), id);
    check_fails(room_create("retailer", "Bad Name", id, 0, &err), &err, SR_E_INVALID);
    check(!sr_file_exists(key)); /* no key is left of what did not come about */
    check_ok(room_create("retailer", "chosen", id, 0, &err), &err);
    check(sr_file_exists(key));
    check_ok(sr_file_check_private(key, &err), &err);
    check_fails(room_create("brand", "other", id, 0, &err), &err, SR_E_EXISTS);
    check_ok(get_collaboration(&answer, "retailer", id, &err), &err);
    check_text(answer->name, "chosen");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_says_who_the_certificate_is),
        cmocka_unit_test(every_call_of_a_wrong_role_is_refused_by_name),
        cmocka_unit_test(a_method_that_does_not_exist_is_not_served),
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
        cmocka_unit_test(a_collaboration_is_found_by_name_and_by_id_in_any_case),
        cmocka_unit_test(strangers_learn_nothing_of_a_collaboration),
        cmocka_unit_test(only_the_creator_invites),
        cmocka_unit_test(an_invited_member_may_do_nothing_before_it_accepts),
        cmocka_unit_test(a_malformed_or_taken_name_or_id_makes_no_collaboration),
    };
    return cmocka_run_group_tests(tests, room_setup, room_teardown);
}
