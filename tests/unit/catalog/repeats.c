/* What is known of a column's repeats belongs to one version, and goes with it. */
#include "fixture.h"

static catalog_upload upload_with(fixture *room, room_repeats id, room_repeats spend)
{
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    columns[0].repeats = id;
    columns[1].repeats = spend;
    catalog_upload made = begin(room, &room->acme, "sales");
    catalog_upload_facts facts = facts_of(columns, 3);
    check_ok(catalog_upload_commit(room->catalog, &made, &facts, &room->acme, &err), &err);
    return made;
}

static void check_repeats(fixture *room, room_repeats id, room_repeats spend)
{
    sr_err err = SR_ERR_INIT;
    CATALOG_TABLE(table);
    check_ok(catalog_table_find(&table, room->catalog, &room->spring, "sales", &err), &err);
    check_int(table.room.columns[0].repeats, id);
    check_int(table.room.columns[1].repeats, spend);
}

static void delete_from(fixture *room, catalog_deletion what, uint32_t version)
{
    sr_err err = SR_ERR_INIT;
    uint32_t *versions = NULL;
    size_t count = 0;
    check_ok(catalog_table_delete(&versions, &count, room->catalog, &room->spring, "sales", what,
                                  version, &room->acme, &err),
             &err);
    sr_free(versions);
}

static void what_is_known_is_kept_and_what_is_not_stays_unknown(void **state)
{
    (void)state;
    FIXTURE(room);
    upload_with(&room, ROOM_REPEATS_SOME, ROOM_REPEATS_UNKNOWN);
    check_repeats(&room, ROOM_REPEATS_SOME, ROOM_REPEATS_UNKNOWN);
    fixture_restart(&room);
    check_repeats(&room, ROOM_REPEATS_SOME, ROOM_REPEATS_UNKNOWN);
    upload_with(&room, ROOM_REPEATS_NEVER, ROOM_REPEATS_SOME);
    check_repeats(&room, ROOM_REPEATS_NEVER, ROOM_REPEATS_SOME);
}

static void a_version_that_is_current_again_has_its_own(void **state)
{
    (void)state;
    FIXTURE(room);
    upload_with(&room, ROOM_REPEATS_SOME, ROOM_REPEATS_NEVER);
    catalog_upload second = upload_with(&room, ROOM_REPEATS_NEVER, ROOM_REPEATS_UNKNOWN);
    delete_from(&room, CATALOG_DELETE_VERSION, second.version);
    check_repeats(&room, ROOM_REPEATS_SOME, ROOM_REPEATS_NEVER);
}

static void a_table_of_the_same_name_knows_nothing_of_the_deleted_one(void **state)
{
    (void)state;
    FIXTURE(room);
    upload_with(&room, ROOM_REPEATS_SOME, ROOM_REPEATS_NEVER);
    delete_from(&room, CATALOG_DELETE_TABLE, 0);
    upload_with(&room, ROOM_REPEATS_UNKNOWN, ROOM_REPEATS_UNKNOWN);
    check_repeats(&room, ROOM_REPEATS_UNKNOWN, ROOM_REPEATS_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_is_kept_and_what_is_not_stays_unknown),
        cmocka_unit_test(a_version_that_is_current_again_has_its_own),
        cmocka_unit_test(a_table_of_the_same_name_knows_nothing_of_the_deleted_one),
    };
    check_main(tests);
}
