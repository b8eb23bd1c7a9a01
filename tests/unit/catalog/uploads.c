/* Uploads: reserved, made visible, forgotten; and the tables that result. */
#include "fixture.h"

static sr_result find(fixture *room, const char *table, sr_err *err)
{
    CATALOG_TABLE(found);
    sr_result result = catalog_table_find(&found, room->catalog, &room->spring, table, err);
    if (result != SR_OK)
        check(found.number == 0 && found.room.columns == NULL);
    return result;
}

static sr_result begin_with(fixture *room, const catalog_actor *actor, const char *table,
                            const room_column *columns, size_t count, sr_err *err)
{
    catalog_upload made;
    sr_result result = catalog_upload_begin(&made, room->catalog, &room->spring, table, columns,
                                            count, false, actor, err);
    if (result != SR_OK)
        check(made.number == 0 && made.version == 0);
    return result;
}

static sr_result commit(fixture *room, const catalog_upload *reserved, const catalog_actor *actor,
                        sr_err *err)
{
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    catalog_upload_facts facts = facts_of(columns, 7);
    return catalog_upload_commit(room->catalog, reserved, &facts, actor, err);
}

/* ---- visibility ------------------------------------------------------------------------------ */

static void a_reserved_table_is_not_there_yet(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_table *list = NULL;
    catalog_version *versions = NULL;
    size_t count = 1;
    FIXTURE(room);
    catalog_upload reserved = begin(&room, &room.acme, "sales");
    check(reserved.number > 0 && reserved.version == 1);
    check_text(reserved.table, "sales");
    check_fails(find(&room, "sales", &err), &err, SR_E_NOT_FOUND);
    check_ok(catalog_table_list(&list, &count, room.catalog, &room.spring, &err), &err);
    check(count == 0 && list == NULL);
    check_ok(catalog_versions_visible(&versions, &count, room.catalog, &room.spring, &err), &err);
    check(count == 0 && versions == NULL);
}

static void a_committed_table_carries_all_that_was_said_of_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    CATALOG_TABLE(found);
    FIXTURE(room);
    two_columns(columns);
    catalog_upload reserved = begin(&room, &room.acme, "sales");
    catalog_upload_facts facts = facts_of(columns, 1234567890123);
    facts.null_bits_unknown = true;
    check_ok(catalog_upload_commit(room.catalog, &reserved, &facts, &room.acme, &err), &err);
    check_ok(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err);
    check(found.number == reserved.number);
    check(sr_uuid_equal(&found.room.id, &reserved.table_id));
    check_text(found.room.name, "sales");
    check_text(found.room.owner, "acme");
    check_int(found.room.version, 1);
    check(found.room.rows == 1234567890123 && found.room.uploaded_us > 0);
    check(found.room.null_bits_unknown);
    check(found.room.rule_json == NULL && found.room.subject_column[0] == '\0');
    check_int(found.room.column_count, COLUMN_COUNT);
    assert_memory_equal(found.room.columns, columns, sizeof columns);
}

static void a_table_of_another_collaboration_is_not_there_in_the_same_words(void **state)
{
    (void)state;
    sr_err elsewhere = SR_ERR_INIT;
    sr_err nowhere = SR_ERR_INIT;
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    room.spring = create(&room, &room.cargo, "autumn");
    check_fails(find(&room, "sales", &elsewhere), &elsewhere, SR_E_NOT_FOUND);
    check_fails(find(&room, "costs", &nowhere), &nowhere, SR_E_NOT_FOUND);
    memcpy(strstr(elsewhere.text, "sales"), "costs", 5);
    check_text(elsewhere.text, nowhere.text);
}

static void the_same_name_in_two_collaborations_is_two_tables(void **state)
{
    (void)state;
    FIXTURE(room);
    catalog_upload here = upload(&room, &room.acme, "sales");
    room.spring = create(&room, &room.acme, "autumn");
    catalog_upload there = upload(&room, &room.acme, "sales");
    check(here.number != there.number);
    check_int(there.version, 1);
}

static void a_list_holds_visible_tables_by_name_with_their_current_versions(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_table *list = NULL;
    size_t count = 0;
    FIXTURE(room);
    upload(&room, &room.brand, "zebra");
    upload(&room, &room.acme, "apple");
    upload(&room, &room.acme, "apple");
    begin(&room, &room.acme, "middle");
    check_ok(catalog_table_list(&list, &count, room.catalog, &room.spring, &err), &err);
    check_int(count, 2);
    check_text(list[0].room.name, "apple");
    check_int(list[0].room.version, 2);
    check_text(list[1].room.name, "zebra");
    check_text(list[1].room.owner, "brand");
    catalog_tables_free(list, count);
}

static void every_visible_version_is_told_to_the_engine(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_version *versions = NULL;
    size_t count = 0;
    FIXTURE(room);
    catalog_upload first = upload(&room, &room.acme, "apple");
    upload(&room, &room.acme, "apple");
    begin(&room, &room.acme, "apple");
    check_ok(catalog_versions_visible(&versions, &count, room.catalog, &room.spring, &err), &err);
    check_int(count, 2);
    check(versions[0].table == first.number && versions[1].table == first.number);
    check_int(versions[0].version, 1);
    check_int(versions[1].version, 2);
    sr_free(versions);
}

static void a_later_version_brings_its_own_cards(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    CATALOG_TABLE(found);
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    two_columns(columns);
    catalog_upload reserved = begin(&room, &room.acme, "sales");
    memcpy(columns[0].card, "another card", 12);
    columns[0].card_len = 12;
    catalog_upload_facts facts = facts_of(columns, 3);
    check_ok(catalog_upload_commit(room.catalog, &reserved, &facts, &room.acme, &err), &err);
    check_ok(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err);
    check_int(found.room.version, 2);
    check_int(found.room.columns[0].card_len, 12);
    assert_memory_equal(found.room.columns[0].card, "another card", 12);
    check_int(found.room.columns[1].card_len, 0);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void a_name_of_another_members_table_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    FIXTURE(room);
    two_columns(columns);
    upload(&room, &room.acme, "sales");
    check_fails(begin_with(&room, &room.brand, "sales", columns, COLUMN_COUNT, &err), &err,
                SR_E_EXISTS);
    begin(&room, &room.acme, "soon");
    check_fails(begin_with(&room, &room.brand, "soon", columns, COLUMN_COUNT, &err), &err,
                SR_E_EXISTS);
}

static void only_accepted_members_with_the_ability_contribute(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    FIXTURE(room);
    two_columns(columns);
    check_fails(begin_with(&room, &room.cargo, "sales", columns, COLUMN_COUNT, &err), &err,
                SR_E_ROLE);
    check_ok(
        catalog_member_invite(room.catalog, &room.spring, "cargo", ABILITY_QUERY, &room.acme, &err),
        &err);
    check_fails(begin_with(&room, &room.cargo, "sales", columns, COLUMN_COUNT, &err), &err,
                SR_E_ROLE);
    check_ok(catalog_member_accept(room.catalog, &room.spring, &room.cargo, &err), &err);
    check_fails(begin_with(&room, &room.cargo, "sales", columns, COLUMN_COUNT, &err), &err,
                SR_E_ROLE);
}

static void malformed_declarations_are_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    static room_column many[HEADER_MOST_COLUMNS + 1];
    room_column columns[COLUMN_COUNT];
    FIXTURE(room);
    two_columns(columns);
    check_fails(begin_with(&room, &room.acme, "Sales", columns, COLUMN_COUNT, &err), &err,
                SR_E_INVALID);
    check_fails(begin_with(&room, &room.acme, "a-b", columns, COLUMN_COUNT, &err), &err,
                SR_E_INVALID);
    check_fails(begin_with(&room, &room.acme, "sales", columns, 0, &err), &err, SR_E_INVALID);
    for (size_t i = 0; i < HEADER_MOST_COLUMNS + 1; i++)
    {
        many[i] = columns[1];
        snprintf(many[i].name, sizeof many[i].name, "c%zu", i);
    }
    check_fails(begin_with(&room, &room.acme, "sales", many, HEADER_MOST_COLUMNS + 1, &err), &err,
                SR_E_INVALID);
    check_ok(begin_with(&room, &room.acme, "wide", many, HEADER_MOST_COLUMNS, &err), &err);
    columns[1] = columns[0];
    check_fails(begin_with(&room, &room.acme, "sales", columns, COLUMN_COUNT, &err), &err,
                SR_E_INVALID);
    check_error_says(&err, "\"id\"");
}

static void rename_first(room_column *columns)
{
    memcpy(columns[0].name, "ix", 3);
}

static void change_type(room_column *columns)
{
    columns[0].type = COLUMN_DETERMINISTIC;
}

static void change_data_type(room_column *columns)
{
    columns[1].data.scale = 3;
}

static void change_normaliser(room_column *columns)
{
    memcpy(columns[0].normaliser, "exact", 6);
}

static void change_allow_list(room_column *columns)
{
    columns[1].allowed = true;
}

static void swap_columns(room_column *columns)
{
    room_column first = columns[0];
    columns[0] = columns[1];
    columns[1] = first;
}

static void a_later_version_with_other_columns_is_refused_by_name(void **state)
{
    (void)state;
    static const struct
    {
        void (*change)(room_column *);
        const char *says;
    } changes[] = {
        {rename_first, "name"},
        {change_type, "type"},
        {change_data_type, "data type"},
        {change_normaliser, "normaliser"},
        {change_allow_list, "allow-list"},
        {swap_columns, "name"},
    };
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        room_column columns[COLUMN_COUNT];
        two_columns(columns);
        changes[i].change(columns);
        check_fails(begin_with(&room, &room.acme, "sales", columns, COLUMN_COUNT, &err), &err,
                    SR_E_INVALID);
        check_error_says(&err, changes[i].says);
    }
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    check_fails(begin_with(&room, &room.acme, "sales", columns, 1, &err), &err, SR_E_INVALID);
}

static void columns_are_compared_again_at_commit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    FIXTURE(room);
    two_columns(columns);
    change_data_type(columns);
    catalog_upload early = begin(&room, &room.acme, "sales");
    catalog_upload late;
    check_ok(catalog_upload_begin(&late, room.catalog, &room.spring, "sales", columns, COLUMN_COUNT,
                                  false, &room.acme, &err),
             &err);
    check_ok(commit(&room, &early, &room.acme, &err), &err);
    catalog_upload_facts facts = facts_of(columns, 1);
    check_fails(catalog_upload_commit(room.catalog, &late, &facts, &room.acme, &err), &err,
                SR_E_INVALID);
    check_error_says(&err, "data type");
}

/* ---- uploads side by side -------------------------------------------------------------------- */

static void two_uploads_of_one_table_get_two_versions(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    catalog_upload first = begin(&room, &room.acme, "sales");
    catalog_upload second = begin(&room, &room.acme, "sales");
    check(first.number == second.number);
    check_int(first.version, 1);
    check_int(second.version, 2);
    check_ok(commit(&room, &first, &room.acme, &err), &err);
    check_ok(commit(&room, &second, &room.acme, &err), &err);
}

static void an_upload_that_was_overtaken_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CATALOG_TABLE(found);
    FIXTURE(room);
    catalog_upload first = begin(&room, &room.acme, "sales");
    catalog_upload second = begin(&room, &room.acme, "sales");
    check_ok(commit(&room, &second, &room.acme, &err), &err);
    check_fails(commit(&room, &first, &room.acme, &err), &err, SR_E_STATE);
    check_ok(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err);
    check_int(found.room.version, 2);
}

static void an_upload_is_committed_once_and_by_its_owner_alone(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    catalog_upload reserved = begin(&room, &room.acme, "sales");
    check(commit(&room, &reserved, &room.brand, &err) == SR_FAIL);
    check_fails(commit(&room, &reserved, &room.cargo, &err), &err, SR_E_ROLE);
    check_ok(commit(&room, &reserved, &room.acme, &err), &err);
    check_fails(commit(&room, &reserved, &room.acme, &err), &err, SR_E_STATE);
}

/* ---- forgetting ------------------------------------------------------------------------------ */

static void a_forgotten_upload_frees_the_name(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    catalog_upload reserved = begin(&room, &room.acme, "sales");
    catalog_upload_forget(room.catalog, &reserved);
    catalog_upload_forget(room.catalog, &reserved);
    check_fails(commit(&room, &reserved, &room.acme, &err), &err, SR_E_STATE);
    catalog_upload others = upload(&room, &room.brand, "sales");
    check(others.number != reserved.number);
    catalog_upload_forget(room.catalog, &reserved);
    check_ok(find(&room, "sales", &err), &err);
}

static void forgetting_one_of_two_leaves_the_other(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    catalog_upload first = begin(&room, &room.acme, "sales");
    catalog_upload second = begin(&room, &room.acme, "sales");
    catalog_upload_forget(room.catalog, &first);
    check_ok(commit(&room, &second, &room.acme, &err), &err);
}

static void forgetting_after_commit_changes_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    catalog_upload done = upload(&room, &room.acme, "sales");
    catalog_upload_forget(room.catalog, &done);
    check_ok(find(&room, "sales", &err), &err);
}

static void a_failed_commit_leaves_the_reservation_to_be_forgotten(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    FIXTURE(room);
    two_columns(columns);
    upload(&room, &room.acme, "sales");
    catalog_upload reserved = begin(&room, &room.acme, "sales");
    catalog_upload_facts facts = facts_of(columns, 1);
    facts.column_count = 1;
    check_fails(catalog_upload_commit(room.catalog, &reserved, &facts, &room.acme, &err), &err,
                SR_E_INVALID);
    catalog_upload_forget(room.catalog, &reserved);
    check_int(begin(&room, &room.acme, "sales").version, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reserved_table_is_not_there_yet),
        cmocka_unit_test(a_committed_table_carries_all_that_was_said_of_it),
        cmocka_unit_test(a_table_of_another_collaboration_is_not_there_in_the_same_words),
        cmocka_unit_test(the_same_name_in_two_collaborations_is_two_tables),
        cmocka_unit_test(a_list_holds_visible_tables_by_name_with_their_current_versions),
        cmocka_unit_test(every_visible_version_is_told_to_the_engine),
        cmocka_unit_test(a_later_version_brings_its_own_cards),
        cmocka_unit_test(a_name_of_another_members_table_is_refused),
        cmocka_unit_test(only_accepted_members_with_the_ability_contribute),
        cmocka_unit_test(malformed_declarations_are_refused),
        cmocka_unit_test(a_later_version_with_other_columns_is_refused_by_name),
        cmocka_unit_test(columns_are_compared_again_at_commit),
        cmocka_unit_test(two_uploads_of_one_table_get_two_versions),
        cmocka_unit_test(an_upload_that_was_overtaken_is_refused),
        cmocka_unit_test(an_upload_is_committed_once_and_by_its_owner_alone),
        cmocka_unit_test(a_forgotten_upload_frees_the_name),
        cmocka_unit_test(forgetting_one_of_two_leaves_the_other),
        cmocka_unit_test(forgetting_after_commit_changes_nothing),
        cmocka_unit_test(a_failed_commit_leaves_the_reservation_to_be_forgotten),
    };
    check_main(tests);
}
