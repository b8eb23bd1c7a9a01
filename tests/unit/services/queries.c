#include "check.h"
#include "sealroom/v1/audit.pb-c.h"
#include "upload.h"
#include "wire/wire.h"

#define LAB_QUERY                                                                                  \
    "SELECT a.campaign, COUNT(DISTINCT a.user_id_hash) AS users FROM publisher_audience p "        \
    "JOIN advertiser_audience a ON p.user_id_hash = a.user_id_hash GROUP BY a.campaign"
#define LAB_OVERLAP                                                                                \
    "SELECT a.campaign, p.segment, COUNT(*) AS overlap_count FROM publisher_audience p JOIN "      \
    "advertiser_audience a ON p.user_id_hash = a.user_id_hash GROUP BY 1, 2 ORDER BY "             \
    "overlap_count DESC"
#define LAB_REFUSED                                                                                \
    "SELECT a.user_id_hash FROM publisher_audience p JOIN advertiser_audience a ON "               \
    "p.user_id_hash = a.user_id_hash"

static int lab_setup(void **state)
{
    if (room_setup(state) != 0)
        return -1;
    upload_lab();
    return 0;
}

static sr_result list_audit(Sealroom__V1__ListAuditResponse **out, const char *member,
                            const char *table, uint64_t before, sr_err *err)
{
    Sealroom__V1__ListAuditRequest request = SEALROOM__V1__LIST_AUDIT_REQUEST__INIT;
    request.collaboration = wire_text("lab");
    request.table = wire_text(table);
    request.before = before;
    return room_ask(out, &sealroom__v1__list_audit_response__descriptor, member, "owner",
                    AUDIT("ListAudit"), &request, err);
}

/* The newest record that the member sees. */
static const Sealroom__V1__AuditRecord *newest(Sealroom__V1__ListAuditResponse **list,
                                               const char *member)
{
    sr_err err = SR_ERR_INIT;
    wire_clear(list);
    check_ok(list_audit(list, member, "", 0, &err), &err);
    check((*list)->n_records > 0);
    return (*list)->records[0];
}

/* ---- answers --------------------------------------------------------------------------------- */

static void the_lab_is_answered_and_on_record(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(rows);
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
    check_ok(room_query(&rows, "brand", LAB_QUERY, &err), &err);
    check_text(rows, "spring_launch, 2\n");
    const Sealroom__V1__AuditRecord *record = newest(&list, "retailer");
    check_text(record->action, "QUERY");
    check_text(record->member, "brand");
    check_text(record->role, "analyst");
    check_text(record->text, LAB_QUERY);
    check_text(record->decision, "ACCEPTED");
    check_text(record->status, "SUCCESS");
    check_int(record->n_tables, 2);
    check_int(strlen(record->certificate_fingerprint), 64);
    check(record->finished_us >= record->time_us && record->time_us > 0);
}

static void groups_under_the_minimum_are_not_there(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(rows);
    check_ok(room_query(&rows, "brand", LAB_OVERLAP, &err), &err);
    check_text(rows, "");
}

static void a_refusal_names_field_table_and_column_and_is_on_record(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(rows);
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
    check_fails(room_query(&rows, "brand", LAB_REFUSED, &err), &err, SR_E_REFUSED);
    check(rows == NULL);
    check_text(err.detail.column, "user_id_hash");
    check(err.detail.field[0] != '\0' && err.detail.reason[0] != '\0');
    const Sealroom__V1__AuditRecord *record = newest(&list, "retailer");
    check_text(record->text, LAB_REFUSED);
    check_text(record->decision, "REFUSED");
    check_text(record->rule_column, "user_id_hash");
    check(record->reason[0] != '\0');
}

static void text_that_is_no_query_is_refused_and_on_record(void **state)
{
    static const char *const texts[] = {"", "DROP TABLE publisher_audience", "SELECT 1; SELECT 2",
                                        "SELECT", "SELECT * FROM nowhere"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_TEXT(rows);
        WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
        check_fails(room_query(&rows, "brand", texts[i], &err), &err, SR_E_REFUSED);
        const Sealroom__V1__AuditRecord *record = newest(&list, "brand");
        check_text(record->text, texts[i]);
        check_text(record->decision, "REFUSED");
    }
}

static void a_member_without_the_ability_is_refused_and_on_record(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(rows);
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
    check_ok(room_invite("retailer", "lab", "outsider", 1, &err), &err); /* contribute only */
    check_ok(room_accept("outsider", "lab", &err), &err);
    check(room_query(&rows, "outsider", LAB_QUERY, &err) == SR_FAIL);
    check(err.code == SR_E_ROLE || err.code == SR_E_REFUSED);
    const Sealroom__V1__AuditRecord *record = newest(&list, "outsider");
    check_text(record->action, "QUERY");
    check(strcmp(record->status, "SUCCESS") != 0);
}

/* ---- the log --------------------------------------------------------------------------------- */

static void the_log_lists_newest_first_in_pages(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, all);
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, rest);
    check_ok(list_audit(&all, "retailer", "", 0, &err), &err);
    check(all->n_records > 4);
    for (size_t i = 1; i < all->n_records; i++)
        check(all->records[i]->number < all->records[i - 1]->number);
    check_ok(list_audit(&rest, "retailer", "", all->records[1]->number, &err), &err);
    check_int(rest->n_records, all->n_records - 2);
    check_int(rest->records[0]->number, all->records[2]->number);
}

static void the_log_of_a_table_holds_what_touched_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    bool uploaded = false;
    bool ruled = false;
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
    check_ok(list_audit(&list, "retailer", "publisher_audience", 0, &err), &err);
    for (size_t i = 0; i < list->n_records; i++)
    {
        uploaded = uploaded || strcmp(list->records[i]->action, "TABLE_UPLOADED") == 0;
        ruled = ruled || strcmp(list->records[i]->action, "RULE_SET") == 0;
    }
    check(uploaded && ruled);
}

static void a_stranger_sees_no_log(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_ok(room_create("brand", "quiet", "", 0, &err), &err);
    Sealroom__V1__ListAuditRequest request = SEALROOM__V1__LIST_AUDIT_REQUEST__INIT;
    request.collaboration = wire_text("quiet");
    check_fails(room_ask(NULL, NULL, "retailer", "owner", AUDIT("ListAudit"), &request, &err), &err,
                SR_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lab_is_answered_and_on_record),
        cmocka_unit_test(groups_under_the_minimum_are_not_there),
        cmocka_unit_test(a_refusal_names_field_table_and_column_and_is_on_record),
        cmocka_unit_test(text_that_is_no_query_is_refused_and_on_record),
        cmocka_unit_test(a_member_without_the_ability_is_refused_and_on_record),
        cmocka_unit_test(the_log_lists_newest_first_in_pages),
        cmocka_unit_test(the_log_of_a_table_holds_what_touched_it),
        cmocka_unit_test(a_stranger_sees_no_log),
    };
    return cmocka_run_group_tests(tests, lab_setup, room_teardown);
}
