/* Quotas on what the catalog keeps: the last that fits, the first that does not, and that nothing is left
 * of what was refused. */
#include "fixture.h"

static sr_result try_create(fixture *room, const catalog_actor *actor, const char *name,
                            sr_err *err)
{
    const collaboration_flags flags = {.allow_cleartext = true};
    ROOM_COLLABORATION(made);
    return catalog_collaboration_create(&made, room->catalog, NULL, name, &flags, actor, err);
}

static sr_result try_invite(fixture *room, const char *member, sr_err *err)
{
    return catalog_member_invite(room->catalog, &room->spring, member, ABILITY_ALL, &room->acme,
                                 err);
}

static sr_result try_begin(fixture *room, catalog_upload *out, const catalog_actor *actor,
                           const char *table, sr_err *err)
{
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    return catalog_upload_begin(out, room->catalog, &room->spring, table, columns, COLUMN_COUNT,
                                false, actor, err);
}

static void without_quotas_nothing_is_limited(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    for (int i = 0; i < 20; i++)
    {
        SR_TEXT(name);
        name = sr_text_printf("room%d", i);
        check_ok(try_create(&room, &room.acme, name, &err), &err);
        check_ok(try_invite(&room, name, &err), &err);
        (void)upload(&room, &room.acme, name);
        (void)upload(&room, &room.acme, "sales");
    }
}

static void one_member_creates_so_many_collaborations(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_collaboration *list = NULL;
    size_t count = 0;
    FIXTURE(room);
    limit(&room, QUOTA_COLLABORATIONS, 2); /* acme has "spring" */
    check_ok(try_create(&room, &room.acme, "summer", &err), &err);
    check_fails(try_create(&room, &room.acme, "autumn", &err), &err, SR_E_LIMIT);
    check_quota(&err, QUOTA_COLLABORATIONS);
    check_text(err.text, "quota maxCollaborations: member \"acme\" has created 2 collaborations, "
                         "the most that one member may; ask the operator");
    check_ok(try_create(&room, &room.brand, "autumn", &err), &err); /* others have their own */
    check_ok(catalog_collaboration_list(&list, &count, room.catalog, "acme", &err), &err);
    check_int(count, 2);
    catalog_collaborations_free(list, count);
}

static void a_collaboration_has_so_many_members_and_invitations(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM_COLLABORATION(found);
    FIXTURE(room);
    limit(&room, QUOTA_MEMBERS, 3);
    check_ok(try_invite(&room, "cargo", &err), &err);
    check_fails(try_invite(&room, "depot", &err), &err, SR_E_LIMIT);
    check_quota(&err, QUOTA_MEMBERS);
    check_error_says(&err, "collaboration \"spring\" has 3 members and invitations");
    check_ok(catalog_member_accept(room.catalog, &room.spring, &room.cargo, &err), &err);
    check_ok(catalog_collaboration_find(&found, room.catalog, "spring", "acme", &err), &err);
    check_int(found.member_count, 3);
}

static void who_may_not_invite_learns_nothing_of_the_quota(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    limit(&room, QUOTA_MEMBERS, 1);
    check_fails(
        catalog_member_invite(room.catalog, &room.spring, "depot", ABILITY_ALL, &room.brand, &err),
        &err, SR_E_ROLE);
}

static void a_member_has_so_many_tables_in_a_collaboration(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_upload made;
    FIXTURE(room);
    limit(&room, QUOTA_TABLES, 2);
    (void)upload(&room, &room.acme, "sales");
    catalog_upload reserved = begin(&room, &room.acme, "orders"); /* under way: it counts */
    check_fails(try_begin(&room, &made, &room.acme, "returns", &err), &err, SR_E_LIMIT);
    check_quota(&err, QUOTA_TABLES);
    check_error_says(&err, "member \"acme\" has 2 tables in collaboration \"spring\"");
    check(made.number == 0);
    (void)upload(&room, &room.brand, "theirs"); /* nobody uses up another's */
    (void)upload(&room, &room.acme, "sales");   /* a further version is no further table */
    catalog_upload_forget(room.catalog, &reserved);
    (void)upload(&room, &room.acme, "returns");
}

static void a_table_has_so_many_versions(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_upload made;
    FIXTURE(room);
    limit(&room, QUOTA_TABLE_VERSIONS, 2);
    (void)upload(&room, &room.acme, "sales");
    catalog_upload reserved = begin(&room, &room.acme, "sales");
    check_fails(try_begin(&room, &made, &room.acme, "sales", &err), &err, SR_E_LIMIT);
    check_quota(&err, QUOTA_TABLE_VERSIONS);
    check_error_says(&err, "table \"sales\" has 2 versions");
    catalog_upload_forget(room.catalog, &reserved);
    check_int(upload(&room, &room.acme, "sales").version, 3); /* the refused one took no number */
    (void)upload(&room, &room.acme, "returns");               /* each table has its own */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_quotas_nothing_is_limited),
        cmocka_unit_test(one_member_creates_so_many_collaborations),
        cmocka_unit_test(a_collaboration_has_so_many_members_and_invitations),
        cmocka_unit_test(who_may_not_invite_learns_nothing_of_the_quota),
        cmocka_unit_test(a_member_has_so_many_tables_in_a_collaboration),
        cmocka_unit_test(a_table_has_so_many_versions),
    };
    check_main(tests);
}
