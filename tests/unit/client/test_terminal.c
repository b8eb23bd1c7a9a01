#include "check.h"

#include "client/terminal.h"

static void a_text_that_fits_stays_as_it_is(void **state)
{
    (void)state;
    SR_TEXT(text);
    text = terminal_cut(sr_slice_text("SELECT 1"), 8);
    check_text(text, "SELECT 1");
}

static void a_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    SR_TEXT(text);
    SR_TEXT(wide);
    text = terminal_cut(sr_slice_text("SELECT segment"), 8);
    check_text(text, "SELECT \xe2\x80\xa6");
    wide = terminal_cut(sr_slice_text("\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1"), 4);
    check_text(wide, "\xe6\x9d\xb1\xe2\x80\xa6");
}

static void line_breaks_and_runs_of_blanks_become_one_blank(void **state)
{
    (void)state;
    SR_TEXT(text);
    text = terminal_on_one_line("SELECT\n    \t1");
    check_text(text, "SELECT 1");
}

static void fold(char *out, size_t size, const char *text, size_t width)
{
    FILE *to = fmemopen(out, size, "w");
    terminal_fold(text, width, to);
    (void)fclose(to);
}

static void lines_are_folded_at_blanks(void **state)
{
    (void)state;
    char out[256];
    fold(out, sizeof out, "one two three four", 9);
    check_text(out, "one two\nthree\nfour\n");
    fold(out, sizeof out, "averylongword x", 4);
    check_text(out, "averylongword\nx\n");
    fold(out, sizeof out, "", 4);
    check_text(out, "\n");
}

static void a_folded_text_cannot_move_the_cursor(void **state)
{
    (void)state;
    char out[256];
    fold(out, sizeof out, "a\x1b[2J b", 80);
    check_text(out, "a?[2J b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_fits_stays_as_it_is),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(line_breaks_and_runs_of_blanks_become_one_blank),
        cmocka_unit_test(lines_are_folded_at_blanks),
        cmocka_unit_test(a_folded_text_cannot_move_the_cursor),
    };
    check_main(tests);
}
