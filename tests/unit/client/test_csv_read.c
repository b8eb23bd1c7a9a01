#include "check.h"

#include "memory_source.h"

/* What a text reads as: fields between bars, NULL as ~, one row a line; the header comes first. */
typedef struct
{
    sr_result result;
    csv_counts counts;
    char text[4096];
} reading;

static void show_text(sr_buf *out, const char *text, sr_err *err)
{
    check_ok(sr_buf_append_text(out, text, err), err);
}

static void show_row(sr_buf *out, const csv_row *row, sr_err *err)
{
    for (size_t i = 0; i < row->count; i++)
    {
        show_text(out, i > 0 ? "|" : "", err);
        if (row->fields[i].null)
            show_text(out, "~", err);
        check_ok(sr_buf_append(out, row->fields[i].text, err), err);
    }
    show_text(out, "\n", err);
}

static void show_rows(sr_buf *out, csv_reader *reader, reading *r, sr_err *err)
{
    csv_row row;
    bool end = false;
    for (size_t i = 0; i < csv_reader_columns(reader); i++)
    {
        show_text(out, i > 0 ? "|" : "", err);
        show_text(out, csv_reader_header(reader, i), err);
    }
    show_text(out, "\n", err);
    while ((r->result = csv_reader_next(reader, &row, &end, err)) == SR_OK && !end)
        show_row(out, &row, err);
    r->counts = csv_reader_counts(reader);
}

static void read_in_steps(reading *r, sr_slice text, size_t step, const csv_read_options *options,
                          sr_err *err)
{
    memory_source memory = {.left = text, .step = step};
    csv_source source = MEMORY_SOURCE(memory);
    SR_BUF(out, sizeof r->text - 1);
    CSV_READER(reader);
    *r = (reading){.result = SR_OK};
    r->result = csv_reader_new(&reader, &source, options, err);
    if (r->result == SR_OK)
        show_rows(&out, reader, r, err);
    if (out.len > 0)
        sr_copy(r->text, out.data, out.len);
}

/* However the bytes arrive, the rows are the same. */
static void read_text(reading *r, sr_slice text, const csv_read_options *options, sr_err *err)
{
    reading whole;
    sr_err other = SR_ERR_INIT;
    read_in_steps(&whole, text, text.len + 1, options, &other);
    read_in_steps(r, text, 1, options, err);
    check_int(whole.result, r->result);
    check_text(whole.text, r->text);
}

static void expect(const char *text, const csv_read_options *options, const char *rows)
{
    reading r;
    sr_err err = SR_ERR_INIT;
    read_text(&r, sr_slice_text(text), options, &err);
    check_text(err.text, "");
    check_text(r.text, rows);
}

static void expect_error(const char *text, const csv_read_options *options, sr_code code,
                         const char *says)
{
    reading r;
    sr_err err = SR_ERR_INIT;
    read_text(&r, sr_slice_text(text), options, &err);
    check_int(r.result, SR_FAIL);
    check_int(err.code, code);
    check_error_says(&err, says);
}

static const csv_read_options plain = {.has_header = true};
static const csv_read_options compat = {.has_header = true, .c3r_compat = true};

static void plain_fields_are_trimmed_and_kept(void **state)
{
    (void)state;
    expect("a,b\n1,x\n 2 ,\ty y\t\n", &plain, "a|b\n1|x\n2|y y\n");
    expect("a,b\n1,\xc2\xa0x\xe2\x80\x83\n", &plain, "a|b\n1|\xc2\xa0x\xe2\x80\x83\n");
}

static void the_last_line_needs_no_end(void **state)
{
    (void)state;
    expect("a,b\n1,x", &plain, "a|b\n1|x\n");
    expect("a,b\n1,", &plain, "a|b\n1|~\n");
    expect("a,b\n1,\"x\"", &plain, "a|b\n1|x\n");
    expect("a,b\n1,\"\"", &plain, "a|b\n1|~\n");
}

static void a_header_alone_is_a_table_without_rows(void **state)
{
    (void)state;
    expect("a,b\n", &plain, "a|b\n");
    expect("a,b", &plain, "a|b\n");
}

static void an_empty_file_is_refused(void **state)
{
    (void)state;
    expect_error("", &plain, SR_E_FORMAT, "t.csv: the file is empty");
    expect_error("\n \n", &plain, SR_E_FORMAT, "t.csv: the file is empty");
    expect_error("#only\n", &compat, SR_E_FORMAT, "t.csv: the file is empty");
}

static void a_byte_order_mark_is_skipped(void **state)
{
    (void)state;
    expect("\xef\xbb\xbf"
           "a,b\n1,2\n",
           &plain, "a|b\n1|2\n");
}

static void quoted_texts_are_kept_exactly(void **state)
{
    (void)state;
    expect("a,b\n1,\"  x \"\n2, \"y,z\" \n3,\"p\nq\"\n", &plain, "a|b\n1|  x \n2|y,z\n3|p\nq\n");
    expect("a,b\n1,\"say \"\"hi\"\"\"\n2,sa\"y\n3,\"\"\"\"\"\" \n", &plain,
           "a|b\n1|say \"hi\"\n2|sa\"y\n3|\"\"\n");
}

static void malformed_quotes_are_kept_literally(void **state)
{
    (void)state;
    expect("a,b\n1,\"un\"esc\n2,\"\"x\n3,x\"y\"z\n", &plain,
           "a|b\n1|\"un\"esc\n2|\"\"x\n3|x\"y\"z\n");
    expect("a,b\n1,\"x\" \"y\" \n2,\"p,q\"r\n3,\"a\"\"b\"c\n", &plain,
           "a|b\n1|\"x\" \"y\"\n2|\"p,q\"r\n3|\"a\"b\"c\n");
}

static void an_open_quote_is_refused_but_read_like_java_on_request(void **state)
{
    (void)state;
    expect_error("a,b\n1,\"abc\n2,y\n", &plain, SR_E_FORMAT,
                 "row 1 (line 2): column \"b\": a quote is opened and never closed");
    expect("a,b\n1,\"abc\n2,y\n", &compat, "a|b\n1|abc\n2,y\n\n");
}

static void line_ends_follow_the_first_line(void **state)
{
    (void)state;
    expect("a,b\r\n1,x\r\n2,\"p\r\nq\"\r\n", &plain, "a|b\n1|x\n2|p\nq\n");
    expect("a,b\r1,x\r2,\"p\rq\"\r", &plain, "a|b\n1|x\n2|p\nq\n");
    expect("a,b\n1,x\r\n2,\"p\r\nq\"\n3,\"p\rq\"\n", &plain, "a|b\n1|x\n2|p\r\nq\n3|p\rq\n");
    expect("a,b\r\n1,x\n2,p\rq\r\n", &plain, "a|b\n1|x\n2|p\rq\n");
}

static void hash_rows_are_kept_but_dropped_like_java_on_request(void **state)
{
    (void)state;
    expect("a,b\n#1,x\n2,#y\n", &plain, "a|b\n#1|x\n2|#y\n");
    expect("a,b\n#1,x\n2,#y\n#3\n  #4,z\n\"#5\",q\n", &compat, "a|b\n2|#y\n#4|z\n#5|q\n");
    expect("#c\na,b\n1,x\n#end", &compat, "a|b\n1|x\n");
}

static void hash_rows_are_counted(void **state)
{
    (void)state;
    reading r;
    sr_err err = SR_ERR_INIT;
    read_text(&r, sr_slice_text("a,b\n#1,x\n2,y\n"), &plain, &err);
    check_int(r.counts.hash_rows, 1);
    check_int(r.counts.rows, 2);
}

static void blank_lines_of_wide_files_are_skipped_and_counted(void **state)
{
    (void)state;
    reading r;
    sr_err err = SR_ERR_INIT;
    read_text(&r, sr_slice_text("a,b\n1,x\n\n2,y\n   \n3,z\n"), &plain, &err);
    check_text(r.text, "a|b\n1|x\n2|y\n3|z\n");
    check_int(r.counts.blank_lines, 2);
}

static void blank_rows_of_one_column_are_kept_but_dropped_like_java_on_request(void **state)
{
    (void)state;
    expect("a\n1\n\n\"\"\n \n2\n", &plain, "a\n1\n~\n~\n~\n2\n");
    expect("a\n1\n\n\"\"\n \n2\n", &compat, "a\n1\n2\n");
}

static void null_follows_the_given_text(void **state)
{
    (void)state;
    static const char text[] = "a,b\n1,\n2, \n3,\"\"\n4,\" \"\n5,NULL\n6,\"NULL\"\n7,null\n";
    csv_read_options options = plain;
    expect(text, &options, "a|b\n1|~\n2|~\n3|~\n4| \n5|NULL\n6|NULL\n7|null\n");
    options.null_text = "";
    expect(text, &options, "a|b\n1|~\n2|~\n3|\n4| \n5|NULL\n6|NULL\n7|null\n");
    options.null_text = "\"\"";
    expect(text, &options, "a|b\n1|\n2|\n3|~\n4| \n5|NULL\n6|NULL\n7|null\n");
    options.null_text = "NULL";
    expect(text, &options, "a|b\n1|\n2|\n3|\n4| \n5|~\n6|~\n7|null\n");
}

static void ragged_rows_are_refused_with_their_place(void **state)
{
    (void)state;
    expect_error("a,b\n1,x\n\n1,2,3\n", &plain, SR_E_FORMAT,
                 "t.csv: row 2 (line 4): 3 fields where 2 are expected");
    expect_error("a,b\n1\n", &plain, SR_E_FORMAT, "row 1 (line 2): 1 fields where 2 are expected");
}

static void bytes_that_are_not_utf8_are_refused_with_their_place(void **state)
{
    (void)state;
    expect_error("a,email\n1,x\n2,\xe9\n", &plain, SR_E_FORMAT,
                 "t.csv: row 2 (line 3): column \"email\": not valid UTF-8");
    expect_error("a,b\n1,\"\xed\xa0\x80\"\n", &plain, SR_E_FORMAT, "column \"b\"");
    expect_error("a,\xff\n", &plain, SR_E_FORMAT, "header (line 1): field 2: not valid UTF-8");
    expect_error("a,b\n#\xff\n", &compat, SR_E_FORMAT, "not valid UTF-8");
}

static void nul_bytes_are_kept(void **state)
{
    (void)state;
    reading r;
    sr_err err = SR_ERR_INIT;
    static const char text[] = "a,b\n1,x\0y\n";
    read_text(&r, sr_slice_of(text, sizeof text - 1), &plain, &err);
    check_int(memcmp(r.text, "a|b\n1|x\0y\n", 11), 0);
}

static void without_header_columns_have_numbers(void **state)
{
    (void)state;
    csv_read_options options = {.has_header = false};
    expect("1,x\n2,y\n", &options, "_c0|_c1\n1|x\n2|y\n");
    options.columns = 1;
    expect("\n1\n", &options, "_c0\n~\n1\n");
    options.columns = 3;
    expect_error("1,x\n", &options, SR_E_FORMAT, "2 fields where 3 are expected");
}

static void an_endless_record_is_refused(void **state)
{
    (void)state;
    static char text[5 * 1024 * 1024];
    memset(text, 'x', sizeof text);
    sr_copy(text, "a\n", 2);
    csv_read_options options = {.has_header = true, .record_max = 1024 * 1024};
    memory_source memory = {.left = sr_slice_of(text, sizeof text), .step = 1u << 20};
    csv_source source = MEMORY_SOURCE(memory);
    sr_err err = SR_ERR_INIT;
    CSV_READER(reader);
    check_ok(csv_reader_new(&reader, &source, &options, &err), &err);
    csv_row row;
    bool end = false;
    check_fails(csv_reader_next(reader, &row, &end, &err), &err, SR_E_LIMIT);
    check_error_says(&err, "longer than 1024 KiB");
    check_fails(csv_reader_next(reader, &row, &end, &err), &err, SR_E_STATE);
    check_int(row.count, 0);
}

static void too_many_columns_are_refused(void **state)
{
    (void)state;
    static char text[10002];
    memset(text, ',', sizeof text - 1);
    expect_error(text, &plain, SR_E_LIMIT, "more than 10000 columns");
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CSV_READER(reader);
    check_fails(csv_reader_open(&reader, "/nonexistent/in.csv", &plain, &err), &err,
                SR_E_NOT_FOUND);
    check_error_says(&err, "/nonexistent/in.csv");
    check(reader == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_fields_are_trimmed_and_kept),
        cmocka_unit_test(the_last_line_needs_no_end),
        cmocka_unit_test(a_header_alone_is_a_table_without_rows),
        cmocka_unit_test(an_empty_file_is_refused),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(quoted_texts_are_kept_exactly),
        cmocka_unit_test(malformed_quotes_are_kept_literally),
        cmocka_unit_test(an_open_quote_is_refused_but_read_like_java_on_request),
        cmocka_unit_test(line_ends_follow_the_first_line),
        cmocka_unit_test(hash_rows_are_kept_but_dropped_like_java_on_request),
        cmocka_unit_test(hash_rows_are_counted),
        cmocka_unit_test(blank_lines_of_wide_files_are_skipped_and_counted),
        cmocka_unit_test(blank_rows_of_one_column_are_kept_but_dropped_like_java_on_request),
        cmocka_unit_test(null_follows_the_given_text),
        cmocka_unit_test(ragged_rows_are_refused_with_their_place),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused_with_their_place),
        cmocka_unit_test(nul_bytes_are_kept),
        cmocka_unit_test(without_header_columns_have_numbers),
        cmocka_unit_test(an_endless_record_is_refused),
        cmocka_unit_test(too_many_columns_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
    };
    check_main(tests);
}
