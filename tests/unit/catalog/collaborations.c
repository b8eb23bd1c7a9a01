/* Collaborations, members, and who may find what. */
#include "fixture.h"

static sr_result find(fixture *room, const char *id_or_name, const char *member, sr_err *err)
{
    ROOM_COLLABORATION(found);
    sr_result result = catalog_collaboration_find(&found, room->catalog, id_or_name, member, err);
    if (result != SR_OK)
        check(found.members == NULL && found.member_count == 0 && found.name[0] == '\0');
    return result;
}

static void a_new_collaboration_has_its_creator_as_first_member(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    const collaboration_flags flags = {.allow_duplicates = true, .preserve_nulls = true};
    ROOM_COLLABORATION(made);
    FIXTURE(room);
    check_ok(catalog_collaboration_create(&made, room.catalog, NULL, "autumn", &flags, &room.brand,
                                          &err),
             &err);
    check_text(made.name, "autumn");
    check_text(made.creator, "brand");
    check(!made.flags.allow_cleartext && made.flags.allow_duplicates);
    check(!made.flags.allow_joins_on_columns_with_different_names && made.flags.preserve_nulls);
    check(made.created_us > 0 && !made.key_check_known);
    check_int(made.member_count, 1);
    check_text(made.members[0].name, "brand");
    check_int(made.members[0].abilities, ABILITY_ALL);
    check(made.members[0].accepted);
}

static void an_id_of_the_creators_choice_is_kept_and_not_given_twice(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_uuid id = sr_uuid_random();
    const collaboration_flags flags = {.allow_cleartext = false};
    ROOM_COLLABORATION(made);
    ROOM_COLLABORATION(again);
    FIXTURE(room);
    check_ok(catalog_collaboration_create(&made, room.catalog, &id, "a", &flags, &room.acme, &err),
             &err);
    check(sr_uuid_equal(&made.id, &id));
    check_fails(
        catalog_collaboration_create(&again, room.catalog, &id, "b", &flags, &room.brand, &err),
        &err, SR_E_EXISTS);
    check(again.members == NULL && again.name[0] == '\0');
}

static void names_are_unique_per_creator_only(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    const collaboration_flags flags = {.allow_cleartext = false};
    ROOM_COLLABORATION(made);
    FIXTURE(room);
    check_fails(
        catalog_collaboration_create(&made, room.catalog, NULL, "spring", &flags, &room.acme, &err),
        &err, SR_E_EXISTS);
    create(&room, &room.cargo, "spring"); /* tells nobody that another has one */
}

static void names_that_break_the_rules_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "Upper",
        "-minus",
        "a b",
        "1-2-3-4-5",
        "00112233-4455-6677-8899-aabbccddeeff",
        "0123456789012345678901234567890123456789012345678901234567890123",
    };
    const collaboration_flags flags = {.allow_cleartext = false};
    FIXTURE(room);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        ROOM_COLLABORATION(made);
        check_fails(catalog_collaboration_create(&made, room.catalog, NULL, names[i], &flags,
                                                 &room.acme, &err),
                    &err, SR_E_INVALID);
    }
}

/* ---- finding --------------------------------------------------------------------------------- */

static void members_find_it_by_name_and_by_id_in_any_case(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    sr_uuid_text id = sr_uuid_print(&room.spring);
    check_ok(find(&room, "spring", "acme", &err), &err);
    check_ok(find(&room, id.text, "brand", &err), &err);
    for (char *at = id.text; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'f')
            *at = (char)(*at - 'a' + 'A');
    check_ok(find(&room, id.text, "brand", &err), &err);
}

static void an_invited_member_finds_it_before_accepting(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    check_ok(
        catalog_member_invite(room.catalog, &room.spring, "cargo", ABILITY_QUERY, &room.acme, &err),
        &err);
    check_ok(find(&room, "spring", "cargo", &err), &err);
}

static void strangers_are_told_what_they_would_be_told_of_nothing(void **state)
{
    (void)state;
    sr_err existing = SR_ERR_INIT;
    sr_err missing = SR_ERR_INIT;
    FIXTURE(room);
    check_fails(find(&room, "spring", "cargo", &existing), &existing, SR_E_NOT_FOUND);
    check_fails(find(&room, "winter", "cargo", &missing), &missing, SR_E_NOT_FOUND);
    char *name = strstr(existing.text, "spring");
    check(name != NULL);
    memcpy(name, "winter", 6);
    check_text(existing.text, missing.text);
}

static void strangers_do_not_find_it_by_id(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    sr_uuid_text id = sr_uuid_print(&room.spring);
    check_fails(find(&room, id.text, "cargo", &err), &err, SR_E_NOT_FOUND);
}

static void a_name_that_several_bear_asks_for_the_id(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    sr_uuid other = create(&room, &room.cargo, "spring");
    join(&room, &other, &room.cargo, &room.brand, ABILITY_ALL);
    check_fails(find(&room, "spring", "brand", &err), &err, SR_E_INVALID);
    check_error_says(&err, "use the id");
    check_ok(find(&room, "spring", "acme", &err), &err);
    check_ok(find(&room, sr_uuid_print(&other).text, "brand", &err), &err);
}

static void texts_full_of_sql_are_only_names(void **state)
{
    (void)state;
    static const char *const texts[] = {"' OR '1'='1", "spring' --", "%", "_",
                                        "\"; DROP TABLE member"};
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        check_fails(find(&room, texts[i], "acme", &err), &err, SR_E_NOT_FOUND);
        check_fails(find(&room, "spring", texts[i], &err), &err, SR_E_NOT_FOUND);
    }
    check_ok(find(&room, "spring", "acme", &err), &err);
}

static void a_list_holds_only_ones_own_in_order_of_names(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_collaboration *list = NULL;
    size_t count = 0;
    FIXTURE(room);
    create(&room, &room.cargo, "secret");
    create(&room, &room.brand, "autumn");
    check_ok(catalog_collaboration_list(&list, &count, room.catalog, "brand", &err), &err);
    check_int(count, 2);
    check_text(list[0].name, "autumn");
    check_text(list[1].name, "spring");
    check_int(list[1].member_count, 2);
    catalog_collaborations_free(list, count);
    check_ok(catalog_collaboration_list(&list, &count, room.catalog, "delta", &err), &err);
    check(list == NULL && count == 0);
}

/* ---- members --------------------------------------------------------------------------------- */

static void an_invitation_carries_its_abilities_and_is_open_until_accepted(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM_COLLABORATION(before);
    ROOM_COLLABORATION(after);
    FIXTURE(room);
    check_ok(catalog_member_invite(room.catalog, &room.spring, "cargo",
                                   ABILITY_QUERY | ABILITY_RECEIVE_RESULTS, &room.acme, &err),
             &err);
    check_ok(catalog_collaboration_find(&before, room.catalog, "spring", "acme", &err), &err);
    const room_member *member = room_member_find(&before, "cargo");
    check(member != NULL && !member->accepted);
    check_int(member->abilities, ABILITY_QUERY | ABILITY_RECEIVE_RESULTS);
    check_ok(catalog_member_accept(room.catalog, &room.spring, &room.cargo, &err), &err);
    check_ok(catalog_collaboration_find(&after, room.catalog, "spring", "acme", &err), &err);
    member = room_member_find(&after, "cargo");
    check(member != NULL && member->accepted);
}

static void only_the_creator_invites(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    check_fails(
        catalog_member_invite(room.catalog, &room.spring, "cargo", ABILITY_ALL, &room.brand, &err),
        &err, SR_E_ROLE);
    check_fails(find(&room, "spring", "cargo", &err), &err, SR_E_NOT_FOUND);
}

static void nobody_is_invited_twice(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    check_fails(
        catalog_member_invite(room.catalog, &room.spring, "brand", ABILITY_QUERY, &room.acme, &err),
        &err, SR_E_EXISTS);
    check_fails(catalog_member_invite(room.catalog, &room.spring, "acme", 0, &room.acme, &err),
                &err, SR_E_EXISTS);
    ROOM_COLLABORATION(found);
    check_ok(catalog_collaboration_find(&found, room.catalog, "spring", "acme", &err), &err);
    check_int(room_member_find(&found, "brand")->abilities, ABILITY_ALL);
}

static void malformed_invitations_are_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_uuid nowhere = sr_uuid_random();
    FIXTURE(room);
    check_fails(catalog_member_invite(room.catalog, &room.spring, "Not A Name", ABILITY_ALL,
                                      &room.acme, &err),
                &err, SR_E_INVALID);
    check_fails(catalog_member_invite(room.catalog, &room.spring, "cargo", 8, &room.acme, &err),
                &err, SR_E_INVALID);
    check_fails(
        catalog_member_invite(room.catalog, &nowhere, "cargo", ABILITY_ALL, &room.acme, &err), &err,
        SR_E_NOT_FOUND);
}

static void only_the_invited_accept_and_only_once(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    check_fails(catalog_member_accept(room.catalog, &room.spring, &room.cargo, &err), &err,
                SR_E_NOT_FOUND);
    check_fails(catalog_member_accept(room.catalog, &room.spring, &room.brand, &err), &err,
                SR_E_STATE);
}

/* ---- the key check value --------------------------------------------------------------------- */

static const uint8_t one_secret[CATALOG_KEY_CHECK_SIZE] = "0123456789abcde";
static const uint8_t other_secret[CATALOG_KEY_CHECK_SIZE] = "0123456789abcdX";

static catalog_key_answer compare(fixture *room, const uint8_t *value)
{
    sr_err err = SR_ERR_INIT;
    catalog_key_answer answer = CATALOG_KEY_MISMATCH;
    check_ok(catalog_key_check(&answer, room->catalog, &room->spring, value, &err), &err);
    return answer;
}

static sr_result commit_with_key(fixture *room, const char *table, const uint8_t *value,
                                 sr_err *err)
{
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    catalog_upload reserved = begin(room, &room->acme, table);
    catalog_upload_facts facts = facts_of(columns, 1);
    facts.key_check = value;
    return catalog_upload_commit(room->catalog, &reserved, &facts, &room->acme, err);
}

static void asking_never_sets_the_key_check_value(void **state)
{
    (void)state;
    FIXTURE(room);
    check_int(compare(&room, one_secret), CATALOG_KEY_UNKNOWN);
    check_int(compare(&room, other_secret), CATALOG_KEY_UNKNOWN);
}

static void the_first_committed_upload_sets_it_and_it_stays(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM_COLLABORATION(found);
    FIXTURE(room);
    check_ok(commit_with_key(&room, "first", one_secret, &err), &err);
    check_int(compare(&room, one_secret), CATALOG_KEY_MATCH);
    check_int(compare(&room, other_secret), CATALOG_KEY_MISMATCH);
    check_ok(commit_with_key(&room, "second", one_secret, &err), &err);
    check_ok(catalog_collaboration_find(&found, room.catalog, "spring", "acme", &err), &err);
    check(found.key_check_known);
    fixture_restart(&room);
    check_int(compare(&room, one_secret), CATALOG_KEY_MATCH);
}

static void an_upload_under_another_secret_is_refused_whole(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CATALOG_TABLE(table);
    FIXTURE(room);
    check_ok(commit_with_key(&room, "first", one_secret, &err), &err);
    check_fails(commit_with_key(&room, "second", other_secret, &err), &err, SR_E_SECRET);
    check_int(compare(&room, one_secret), CATALOG_KEY_MATCH);
    check_fails(catalog_table_find(&table, room.catalog, &room.spring, "second", &err), &err,
                SR_E_NOT_FOUND);
}

static void an_upload_that_fails_sets_no_key_check_value(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    FIXTURE(room);
    two_columns(columns);
    catalog_upload reserved = begin(&room, &room.acme, "first");
    catalog_upload_forget(room.catalog, &reserved);
    catalog_upload_facts facts = facts_of(columns, 1);
    facts.key_check = other_secret;
    check_fails(catalog_upload_commit(room.catalog, &reserved, &facts, &room.acme, &err), &err,
                SR_E_STATE);
    check_int(compare(&room, one_secret), CATALOG_KEY_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_collaboration_has_its_creator_as_first_member),
        cmocka_unit_test(an_id_of_the_creators_choice_is_kept_and_not_given_twice),
        cmocka_unit_test(names_are_unique_per_creator_only),
        cmocka_unit_test(names_that_break_the_rules_are_refused),
        cmocka_unit_test(members_find_it_by_name_and_by_id_in_any_case),
        cmocka_unit_test(an_invited_member_finds_it_before_accepting),
        cmocka_unit_test(strangers_are_told_what_they_would_be_told_of_nothing),
        cmocka_unit_test(strangers_do_not_find_it_by_id),
        cmocka_unit_test(a_name_that_several_bear_asks_for_the_id),
        cmocka_unit_test(texts_full_of_sql_are_only_names),
        cmocka_unit_test(a_list_holds_only_ones_own_in_order_of_names),
        cmocka_unit_test(an_invitation_carries_its_abilities_and_is_open_until_accepted),
        cmocka_unit_test(only_the_creator_invites),
        cmocka_unit_test(nobody_is_invited_twice),
        cmocka_unit_test(malformed_invitations_are_refused),
        cmocka_unit_test(only_the_invited_accept_and_only_once),
        cmocka_unit_test(asking_never_sets_the_key_check_value),
        cmocka_unit_test(the_first_committed_upload_sets_it_and_it_stays),
        cmocka_unit_test(an_upload_under_another_secret_is_refused_whole),
        cmocka_unit_test(an_upload_that_fails_sets_no_key_check_value),
    };
    check_main(tests);
}
