#include "check.h"

#include "client/output.h"

static const output_column columns[] = {
    {"name", OUTPUT_TEXT}, {"users", OUTPUT_NUMBER}, {"ok", OUTPUT_BOOLEAN}};

static void print(char *out, size_t size, output_form form, const char *const (*rows)[3],
                  size_t count)
{
    sr_err err = SR_ERR_INIT;
    OUTPUT(self);
    FILE *to = fmemopen(out, size, "w");
    self = output_new(form, columns, 3);
    for (size_t i = 0; i < count; i++)
        check_ok(output_texts(self, rows[i], &err), &err);
    check_int(output_rows(self), count);
    check_ok(output_finish(self, to, &err), &err);
    (void)fclose(to);
}

static const char *const rows[][3] = {{"spring", "2", "true"},
                                      {"\xe6\x9d\xb1\xe4\xba\xac", "1000", NULL},
                                      {"a\x1b[2J\"b", "1e", "x"}};

static void a_table_is_aligned_by_what_is_seen(void **state)
{
    (void)state;
    char out[1024];
    print(out, sizeof out, OUTPUT_TABLE, rows, 2);
    check_text(out, "name    users  ok\n"
                    "------  -----  ----\n"
                    "spring      2  true\n"
                    "\xe6\x9d\xb1\xe4\xba\xac     1000  \n");
}

static void the_last_column_is_cut_to_fit(void **state)
{
    (void)state;
    char out[1024];
    static const output_column two[] = {{"no.", OUTPUT_NUMBER}, {"text", OUTPUT_TEXT}};
    static const char *const cells[] = {"1", "SELECT c.segment FROM customers c"};
    sr_err err = SR_ERR_INIT;
    OUTPUT(self);
    FILE *to = fmemopen(out, sizeof out, "w");
    self = output_new(OUTPUT_TABLE, two, 2);
    output_fit(self, 10); /* too narrow: 24 columns stay */
    check_ok(output_texts(self, cells, &err), &err);
    check_ok(output_finish(self, to, &err), &err);
    (void)fclose(to);
    check_text(out, "no.  text\n---  ------------------------\n"
                    "  1  SELECT c.segment FROM c\xe2\x80\xa6\n");
}

static void a_table_shows_no_control_characters(void **state)
{
    (void)state;
    char out[1024];
    print(out, sizeof out, OUTPUT_TABLE, rows + 2, 1);
    check(strchr(out, 0x1b) == NULL);
    check(strstr(out, "a?[2J\"b") != NULL);
}

static void json_keeps_numbers_booleans_and_null(void **state)
{
    (void)state;
    char out[1024];
    print(out, sizeof out, OUTPUT_JSON, rows, 3);
    check_text(out, "[\n  {\"name\": \"spring\", \"users\": 2, \"ok\": true},\n"
                    "  {\"name\": \"\xe6\x9d\xb1\xe4\xba\xac\", \"users\": 1000, \"ok\": null},\n"
                    "  {\"name\": \"a\\u001b[2J\\\"b\", \"users\": \"1e\", \"ok\": \"x\"}\n]\n");
    print(out, sizeof out, OUTPUT_JSON, rows, 0);
    check_text(out, "[]\n");
}

static void csv_is_as_a_file_has_it(void **state)
{
    (void)state;
    char out[1024];
    print(out, sizeof out, OUTPUT_CSV, rows, 2);
    check_text(out, "name,users,ok\nspring,2,true\n\xe6\x9d\xb1\xe4\xba\xac,1000,\n");
}

static void the_form_has_three_words(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    output_form form = OUTPUT_CSV;
    check_ok(output_form_parse(&form, NULL, &err), &err);
    check_int(form, OUTPUT_TABLE);
    check_ok(output_form_parse(&form, "json", &err), &err);
    check_int(form, OUTPUT_JSON);
    check_fails(output_form_parse(&form, "xml", &err), &err, SR_E_USAGE);
    check_int(form, OUTPUT_TABLE);
}

static void a_write_that_fails_is_told(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    OUTPUT(self);
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL)
        skip();
    self = output_new(OUTPUT_CSV, columns, 3);
    check_fails(output_finish(self, full, &err), &err, SR_E_IO);
    (void)fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_aligned_by_what_is_seen),
        cmocka_unit_test(the_last_column_is_cut_to_fit),
        cmocka_unit_test(a_table_shows_no_control_characters),
        cmocka_unit_test(json_keeps_numbers_booleans_and_null),
        cmocka_unit_test(csv_is_as_a_file_has_it),
        cmocka_unit_test(the_form_has_three_words),
        cmocka_unit_test(a_write_that_fails_is_told),
    };
    check_main(tests);
}
