#include "base/bytes.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Runs a function in a child process; true when the child was stopped by SIGABRT. */
static bool aborts(void (*misuse)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
    {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(2);
        misuse();
        _exit(0);
    }
    check(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static bool all_zero(const void *memory, size_t size)
{
    const uint8_t *bytes = memory;
    size_t i = 0;
    while (i < size && bytes[i] == 0)
        i++;
    return i == size;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void fresh_memory_is_zero_and_never_null(void **state)
{
    (void)state;
    void *nothing = sr_alloc(0);
    uint64_t *items = sr_array(1000, sizeof *items);
    check(nothing != NULL);
    check(all_zero(items, 1000 * sizeof *items));
    sr_free(nothing);
    sr_free(items);
    sr_free(NULL);
}

static void growing_an_array_keeps_the_old_and_zeroes_the_new(void **state)
{
    (void)state;
    uint32_t *items = sr_array(2, sizeof *items);
    items[0] = 11;
    items[1] = 22;
    items = sr_array_grow(items, 2, 500, sizeof *items);
    check_int(items[0], 11);
    check_int(items[1], 22);
    check(all_zero(items + 2, 498 * sizeof *items));
    sr_free(items);
    items = sr_array_grow(NULL, 0, 0, sizeof *items);
    check(items != NULL);
    sr_free(items);
}

static void overflow(void)
{
    sr_free(sr_array(SIZE_MAX / 2, 3));
}

static void an_overflowing_array_stops_the_process(void **state)
{
    (void)state;
    check(aborts(overflow));
}

static void wiping_overwrites(void **state)
{
    (void)state;
    char secret[] = "secret";
    sr_wipe(secret, sizeof secret);
    check(all_zero(secret, sizeof secret));
    sr_wipe(NULL, 0);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void texts_are_copied_and_printed(void **state)
{
    (void)state;
    SR_TEXT(copy);
    SR_TEXT(printed);
    copy = sr_text_copy("abc");
    printed = sr_text_printf("%s-%d", copy, 5);
    check_text(copy, "abc");
    check_text(printed, "abc-5");
    check(sr_text_copy(NULL) == NULL);
    sr_text_clear(&copy);
    check(copy == NULL);
    sr_text_clear(&copy);
}

static void a_text_fits_an_array_or_leaves_it_empty(void **state)
{
    (void)state;
    char out[4] = "zzz";
    check(sr_text_put(out, sizeof out, "abc"));
    check_text(out, "abc");
    check(!sr_text_put(out, sizeof out, "abcd"));
    check_text(out, "");
}

/* ---- slices ---------------------------------------------------------------------------------- */

static void slices_compare_as_unsigned_bytes_and_shorter_first(void **state)
{
    (void)state;
    check(sr_slice_compare_var(sr_slice_text("a"), sr_slice_text("b")) < 0);
    check(sr_slice_compare_var(sr_slice_text("\xff"), sr_slice_text("a")) > 0);
    check(sr_slice_compare_var(sr_slice_text("ab"), sr_slice_text("abc")) < 0);
    check(sr_slice_compare_var(sr_slice_text("abc"), sr_slice_text("ab")) > 0);
    check(sr_slice_compare_var(sr_slice_text(NULL), sr_slice_text("")) == 0);
    check(sr_slice_equal_var(sr_slice_text(""), (sr_slice){NULL, 0}));
    check(!sr_slice_equal_var(sr_slice_text("ab"), sr_slice_text("ac")));
    check(sr_slice_is_text_var(sr_slice_text("ab"), "ab"));
    check(!sr_slice_is_text_var(sr_slice_text("ab"), "abc"));
}

static void a_prefix_is_found_at_the_start_only(void **state)
{
    (void)state;
    check(sr_slice_starts_with_var(sr_slice_text("02:enc:"), "02:"));
    check(sr_slice_starts_with_var(sr_slice_text(""), ""));
    check(!sr_slice_starts_with_var(sr_slice_text("02"), "02:"));
    check(!sr_slice_starts_with_var(sr_slice_text("x02:"), "02:"));
}

static void a_part_of_a_slice_lies_inside_it(void **state)
{
    (void)state;
    sr_slice whole = sr_slice_text("abcdef");
    check_slice(sr_slice_sub(whole, 2, 3), "cde");
    check_slice(sr_slice_sub(whole, 6, 0), "");
    check(sr_slice_sub((sr_slice){NULL, 0}, 0, 0).data == NULL);
}

static void sub_past_the_end(void)
{
    (void)sr_slice_sub(sr_slice_text("abc"), 2, 2);
}

static void a_part_outside_is_asserted_away(void **state)
{
    (void)state;
    check(aborts(sub_past_the_end));
}

static void a_slice_becomes_text_unless_it_holds_a_nul(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(text);
    check_ok(sr_slice_to_text(&text, sr_slice_of("abc", 3), &err), &err);
    check_text(text, "abc");
    sr_text_clear(&text);
    check_fails(sr_slice_to_text(&text, sr_slice_of("a\0c", 3), &err), &err, SR_E_FORMAT);
    check(text == NULL);
    check_ok(sr_slice_to_text(&text, (sr_slice){NULL, 0}, &err), &err);
    check_text(text, "");
}

static void constant_time_equality_sees_every_byte(void **state)
{
    (void)state;
    uint8_t a[33] = {0};
    uint8_t b[33] = {0};
    check(sr_equal_ct(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++)
    {
        b[i] = 0x80;
        check(!sr_equal_ct(a, b, sizeof a));
        b[i] = 0;
    }
    check(sr_equal_ct(a, b, 0));
}

/* ---- growing buffers ------------------------------------------------------------------------- */

static void a_buffer_grows_and_keeps_its_contents(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(buf, 100000);
    for (size_t i = 0; i < 10000; i++)
        check_ok(sr_buf_append_text(&buf, "0123456789", &err), &err);
    check_int(buf.len, 100000);
    for (size_t i = 0; i < buf.len; i++)
        check_int(buf.data[i], '0' + i % 10);
}

static void a_full_buffer_refuses_and_stays_as_it_was(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(buf, 5);
    uint8_t *at;
    check_ok(sr_buf_append_text(&buf, "abc", &err), &err);
    check_fails(sr_buf_append_text(&buf, "def", &err), &err, SR_E_LIMIT);
    check_fails(sr_buf_append_u32(&buf, 1, &err), &err, SR_E_LIMIT);
    check_fails(sr_buf_printf(&buf, &err, "%d", 100), &err, SR_E_LIMIT);
    check_fails(sr_buf_extend(&buf, &at, 3, &err), &err, SR_E_LIMIT);
    check(at == NULL);
    check_fails(sr_buf_extend(&buf, &at, SIZE_MAX, &err), &err, SR_E_LIMIT);
    check_slice(sr_buf_view(&buf), "abc");
    check_ok(sr_buf_append_text(&buf, "de", &err), &err);
    check_slice(sr_buf_view(&buf), "abcde");
}

static void integers_are_appended_big_endian(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    SR_BUF(buf, 64);
    check_ok(sr_buf_append_byte(&buf, 1, &err), &err);
    check_ok(sr_buf_append_u16(&buf, 0x0203, &err), &err);
    check_ok(sr_buf_append_u32(&buf, 0x04050607, &err), &err);
    check_ok(sr_buf_append_u64(&buf, 0x08090a0b0c0d0e0f, &err), &err);
    check_int(buf.len, sizeof expected);
    assert_memory_equal(buf.data, expected, sizeof expected);
}

static void nothing_is_allocated_before_the_first_append(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_buf buf;
    uint8_t *at;
    sr_buf_init(&buf, 10);
    check_ok(sr_buf_append(&buf, (sr_slice){NULL, 0}, &err), &err);
    check_ok(sr_buf_extend(&buf, &at, 0, &err), &err);
    check(buf.data == NULL);
    check_int(sr_buf_view(&buf).len, 0);
    sr_buf_clear(&buf);
    sr_buf_clear(&buf);
    check_int(buf.max, 10);
}

static void a_cleared_buffer_can_be_filled_again(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_SECRET_BUF(buf, 10);
    check_ok(sr_buf_append_text(&buf, "abc", &err), &err);
    sr_buf_wipe(&buf);
    check(buf.data == NULL && buf.len == 0);
    check_ok(sr_buf_append_text(&buf, "def", &err), &err);
    sr_buf_cut(&buf, 1);
    check_slice(sr_buf_view(&buf), "d");
}

static void cut_longer(void)
{
    sr_buf buf;
    sr_buf_init(&buf, 10);
    sr_buf_cut(&buf, 1);
}

static void cutting_to_more_than_there_is_is_asserted_away(void **state)
{
    (void)state;
    check(aborts(cut_longer));
}

static void contents_move_out_as_text(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(buf, 10);
    SR_TEXT(text);
    check_ok(sr_buf_printf(&buf, &err, "%s=%d", "a", 1), &err);
    check_ok(sr_buf_take_text(&text, &buf, &err), &err);
    check_text(text, "a=1");
    check(buf.data == NULL);
    sr_text_clear(&text);
    check_ok(sr_buf_append(&buf, sr_slice_of("a\0b", 3), &err), &err);
    check_fails(sr_buf_take_text(&text, &buf, &err), &err, SR_E_FORMAT);
    check(text == NULL);
}

/* ---- cursors --------------------------------------------------------------------------------- */

static void a_cursor_reads_a_record(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    static const uint8_t record[] = {1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 'a', 'b', 'c'};
    sr_cursor cursor = sr_cursor_of(sr_slice_of(record, sizeof record));
    check_int(sr_cursor_u8(&cursor), 1);
    check_int(sr_cursor_u16(&cursor), 2);
    check_int(sr_cursor_u32(&cursor), 3);
    check_int(sr_cursor_u64(&cursor), 4);
    check_slice(sr_cursor_bytes(&cursor, 1), "a");
    check_slice(sr_cursor_rest(&cursor), "bc");
    check_ok(sr_cursor_finish(&cursor, "record", &err), &err);
}

static void a_cursor_that_failed_stays_failed(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_cursor cursor = sr_cursor_of(sr_slice_of("\x01\x02\x03", 3));
    check_int(sr_cursor_u32(&cursor), 0);
    check_int(sr_cursor_u8(&cursor), 0);
    check_slice(sr_cursor_bytes(&cursor, 0), "");
    check_slice(sr_cursor_rest(&cursor), "");
    check_fails(sr_cursor_finish(&cursor, "record", &err), &err, SR_E_FORMAT);
    check_text(err.text, "record ends too early");
}

static void leftover_bytes_are_an_error(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_cursor cursor = sr_cursor_of(sr_slice_text("ab"));
    check_int(sr_cursor_u8(&cursor), 'a');
    check_fails(sr_cursor_finish(&cursor, "record", &err), &err, SR_E_FORMAT);
    check_text(err.text, "record has bytes left over");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_memory_is_zero_and_never_null),
        cmocka_unit_test(growing_an_array_keeps_the_old_and_zeroes_the_new),
        cmocka_unit_test(an_overflowing_array_stops_the_process),
        cmocka_unit_test(wiping_overwrites),
        cmocka_unit_test(texts_are_copied_and_printed),
        cmocka_unit_test(a_text_fits_an_array_or_leaves_it_empty),
        cmocka_unit_test(slices_compare_as_unsigned_bytes_and_shorter_first),
        cmocka_unit_test(a_prefix_is_found_at_the_start_only),
        cmocka_unit_test(a_part_of_a_slice_lies_inside_it),
        cmocka_unit_test(a_part_outside_is_asserted_away),
        cmocka_unit_test(a_slice_becomes_text_unless_it_holds_a_nul),
        cmocka_unit_test(constant_time_equality_sees_every_byte),
        cmocka_unit_test(a_buffer_grows_and_keeps_its_contents),
        cmocka_unit_test(a_full_buffer_refuses_and_stays_as_it_was),
        cmocka_unit_test(integers_are_appended_big_endian),
        cmocka_unit_test(nothing_is_allocated_before_the_first_append),
        cmocka_unit_test(a_cleared_buffer_can_be_filled_again),
        cmocka_unit_test(cutting_to_more_than_there_is_is_asserted_away),
        cmocka_unit_test(contents_move_out_as_text),
        cmocka_unit_test(a_cursor_reads_a_record),
        cmocka_unit_test(a_cursor_that_failed_stays_failed),
        cmocka_unit_test(leftover_bytes_are_an_error),
    };
    check_main(tests);
}
