#include "check.h"

#include "client/csv_sink.h"
#include "client/decrypt.h"
#include "room_fixture.h"

static const collaboration_flags open_flags = {true, true, true, true};

/* Encrypts the table into a file, and opens that into text. */
static void encrypt_file(fixture *f, const char *table, const char *json)
{
    sr_err err = SR_ERR_INIT;
    encrypt_report report;
    SCHEMA(schema);
    CSV_SINK(sink);
    fixture_write(f, table);
    check_ok(schema_parse(&schema, sr_slice_text(json), false, &err), &err);
    check_ok(csv_sink_new(&sink, f->output, true, NULL, &err), &err);
    encrypt_sink functions = csv_sink_functions(sink);
    encrypt_options options = {
        .input = f->input, .schema = &schema, .flags = open_flags, .keys = f->keys};
    check_ok(encrypt_table(&report, &options, &functions, &err), &err);
}

static sr_result decrypt_file(fixture *f, const decrypt_options *more, const char *input,
                              decrypt_report *report, sr_err *err)
{
    SR_OUT(out);
    SR_TEXT(path);
    decrypt_options options = *more;
    options.input = input;
    options.keys = f->keys;
    path = sr_path_join(f->folder, "back.csv");
    check_ok(sr_out_open(&out, path, true, err), err);
    sr_buf_cut(&f->kept, 0);
    if (decrypt_table(report, &options, out, err) != SR_OK)
        return SR_FAIL;
    check_ok(sr_out_commit(out, err), err);
    check_ok(sr_file_read(&f->kept, path, err), err);
    return SR_OK;
}

static void expect(fixture *f, const decrypt_options *options, const char *input, const char *text)
{
    sr_err err = SR_ERR_INIT;
    decrypt_report report;
    check_ok(decrypt_file(f, options, input, &report, &err), &err);
    check_slice(sr_buf_view(&f->kept), text);
}

static const decrypt_options plain = {.input = NULL};

static void text_comes_back(void **state)
{
    fixture *f = *state;
    encrypt_file(
        f, "a,b\nx,\"y, z\"\n",
        "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"a\","
        "\"type\":\"deterministic\"},{\"sourceHeader\":\"b\",\"targetHeader\":\"b\",\"type\":"
        "\"sealed\",\"pad\":{\"type\":\"max\",\"length\":3}}]}");
    expect(f, &plain, f->output, "a,b\nx,\"y, z\"\n");
}

#define TYPED(name, type)                                                                          \
    "{\"sourceHeader\":\"" name "\",\"targetHeader\":\"" name                                      \
    "\",\"type\":\"sealed\",\"pad\":{\"type\":"                                                    \
    "\"none\"},\"dataType\":\"" type "\"}"

static void typed_values_come_back_as_text(void **state)
{
    fixture *f = *state;
    encrypt_file(
        f, "i,b,d,n,t\n-42,true,2022-01-08,12.50,2023-11-14 22:13:20\n",
        "{\"headerRow\":true,\"columns\":[" TYPED("i", "INTEGER") "," TYPED(
            "b",
            "BOOLEAN") "," TYPED("d",
                                 "DATE") "," TYPED("n",
                                                   "DECIMAL(10,2)") "," TYPED("t",
                                                                              "TIMESTAMP") "]}");
    expect(f, &plain, f->output,
           "i,b,d,n,t\n-42,true,2022-01-08,12.50,\"2023-11-14 22:13:20.000000\"\n");
}

static void a_deterministic_cell_opens_only_under_its_header(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    decrypt_report report;
    SR_BUF(file, 4096);
    encrypt_file(f, "a\nx\n",
                 "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"a\","
                 "\"type\":\"deterministic\"}]}");
    check_ok(sr_file_read(&file, f->output, &err), &err);
    file.data[0] = 'b';
    check_ok(sr_file_write(f->output, sr_buf_view(&file), 0600, true, &err), &err);
    check_fails(decrypt_file(f, &plain, f->output, &report, &err), &err, SR_E_SECRET);
    check_error_says(&err, "row 1: column \"b\"");
}

static void kinds_are_told_by_whole_prefixes(void **state)
{
    fixture *f = *state;
    fixture_write(f, "a,b\nzz-enc:x,02:hmacx\n02:henc:y,say 02:enc:z\n");
    expect(f, &plain, f->input, "a,b\nzz-enc:x,02:hmacx\n02:henc:y,\"say 02:enc:z\"\n");
}

static void opened_text_that_looks_like_a_cell_stays_text(void **state)
{
    fixture *f = *state;
    encrypt_file(f, "a\n03:det:AAAA\n",
                 "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"a\","
                 "\"type\":\"sealed\",\"pad\":{\"type\":\"none\"}}]}");
    expect(f, &plain, f->output, "a\n03:det:AAAA\n");
}

static void fingerprints_pass_and_are_counted(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    decrypt_report report;
    decrypt_options strict = {.fail_on_fingerprints = true};
    fixture_write(f, "a\nx\n02:hmac:AAAA\n");
    check_ok(decrypt_file(f, &plain, f->input, &report, &err), &err);
    check_int(report.fingerprints, 1);
    check_fails(decrypt_file(f, &strict, f->input, &report, &err), &err, SR_E_INVALID);
    check_error_says(&err, "row 2: column \"a\"");
    check_int(report.fingerprints, 0);
}

static void bad_cells_can_be_counted_instead(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    decrypt_report report;
    decrypt_options going = {.keep_going = true};
    encrypt_file(f, "a\nx\n",
                 "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"a\","
                 "\"type\":\"sealed\",\"pad\":{\"type\":\"none\"}}]}");
    SR_BUF(file, 4096);
    check_ok(sr_file_read(&file, f->output, &err), &err);
    check_ok(sr_buf_append_text(&file, "02:enc:AAAA\n02:enc:!\n", &err), &err);
    check_ok(sr_file_write(f->input, sr_buf_view(&file), 0600, true, &err), &err);
    check_ok(decrypt_file(f, &going, f->input, &report, &err), &err);
    check_int(report.bad, 2);
    check_int(report.opened, 1);
    check_slice(sr_buf_view(&f->kept), "a\nx\n02:enc:AAAA\n02:enc:!\n");
    check_int(decrypt_file(f, &plain, f->input, &report, &err), SR_FAIL);
    check_error_says(&err, "row 2: column \"a\"");
}

static void a_wrong_secret_opens_nothing(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    decrypt_report report;
    encrypt_file(f, "a\nx\n",
                 "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"a\","
                 "\"type\":\"sealed\",\"pad\":{\"type\":\"none\"}}]}");
    kdf_schedule_free(f->keys);
    f->keys = fixture_keys("BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    check_fails(decrypt_file(f, &plain, f->output, &report, &err), &err, SR_E_SECRET);
}

static void a_column_without_header_is_refused(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    decrypt_report report;
    fixture_write(f, "a,\n1,2\n");
    check_fails(decrypt_file(f, &plain, f->input, &report, &err), &err, SR_E_FORMAT);
    check_error_says(&err, "column 2 has no header");
}

static void equal_headers_keep_their_own_data_unless_like_java(void **state)
{
    fixture *f = *state;
    decrypt_options java = {.c3r_compat = true};
    fixture_write(f, "a,a\n1,2\n");
    expect(f, &plain, f->input, "a,a\n1,2\n");
    expect(f, &java, f->input, "a,a\n2,2\n");
}

static void null_is_read_and_written_as_told(void **state)
{
    fixture *f = *state;
    decrypt_options options = {.null_in = "-", .null_out = "NULL"};
    fixture_write(f, "a,b,c\n-,,x\n");
    expect(f, &options, f->input, "a,b,c\nNULL,,x\n");
}

#define in_a_room(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_room(text_comes_back),
        in_a_room(typed_values_come_back_as_text),
        in_a_room(a_deterministic_cell_opens_only_under_its_header),
        in_a_room(kinds_are_told_by_whole_prefixes),
        in_a_room(opened_text_that_looks_like_a_cell_stays_text),
        in_a_room(fingerprints_pass_and_are_counted),
        in_a_room(bad_cells_can_be_counted_instead),
        in_a_room(a_wrong_secret_opens_nothing),
        in_a_room(a_column_without_header_is_refused),
        in_a_room(equal_headers_keep_their_own_data_unless_like_java),
        in_a_room(null_is_read_and_written_as_told),
    };
    check_main(tests);
}
