#include "crypto/sealed.h"

#include "crypto/random.h"
#include "support.h"

static const sealed_options plain_options = {.type = CELL_STRING};

static void make(sealed_column **column, const kdf_schedule *schedule, const char *header,
                 sealed_options options)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sealed_column_new(column, schedule, sr_slice_text(header), &options, &err), &err);
}

static cell_nonce nonce_of(uint8_t fill)
{
    cell_nonce nonce;
    memset(nonce.bytes, fill, sizeof nonce.bytes);
    return nonce;
}

/* One value sealed under the usual secret and header, raw. */
static void seal_one(cell_batch *out, sealed_options options, cell_input input)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    cell_nonce nonce = nonce_of(7);
    cell_rows rows = {.count = 1, .nonces = &nonce};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email", options);
    check_ok(sealed_column_encrypt(column, out, &input, &rows, &err), &err);
}

static sr_result open_one(cell_batch *out, uint8_t secret, cell_input cell, sr_err *err)
{
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    schedule = support_usual_schedule(secret);
    make(&column, schedule, "another name", plain_options);
    return sealed_column_decrypt(column, out, &cell, 1, err);
}

static void check_opens_to(cell_batch *sealed, const char *encoded_hex)
{
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(opened);
    check_ok(open_one(&opened, 1, support_cell(sealed, 0), &err), &err);
    check_hex(cell_batch_view(&opened, 0), encoded_hex);
}

/* ---- vectors --------------------------------------------------------------------------------- */

static padding vector_padding(const sr_json *vector)
{
    const char *kind = sr_json_text(sr_json_member(vector, "pad_type"));
    padding pad = {
        .length = (uint32_t)sr_json_int(sr_json_member(vector, "pad_length")),
        .longest = (size_t)sr_json_int(sr_json_member(vector, "max_value_length")),
    };
    while (strcmp(padding_kind_name(pad.kind), kind) != 0)
        pad.kind++;
    return pad;
}

static void check_vector(const kdf_schedule *schedule, const sr_json *vector)
{
    sr_err err = SR_ERR_INIT;
    SEALED_COLUMN(column);
    CELL_BATCH(raw);
    CELL_BATCH(text);
    CELL_BATCH(opened);
    SR_BUF(bytes, 100000);
    SR_BUF(nonce, 64);
    bool value = support_value(&bytes, vector);
    cell_input input = {.value = sr_buf_view(&bytes), .null = !value};
    support_hex(&nonce, sr_json_text(sr_json_member(vector, "nonce_hex")));
    cell_rows rows = {.count = 1, .nonces = (const cell_nonce *)(const void *)nonce.data};
    make(&column, schedule, sr_json_text(sr_json_member(vector, "target")),
         (sealed_options){.type = CELL_STRING, .pad = vector_padding(vector)});
    check_ok(sealed_column_encrypt(column, &raw, &input, &rows, &err), &err);
    check_ok(cell_batch_to_text(&text, &raw, CELL_SEALED, &err), &err);
    check_slice(cell_batch_view(&text, 0), sr_json_text(sr_json_member(vector, "cell")));
    cell_input cell = support_cell(&raw, 0);
    check(sealed_column_made_here(column, cell.value));
    check_ok(sealed_column_decrypt(column, &opened, &cell, 1, &err), &err);
    check_int(cell_batch_is_null(&opened, 0), input.null);
    if (!input.null)
        check_hex(cell_batch_view(&opened, 0), sr_json_text(sr_json_member(vector, "encoded_hex")));
}

static void all_cells_are_those_of_the_c3r_client(void **state)
{
    (void)state;
    SR_JSON(vectors);
    vectors = support_vectors("sealed_cells.json");
    for (size_t i = 0; i < sr_json_size(vectors); i++)
    {
        const sr_json *vector = sr_json_item(vectors, i);
        KDF_SCHEDULE(schedule);
        schedule = support_room(sr_json_text(sr_json_member(vector, "room")));
        check_vector(schedule, vector);
    }
}

/* ---- what a cell keeps and shows ------------------------------------------------------------- */

static void a_sealed_value_opens_under_any_header(void **state)
{
    (void)state;
    CELL_BATCH(sealed);
    seal_one(&sealed, plain_options, support_input("ann"));
    check_opens_to(&sealed, "02616e6e");
}

static void the_wrong_secret_does_not_open_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    seal_one(&sealed, plain_options, support_input("ann"));
    check_fails(open_one(&opened, 2, support_cell(&sealed, 0), &err), &err, SR_E_SECRET);
    check_int(opened.count, 0);
    check_int(opened.bytes.len, 0);
}

static void a_flipped_bit_anywhere_does_not_open(void **state)
{
    (void)state;
    CELL_BATCH(sealed);
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    CELL_BATCH(opened);
    seal_one(&sealed, plain_options, support_input("ann"));
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email", plain_options);
    cell_input cell = support_cell(&sealed, 0);
    for (size_t bit = 0; bit < 8 * cell.value.len; bit++)
    {
        sr_err err = SR_ERR_INIT;
        sealed.bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_fails(sealed_column_decrypt(column, &opened, &cell, 1, &err), &err, SR_E_SECRET);
        check_int(opened.bytes.len, 0);
        sealed.bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_cut_cell_does_not_open(void **state)
{
    (void)state;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    seal_one(&sealed, plain_options, support_input("ann"));
    cell_input cell = support_cell(&sealed, 0);
    for (cell.value.len--; cell.value.len > 0; cell.value.len--)
    {
        sr_err err = SR_ERR_INIT;
        bool short_of_least = cell.value.len < cell_kind_min_size(CELL_SEALED);
        check_fails(open_one(&opened, 1, cell, &err), &err,
                    short_of_least ? SR_E_FORMAT : SR_E_SECRET);
    }
}

static void a_bad_cell_fails_its_batch_and_is_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    cell_nonce nonces[3] = {nonce_of(1), nonce_of(2), nonce_of(3)};
    cell_input values[3] = {support_input("a"), support_input("b"), support_input("c")};
    cell_rows rows = {.count = 3, .nonces = nonces};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email", plain_options);
    check_ok(sealed_column_encrypt(column, &sealed, values, &rows, &err), &err);
    sealed.bytes.data[sealed.offsets[2] - 1] ^= 1;
    for (size_t i = 0; i < 3; i++)
        values[i] = support_cell(&sealed, i);
    check_fails(sealed_column_decrypt(column, &opened, values, 3, &err), &err, SR_E_SECRET);
    check_int(opened.bad, 1);
    check_int(opened.count, 0);
}

static void another_header_gives_another_iv(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    CELL_BATCH(sealed);
    seal_one(&sealed, plain_options, support_input("ann"));
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email", plain_options);
    check(sealed_column_made_here(column, cell_batch_view(&sealed, 0)));
    sealed_column_clear(&column);
    make(&column, schedule, "mail", plain_options);
    check(!sealed_column_made_here(column, cell_batch_view(&sealed, 0)));
}

static void shared_row_keys_and_clones_give_the_same_cells(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    SEALED_COLUMN(clone);
    SEALED_ROW_KEYS(keys);
    CELL_BATCH(a);
    CELL_BATCH(b);
    cell_nonce nonces[2] = {nonce_of(1), nonce_of(2)};
    cell_input values[2] = {support_input("a"), support_input("b")};
    cell_rows rows = {.count = 2, .nonces = nonces};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email", plain_options);
    check_ok(sealed_column_clone(&clone, column, &err), &err);
    check_ok(sealed_column_encrypt(column, &a, values, &rows, &err), &err);
    keys = sealed_row_keys_new(schedule);
    sealed_row_keys_fill(keys, nonces, 1);
    sealed_row_keys_fill(keys, nonces, 2);
    rows.keys = keys;
    check_ok(sealed_column_encrypt(clone, &b, values, &rows, &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&a.bytes), sr_buf_view(&b.bytes)));
}

/* ---- NULL ------------------------------------------------------------------------------------ */

static void a_preserved_null_stays_null(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(sealed);
    CELL_BATCH(opened);
    seal_one(&sealed, (sealed_options){.type = CELL_STRING, .preserve_nulls = true},
             support_input(NULL));
    check(cell_batch_is_null(&sealed, 0));
    check_ok(open_one(&opened, 1, support_cell(&sealed, 0), &err), &err);
    check(cell_batch_is_null(&opened, 0));
}

static void a_hidden_null_looks_like_a_value_and_opens_as_null(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(null);
    CELL_BATCH(value);
    CELL_BATCH(opened);
    sealed_options padded = {.type = CELL_STRING, .pad = {.kind = PADDING_FIXED, .length = 8}};
    seal_one(&null, padded, support_input(NULL));
    seal_one(&value, padded, support_input("ann"));
    check(!cell_batch_is_null(&null, 0));
    check_int(cell_batch_view(&null, 0).len, cell_batch_view(&value, 0).len);
    check_ok(open_one(&opened, 1, support_cell(&null, 0), &err), &err);
    check(cell_batch_is_null(&opened, 0));
    check_int(cell_batch_view(&opened, 0).len, 0);
}

static void a_null_may_carry_its_types_parameters(void **state)
{
    (void)state;
    CELL_BATCH(sealed);
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(opened);
    seal_one(&sealed, (sealed_options){.type = CELL_VARCHAR},
             (cell_input){.value = sr_slice_of("\0\0\0\7", 4), .null = true});
    check_ok(open_one(&opened, 1, support_cell(&sealed, 0), &err), &err);
    check(cell_batch_is_null(&opened, 0));
}

/* ---- padding --------------------------------------------------------------------------------- */

static void a_value_beyond_its_padding_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    CELL_BATCH(out);
    cell_nonce nonces[2] = {nonce_of(1), nonce_of(2)};
    cell_input values[2] = {support_input("1234"), support_input("12345")};
    cell_rows rows = {.count = 2, .nonces = nonces};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email",
         (sealed_options){.type = CELL_STRING, .pad = {.kind = PADDING_FIXED, .length = 5}});
    check_fails(sealed_column_encrypt(column, &out, values, &rows, &err), &err, SR_E_LIMIT);
    check_int(out.bad, 1);
    check_int(out.count, 0);
    check_int(out.bytes.len, 0);
}

static void without_padding_the_longest_text_has_12219_bytes(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    CELL_BATCH(out);
    static char text[12220];
    cell_nonce nonce = nonce_of(1);
    cell_rows rows = {.count = 1, .nonces = &nonce};
    memset(text, 'x', sizeof text);
    cell_input value = {.value = sr_slice_of(text, 12219)};
    schedule = support_usual_schedule(1);
    make(&column, schedule, "email", plain_options);
    check_ok(sealed_column_encrypt(column, &out, &value, &rows, &err), &err);
    check(cell_text_len(CELL_SEALED, cell_batch_view(&out, 0).len) <= CELL_TEXT_MAX);
    value.value.len++;
    check_fails(sealed_column_encrypt(column, &out, &value, &rows, &err), &err, SR_E_LIMIT);
}

static void a_padding_rule_beyond_the_limits_makes_no_column(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    sealed_options options = {.type = CELL_STRING, .pad = {.kind = PADDING_FIXED, .length = 10001}};
    schedule = support_usual_schedule(1);
    check_fails(sealed_column_new(&column, schedule, sr_slice_text("n"), &options, &err), &err,
                SR_E_LIMIT);
    check(column == NULL);
    options = (sealed_options){.type = CELL_UNKNOWN};
    check_fails(sealed_column_new(&column, schedule, sr_slice_text("n"), &options, &err), &err,
                SR_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_cells_are_those_of_the_c3r_client),
        cmocka_unit_test(a_sealed_value_opens_under_any_header),
        cmocka_unit_test(the_wrong_secret_does_not_open_it),
        cmocka_unit_test(a_flipped_bit_anywhere_does_not_open),
        cmocka_unit_test(a_cut_cell_does_not_open),
        cmocka_unit_test(a_bad_cell_fails_its_batch_and_is_named),
        cmocka_unit_test(another_header_gives_another_iv),
        cmocka_unit_test(shared_row_keys_and_clones_give_the_same_cells),
        cmocka_unit_test(a_preserved_null_stays_null),
        cmocka_unit_test(a_hidden_null_looks_like_a_value_and_opens_as_null),
        cmocka_unit_test(a_null_may_carry_its_types_parameters),
        cmocka_unit_test(a_value_beyond_its_padding_is_refused_and_leaves_nothing),
        cmocka_unit_test(without_padding_the_longest_text_has_12219_bytes),
        cmocka_unit_test(a_padding_rule_beyond_the_limits_makes_no_column),
    };
    check_main(tests);
}
