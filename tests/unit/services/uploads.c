#include "upload.h"

#include "check.h"
#include "server/rpc/upload_rows.h"

static const char *const people[] = {"aaa", "bbb", NULL};
static const char *const numbers[] = {"1", NULL, "-3"};
static const char *const ciphers[] = {"x", "y", NULL};

static const upload_column good_columns[] = {
    {"id", "fingerprint", "STRING", people, false},
    {"age", "cleartext", "INTEGER", numbers, false},
    {"tier", "deterministic", "STRING", ciphers, false},
    {"note", "sealed", "STRING", ciphers, true},
};

static upload_plan good_plan(const char *table)
{
    return (upload_plan){NULL, table, good_columns, 4, 3, ROOM_FLAGS, UPLOAD_KEY};
}

/* Whatever was tried left nothing: both members see the same tables as before. */
static void check_nothing_left(const char *before)
{
    SR_TEXT(owner);
    SR_TEXT(partner);
    owner = room_tables("retailer");
    partner = room_tables("brand");
    check_text(owner, before);
    check_text(partner, before);
}

/* ---- as it should be ------------------------------------------------------------------------- */

static void a_whole_upload_is_a_version_and_the_next_one_another(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(tables);
    upload_plan plan = good_plan("people");
    check_ok(upload_whole(&plan, "retailer", &err), &err);
    UPLOAD(again);
    uint32_t version = 0;
    check_ok(upload_begin(&again, &plan, "retailer", &err), &err);
    check_ok(upload_send_rows(&again, &err), &err);
    check_ok(upload_send_rows(&again, &err), &err);
    check_nothing_left("people 1\n"); /* not before commit */
    check_ok(upload_commit(&again, NULL, &version, &err), &err);
    check_int(version, 2);
    tables = room_tables("brand");
    check_text(tables, "people 2\n");
}

static void a_table_without_rows_is_a_table(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    UPLOAD(up);
    uint32_t version = 0;
    upload_plan plan = good_plan("people");
    check_ok(upload_begin(&up, &plan, "retailer", &err), &err);
    check_ok(upload_commit(&up, NULL, &version, &err), &err);
    check_int(version, 3);
}

/* ---- begin ----------------------------------------------------------------------------------- */

static void refuses_begin(const upload_plan *plan, const char *member, sr_code code,
                          const char *says)
{
    sr_err err = SR_ERR_INIT;
    UPLOAD(up);
    SR_TEXT(before);
    before = room_tables("retailer");
    check_fails(upload_begin(&up, plan, member, &err), &err, code);
    check_error_says(&err, says);
    check_nothing_left(before);
}

static void an_upload_names_its_room_and_table(void **state)
{
    static const char *const bad_names[] = {"", "Has Blanks", "with-dash", "1st", "a\"b"};
    (void)state;
    upload_plan plan = good_plan("t");
    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++)
    {
        plan.table = bad_names[i];
        refuses_begin(&plan, "retailer", SR_E_INVALID, "table");
    }
    plan = good_plan("t");
    plan.collaboration = "nowhere";
    refuses_begin(&plan, "retailer", SR_E_NOT_FOUND, "nowhere");
    plan.collaboration = "lab";
    refuses_begin(&plan, "outsider", SR_E_NOT_FOUND, "lab");
}

static void a_table_of_another_member_is_not_replaced(void **state)
{
    (void)state;
    upload_plan plan = good_plan("people");
    refuses_begin(&plan, "brand", SR_E_EXISTS, "people");
}

static void columns_are_judged_by_name(void **state)
{
    static const struct
    {
        upload_column column;
        const char *says;
    } cases[] = {
        {{"Age", "cleartext", "INTEGER", numbers, false}, "Age"},
        {{" age", "cleartext", "INTEGER", numbers, false}, "age"},
        {{"", "cleartext", "INTEGER", numbers, false}, "blank"},
        {{"a.b", "cleartext", "INTEGER", numbers, false}, "a.b"},
        {{"age", "magic", "INTEGER", numbers, false}, "magic"},
        {{"age", "cleartext", "NUMBER", numbers, false}, "age"},
        {{"age", "fingerprint", "DOUBLE", numbers, false}, "age"},
        {{"age", "deterministic", "TIMESTAMP", numbers, false}, "age"},
        {{"id", "cleartext", "STRING", people, false}, "id"}, /* there already */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        upload_column columns[] = {good_columns[0], cases[i].column};
        upload_plan plan = good_plan("t");
        plan.columns = columns;
        plan.column_count = 2;
        refuses_begin(&plan, "retailer", SR_E_INVALID, cases[i].says);
    }
    upload_plan none = good_plan("t");
    none.column_count = 0;
    refuses_begin(&none, "retailer", SR_E_INVALID, "column");
}

static void another_secret_or_other_settings_are_told_at_once(void **state)
{
    (void)state;
    upload_plan plan = good_plan("t");
    plan.key = 0x22;
    refuses_begin(&plan, "brand", SR_E_SECRET, "key check value");
    plan.key = -1;
    refuses_begin(&plan, "brand", SR_E_INVALID, "key check value");
    plan = good_plan("t");
    plan.flags = ROOM_FLAGS | 8;
    refuses_begin(&plan, "brand", SR_E_STATE, "settings");
}

static void cleartext_needs_the_collaborations_leave(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_ok(room_create("retailer", "strict", "", 0, &err), &err);
    upload_plan plan = good_plan("t");
    plan.collaboration = "strict";
    plan.flags = 0;
    refuses_begin(&plan, "retailer", SR_E_STATE, "cleartext");
}

/* ---- batches --------------------------------------------------------------------------------- */

/* A table of one fingerprint column and one cleartext column of two rows, one of them as given. */
static sr_result send_two(const batch_column *id, const batch_column *age, uint32_t rows,
                          size_t columns, sr_err *err)
{
    UPLOAD(up);
    upload_plan plan = good_plan("bad");
    plan.column_count = 2;
    const batch_column both[] = {*id, *age};
    check_ok(upload_begin(&up, &plan, "retailer", err), err);
    if (upload_send_batch(&up, both, columns, rows, err) != SR_OK)
        return SR_FAIL;
    return upload_commit(&up, NULL, NULL, err);
}

static uint8_t two_prints[64];
static const uint32_t two_lengths[] = {1, 2};

static batch_column good_id(void)
{
    return (batch_column){.width = 32, .data = sr_slice_of(two_prints, 64)};
}

static batch_column good_age(void)
{
    return (batch_column){.lengths = two_lengths, .length_count = 2, .data = sr_slice_text("712")};
}

static void refuses_batch(const batch_column *id, const batch_column *age, uint32_t rows,
                          size_t columns, const char *says)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(before);
    before = room_tables("retailer");
    check(send_two(id, age, rows, columns, &err) == SR_FAIL);
    check(err.code == SR_E_INVALID || err.code == SR_E_FORMAT);
    check_error_says(&err, says);
    check_nothing_left(before);
}

static void a_batch_must_fit_its_columns(void **state)
{
    (void)state;
    batch_column id = good_id();
    batch_column age = good_age();
    refuses_batch(&id, &age, 0, 2, "rows");
    refuses_batch(&id, &age, 65537, 2, "rows");
    refuses_batch(&id, &age, UINT32_MAX, 2, "rows");
    refuses_batch(&id, &age, 2, 1, "column");
    refuses_batch(&id, &age, 3, 2, "id");
    age.length_count = 1;
    refuses_batch(&id, &age, 2, 2, "age");
    age = good_age();
    age.data.len = 2;
    refuses_batch(&id, &age, 2, 2, "age");
    age = good_age();
    age.nulls = sr_slice_of("\1", 1); /* row 0 is NULL, and has a length */
    refuses_batch(&id, &age, 2, 2, "age");
    age.nulls = sr_slice_of("\0\0", 2);
    refuses_batch(&id, &age, 2, 2, "age");
}

static void a_fingerprint_has_32_bytes_exactly(void **state)
{
    static const uint32_t lengths[] = {31, 33};
    (void)state;
    batch_column age = good_age();
    batch_column id = {.lengths = lengths, .length_count = 2, .data = sr_slice_of(two_prints, 64)};
    refuses_batch(&id, &age, 2, 2, "id");
    id = (batch_column){.width = 31, .data = sr_slice_of(two_prints, 62)};
    refuses_batch(&id, &age, 2, 2, "id");
    id = (batch_column){.width = 64, .data = sr_slice_of(two_prints, 64)};
    refuses_batch(&id, &age, 1, 2, "id");
}

static void cleartext_must_be_of_its_type_and_the_value_is_not_repeated(void **state)
{
    static const uint32_t lengths[] = {1, 6};
    (void)state;
    sr_err err = SR_ERR_INIT;
    batch_column id = good_id();
    batch_column age = {.lengths = lengths, .length_count = 2, .data = sr_slice_text("7secret")};
    SR_TEXT(before);
    before = room_tables("retailer");
    check_fails(send_two(&id, &age, 2, 2, &err), &err, SR_E_FORMAT);
    check_error_says(&err, "row 2");
    check_error_says(&err, "INTEGER");
    check(strstr(err.text, "secret") == NULL);
    check_nothing_left(before);
    age.data = sr_slice_of("7\xff\xfe\xfd\xfc\xfb\xfa", 7);
    refuses_batch(&id, &age, 2, 2, "age");
}

static void an_encrypted_cell_has_a_length_that_it_can_have(void **state)
{
    static const upload_column columns[] = {{"tier", "deterministic", "STRING", ciphers, false},
                                            {"note", "sealed", "STRING", ciphers, false}};
    static uint8_t cells[UPLOAD_CELL_MOST + 1];
    static const struct
    {
        size_t tier;
        size_t note;
        const char *says; /* NULL: accepted */
    } cases[] = {
        {UPLOAD_DETERMINISTIC_LEAST, UPLOAD_SEALED_LEAST, NULL},
        {UPLOAD_DETERMINISTIC_LEAST - 1, UPLOAD_SEALED_LEAST, "tier"},
        {UPLOAD_DETERMINISTIC_LEAST, UPLOAD_SEALED_LEAST - 1, "note"},
        {UPLOAD_CELL_MOST + 1, UPLOAD_SEALED_LEAST, "tier"},
        {UPLOAD_DETERMINISTIC_LEAST, UPLOAD_CELL_MOST + 1, "note"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        UPLOAD(up);
        upload_plan plan = {NULL, "ciphers", columns, 2, 1, ROOM_FLAGS, UPLOAD_KEY};
        const batch_column both[] = {
            {.width = (uint32_t)cases[i].tier, .data = sr_slice_of(cells, cases[i].tier)},
            {.width = (uint32_t)cases[i].note, .data = sr_slice_of(cells, cases[i].note)},
        };
        check_ok(upload_begin(&up, &plan, "retailer", &err), &err);
        check_ok(upload_send_batch(&up, both, 2, 1, &err), &err);
        sr_result result = upload_commit(&up, NULL, NULL, &err);
        if (cases[i].says == NULL)
        {
            check_ok(result, &err);
            continue;
        }
        check_fails(result, &err, SR_E_FORMAT);
        check_error_says(&err, cases[i].says);
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

static void a_commit_that_does_not_match_keeps_nothing(void **state)
{
    static const upload_lies lies[] = {{1, false, false}, {0, true, false}, {0, false, true}};
    (void)state;
    SR_TEXT(before);
    before = room_tables("retailer");
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        UPLOAD(up);
        upload_plan plan = good_plan("people");
        check_ok(upload_begin(&up, &plan, "retailer", &err), &err);
        check_ok(upload_send_rows(&up, &err), &err);
        check_fails(upload_commit(&up, &lies[i], NULL, &err), &err,
                    lies[i].no_cards ? SR_E_INVALID : SR_E_FORMAT);
        check_nothing_left(before);
    }
}

static void a_stream_that_ends_or_breaks_without_commit_keeps_nothing(void **state)
{
    (void)state;
    SR_TEXT(before);
    before = room_tables("retailer");
    for (int broken = 0; broken < 2; broken++)
    {
        sr_err err = SR_ERR_INIT;
        UPLOAD(up);
        upload_plan plan = good_plan("people");
        check_ok(upload_begin(&up, &plan, "retailer", &err), &err);
        check_ok(upload_send_rows(&up, &err), &err);
        if (broken == 1)
            rpc_stream_cancel(up.stream);
        check_fails(upload_end(&up, &err), &err, SR_E_CANCELLED);
        check_nothing_left(before);
    }
    sr_err err = SR_ERR_INIT;
    UPLOAD(next);
    uint32_t version = 0;
    upload_plan plan = good_plan("people");
    check_ok(upload_begin(&next, &plan, "retailer", &err), &err);
    check_ok(upload_send_rows(&next, &err), &err);
    check_ok(upload_commit(&next, NULL, &version, &err), &err); /* and the table is not stuck */
    check(version >= 4);
}

static void messages_out_of_order_are_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(upload_commit_first("retailer", &err), &err, SR_E_INVALID);
    check_error_says(&err, "begin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_upload_is_a_version_and_the_next_one_another),
        cmocka_unit_test(a_table_without_rows_is_a_table),
        cmocka_unit_test(an_upload_names_its_room_and_table),
        cmocka_unit_test(a_table_of_another_member_is_not_replaced),
        cmocka_unit_test(columns_are_judged_by_name),
        cmocka_unit_test(another_secret_or_other_settings_are_told_at_once),
        cmocka_unit_test(cleartext_needs_the_collaborations_leave),
        cmocka_unit_test(a_batch_must_fit_its_columns),
        cmocka_unit_test(a_fingerprint_has_32_bytes_exactly),
        cmocka_unit_test(cleartext_must_be_of_its_type_and_the_value_is_not_repeated),
        cmocka_unit_test(an_encrypted_cell_has_a_length_that_it_can_have),
        cmocka_unit_test(a_commit_that_does_not_match_keeps_nothing),
        cmocka_unit_test(a_stream_that_ends_or_breaks_without_commit_keeps_nothing),
        cmocka_unit_test(messages_out_of_order_are_refused),
    };
    return cmocka_run_group_tests(tests, room_setup, room_teardown);
}
