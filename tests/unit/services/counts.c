/* OverlapService.Count: the answer of the query it writes, its record, its refusals, its memory. */
#include "check.h"
#include "sealroom/v1/audit.pb-c.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "upload.h"
#include "wire/wire.h"

static int lab_setup(void **state)
{
    if (room_setup(state) != 0)
        return -1;
    upload_lab();
    return 0;
}

typedef struct
{
    const char *tables[3];
    size_t table_count;
    const char *column;
    const char *where;
} asked;

#define RULE(minimum)                                                                              \
    "{\"analysisRuleType\":\"AGGREGATION\",\"analysisRulePolicy\":{\"v1\":{\"aggregation\":{"      \
    "\"aggregateColumns\":[{\"columnNames\":[\"user_id_hash\"],\"function\":\"COUNT_DISTINCT\"}]," \
    "\"joinColumns\":[\"user_id_hash\"],\"allowedJoinOperators\":[],\"dimensionColumns\":["        \
    "\"segment\"],\"scalarFunctions\":[],\"outputConstraints\":[{\"columnName\":"                  \
    "\"user_id_hash\",\"minimum\":" minimum ",\"type\":\"COUNT_DISTINCT\"}]}}}}"

static const asked lab = {{"publisher_audience", "advertiser_audience"}, 2, "", ""};

static sr_result count(Sealroom__V1__CountResponse **out, const char *member, const char *role,
                       const asked *what, sr_err *err)
{
    Sealroom__V1__CountRequest request = SEALROOM__V1__COUNT_REQUEST__INIT;
    char *tables[3];
    for (size_t i = 0; i < what->table_count; i++)
        tables[i] = wire_text(what->tables[i]);
    request.collaboration = wire_text("lab");
    request.tables = tables;
    request.n_tables = what->table_count;
    request.column = wire_text(what->column);
    request.where = wire_text(what->where);
    wire_clear(out);
    return room_ask(out, &sealroom__v1__count_response__descriptor, member, role,
                    "/sealroom.v1.OverlapService/Count", &request, err);
}

/* The newest records that the retailer sees; [0] is the newest. */
static void list_audit(Sealroom__V1__ListAuditResponse **out)
{
    sr_err err = SR_ERR_INIT;
    Sealroom__V1__ListAuditRequest request = SEALROOM__V1__LIST_AUDIT_REQUEST__INIT;
    request.collaboration = wire_text("lab");
    wire_clear(out);
    check_ok(room_ask(out, &sealroom__v1__list_audit_response__descriptor, "retailer", "owner",
                      AUDIT("ListAudit"), &request, &err),
             &err);
}

static void it_answers_as_its_query_would_and_again_from_memory(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(rows);
    SR_TEXT(expected);
    WIRE_MESSAGE(Sealroom__V1__CountResponse, first);
    WIRE_MESSAGE(Sealroom__V1__CountResponse, again);
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
    check_ok(count(&first, "brand", "analyst", &lab, &err), &err);
    check_ok(room_query(&rows, "brand", first->sql, &err), &err);
    expected = sr_text_printf("%d\n", (int)first->subjects);
    check_text(rows, expected);
    check_int(first->subjects, 2);
    check(!first->held_back && !first->results_withheld);
    check_text(first->column, "user_id_hash");
    check_int(first->n_tables, 2);
    check_ok(count(&again, "brand", "analyst", &lab, &err), &err);
    check_int(again->subjects, 2);
    check(!first->from_memory && again->from_memory);
    check_text(again->notice, first->notice);
    check(strcmp(again->query_id, first->query_id) != 0);
    list_audit(&list);
    check_text(list->records[0]->query_id, again->query_id);
    check_text(list->records[2]->query_id, first->query_id);
    for (size_t i = 0; i < 3; i++)
    {
        check_text(list->records[i]->text, first->sql);
        check_text(list->records[i]->decision, "ACCEPTED");
        check_text(list->records[i]->status, "SUCCESS");
        check_int(list->records[i]->n_tables, 2);
    }
}

static void under_the_minimum_and_none_look_the_same(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    asked one = lab;
    asked none = lab;
    one.where = "segment = 'news'";
    none.where = "segment = 'nope'";
    for (int turn = 0; turn < 2; turn++) /* computed, then from memory */
    {
        WIRE_MESSAGE(Sealroom__V1__CountResponse, few);
        WIRE_MESSAGE(Sealroom__V1__CountResponse, zero);
        check_ok(count(&few, "brand", "analyst", &one, &err), &err);
        check_ok(count(&zero, "brand", "analyst", &none, &err), &err);
        check(few->held_back && zero->held_back);
        check(few->from_memory == (turn == 1) && zero->from_memory == (turn == 1));
        check_int(few->subjects + zero->subjects, 0);
        check_text(few->notice, zero->notice);
    }
}

static void what_is_refused_is_on_the_owners_record(void **state)
{
    static const struct
    {
        asked what;
        const char *reason;
    } cases[] = {
        {{{"publisher_audience", "nowhere"}, 2, "", ""}, "TABLE_UNKNOWN"},
        {{{"publisher_audience", "publisher_audience"}, 2, "", ""}, "NAME_AMBIGUOUS"},
        {{{"publisher_audience", "advertiser_audience"}, 2, "segment", ""}, "COLUMN_UNKNOWN"},
        {{{"publisher_audience", "advertiser_audience"}, 2, "", "segment = 'a') GROUP BY (segment"},
         "CONDITION_NOT_ALLOWED"},
        {{{"publisher_audience", "advertiser_audience"}, 2, "", "segment ="}, "SYNTAX_ERROR"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        WIRE_MESSAGE(Sealroom__V1__CountResponse, answer);
        WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
        check_fails(count(&answer, "brand", "analyst", &cases[i].what, &err), &err, SR_E_REFUSED);
        check_text(err.detail.reason, cases[i].reason);
        list_audit(&list);
        check_text(list->records[0]->action, "QUERY");
        check_text(list->records[0]->decision, "REFUSED");
    }
}

static void a_text_that_is_too_long_is_refused_on_record(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    static char where[100 * 1024];
    asked long_one = lab;
    WIRE_MESSAGE(Sealroom__V1__CountResponse, answer);
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, list);
    memset(where, ' ', sizeof where - 1);
    long_one.where = where;
    check_fails(count(&answer, "brand", "analyst", &long_one, &err), &err, SR_E_REFUSED);
    check_text(err.detail.reason, "QUERY_TOO_LARGE");
    list_audit(&list);
    check_text(list->records[0]->decision, "REFUSED");
    check(strstr(list->records[0]->text, "publisher_audience") != NULL);
    check_text(list->records[0]->reason, err.text);
}

static void too_few_tables_are_no_overlap(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__CountResponse, answer);
    asked one = lab;
    one.table_count = 1;
    check_fails(count(&answer, "brand", "analyst", &one, &err), &err, SR_E_INVALID);
    one.table_count = 0;
    check_fails(count(&answer, "brand", "analyst", &one, &err), &err, SR_E_INVALID);
}

static void only_analysts_of_members_may_count(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__CountResponse, answer);
    check_fails(count(&answer, "brand", "owner", &lab, &err), &err, SR_E_ROLE);
    check_fails(count(&answer, "outsider", "analyst", &lab, &err), &err, SR_E_NOT_FOUND);
    check_ok(room_invite("retailer", "lab", "outsider", 4, &err),
             &err); /* receives, asks nothing */
    check_ok(room_accept("outsider", "lab", &err), &err);
    check_fails(count(&answer, "outsider", "analyst", &lab, &err), &err, SR_E_ROLE);
}

static void what_one_member_was_told_makes_no_difference_to_another(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__CountResponse, brand);
    WIRE_MESSAGE(Sealroom__V1__CountResponse, retailer);
    asked all = lab;
    all.where = "segment <> 'nope'";
    check_ok(count(&brand, "brand", "analyst", &all, &err), &err);
    check_ok(count(&retailer, "retailer", "analyst", &all, &err), &err);
    check_int(retailer->subjects, brand->subjects);
    check(!retailer->from_memory);
    check_ok(count(&retailer, "retailer", "analyst", &all, &err), &err);
    check(retailer->from_memory);
}

static void a_changed_rule_is_in_force_at_once(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__CountResponse, before);
    WIRE_MESSAGE(Sealroom__V1__CountResponse, after);
    check_ok(count(&before, "brand", "analyst", &lab, &err), &err);
    check_int(before->subjects, 2);
    check_ok(room_set_rule("retailer", "publisher_audience", RULE("3"), &err), &err);
    check_ok(count(&after, "brand", "analyst", &lab, &err), &err);
    check(after->held_back && !after->from_memory);
    check_int(after->subjects, 0);
    check_ok(room_set_rule("retailer", "publisher_audience", RULE("2"), &err), &err);
    check_ok(count(&after, "brand", "analyst", &lab, &err), &err);
    check_int(after->subjects, 2);
    check(!after->from_memory); /* nothing outlived the rule in between */
    check_int(after->tables[0]->version, before->tables[0]->version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_as_its_query_would_and_again_from_memory),
        cmocka_unit_test(under_the_minimum_and_none_look_the_same),
        cmocka_unit_test(what_is_refused_is_on_the_owners_record),
        cmocka_unit_test(a_text_that_is_too_long_is_refused_on_record),
        cmocka_unit_test(too_few_tables_are_no_overlap),
        cmocka_unit_test(only_analysts_of_members_may_count),
        cmocka_unit_test(what_one_member_was_told_makes_no_difference_to_another),
        cmocka_unit_test(a_changed_rule_is_in_force_at_once),
    };
    return cmocka_run_group_tests(tests, lab_setup, room_teardown);
}
