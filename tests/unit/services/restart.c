#include "check.h"
#include "upload.h"

#define LAB_QUERY                                                                                  \
    "SELECT a.campaign, COUNT(DISTINCT a.user_id_hash) AS users FROM publisher_audience p "        \
    "JOIN advertiser_audience a ON p.user_id_hash = a.user_id_hash GROUP BY a.campaign"

static void a_restarted_server_has_everything_that_was_committed(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(before);
    SR_TEXT(after);
    SR_TEXT(rows);
    upload_lab();
    before = room_tables("brand");
    room_restart();
    after = room_tables("brand");
    check_text(after, before);
    check_ok(room_query(&rows, "brand", LAB_QUERY, &err), &err);
    check_text(rows, "spring_launch, 2\n");
}

/* Tokens depend on the server's key, and joins on tokens: the key must be the same one. */
static void tables_uploaded_before_and_after_a_restart_join(void **state)
{
    static const char *const reached[] = {"bbb222", "ccc333", "ddd444"};
    static const char *const campaigns[] = {"late", "late", "late"};
    static const upload_column columns[] = {
        {"user_id_hash", "fingerprint", "STRING", reached, false},
        {"campaign", "cleartext", "STRING", campaigns, false},
    };
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(rows);
    upload_plan plan = {NULL, "advertiser_audience", columns, 2, 3, ROOM_FLAGS, UPLOAD_KEY};
    room_restart();
    check_ok(upload_whole(&plan, "brand", &err), &err);
    check_ok(room_query(&rows, "brand", LAB_QUERY, &err), &err);
    check_text(rows, "late, 3\n");
}

static void an_upload_that_a_stop_interrupts_leaves_nothing(void **state)
{
    static const char *const people[] = {"bbb222", "ccc333"};
    static const upload_column columns[] = {
        {"user_id_hash", "fingerprint", "STRING", people, false},
    };
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(before);
    SR_TEXT(after);
    upload_plan plan = {NULL, "half", columns, 1, 2, ROOM_FLAGS, UPLOAD_KEY};
    before = room_tables("brand");
    {
        UPLOAD(up);
        check_ok(upload_begin(&up, &plan, "brand", &err), &err);
        check_ok(upload_send_rows(&up, &err), &err);
    } /* the stream is dropped, and the server stopped at once */
    room_restart();
    after = room_tables("brand");
    check_text(after, before);
    check_ok(upload_whole(&plan, "brand", &err), &err); /* the name is free */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restarted_server_has_everything_that_was_committed),
        cmocka_unit_test(tables_uploaded_before_and_after_a_restart_join),
        cmocka_unit_test(an_upload_that_a_stop_interrupts_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, room_setup, room_teardown);
}
