#include "crypto/cell.h"

#include "support.h"

static void kinds_are_told_by_their_whole_prefix(void **state)
{
    (void)state;
    check_int(cell_kind_of_var(sr_slice_text("02:hmac:x")), CELL_FINGERPRINT);
    check_int(cell_kind_of_var(sr_slice_text("02:enc:x")), CELL_SEALED);
    check_int(cell_kind_of_var(sr_slice_text("03:det:x")), CELL_DETERMINISTIC);
}

static void a_value_that_only_contains_a_prefix_is_cleartext(void **state)
{
    (void)state;
    static const char *const values[] = {"",         "02:enc",   "zz-enc:x", "01:enc:x",
                                         " 02:enc:", "02:ENC:x", "enc:",     "03:hmac:x"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        check_int(cell_kind_of_var(sr_slice_text(values[i])), CELL_CLEARTEXT);
}

static void put(cell_batch *batch, const char *text)
{
    sr_err err = SR_ERR_INIT;
    uint8_t *bytes;
    if (text == NULL)
    {
        cell_batch_put_null(batch);
        return;
    }
    check_ok(cell_batch_put(batch, &bytes, strlen(text), &err), &err);
    sr_copy(bytes, text, strlen(text));
}

static void a_batch_keeps_cells_and_nulls_apart(void **state)
{
    (void)state;
    CELL_BATCH(batch);
    for (size_t round = 0; round < 3; round++)
    {
        cell_batch_start(&batch, 3 + round);
        put(&batch, "one");
        put(&batch, NULL);
        put(&batch, "");
        check_int(batch.count, 3);
        check_slice(cell_batch_view(&batch, 0), "one");
        check(cell_batch_is_null(&batch, 1));
        check_int(cell_batch_view(&batch, 2).len, 0);
        check(!cell_batch_is_null(&batch, 2));
    }
}

static void a_failed_batch_is_empty_and_names_the_cell(void **state)
{
    (void)state;
    CELL_BATCH(batch);
    cell_batch_start(&batch, 2);
    put(&batch, "secret");
    uint8_t *memory = batch.bytes.data;
    check_int(cell_batch_fail(&batch, 1), SR_FAIL);
    check_int(batch.count, 0);
    check_int(batch.bytes.len, 0);
    check_int(batch.bad, 1);
    check_int(memory[0], 0);
}

static void raw_cells_become_text_and_back(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(raw);
    CELL_BATCH(text);
    CELL_BATCH(again);
    cell_batch_start(&raw, 2);
    put(&raw, "0123456789abcdef0123456789abcdef");
    put(&raw, NULL);
    check_ok(cell_batch_to_text(&text, &raw, CELL_FINGERPRINT, &err), &err);
    check_slice(cell_batch_view(&text, 0), "02:hmac:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    check(cell_batch_is_null(&text, 1));
    cell_input texts[] = {support_cell(&text, 0), support_cell(&text, 1)};
    check_ok(cell_batch_from_text(&again, CELL_FINGERPRINT, texts, 2, &err), &err);
    check_slice(cell_batch_view(&again, 0), "0123456789abcdef0123456789abcdef");
    check(cell_batch_is_null(&again, 1));
}

static void cleartext_is_its_own_text(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(raw);
    CELL_BATCH(text);
    cell_input values[] = {support_input("zz-enc:x"), support_input(NULL)};
    check_ok(cell_batch_from_text(&raw, CELL_CLEARTEXT, values, 2, &err), &err);
    check_ok(cell_batch_to_text(&text, &raw, CELL_CLEARTEXT, &err), &err);
    check_slice(cell_batch_view(&text, 0), "zz-enc:x");
    check(cell_batch_is_null(&text, 1));
}

static void check_refused(cell_kind kind, const char *text)
{
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(raw);
    SR_BUF(one, 1000);
    cell_input inputs[] = {support_input(NULL), support_input(text)};
    check_fails(cell_batch_from_text(&raw, kind, inputs, 2, &err), &err, SR_E_FORMAT);
    check_int(raw.count, 0);
    check_int(raw.bytes.len, 0);
    check_int(raw.bad, 1);
    check(strlen(text) == 0 || strstr(err.text, "MDEy") == NULL);
    check_fails(cell_from_text(&one, kind, inputs[1].value, &err), &err, SR_E_FORMAT);
    check_int(one.len, 0);
}

static void malformed_texts_are_refused(void **state)
{
    (void)state;
    check_refused(CELL_FINGERPRINT, "");
    check_refused(CELL_FINGERPRINT, "02:hmac:");
    check_refused(CELL_FINGERPRINT, "02:enc:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    check_refused(CELL_FINGERPRINT, "02:hmac:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY");
    check_refused(CELL_FINGERPRINT, "02:hmac:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZW==");
    check_refused(CELL_FINGERPRINT, "02:hmac:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
    check_refused(CELL_FINGERPRINT, "02:hmac:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZW-=");
    check_refused(CELL_SEALED, "02:enc:MDEyMzQ1Njc4OWFiY2RlZg==");
    check_refused(CELL_DETERMINISTIC, "03:det:MDEyMzQ1Njc4OWFiY2Rl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_by_their_whole_prefix),
        cmocka_unit_test(a_value_that_only_contains_a_prefix_is_cleartext),
        cmocka_unit_test(a_batch_keeps_cells_and_nulls_apart),
        cmocka_unit_test(a_failed_batch_is_empty_and_names_the_cell),
        cmocka_unit_test(raw_cells_become_text_and_back),
        cmocka_unit_test(cleartext_is_its_own_text),
        cmocka_unit_test(malformed_texts_are_refused),
    };
    check_main(tests);
}
