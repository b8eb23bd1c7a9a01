/* The audit log: what is recorded, in which order, and who sees it. */
#include "fixture.h"

#include "server/audit/audit.h"

/* A list that releases itself. */
typedef struct
{
    room_audit_record *records;
    size_t count;
} record_list;

static void list_clear(record_list *list)
{
    audit_list_free(list->records, list->count);
}

#define LIST(name) record_list name SR_CLEANUP(list_clear) = {NULL, 0}

static void list_with(record_list *out, fixture *room, audit_filter filter)
{
    sr_err err = SR_ERR_INIT;
    filter.collaboration = room->spring;
    check_ok(audit_list(&out->records, &out->count, room->catalog, &filter, &err), &err);
}

static void list_for(record_list *out, fixture *room, const char *viewer)
{
    list_with(out, room, (audit_filter){.viewer = viewer});
}

static audit_query begin_query(fixture *room, const catalog_actor *actor, const char *text)
{
    sr_err err = SR_ERR_INIT;
    audit_query query;
    check_ok(audit_query_begin(&query, room->catalog, &room->spring, actor, text, &err), &err);
    return query;
}

static const room_table_version acme_sales = {.table = "sales", .owner = "acme", .version = 1};
static const room_table_version brand_people = {.table = "people", .owner = "brand", .version = 3};

static void accept(fixture *room, const audit_query *query, const room_table_version *tables,
                   size_t count)
{
    sr_err err = SR_ERR_INIT;
    check_ok(audit_query_decided(room->catalog, query, tables, count, NULL, &err), &err);
}

static void finish(fixture *room, const audit_query *query, audit_outcome outcome,
                   const sr_err *why)
{
    sr_err err = SR_ERR_INIT;
    check_ok(audit_query_finished(room->catalog, query, outcome, why, &err), &err);
}

/* ---- the life of a query --------------------------------------------------------------------- */

static void a_query_is_on_record_before_anything_runs(void **state)
{
    (void)state;
    FIXTURE(room);
    LIST(list);
    audit_query query = begin_query(&room, &room.brand, "SELECT \"ü\" FROM nowhere");
    list_for(&list, &room, "brand");
    const room_audit_record *record = &list.records[0];
    check(record->number == query.number && record->time_us > 0);
    check_text(record->action, "QUERY");
    check_text(record->query_id, query.query_id);
    check_text(record->text, "SELECT \"ü\" FROM nowhere");
    check_text(record->who.member, "brand");
    check_int(record->who.role, ROLE_ADMIN);
    check_text(record->certificate, room.brand.certificate);
    check_text(record->decision, "PENDING");
    check_text(record->status, "SUBMITTED");
    check_text(record->reason, "");
    check(record->finished_us == 0 && record->table_count == 0);
}

static void an_accepted_query_goes_from_started_to_its_end(void **state)
{
    (void)state;
    const room_table_version tables[] = {acme_sales, brand_people};
    FIXTURE(room);
    LIST(started);
    LIST(ended);
    audit_query query = begin_query(&room, &room.brand, "SELECT 1");
    accept(&room, &query, tables, 2);
    list_for(&started, &room, "brand");
    check_text(started.records[0].decision, "ACCEPTED");
    check_text(started.records[0].status, "STARTED");
    check_int(started.records[0].table_count, 2);
    check_text(started.records[0].tables[0].table, "sales");
    check_text(started.records[0].tables[1].owner, "brand");
    check_int(started.records[0].tables[1].version, 3);
    finish(&room, &query, AUDIT_SUCCESS, NULL);
    list_for(&ended, &room, "brand");
    check_text(ended.records[0].status, "SUCCESS");
    check(ended.records[0].finished_us >= ended.records[0].time_us);
}

static void a_refused_query_carries_reason_field_table_and_column(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_err refusal = SR_ERR_INIT;
    FIXTURE(room);
    LIST(list);
    sr_fail(&refusal, SR_E_REFUSED, "column \"email\" may not be selected");
    sr_err_set_detail(&refusal, "COLUMN_NOT_A_DIMENSION", "dimensionColumns", "sales", "email");
    audit_query query = begin_query(&room, &room.brand, "SELECT email FROM sales");
    check_ok(audit_query_decided(room.catalog, &query, &acme_sales, 1, &refusal, &err), &err);
    list_for(&list, &room, "acme");
    const room_audit_record *record = &list.records[0];
    check_text(record->decision, "REFUSED");
    check_text(record->status, "FAILED");
    check_text(record->reason, "column \"email\" may not be selected");
    check_text(record->rule_field, "dimensionColumns");
    check_text(record->rule_table, "sales");
    check_text(record->rule_column, "email");
    check(record->finished_us > 0);
    check_fails(audit_query_finished(room.catalog, &query, AUDIT_SUCCESS, NULL, &err), &err,
                SR_E_STATE);
}

static void every_end_has_its_word(void **state)
{
    (void)state;
    static const struct
    {
        sr_code code;
        const char *status;
    } ends[] = {{SR_E_CANCELLED, "CANCELLED"}, {SR_E_TIMEOUT, "TIMED_OUT"}, {SR_E_IO, "FAILED"}};
    FIXTURE(room);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    {
        LIST(list);
        sr_err why = SR_ERR_INIT;
        sr_fail(&why, ends[i].code, "the innermost reason");
        audit_query query = begin_query(&room, &room.brand, "SELECT 1");
        accept(&room, &query, NULL, 0);
        finish(&room, &query, audit_outcome_of(&why), &why);
        list_for(&list, &room, "brand");
        check_text(list.records[0].status, ends[i].status);
        check_text(list.records[0].reason, sr_err_peer_text(&why));
    }
}

static void a_reason_that_peers_may_not_read_is_not_on_record(void **state)
{
    (void)state;
    sr_err why = SR_ERR_INIT;
    FIXTURE(room);
    LIST(list);
    sr_fail(&why, SR_E_INTERNAL, "card4711 did not fit");
    audit_query query = begin_query(&room, &room.brand, "SELECT 1");
    finish(&room, &query, AUDIT_FAILED, &why);
    list_for(&list, &room, "brand");
    check(strstr(list.records[0].reason, "4711") == NULL);
    check(list.records[0].reason[0] != '\0');
}

static void a_query_that_ends_before_the_decision_stays_pending(void **state)
{
    (void)state;
    sr_err why = SR_ERR_INIT;
    FIXTURE(room);
    LIST(list);
    sr_fail(&why, SR_E_CANCELLED, "cancelled");
    audit_query query = begin_query(&room, &room.brand, "SELECT 1");
    finish(&room, &query, AUDIT_CANCELLED, &why);
    list_for(&list, &room, "brand");
    check_text(list.records[0].decision, "PENDING");
    check_text(list.records[0].status, "CANCELLED");
}

static void no_step_is_taken_twice(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    audit_query query = begin_query(&room, &room.brand, "SELECT 1");
    accept(&room, &query, NULL, 0);
    check_fails(audit_query_decided(room.catalog, &query, &acme_sales, 1, NULL, &err), &err,
                SR_E_STATE);
    finish(&room, &query, AUDIT_SUCCESS, NULL);
    check_fails(audit_query_finished(room.catalog, &query, AUDIT_FAILED, NULL, &err), &err,
                SR_E_STATE);
    check_fails(audit_query_decided(room.catalog, &query, NULL, 0, NULL, &err), &err, SR_E_STATE);
    LIST(list);
    list_for(&list, &room, "acme"); /* the second decision left no table behind */
    for (size_t i = 0; i < list.count; i++)
        check_text(list.records[i].who.member, "acme");
}

static void a_long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    enum
    {
        UMLAUTS = 40000
    };
    static char text[2 * UMLAUTS + 2];
    FIXTURE(room);
    LIST(list);
    text[0] = 'x';
    for (size_t i = 0; i < UMLAUTS; i++)
        memcpy(text + 1 + 2 * i, "ü", 2);
    begin_query(&room, &room.brand, text);
    list_for(&list, &room, "brand");
    const char *kept = list.records[0].text;
    size_t len = strlen(kept);
    check(len <= AUDIT_TEXT_MOST + 3 && len >= AUDIT_TEXT_MOST);
    check(strncmp(kept, text, len - 3) == 0);
    check_text(kept + len - 3, "…");
}

static void a_collaboration_that_is_not_there_takes_no_record(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_uuid nowhere = sr_uuid_random();
    audit_query query;
    FIXTURE(room);
    check_fails(audit_query_begin(&query, room.catalog, &nowhere, &room.acme, "SELECT 1", &err),
                &err, SR_E_NOT_FOUND);
    check(query.number == 0 && query.query_id[0] == '\0');
}

/* ---- changes --------------------------------------------------------------------------------- */

static void every_change_is_on_record_by_itself(void **state)
{
    (void)state;
    static const char *const actions[] = {"RULE_SET", "TABLE_UPLOADED", "MEMBER_INVITED",
                                          "COLLABORATION_CREATED"};
    sr_err err = SR_ERR_INIT;
    uint32_t version = 0;
    FIXTURE(room);
    LIST(list);
    LIST(partner);
    upload(&room, &room.acme, "sales");
    check_ok(catalog_rule_set(&version, room.catalog, &room.spring, "sales", "{}", "id", &room.acme,
                              &err),
             &err);
    list_for(&list, &room, "acme");
    check_int(list.count, 4);
    for (size_t i = 0; i < list.count; i++)
    {
        check_text(list.records[i].action, actions[i]);
        check_text(list.records[i].status, "SUCCESS");
        check(list.records[i].finished_us > 0);
    }
    list_for(&partner, &room, "brand");
    check_int(partner.count, 1);
    check_text(partner.records[0].action, "INVITATION_ACCEPTED");
}

static void a_change_that_fails_is_not_on_record(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint32_t version = 0;
    FIXTURE(room);
    LIST(before);
    LIST(after);
    upload(&room, &room.acme, "sales");
    list_for(&before, &room, "acme");
    check_fails(catalog_rule_set(&version, room.catalog, &room.spring, "sales", "{}", "id",
                                 &room.brand, &err),
                &err, SR_E_ROLE);
    check_fails(catalog_member_invite(room.catalog, &room.spring, "brand", 0, &room.acme, &err),
                &err, SR_E_EXISTS);
    list_for(&after, &room, "acme");
    check_int(after.count, before.count);
    audit_query next = begin_query(&room, &room.acme, "SELECT 1");
    check(next.number == before.records[0].number + 1); /* and takes no number */
}

static void other_events_are_recorded_on_request(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    LIST(list);
    check_ok(audit_event(room.catalog, &room.spring, &room.brand, "RESULT_FETCHED", "words",
                         &acme_sales, 1, &err),
             &err);
    list_for(&list, &room, "acme");
    check_text(list.records[0].action, "RESULT_FETCHED");
    check_text(list.records[0].text, "words");
    check_text(list.records[0].tables[0].table, "sales");
}

/* ---- who sees what --------------------------------------------------------------------------- */

static void a_member_sees_its_own_records_and_those_on_its_tables(void **state)
{
    (void)state;
    FIXTURE(room);
    LIST(acme);
    LIST(brand);
    LIST(cargo);
    join(&room, &room.spring, &room.acme, &room.cargo, ABILITY_ALL);
    audit_query on_sales = begin_query(&room, &room.brand, "SELECT on sales");
    accept(&room, &on_sales, &acme_sales, 1);
    audit_query on_people = begin_query(&room, &room.brand, "SELECT on people");
    accept(&room, &on_people, &brand_people, 1);
    list_for(&acme, &room, "acme");
    for (size_t i = 0; i < acme.count; i++)
        check(strcmp(acme.records[i].text, "SELECT on people") != 0);
    check_text(acme.records[0].text, "SELECT on sales");
    list_for(&brand, &room, "brand");
    check_text(brand.records[0].text, "SELECT on people");
    check_text(brand.records[1].text, "SELECT on sales");
    list_for(&cargo, &room, "cargo");
    check_int(cargo.count, 1); /* its own acceptance */
}

static void records_of_other_collaborations_are_not_seen(void **state)
{
    (void)state;
    FIXTURE(room);
    LIST(list);
    begin_query(&room, &room.acme, "SELECT in spring");
    room.spring = create(&room, &room.acme, "autumn");
    list_for(&list, &room, "acme");
    check_int(list.count, 1);
    check_text(list.records[0].action, "COLLABORATION_CREATED");
    check(list.records[0].number == 1);
}

static void a_table_filter_keeps_what_touches_the_table(void **state)
{
    (void)state;
    FIXTURE(room);
    LIST(sales);
    LIST(costs);
    upload(&room, &room.acme, "sales");
    upload(&room, &room.acme, "costs");
    audit_query query = begin_query(&room, &room.brand, "SELECT on sales");
    accept(&room, &query, &acme_sales, 1);
    list_with(&sales, &room, (audit_filter){.viewer = "acme", .table = "sales"});
    check_int(sales.count, 2);
    check_text(sales.records[0].text, "SELECT on sales");
    check_text(sales.records[1].action, "TABLE_UPLOADED");
    list_with(&costs, &room, (audit_filter){.viewer = "acme", .table = "costs"});
    check_int(costs.count, 1);
}

static void a_table_filter_opens_nothing_that_the_viewer_may_not_see(void **state)
{
    (void)state;
    FIXTURE(room);
    LIST(list);
    upload(&room, &room.acme, "sales");
    audit_query query = begin_query(&room, &room.acme, "SELECT on my own");
    accept(&room, &query, &acme_sales, 1);
    list_with(&list, &room, (audit_filter){.viewer = "brand", .table = "sales"});
    check_int(list.count, 0);
}

static void a_filter_on_a_table_that_is_not_there_says_so(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_audit_record *records = NULL;
    size_t count = 7;
    FIXTURE(room);
    audit_filter filter = {.collaboration = room.spring, .viewer = "acme", .table = "nowhere"};
    check_fails(audit_list(&records, &count, room.catalog, &filter, &err), &err, SR_E_NOT_FOUND);
    check(records == NULL && count == 0);
}

/* ---- order, numbers, paging ------------------------------------------------------------------ */

static void numbers_rise_by_one_and_pages_follow_each_other(void **state)
{
    (void)state;
    FIXTURE(room);
    for (int i = 0; i < 150; i++)
        begin_query(&room, &room.brand, "SELECT 1");
    LIST(standard);
    list_for(&standard, &room, "brand");
    check_int(standard.count, AUDIT_LIST_DEFAULT);
    for (size_t i = 0; i + 1 < standard.count; i++)
        check(standard.records[i].number == standard.records[i + 1].number + 1);
    LIST(page);
    uint64_t last = standard.records[standard.count - 1].number;
    list_with(&page, &room, (audit_filter){.viewer = "brand", .limit = 20, .before = last});
    check_int(page.count, 20);
    check(page.records[0].number == last - 1);
}

static void a_list_has_a_largest_size(void **state)
{
    (void)state;
    FIXTURE(room);
    LIST(list);
    for (int i = 0; i < AUDIT_LIST_MOST + 10; i++)
        begin_query(&room, &room.brand, "SELECT 1");
    list_with(&list, &room, (audit_filter){.viewer = "brand", .limit = UINT32_MAX});
    check_int(list.count, AUDIT_LIST_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_on_record_before_anything_runs),
        cmocka_unit_test(an_accepted_query_goes_from_started_to_its_end),
        cmocka_unit_test(a_refused_query_carries_reason_field_table_and_column),
        cmocka_unit_test(every_end_has_its_word),
        cmocka_unit_test(a_reason_that_peers_may_not_read_is_not_on_record),
        cmocka_unit_test(a_query_that_ends_before_the_decision_stays_pending),
        cmocka_unit_test(no_step_is_taken_twice),
        cmocka_unit_test(a_long_text_is_cut_at_a_character),
        cmocka_unit_test(a_collaboration_that_is_not_there_takes_no_record),
        cmocka_unit_test(every_change_is_on_record_by_itself),
        cmocka_unit_test(a_change_that_fails_is_not_on_record),
        cmocka_unit_test(other_events_are_recorded_on_request),
        cmocka_unit_test(a_member_sees_its_own_records_and_those_on_its_tables),
        cmocka_unit_test(records_of_other_collaborations_are_not_seen),
        cmocka_unit_test(a_table_filter_keeps_what_touches_the_table),
        cmocka_unit_test(a_table_filter_opens_nothing_that_the_viewer_may_not_see),
        cmocka_unit_test(a_filter_on_a_table_that_is_not_there_says_so),
        cmocka_unit_test(numbers_rise_by_one_and_pages_follow_each_other),
        cmocka_unit_test(a_list_has_a_largest_size),
    };
    check_main(tests);
}
