#include "crypto/fingerprint.h"

#include "support.h"

static const fingerprint_options text_options = {.type = CELL_STRING};

static void make(fingerprint_column **column, const kdf_schedule *schedule, const char *header,
                 fingerprint_options options)
{
    sr_err err = SR_ERR_INIT;
    check_ok(fingerprint_column_new(column, schedule, sr_slice_text(header), &options, &err), &err);
}

static void encrypt(fingerprint_column *column, cell_batch *out, const cell_input *values,
                    size_t count)
{
    sr_err err = SR_ERR_INIT;
    cell_rows rows = {.count = count};
    check_ok(fingerprint_column_encrypt(column, out, values, &rows, &err), &err);
    check_int(out->count, count);
}

/* The message of a vector without its last byte, the metadata, is the payload. */
static cell_input vector_payload(sr_buf *bytes, const sr_json *vector)
{
    const char *message = sr_json_text(sr_json_member(vector, "message_hex"));
    bool value = support_value(bytes, vector);
    if (message[0] != '\0')
    {
        support_hex(bytes, message);
        bytes->len--;
        value = true;
    }
    return (cell_input){.value = sr_buf_view(bytes), .null = !value};
}

static void check_vector(const sr_json *vector)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    CELL_BATCH(raw);
    CELL_BATCH(text);
    SR_BUF(bytes, 100000);
    fingerprint_options options = {.preserve_nulls = true};
    check(cell_type_from_name(&options.type, sr_json_text(sr_json_member(vector, "type"))));
    options.joins_across_names = sr_json_bool(sr_json_member(vector, "joins"));
    cell_input input = vector_payload(&bytes, vector);
    schedule = support_room(sr_json_text(sr_json_member(vector, "room")));
    make(&column, schedule, sr_json_text(sr_json_member(vector, "target")), options);
    encrypt(column, &raw, &input, 1);
    check_ok(cell_batch_to_text(&text, &raw, CELL_FINGERPRINT, &err), &err);
    check_int(cell_batch_is_null(&text, 0), input.null);
    check_slice(cell_batch_view(&text, 0), sr_json_text(sr_json_member(vector, "cell")));
}

static void all_cells_are_those_of_the_c3r_client(void **state)
{
    (void)state;
    SR_JSON(vectors);
    vectors = support_vectors("fingerprint_cells.json");
    for (size_t i = 0; i < sr_json_size(vectors); i++)
        check_vector(sr_json_item(vectors, i));
}

static void equal_values_give_equal_cells_and_others_do_not(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    CELL_BATCH(out);
    cell_input values[] = {support_input("ann"), support_input("bob"), support_input("ann")};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email", text_options);
    encrypt(column, &out, values, 3);
    check(sr_slice_equal_var(cell_batch_view(&out, 0), cell_batch_view(&out, 2)));
    check(!sr_slice_equal_var(cell_batch_view(&out, 0), cell_batch_view(&out, 1)));
}

static void check_differs(const kdf_schedule *one, const char *header, const kdf_schedule *other,
                          const char *other_header, bool joins, bool expect_equal)
{
    FINGERPRINT_COLUMN(a);
    FINGERPRINT_COLUMN(b);
    CELL_BATCH(left);
    CELL_BATCH(right);
    cell_input value = support_input("ann");
    fingerprint_options options = {.type = CELL_STRING, .joins_across_names = joins};
    make(&a, one, header, options);
    make(&b, other, other_header, options);
    encrypt(a, &left, &value, 1);
    encrypt(b, &right, &value, 1);
    check_int(sr_slice_equal_var(cell_batch_view(&left, 0), cell_batch_view(&right, 0)),
              expect_equal);
}

static void another_secret_gives_another_cell(void **state)
{
    (void)state;
    KDF_SCHEDULE(one);
    KDF_SCHEDULE(other);
    one = support_usual_schedule(1);
    other = support_usual_schedule(2);
    check_differs(one, "email", other, "email", false, false);
}

static void headers_meet_only_when_joins_across_names_are_allowed(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    schedule = support_usual_schedule(1);
    check_differs(schedule, "email", schedule, "mail", false, false);
    check_differs(schedule, "email", schedule, "mail", true, true);
}

static void encrypt_integer(const kdf_schedule *schedule, cell_batch *out, cell_type type,
                            const char *hex)
{
    FINGERPRINT_COLUMN(column);
    SR_BUF(bytes, 16);
    support_hex(&bytes, hex);
    cell_input input = {.value = sr_buf_view(&bytes)};
    make(&column, schedule, "n", (fingerprint_options){.type = type});
    encrypt(column, out, &input, 1);
}

static void integers_of_all_widths_meet(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    CELL_BATCH(big);
    CELL_BATCH(normal);
    CELL_BATCH(small);
    schedule = support_usual_schedule(1);
    encrypt_integer(schedule, &big, CELL_BIGINT, "fffffffffffffffe");
    encrypt_integer(schedule, &normal, CELL_INT, "fffffffe");
    encrypt_integer(schedule, &small, CELL_SMALLINT, "fffe");
    check(sr_slice_equal_var(cell_batch_view(&big, 0), cell_batch_view(&normal, 0)));
    check(sr_slice_equal_var(cell_batch_view(&big, 0), cell_batch_view(&small, 0)));
}

static void a_varchar_meets_its_text(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    CELL_BATCH(varchar);
    CELL_BATCH(text);
    cell_input with_length = {.value = sr_slice_of("\0\0\0\5ann", 7)};
    cell_input plain = support_input("ann");
    schedule = support_usual_schedule(1);
    make(&column, schedule, "n", (fingerprint_options){.type = CELL_VARCHAR});
    encrypt(column, &varchar, &with_length, 1);
    fingerprint_column_clear(&column);
    make(&column, schedule, "n", text_options);
    encrypt(column, &text, &plain, 1);
    check(sr_slice_equal_var(cell_batch_view(&varchar, 0), cell_batch_view(&text, 0)));
}

static void a_preserved_null_stays_null(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    CELL_BATCH(out);
    cell_input values[] = {support_input(NULL), support_input("")};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "n",
         (fingerprint_options){.type = CELL_STRING, .preserve_nulls = true});
    encrypt(column, &out, values, 2);
    check(cell_batch_is_null(&out, 0));
    check_int(cell_batch_view(&out, 0).len, 0);
    check(!cell_batch_is_null(&out, 1));
}

static void a_hidden_null_is_a_cell_that_equals_no_other(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    CELL_BATCH(out);
    cell_input values[] = {support_input(NULL), support_input(NULL), support_input("")};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "n", text_options);
    encrypt(column, &out, values, 3);
    for (size_t i = 0; i < 3; i++)
    {
        check(!cell_batch_is_null(&out, i));
        check_int(cell_batch_view(&out, i).len, FINGERPRINT_SIZE);
    }
    check(!sr_slice_equal_var(cell_batch_view(&out, 0), cell_batch_view(&out, 1)));
    check(!sr_slice_equal_var(cell_batch_view(&out, 0), cell_batch_view(&out, 2)));
}

static void types_without_exact_equality_are_refused(void **state)
{
    (void)state;
    static const cell_type refused[] = {CELL_UNKNOWN, CELL_DECIMAL, CELL_DOUBLE, CELL_FLOAT,
                                        CELL_TIMESTAMP};
    KDF_SCHEDULE(schedule);
    schedule = support_usual_schedule(1);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        FINGERPRINT_COLUMN(column);
        fingerprint_options options = {.type = refused[i]};
        check_fails(fingerprint_column_new(&column, schedule, sr_slice_text("n"), &options, &err),
                    &err, SR_E_INVALID);
        check(column == NULL);
    }
}

static void a_payload_of_a_wrong_length_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    CELL_BATCH(out);
    cell_input values[] = {support_input("12345678"), support_input("123")};
    cell_rows rows = {.count = 2};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "n", (fingerprint_options){.type = CELL_BIGINT});
    check_fails(fingerprint_column_encrypt(column, &out, values, &rows, &err), &err, SR_E_FORMAT);
    check_int(out.count, 0);
    check_int(out.bytes.len, 0);
    check_int(out.bad, 1);
}

static void a_clone_makes_the_same_cells(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    FINGERPRINT_COLUMN(clone);
    CELL_BATCH(a);
    CELL_BATCH(b);
    cell_input value = support_input("ann");
    schedule = support_usual_schedule(1);
    make(&column, schedule, "n", text_options);
    check_ok(fingerprint_column_clone(&clone, column, &err), &err);
    encrypt(column, &a, &value, 1);
    fingerprint_column_clear(&column);
    encrypt(clone, &b, &value, 1);
    check(sr_slice_equal_var(cell_batch_view(&a, 0), cell_batch_view(&b, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_cells_are_those_of_the_c3r_client),
        cmocka_unit_test(equal_values_give_equal_cells_and_others_do_not),
        cmocka_unit_test(another_secret_gives_another_cell),
        cmocka_unit_test(headers_meet_only_when_joins_across_names_are_allowed),
        cmocka_unit_test(integers_of_all_widths_meet),
        cmocka_unit_test(a_varchar_meets_its_text),
        cmocka_unit_test(a_preserved_null_stays_null),
        cmocka_unit_test(a_hidden_null_is_a_cell_that_equals_no_other),
        cmocka_unit_test(types_without_exact_equality_are_refused),
        cmocka_unit_test(a_payload_of_a_wrong_length_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_clone_makes_the_same_cells),
    };
    check_main(tests);
}
