#include "check.h"

#include "room_fixture.h"

static const collaboration_flags open_flags = {true, true, true, true};
static const collaboration_flags closed_flags = {false, false, false, false};

static const char *kept(fixture *f)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_buf_append_byte(&f->kept, 0, &err), &err);
    return (const char *)f->kept.data;
}

static void must(fixture *f, const char *table, const char *json, collaboration_flags flags)
{
    sr_err err = SR_ERR_INIT;
    encrypt_report report;
    fixture_write(f, table);
    check_ok(fixture_encrypt(f, json, flags, &report, &err), &err);
    check(f->began && f->ended);
    check_int(report.rows, f->rows);
}

static void refused(fixture *f, const char *table, const char *json, collaboration_flags flags,
                    sr_code code, const char *says)
{
    sr_err err = SR_ERR_INIT;
    encrypt_report report;
    fixture_write(f, table);
    check_fails(fixture_encrypt(f, json, flags, &report, &err), &err, code);
    check_error_says(&err, says);
    check_int(report.rows, 0);
    check(!f->ended);
}

static void cleartext_passes_in_random_order(void **state)
{
    fixture *f = *state;
    must(f, "a,b\n1,x\n2,\n",
         "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"b\",\"type\":\"cleartext\"},"
         "{\"sourceHeader\":\"a\",\"type\":\"cleartext\"}]}",
         open_flags);
    const char *rows = kept(f);
    check(strcmp(rows, "x|1\n!~|2\n") == 0 || strcmp(rows, "!~|2\nx|1\n") == 0);
}

/* C3R's vectors: "x" under this secret and id, joins across names allowed and not. */
static void fingerprints_are_those_of_c3r(void **state)
{
    fixture *f = *state;
    must(f, "b\nx\n",
         "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"b\",\"targetHeader\":\"b\","
         "\"type\":\"fingerprint\"}]}",
         open_flags);
    check_text(kept(f), "02:hmac:P99OOrE81hA4xU7i0SLsgDTqGiLBwjdURRePtuCx8EM=\n");
}

static void a_hidden_null_is_still_told_to_the_sink(void **state)
{
    fixture *f = *state;
    collaboration_flags flags = closed_flags;
    must(f, "a,b\n,\n",
         "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":\"fingerprint\"},"
         "{\"sourceHeader\":\"b\",\"type\":\"sealed\",\"pad\":{\"type\":\"fixed\",\"length\":4}}]}",
         flags);
    check(strncmp(kept(f), "!02:hmac:", 9) == 0);
    check(strstr(kept(f), "|!02:enc:") != NULL);
}

static void a_kept_null_is_null(void **state)
{
    fixture *f = *state;
    must(f, "a,b\n,\n",
         "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":\"fingerprint\"},"
         "{\"sourceHeader\":\"b\",\"type\":\"deterministic\"},{\"sourceHeader\":\"b\",\"type\":"
         "\"sealed\",\"pad\":{\"type\":\"max\",\"length\":0}}]}",
         open_flags);
    check_text(kept(f), "!~|!~|!~\n");
}

static void whole_numbers_of_any_width_have_one_fingerprint(void **state)
{
    fixture *f = *state;
    must(f, "a\n42\n",
         "{\"headerRow\":true,\"columns\":["
         "{\"sourceHeader\":\"a\",\"targetHeader\":\"x\",\"type\":\"fingerprint\",\"dataType\":"
         "\"BIGINT\"},"
         "{\"sourceHeader\":\"a\",\"targetHeader\":\"y\",\"type\":\"fingerprint\",\"dataType\":"
         "\"SMALLINT\"},"
         "{\"sourceHeader\":\"a\",\"targetHeader\":\"z\",\"type\":\"fingerprint\"}]}",
         open_flags);
    const char *rows = kept(f);
    check_int(strncmp(rows, rows + 53, 52), 0); /* x and y */
    check(strncmp(rows, rows + 106, 52) != 0);  /* text "42" is another value */
}

static void equal_values_make_equal_deterministic_cells(void **state)
{
    fixture *f = *state;
    must(f, "a\nx\nx\n",
         "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":\"deterministic\","
         "\"pad\":{\"type\":\"fixed\",\"length\":40}}]}",
         open_flags);
    const char *rows = kept(f);
    const char *second = strchr(rows, '\n') + 1;
    check_int(strncmp(rows, "03:det:", 7), 0);
    check_int(strncmp(rows, second, (size_t)(second - rows)), 0);
}

#define SEALED(pad)                                                                                \
    "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"t\",\"type\":"    \
    "\"sealed\",\"pad\":" pad "}]}"

static void values_that_do_not_fit_are_told_with_their_row(void **state)
{
    fixture *f = *state;
    refused(f, "a\nabc\nabcd\n", SEALED("{\"type\":\"fixed\",\"length\":4}"), open_flags,
            SR_E_LIMIT, "row 2: column \"t\"");
    SR_TEXT(table);
    table = sr_text_printf("a\nx\n%012000d\n", 1);
    refused(f, table, SEALED("{\"type\":\"max\",\"length\":0}"), open_flags, SR_E_LIMIT,
            "row 2: column \"t\"");
    sr_text_clear(&table);
    table = sr_text_printf("a\n%012220d\n", 1);
    refused(f, table, SEALED("{\"type\":\"none\"}"), open_flags, SR_E_LIMIT, "row 1");
}

static void a_hidden_null_must_fit_its_padding(void **state)
{
    fixture *f = *state;
    refused(f, "a,b\n,1\n", SEALED("{\"type\":\"fixed\",\"length\":0}"), closed_flags, SR_E_LIMIT,
            "row 1: column \"t\"");
    refused(f, "a,b\n,1\n", SEALED("{\"type\":\"max\",\"length\":0}"), closed_flags, SR_E_LIMIT,
            "row 1: column \"t\"");
    refused(f, "a\n\n",
            "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":\"deterministic\","
            "\"pad\":{\"type\":\"fixed\",\"length\":20}}]}",
            closed_flags, SR_E_LIMIT, "row 1");
}

#define FINGERPRINT                                                                                \
    "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"t\",\"type\":"    \
    "\"fingerprint\"}]}"

static void duplicates_are_told_with_both_rows(void **state)
{
    fixture *f = *state;
    refused(f, "a\nx\ny\n x \n", FINGERPRINT, closed_flags, SR_E_INVALID,
            "column \"t\": rows 1 and 3 hold the same value");
    refused(f, "a,b\n,1\ny,2\n,3\n", FINGERPRINT, closed_flags, SR_E_INVALID,
            "column \"t\": rows 1 and 3 are both NULL");
}

static void equal_values_of_different_columns_are_no_duplicates(void **state)
{
    fixture *f = *state;
    must(f, "a,b\nx,x\n",
         "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":\"fingerprint\"},"
         "{\"sourceHeader\":\"b\",\"type\":\"fingerprint\"}]}",
         closed_flags);
}

static void the_settings_of_the_collaboration_are_kept(void **state)
{
    fixture *f = *state;
    refused(f, "a\nx\n",
            "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":\"cleartext\"}]}",
            closed_flags, SR_E_INVALID, "allowCleartext");
    check(!f->began);
}

static void typed_values_are_checked_and_never_shown(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    encrypt_report report;
    fixture_write(f, "a\n1\n4x4secret\n");
    check_fails(fixture_encrypt(f,
                                "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":"
                                "\"cleartext\",\"dataType\":\"INTEGER\"}]}",
                                open_flags, &report, &err),
                &err, SR_E_FORMAT);
    check_error_says(&err, "row 2: column \"a\"");
    check(strstr(err.text, "4x4secret") == NULL);
}

static sr_result failing_rows(void *self, const encrypt_rows *rows, sr_err *err)
{
    (void)self, (void)rows;
    return sr_fail(err, SR_E_FULL, "the sink is full");
}

static void a_sink_that_fails_ends_the_run(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    encrypt_report report;
    SCHEMA(schema);
    encrypt_sink sink = {
        .self = f, .begin = fixture_begin, .rows = failing_rows, .end = fixture_end};
    fixture_write(f, "a\nx\n");
    check_ok(schema_parse(&schema, sr_slice_text(FINGERPRINT), false, &err), &err);
    encrypt_options options = {
        .input = f->input, .schema = &schema, .flags = open_flags, .keys = f->keys};
    check_fails(encrypt_table(&report, &options, &sink, &err), &err, SR_E_FULL);
    check(!f->ended);
}

static void without_a_secret_only_cleartext_is_made(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    encrypt_report report;
    kdf_schedule_clear(&f->keys);
    fixture_write(f, "a\nx\n");
    check_fails(fixture_encrypt(f, FINGERPRINT, open_flags, &report, &err), &err, SR_E_SECRET);
    check_ok(fixture_encrypt(f,
                             "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"type\":"
                             "\"cleartext\"}]}",
                             open_flags, &report, &err),
             &err);
}

#define in_a_room(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_room(cleartext_passes_in_random_order),
        in_a_room(fingerprints_are_those_of_c3r),
        in_a_room(a_hidden_null_is_still_told_to_the_sink),
        in_a_room(a_kept_null_is_null),
        in_a_room(whole_numbers_of_any_width_have_one_fingerprint),
        in_a_room(equal_values_make_equal_deterministic_cells),
        in_a_room(values_that_do_not_fit_are_told_with_their_row),
        in_a_room(a_hidden_null_must_fit_its_padding),
        in_a_room(duplicates_are_told_with_both_rows),
        in_a_room(equal_values_of_different_columns_are_no_duplicates),
        in_a_room(the_settings_of_the_collaboration_are_kept),
        in_a_room(typed_values_are_checked_and_never_shown),
        in_a_room(a_sink_that_fails_ends_the_run),
        in_a_room(without_a_secret_only_cleartext_is_made),
    };
    check_main(tests);
}
