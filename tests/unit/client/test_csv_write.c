#include "check.h"

#include "client/csv_write.h"
#include "memory_source.h"

static void expect(const char *null_text, const csv_field *fields, size_t count, const char *line)
{
    sr_err err = SR_ERR_INIT;
    csv_write_options options = {.null_text = null_text};
    SR_BUF(out, 4096);
    check_ok(csv_write_row(&out, &options, fields, count, &err), &err);
    check_slice(sr_buf_view(&out), line);
}

static csv_field text(const char *value)
{
    return (csv_field){.text = sr_slice_text(value)};
}

static const csv_field null_field = {.null = true};

static void texts_are_quoted_only_where_needed(void **state)
{
    (void)state;
    const csv_field fields[] = {text("#x"),  text("#x"), text("a,b"),  text("a\"b"), text("\"x"),
                                text("a b"), text("'"),  text("a\tb"), text("=1+1"), text("\nx")};
    expect(NULL, fields, 10, "\"#x\",#x,\"a,b\",a\"b,\"\"\"x\",\"a b\",',\"a\tb\",=1+1,\"\nx\"\n");
}

static void null_and_empty_are_told_apart(void **state)
{
    (void)state;
    const csv_field fields[] = {null_field, text(""), null_field};
    expect(NULL, fields, 3, ",\"\",\n");
    expect("", fields, 3, ",\"\",\n");
    expect(" ", fields, 3, "\" \",\"\",\" \"\n");
    expect("NULL", fields, 3, "NULL,,NULL\n");
    expect("-", fields, 3, "-,,-\n");
}

static void a_full_buffer_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    csv_write_options options = {.null_text = NULL};
    SR_BUF(out, 4);
    csv_field field = text("abcdefgh");
    check_fails(csv_write_row(&out, &options, &field, 1, &err), &err, SR_E_LIMIT);
}

static void what_was_written_reads_back_the_same(void **state)
{
    (void)state;
    const csv_field fields[] = {
        text("#1"),          text("\"q\""), text(" lead"),        text("trail\v"),
        text("line\r\nend"), text("\"\""),  text("\xe6\x9d\xb1"), text("")};
    sr_err err = SR_ERR_INIT;
    csv_write_options write = {.null_text = NULL};
    csv_read_options read = {.has_header = false, .null_text = ""};
    SR_BUF(out, 4096);
    check_ok(csv_write_row(&out, &write, fields, 4, &err), &err);
    check_ok(csv_write_row(&out, &write, fields + 4, 4, &err), &err);
    memory_source memory = {.left = sr_buf_view(&out), .step = 3};
    csv_source source = MEMORY_SOURCE(memory);
    CSV_READER(reader);
    check_ok(csv_reader_new(&reader, &source, &read, &err), &err);
    for (size_t i = 0; i < 8; i++)
    {
        static csv_row row;
        bool end = false;
        if (i % 4 == 0)
            check_ok(csv_reader_next(reader, &row, &end, &err), &err);
        check(sr_slice_equal_var(row.fields[i % 4].text, fields[i].text));
        check(!row.fields[i % 4].null);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_quoted_only_where_needed),
        cmocka_unit_test(null_and_empty_are_told_apart),
        cmocka_unit_test(a_full_buffer_is_refused),
        cmocka_unit_test(what_was_written_reads_back_the_same),
    };
    check_main(tests);
}
