/* Versions: appended, listed, deleted, erased; and what a deleted table's name is worth. */
#include "fixture.h"

#include <string.h>

/* The states of all versions of a table, newest first: "current kept erased". */
static void check_states(fixture *room, const char *table, const char *expected)
{
    sr_err err = SR_ERR_INIT;
    room_version *list = NULL;
    size_t count = 0;
    char words[200] = "";
    check_ok(catalog_version_list(&list, &count, room->catalog, &room->spring, table, &err), &err);
    for (size_t i = 0; i < count; i++)
    {
        strcat(words, i == 0 ? "" : " ");
        strcat(words, room_version_state_name(list[i].state));
        check((list[i].deleted_us != 0) == (list[i].state >= ROOM_VERSION_ERASING));
    }
    sr_free(list);
    check_text(words, expected);
}

static uint32_t current(fixture *room, const char *table)
{
    sr_err err = SR_ERR_INIT;
    CATALOG_TABLE(found);
    check_ok(catalog_table_find(&found, room->catalog, &room->spring, table, &err), &err);
    return found.room.version;
}

static sr_result delete_as(fixture *room, const catalog_actor *actor, const char *table,
                           catalog_deletion what, uint32_t version, size_t *count, sr_err *err)
{
    uint32_t *versions = NULL;
    sr_result result = catalog_table_delete(&versions, count, room->catalog, &room->spring, table,
                                            what, version, actor, err);
    check((versions != NULL) == (result == SR_OK));
    sr_free(versions);
    return result;
}

static size_t drop(fixture *room, const char *table, catalog_deletion what, uint32_t version)
{
    sr_err err = SR_ERR_INIT;
    size_t count = 0;
    check_ok(delete_as(room, &room->acme, table, what, version, &count, &err), &err);
    return count;
}

static size_t owed(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    catalog_version *list = NULL;
    size_t count = 0;
    check_ok(catalog_erasures(&list, &count, room->catalog, &room->spring, &err), &err);
    sr_free(list);
    return count;
}

static void erase_all(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    catalog_version *list = NULL;
    size_t count = 0;
    check_ok(catalog_erasures(&list, &count, room->catalog, &room->spring, &err), &err);
    check_ok(catalog_erased(room->catalog, &room->spring, list, count, &err), &err);
    sr_free(list);
}

/* Begins an upload of two_columns that appends. */
static sr_result begin_append(catalog_upload *out, fixture *room, const char *table, sr_err *err)
{
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    return catalog_upload_begin(out, room->catalog, &room->spring, table, columns, COLUMN_COUNT,
                                true, &room->acme, err);
}

static sr_result commit(fixture *room, const catalog_upload *reserved, bool null_bits_unknown,
                        sr_err *err)
{
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    catalog_upload_facts facts = facts_of(columns, 7);
    facts.null_bits_unknown = null_bits_unknown;
    return catalog_upload_commit(room->catalog, reserved, &facts, &room->acme, err);
}

/* ---- appending ------------------------------------------------------------------------------- */

static void an_append_names_the_version_that_it_begins_with(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_upload more;
    room_version *list = NULL;
    size_t count = 0;
    FIXTURE(room);
    check_fails(begin_append(&more, &room, "sales", &err), &err, SR_E_NOT_FOUND);
    upload(&room, &room.acme, "sales");
    check_ok(begin_append(&more, &room, "sales", &err), &err);
    check_int(more.appends_to, 1);
    check_ok(commit(&room, &more, false, &err), &err);
    check_ok(catalog_version_list(&list, &count, room.catalog, &room.spring, "sales", &err), &err);
    check_int(count, 2);
    check(list[0].version == 2 && list[0].appended_to == 1 && list[0].rows == 7);
    check(list[1].version == 1 && list[1].appended_to == 0 && list[1].rows == 1042);
    sr_free(list);
}

static void an_append_to_what_is_not_current_any_more_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_upload more;
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    upload(&room, &room.acme, "sales");
    check_ok(begin_append(&more, &room, "sales", &err), &err);
    drop(&room, "sales", CATALOG_DELETE_VERSION, 2);
    check_fails(commit(&room, &more, false, &err), &err, SR_E_STATE);
    check_error_says(&err, "was deleted meanwhile");
    sr_err_reset(&err);
    check_ok(begin_append(&more, &room, "sales", &err), &err);
    upload(&room, &room.acme, "sales");
    check_fails(commit(&room, &more, false, &err), &err, SR_E_STATE);
}

static void hidden_nulls_stay_hidden_in_what_is_appended_to(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_upload more;
    CATALOG_TABLE(found);
    FIXTURE(room);
    catalog_upload first = begin(&room, &room.acme, "sales");
    check_ok(commit(&room, &first, true, &err), &err);
    check_ok(begin_append(&more, &room, "sales", &err), &err);
    check_ok(commit(&room, &more, false, &err), &err);
    check_ok(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err);
    check(found.room.version == 2 && found.room.null_bits_unknown);
}

/* ---- deleting -------------------------------------------------------------------------------- */

static void the_version_before_a_deleted_one_is_current_again(void **state)
{
    (void)state;
    FIXTURE(room);
    for (int i = 0; i < 3; i++)
        upload(&room, &room.acme, "sales");
    check_states(&room, "sales", "current kept kept");
    check_int(drop(&room, "sales", CATALOG_DELETE_VERSION, 3), 1);
    check_int(current(&room, "sales"), 2);
    check_states(&room, "sales", "erasing current kept");
    check_int(owed(&room), 1);
    erase_all(&room);
    check_states(&room, "sales", "erased current kept");
    check_int(upload(&room, &room.acme, "sales").version, 4);
    check_int(drop(&room, "sales", CATALOG_DELETE_OLD, 0), 2);
    check_states(&room, "sales", "current erased erasing erasing");
    check_int(drop(&room, "sales", CATALOG_DELETE_OLD, 0), 0);
    fixture_restart(&room);
    check_states(&room, "sales", "current erased erasing erasing");
    check_int(owed(&room), 2);
}

static void what_cannot_be_deleted_stays(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    size_t count = 0;
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    check_fails(delete_as(&room, &room.acme, "sales", CATALOG_DELETE_VERSION, 1, &count, &err),
                &err, SR_E_STATE);
    check_fails(delete_as(&room, &room.acme, "sales", CATALOG_DELETE_VERSION, 2, &count, &err),
                &err, SR_E_NOT_FOUND);
    check_fails(delete_as(&room, &room.acme, "other", CATALOG_DELETE_TABLE, 0, &count, &err), &err,
                SR_E_NOT_FOUND);
    check_fails(delete_as(&room, &room.brand, "sales", CATALOG_DELETE_TABLE, 0, &count, &err), &err,
                SR_E_ROLE);
    check_states(&room, "sales", "current");
    check_int(owed(&room), 0);
}

static void a_deleted_version_cannot_be_deleted_again(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    size_t count = 0;
    FIXTURE(room);
    for (int i = 0; i < 3; i++)
        upload(&room, &room.acme, "sales");
    drop(&room, "sales", CATALOG_DELETE_VERSION, 1);
    check_fails(delete_as(&room, &room.acme, "sales", CATALOG_DELETE_VERSION, 1, &count, &err),
                &err, SR_E_NOT_FOUND);
}

static void a_deleted_table_leaves_its_name_to_its_owner(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    catalog_upload made;
    CATALOG_TABLE(found);
    FIXTURE(room);
    two_columns(columns);
    catalog_upload old = upload(&room, &room.acme, "sales");
    upload(&room, &room.acme, "sales");
    check_int(drop(&room, "sales", CATALOG_DELETE_TABLE, 0), 2);
    check_fails(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err,
                SR_E_NOT_FOUND);
    check_int(owed(&room), 2);
    check_fails(catalog_upload_begin(&made, room.catalog, &room.spring, "sales", columns,
                                     COLUMN_COUNT, false, &room.brand, &err),
                &err, SR_E_EXISTS);
    sr_err_reset(&err);
    check_ok(catalog_upload_begin(&made, room.catalog, &room.spring, "sales", columns, 1, false,
                                  &room.acme, &err),
             &err);
    check(made.number != old.number && made.version == 3);
}

static void an_upload_under_way_ends_with_its_table(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    catalog_upload running = begin(&room, &room.acme, "sales");
    drop(&room, "sales", CATALOG_DELETE_TABLE, 0);
    check_fails(commit(&room, &running, false, &err), &err, SR_E_STATE);
    catalog_upload_forget(room.catalog, &running);
}

static void the_key_check_value_is_forgotten_with_the_last_encrypted_table(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    const uint8_t first[CATALOG_KEY_CHECK_SIZE] = {1};
    const uint8_t second[CATALOG_KEY_CHECK_SIZE] = {2};
    catalog_key_answer answer;
    room_column columns[COLUMN_COUNT];
    FIXTURE(room);
    two_columns(columns);
    catalog_upload_facts facts = facts_of(columns, 1);
    facts.key_check = first;
    catalog_upload one = begin(&room, &room.acme, "one");
    check_ok(catalog_upload_commit(room.catalog, &one, &facts, &room.acme, &err), &err);
    upload(&room, &room.acme, "two");
    drop(&room, "one", CATALOG_DELETE_TABLE, 0);
    check_ok(catalog_key_check(&answer, room.catalog, &room.spring, second, &err), &err);
    check_int(answer, CATALOG_KEY_MISMATCH);
    drop(&room, "two", CATALOG_DELETE_TABLE, 0);
    check_ok(catalog_key_check(&answer, room.catalog, &room.spring, second, &err), &err);
    check_int(answer, CATALOG_KEY_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_append_names_the_version_that_it_begins_with),
        cmocka_unit_test(an_append_to_what_is_not_current_any_more_is_refused),
        cmocka_unit_test(hidden_nulls_stay_hidden_in_what_is_appended_to),
        cmocka_unit_test(the_version_before_a_deleted_one_is_current_again),
        cmocka_unit_test(what_cannot_be_deleted_stays),
        cmocka_unit_test(a_deleted_version_cannot_be_deleted_again),
        cmocka_unit_test(a_deleted_table_leaves_its_name_to_its_owner),
        cmocka_unit_test(an_upload_under_way_ends_with_its_table),
        cmocka_unit_test(the_key_check_value_is_forgotten_with_the_last_encrypted_table),
    };
    check_main(tests);
}
