#include "server/shell/grid.h"

#include "base/file.h"
#include "place.h"

static void put(grid *table, const char *text)
{
    grid_put(table, sr_slice_text(text), 40);
}

/* What is printed, and how many columns were left out. */
static char *printed(const grid *table, size_t width, size_t *left_out)
{
    FILE *out = fopen("printed", "w");
    check(out != NULL);
    *left_out = grid_print(table, out, width);
    check_int(fclose(out), 0);
    return place_read("printed");
}

static void columns_are_aligned(void **state)
{
    GRID(table, 2);
    SR_TEXT(text);
    size_t left_out = 9;
    (void)state;
    put(&table, "name (fingerprint)");
    put(&table, "größe");
    put(&table, "日本");
    put(&table, "1");
    put(&table, "b");
    put(&table, "");
    text = printed(&table, 100, &left_out);
    check_int(left_out, 0);
    check_text(text, "  name (fingerprint)  größe\n"
                     "  日本                1\n"
                     "  b\n");
}

static void columns_that_do_not_fit_are_counted(void **state)
{
    GRID(table, 3);
    SR_TEXT(text);
    size_t left_out = 0;
    (void)state;
    put(&table, "1234567890");
    put(&table, "1234567890");
    put(&table, "x");
    text = printed(&table, 24, &left_out);
    check_int(left_out, 1);
    check_text(text, "  1234567890  1234567890\n");
}

static void check_clean(const char *given, size_t most, const char *wanted)
{
    SR_TEXT(made);
    made = grid_clean(sr_slice_text(given), most);
    check_text(made, wanted);
}

static void a_long_cell_is_cut(void **state)
{
    (void)state;
    check_clean("12345", 5, "12345");
    check_clean("123456", 5, "1234…");
    check_clean("日本日本", 6, "日本…");
    check_clean("äöüäöü", 4, "äöü…");
}

static void a_cell_cannot_steer_the_terminal(void **state)
{
    (void)state;
    check_clean("a\033[2Jb", 40, "a?[2Jb");
    check_clean("two\nlines\r\x7f", 40, "two?lines??");
    check_clean("c1 \xc2\x9b!", 40, "c1 ?!");
    check_clean("not \xff\xfe UTF-8 \xe2\x82", 40, "not ?? UTF-8 ??");
}

static void characters_without_width_have_an_end(void **state)
{
    SR_BUF(marks, 1 << 16);
    SR_TEXT(made);
    sr_err err = SR_ERR_INIT;
    (void)state;
    for (int i = 0; i < 10000; i++)
        check_ok(sr_buf_append_text(&marks, "\xcc\x81", &err), &err);
    made = grid_clean(sr_buf_view(&marks), 10);
    check(strlen(made) <= 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(columns_are_aligned),
        place_test(columns_that_do_not_fit_are_counted),
        cmocka_unit_test(a_long_cell_is_cut),
        cmocka_unit_test(a_cell_cannot_steer_the_terminal),
        cmocka_unit_test(characters_without_width_have_an_end),
    };
    check_main(tests);
}
