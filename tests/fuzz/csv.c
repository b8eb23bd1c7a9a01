/* Rows are the same however the bytes arrive, and what was read can be written and reads back equal.
 * The first byte of the input chooses the options. */
#include "client/csv_read.h"
#include "client/csv_write.h"
#include "fuzz.h"

typedef struct
{
    sr_slice left;
    size_t step;
} memory;

static sr_result give(void *self, void *buffer, size_t size, size_t *got, sr_err *err)
{
    memory *m = self;
    size_t len = size < m->step ? size : m->step;
    (void)err;
    if (len > m->left.len)
        len = m->left.len;
    sr_copy(buffer, m->left.data, len);
    m->left = sr_slice_sub(m->left, len, m->left.len - len);
    *got = len;
    return SR_OK;
}

static csv_read_options options_of(uint8_t choice)
{
    static const char *const nulls[] = {NULL, "", "\"\"", "NULL"};
    return (csv_read_options){.has_header = (choice & 1) != 0,
                              .c3r_compat = (choice & 2) != 0,
                              .null_text = nulls[(choice >> 2) & 3],
                              .record_max = 16 * 1024};
}

static bool same_field(const csv_field *a, const csv_field *b)
{
    return a->null == b->null && sr_slice_equal_var(a->text, b->text);
}

static void check_same_rows(csv_reader *a, csv_reader *b)
{
    csv_row x;
    csv_row y;
    bool end = false;
    bool other_end = false;
    sr_err err = SR_ERR_INIT;
    fuzz_check(csv_reader_columns(a) == csv_reader_columns(b));
    while (!end)
    {
        sr_result one = csv_reader_next(a, &x, &end, &err);
        sr_result two = csv_reader_next(b, &y, &other_end, &err);
        fuzz_check(one == two && end == other_end && x.count == y.count);
        if (one != SR_OK)
            return;
        for (size_t i = 0; i < x.count; i++)
            fuzz_check(same_field(&x.fields[i], &y.fields[i]));
    }
}

static void check_steps(sr_slice text, const csv_read_options *options)
{
    memory whole = {.left = text, .step = text.len + 1};
    memory cut = {.left = text, .step = 1};
    csv_source first = {.read = give, .self = &whole, .name = "a"};
    csv_source second = {.read = give, .self = &cut, .name = "b"};
    sr_err err = SR_ERR_INIT;
    CSV_READER(a);
    CSV_READER(b);
    sr_result one = csv_reader_new(&a, &first, options, &err);
    sr_result two = csv_reader_new(&b, &second, options, &err);
    fuzz_check(one == two && (one == SR_OK) == (a != NULL) && (two == SR_OK) == (b != NULL));
    if (a != NULL)
        check_same_rows(a, b);
}

static bool write_all(csv_reader *reader, sr_buf *out)
{
    csv_write_options options = {.null_text = NULL};
    csv_row row;
    bool end = false;
    sr_err err = SR_ERR_INIT;
    for (;;)
    {
        if (csv_reader_next(reader, &row, &end, &err) != SR_OK)
            return false;
        if (end)
            return true;
        if (csv_write_row(out, &options, row.fields, row.count, &err) != SR_OK)
            return false;
    }
}

/* A text whose first line end is not LF reads back with other line ends: nothing to compare. */
static bool starts_with_lf(sr_slice text)
{
    for (size_t i = 0; i < text.len; i++)
    {
        if (text.data[i] == '\n' || text.data[i] == '\r')
            return text.data[i] == '\n';
    }
    return true;
}

/* A byte order mark at the beginning of a value would be taken for the file's own. */
static bool starts_with_mark(sr_slice text)
{
    return sr_slice_starts_with_var(text, "\xef\xbb\xbf");
}

static void check_round_trip(sr_slice text, const csv_read_options *options)
{
    memory original = {.left = text, .step = 4096};
    memory again = original;
    csv_source source = {.read = give, .self = &original, .name = "a"};
    csv_source source_again = {.read = give, .self = &again, .name = "a"};
    sr_err err = SR_ERR_INIT;
    SR_BUF(written, 4u << 20);
    CSV_READER(reader);
    CSV_READER(compare);
    CSV_READER(back);
    if (csv_reader_new(&reader, &source, options, &err) != SR_OK || !write_all(reader, &written))
        return;
    if (written.len == 0 || !starts_with_lf(sr_buf_view(&written)) ||
        starts_with_mark(sr_buf_view(&written)))
        return;
    memory copy = {.left = sr_buf_view(&written), .step = 4096};
    csv_source source_back = {.read = give, .self = &copy, .name = "b"};
    csv_read_options read_back = {.has_header = false,
                                  .columns = csv_reader_columns(reader),
                                  .null_text = "",
                                  .record_max = 16 * 1024};
    fuzz_check(csv_reader_new(&compare, &source_again, options, &err) == SR_OK);
    fuzz_check(csv_reader_new(&back, &source_back, &read_back, &err) == SR_OK);
    check_same_rows(compare, back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    csv_read_options options = options_of(data[0]);
    sr_slice text = sr_slice_of(data + 1, size - 1);
    check_steps(text, &options);
    check_round_trip(text, &options);
    return 0;
}
