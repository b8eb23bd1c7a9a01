#include "check.h"

#include <stdlib.h>

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

static bool utf8_with(const char *all, const char *lang)
{
    check_int(setenv("LC_ALL", all, 1), 0);
    check_int(unsetenv("LC_CTYPE"), 0);
    check_int(setenv("LANG", lang, 1), 0);
    return terminal_is_utf8();
}

static void the_first_locale_that_says_anything_decides_on_utf_8(void **state)
{
    (void)state;
    check(utf8_with("", "de_DE.UTF-8"));
    check(utf8_with("C.utf8", "C"));
    check(utf8_with("", "de_DE.UTF-8@euro"));
    check(!utf8_with("C", "de_DE.UTF-8"));
    check(!utf8_with("", "de_DE.ISO-8859-15"));
    check(!utf8_with("", "de_DE"));
    check(!utf8_with("", ""));
    check_int(setenv("LC_CTYPE", "en_US.UTF-8", 1), 0);
    check(terminal_is_utf8());
    check(unsetenv("LC_ALL") == 0 && unsetenv("LC_CTYPE") == 0 && unsetenv("LANG") == 0);
    check(!terminal_is_utf8());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_fits_stays_as_it_is),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(line_breaks_and_runs_of_blanks_become_one_blank),
        cmocka_unit_test(lines_are_folded_at_blanks),
        cmocka_unit_test(a_folded_text_cannot_move_the_cursor),
        cmocka_unit_test(the_first_locale_that_says_anything_decides_on_utf_8),
    };
    check_main(tests);
}
