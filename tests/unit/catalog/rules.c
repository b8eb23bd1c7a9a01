/* Rules: set by the owner, in force at once, kept with their history. */
#include "fixture.h"

static sr_result set(fixture *room, const char *table, const char *json, const catalog_actor *actor,
                     uint32_t *version, sr_err *err)
{
    return catalog_rule_set(version, room->catalog, &room->spring, table, json, "id", actor, err);
}

static void a_rule_is_in_force_when_it_is_set(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint32_t version = 0;
    CATALOG_TABLE(found);
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    check_ok(set(&room, "sales", "{\"a\":1}", &room.acme, &version, &err), &err);
    check_int(version, 1);
    check_ok(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err);
    check_text(found.room.rule_json, "{\"a\":1}");
    check_text(found.room.subject_column, "id");
}

static void a_rule_stays_when_a_new_version_of_the_table_comes(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint32_t version = 0;
    CATALOG_TABLE(found);
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    check_ok(set(&room, "sales", "{\"a\":1}", &room.acme, &version, &err), &err);
    upload(&room, &room.acme, "sales");
    check_ok(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err);
    check_int(found.room.version, 2);
    check_text(found.room.rule_json, "{\"a\":1}");
}

static void the_latest_rule_holds_and_all_are_kept(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint32_t version = 0;
    catalog_rule *history = NULL;
    size_t count = 0;
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    check_ok(set(&room, "sales", "{\"a\":1}", &room.acme, &version, &err), &err);
    check_ok(set(&room, "sales", "{\"a\":2}", &room.acme, &version, &err), &err);
    check_int(version, 2);
    fixture_restart(&room);
    check_ok(catalog_rule_history(&history, &count, room.catalog, &room.spring, "sales", &err),
             &err);
    check_int(count, 2);
    check_text(history[0].rule_json, "{\"a\":2}");
    check_int(history[0].version, 2);
    check_text(history[1].rule_json, "{\"a\":1}");
    check_text(history[1].who.member, "acme");
    check_int(history[1].who.role, ROLE_ADMIN);
    check(history[1].set_us > 0 && history[1].set_us <= history[0].set_us);
    catalog_rules_free(history, count);
}

static void a_partner_sets_no_rule_on_my_table(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint32_t version = 7;
    CATALOG_TABLE(found);
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    check_fails(set(&room, "sales", "{}", &room.brand, &version, &err), &err, SR_E_ROLE);
    check_int(version, 0);
    check_ok(catalog_table_find(&found, room.catalog, &room.spring, "sales", &err), &err);
    check(found.room.rule_json == NULL);
}

static void a_table_that_is_not_visible_has_no_rule(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint32_t version = 7;
    catalog_rule *history = NULL;
    size_t count = 7;
    FIXTURE(room);
    begin(&room, &room.acme, "soon");
    check_fails(set(&room, "soon", "{}", &room.acme, &version, &err), &err, SR_E_NOT_FOUND);
    check_int(version, 0);
    check_fails(catalog_rule_history(&history, &count, room.catalog, &room.spring, "soon", &err),
                &err, SR_E_NOT_FOUND);
    check(history == NULL && count == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_in_force_when_it_is_set),
        cmocka_unit_test(a_rule_stays_when_a_new_version_of_the_table_comes),
        cmocka_unit_test(the_latest_rule_holds_and_all_are_kept),
        cmocka_unit_test(a_partner_sets_no_rule_on_my_table),
        cmocka_unit_test(a_table_that_is_not_visible_has_no_rule),
    };
    check_main(tests);
}
