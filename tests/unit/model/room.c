#include "model/room.h"

#include "check.h"

static void clearing_releases_empties_and_may_be_repeated(void **state)
{
    (void)state;
    ROOM_COLLABORATION(room);
    ROOM_TABLE(table);
    ROOM_AUDIT_RECORD(record);
    room.members = sr_array(2, sizeof *room.members);
    room.member_count = 2;
    table.columns = sr_array(1, sizeof *table.columns);
    table.column_count = 1;
    table.rule_json = sr_text_copy("{}");
    record.action = sr_text_copy("QUERY");
    record.text = sr_text_copy("SELECT 1");
    record.reason = sr_text_copy("no");
    record.tables = sr_array(1, sizeof *record.tables);
    record.table_count = 1;
    for (int i = 0; i < 2; i++)
    {
        room_collaboration_clear(&room);
        room_table_clear(&table);
        room_audit_record_clear(&record);
    }
    check(room.members == NULL && room.member_count == 0);
    check(table.columns == NULL && table.rule_json == NULL && table.column_count == 0);
    check(record.action == NULL && record.tables == NULL && record.table_count == 0);
}

static void members_and_columns_are_found_by_their_exact_name(void **state)
{
    (void)state;
    room_member members[] = {{"retailer", ABILITY_ALL, true}, {"brand", 0, false}};
    room_column columns[] = {{.name = "email"}, {.name = "zip code"}};
    room_collaboration room = {.members = members, .member_count = 2};
    room_table table = {.columns = columns, .column_count = 2};
    check(room_member_find(&room, "brand") == &members[1]);
    check(room_member_find(&room, "Brand") == NULL);
    check(room_member_find(&room, "") == NULL);
    check(room_column_find(&table, "zip code") == &columns[1]);
    check(room_column_find(&table, "zip") == NULL);
    check(room_column_find(&(room_table){0}, "email") == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clearing_releases_empties_and_may_be_repeated),
        cmocka_unit_test(members_and_columns_are_found_by_their_exact_name),
    };
    check_main(tests);
}
