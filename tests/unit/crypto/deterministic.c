#include "crypto/deterministic.h"

#include "support.h"

static const deterministic_options text_options = {.type = CELL_STRING};

static void make(deterministic_column **column, uint8_t secret, const char *header,
                 deterministic_options options)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    schedule = support_usual_schedule(secret);
    check_ok(deterministic_column_new(column, schedule, sr_slice_text(header), &options, &err),
             &err);
}

static void seal(cell_batch *out, uint8_t secret, const char *header, deterministic_options options,
                 const cell_input *values, size_t count)
{
    sr_err err = SR_ERR_INIT;
    DETERMINISTIC_COLUMN(column);
    cell_rows rows = {.count = count};
    make(&column, secret, header, options);
    check_ok(deterministic_column_encrypt(column, out, values, &rows, &err), &err);
    check_int(out->count, count);
}

static sr_result open_one(cell_batch *out, uint8_t secret, const char *header, cell_input cell,
                          sr_err *err)
{
    DETERMINISTIC_COLUMN(column);
    make(&column, secret, header, text_options);
    return deterministic_column_decrypt(column, out, &cell, 1, err);
}

/* Computed independently (Python, HKDF from hmac, AES-SIV from the cryptography package). */
static void a_cell_is_the_siv_of_the_padded_value(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(raw);
    CELL_BATCH(text);
    cell_input value = support_input("Berlin");
    seal(&raw, 1, "city", text_options, &value, 1);
    check_ok(cell_batch_to_text(&text, &raw, CELL_DETERMINISTIC, &err), &err);
    check_slice(cell_batch_view(&text, 0), "03:det:UHF3nIcsECTAKAmVk7B/Y2lGjE0vuuYRGA==");
    deterministic_options padded = {
        .type = CELL_STRING, .preserve_nulls = true, .pad = {.kind = PADDING_FIXED, .length = 16}};
    seal(&raw, 1, "city", padded, &value, 1);
    check_ok(cell_batch_to_text(&text, &raw, CELL_DETERMINISTIC, &err), &err);
    check_slice(cell_batch_view(&text, 0),
                "03:det:OsLjCSCBDHybTMNG/Fn9ynK+kLF7ZdjlVMMnnuQvLf50YA==");
}

static void equal_values_give_equal_cells_and_others_do_not(void **state)
{
    (void)state;
    CELL_BATCH(out);
    cell_input values[] = {support_input("a"), support_input("b"), support_input("a")};
    seal(&out, 1, "city", text_options, values, 3);
    check(sr_slice_equal_var(cell_batch_view(&out, 0), cell_batch_view(&out, 2)));
    check(!sr_slice_equal_var(cell_batch_view(&out, 0), cell_batch_view(&out, 1)));
}

static void it_opens_with_the_same_secret_and_header(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    cell_input value = support_input("ann");
    seal(&sealed, 1, "city", text_options, &value, 1);
    check_ok(open_one(&opened, 1, "city", support_cell(&sealed, 0), &err), &err);
    check_hex(cell_batch_view(&opened, 0), "02616e6e");
}

static void another_secret_or_header_does_not_open_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    cell_input value = support_input("ann");
    seal(&sealed, 1, "city", text_options, &value, 1);
    check_fails(open_one(&opened, 2, "city", support_cell(&sealed, 0), &err), &err, SR_E_SECRET);
    check_fails(open_one(&opened, 1, "town", support_cell(&sealed, 0), &err), &err, SR_E_SECRET);
    check_int(opened.count, 0);
    check_int(opened.bytes.len, 0);
}

static void a_flipped_bit_anywhere_does_not_open(void **state)
{
    (void)state;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    DETERMINISTIC_COLUMN(column);
    cell_input value = support_input("ann");
    seal(&sealed, 1, "city", text_options, &value, 1);
    make(&column, 1, "city", text_options);
    cell_input cell = support_cell(&sealed, 0);
    for (size_t bit = 0; bit < 8 * cell.value.len; bit++)
    {
        sr_err err = SR_ERR_INIT;
        sealed.bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_fails(deterministic_column_decrypt(column, &opened, &cell, 1, &err), &err,
                    SR_E_SECRET);
        check_int(opened.bytes.len, 0);
        sealed.bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_cut_cell_does_not_open(void **state)
{
    (void)state;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    cell_input value = support_input("ann");
    seal(&sealed, 1, "city", text_options, &value, 1);
    cell_input cell = support_cell(&sealed, 0);
    for (cell.value.len--; cell.value.len > 0; cell.value.len--)
    {
        sr_err err = SR_ERR_INIT;
        bool short_of_least = cell.value.len < cell_kind_min_size(CELL_DETERMINISTIC);
        check_fails(open_one(&opened, 1, "city", cell, &err), &err,
                    short_of_least ? SR_E_FORMAT : SR_E_SECRET);
    }
}

static void integers_of_all_widths_meet_and_open_as_bigint(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(big);
    CELL_BATCH(small);
    CELL_BATCH(opened);
    cell_input wide = {.value = sr_slice_of("\xff\xff\xff\xff\xff\xff\xff\xfe", 8)};
    cell_input narrow = {.value = sr_slice_of("\xff\xfe", 2)};
    seal(&big, 1, "n", (deterministic_options){.type = CELL_BIGINT}, &wide, 1);
    seal(&small, 1, "n", (deterministic_options){.type = CELL_SMALLINT}, &narrow, 1);
    check(sr_slice_equal_var(cell_batch_view(&big, 0), cell_batch_view(&small, 0)));
    check_ok(open_one(&opened, 1, "n", support_cell(&small, 0), &err), &err);
    check_hex(cell_batch_view(&opened, 0), "04fffffffffffffffe");
}

static void the_type_is_part_of_the_value(void **state)
{
    (void)state;
    CELL_BATCH(number);
    CELL_BATCH(text);
    cell_input value = {.value = sr_slice_of("12345678", 8)};
    seal(&number, 1, "n", (deterministic_options){.type = CELL_BIGINT}, &value, 1);
    seal(&text, 1, "n", text_options, &value, 1);
    check(!sr_slice_equal_var(cell_batch_view(&number, 0), cell_batch_view(&text, 0)));
}

static void a_preserved_null_stays_null(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    cell_input value = support_input(NULL);
    seal(&sealed, 1, "n", (deterministic_options){.type = CELL_STRING, .preserve_nulls = true},
         &value, 1);
    check(cell_batch_is_null(&sealed, 0));
    check_ok(open_one(&opened, 1, "n", support_cell(&sealed, 0), &err), &err);
    check(cell_batch_is_null(&opened, 0));
}

static void hidden_nulls_differ_and_open_as_null(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    cell_input values[] = {support_input(NULL), support_input(NULL)};
    seal(&sealed, 1, "n", text_options, values, 2);
    check(!cell_batch_is_null(&sealed, 0));
    check(!sr_slice_equal_var(cell_batch_view(&sealed, 0), cell_batch_view(&sealed, 1)));
    check_ok(open_one(&opened, 1, "n", support_cell(&sealed, 0), &err), &err);
    check(cell_batch_is_null(&opened, 0));
    check_int(cell_batch_view(&opened, 0).len, 0);
}

static void with_fixed_padding_values_and_nulls_have_one_length(void **state)
{
    (void)state;
    CELL_BATCH(sealed);
    deterministic_options padded = {
        .type = CELL_STRING,
        .pad = {.kind = PADDING_FIXED, .length = DETERMINISTIC_NULL_SIZE},
    };
    cell_input values[] = {support_input(NULL), support_input("a"), support_input("Berlin")};
    seal(&sealed, 1, "n", padded, values, 3);
    for (size_t i = 0; i < 3; i++)
        check_int(cell_batch_view(&sealed, i).len,
                  DETERMINISTIC_NULL_SIZE + DETERMINISTIC_OVERHEAD);
}

static void check_no_column(deterministic_options options, sr_code code)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    DETERMINISTIC_COLUMN(column);
    schedule = support_usual_schedule(1);
    check_fails(deterministic_column_new(&column, schedule, sr_slice_text("n"), &options, &err),
                &err, code);
    check(column == NULL);
}

static void options_that_would_leak_or_never_meet_are_refused(void **state)
{
    (void)state;
    check_no_column((deterministic_options){.type = CELL_DOUBLE}, SR_E_INVALID);
    check_no_column((deterministic_options){.type = CELL_TIMESTAMP}, SR_E_INVALID);
    check_no_column((deterministic_options){.type = CELL_STRING, .pad = {.kind = PADDING_MAX}},
                    SR_E_INVALID);
    check_no_column(
        (deterministic_options){
            .type = CELL_STRING,
            .pad = {.kind = PADDING_FIXED, .length = DETERMINISTIC_NULL_SIZE - 1},
        },
        SR_E_INVALID);
    check_no_column((deterministic_options){.type = CELL_STRING,
                                            .pad = {.kind = PADDING_FIXED, .length = 10001}},
                    SR_E_LIMIT);
}

static void a_value_beyond_its_padding_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(out);
    DETERMINISTIC_COLUMN(column);
    cell_input values[] = {support_input("1234"), support_input("12345")};
    cell_rows rows = {.count = 2};
    make(&column, 1, "n",
         (deterministic_options){.type = CELL_STRING,
                                 .preserve_nulls = true,
                                 .pad = {.kind = PADDING_FIXED, .length = 5}});
    check_fails(deterministic_column_encrypt(column, &out, values, &rows, &err), &err, SR_E_LIMIT);
    check_int(out.bad, 1);
    check_int(out.bytes.len, 0);
}

static void a_clone_makes_the_same_cells(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(a);
    CELL_BATCH(b);
    DETERMINISTIC_COLUMN(column);
    DETERMINISTIC_COLUMN(clone);
    cell_input value = support_input("ann");
    cell_rows rows = {.count = 1};
    seal(&a, 1, "city", text_options, &value, 1);
    make(&column, 1, "city", text_options);
    check_ok(deterministic_column_clone(&clone, column, &err), &err);
    deterministic_column_clear(&column);
    check_ok(deterministic_column_encrypt(clone, &b, &value, &rows, &err), &err);
    check(sr_slice_equal_var(cell_batch_view(&a, 0), cell_batch_view(&b, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_the_siv_of_the_padded_value),
        cmocka_unit_test(equal_values_give_equal_cells_and_others_do_not),
        cmocka_unit_test(it_opens_with_the_same_secret_and_header),
        cmocka_unit_test(another_secret_or_header_does_not_open_it),
        cmocka_unit_test(a_flipped_bit_anywhere_does_not_open),
        cmocka_unit_test(a_cut_cell_does_not_open),
        cmocka_unit_test(integers_of_all_widths_meet_and_open_as_bigint),
        cmocka_unit_test(the_type_is_part_of_the_value),
        cmocka_unit_test(a_preserved_null_stays_null),
        cmocka_unit_test(hidden_nulls_differ_and_open_as_null),
        cmocka_unit_test(with_fixed_padding_values_and_nulls_have_one_length),
        cmocka_unit_test(options_that_would_leak_or_never_meet_are_refused),
        cmocka_unit_test(a_value_beyond_its_padding_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_clone_makes_the_same_cells),
    };
    check_main(tests);
}
