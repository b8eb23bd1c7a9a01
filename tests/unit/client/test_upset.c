#include "report_fixture.h"

#include <stdlib.h>

static char *drawn(const overlap_report *report)
{
    char *out = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&out, &len);
    upset_svg(report, to);
    (void)fclose(to);
    char *drawing =
        sr_text_copy(out); /* gcc 12 takes what open_memstream stored for the address of `out` */
    free(out);
    return drawing;
}

/* ---- the plot -------------------------------------------------------------------------------- */

static void columns_go_from_great_to_small_and_held_back_ones_keep_their_order(void **state)
{
    (void)state;
    SR_TEXT(text);
    OVERLAP_REPORT(report);
    size_t order[REPORT_REGIONS_MOST];
    text = five_members("m", true);
    read_report(&report, text);
    report.regions[0].items = report.regions[1].items; /* equal ones */
    upset_order(order, &report);
    for (size_t i = 1; i < report.region_count; i++)
    {
        const report_number *before = &report.regions[order[i - 1]];
        const report_number *here = &report.regions[order[i]];
        check(before->items >= here->items);
        check(before->items > here->items || order[i - 1] < order[i]);
    }
    check_int(report.regions[order[20]].items > 0, true);
    check_int(report.regions[order[21]].items, REPORT_HELD_BACK);
}

/* Lines fit unless one column alone is too wide, and end without blanks. */
static void check_lines(const char *text, size_t width)
{
    while (*text != '\0')
    {
        size_t len = strcspn(text, "\n");
        check(sr_utf8_width(sr_slice_of(text, len)) <= width);
        check(len == 0 || text[len - 1] != ' ');
        text += len + 1;
    }
}

static void a_plot_fits_into_the_terminal(void **state)
{
    (void)state;
    static const char *const names[] = {"m", "a-name-that-is-as-long-as-names-of-members-may-be"};
    static const size_t widths[] = {60, 80, 100, 200, 1000};
    for (size_t i = 0; i < 2 * sizeof widths / sizeof widths[0]; i++)
    {
        SR_TEXT(text);
        SR_TEXT(found);
        char *plot = NULL;
        size_t len = 0;
        OVERLAP_REPORT(report);
        text = five_members(names[i % 2], true);
        read_report(&report, text);
        report_look look = {.unicode = i % 4 < 2, .width = widths[i / 2]};
        FILE *to = open_memstream(&plot, &len);
        upset_print(&report, &look, to);
        (void)fclose(to);
        found = plot;
        check_lines(found, look.width);
        check_int(times(found, look.unicode ? "●" : "@"), 80); /* 5 members in 16 regions each */
        check_int(times(found, look.unicode ? "○" : "."), 75);
        check_int(times(found, report_held_back_sign(&look)), 10);
        check_int(times(found, "85,887,453"), 1);
    }
}

/* ---- the drawing ----------------------------------------------------------------------------- */

static void a_drawing_stands_alone_and_is_told_in_words(void **state)
{
    (void)state;
    SR_TEXT(text);
    SR_TEXT(expected);
    SR_TEXT(found);
    OVERLAP_REPORT(report);
    text = vector_text("report.json");
    expected = vector_text("report.svg");
    read_report(&report, text);
    found = drawn(&report);
    check_text(found, expected);
    check(strstr(found, "<script") == NULL && strstr(found, "href") == NULL);
    check(strstr(found, "url(") == NULL && strstr(found, "@import") == NULL);
    check(strstr(found, "role=\"img\" aria-labelledby=\"upset-title upset-desc\"") != NULL);
    check(strstr(found, "retailer and brand, nobody else: 740; ") != NULL);
    check(strstr(found, "brand and press, nobody else: held back.</desc>") != NULL);
    check(strstr(found, "prefers-color-scheme:dark") != NULL);
    check_int(times(found, "<g>"), 3 + 7);
    check_int(times(found, "class=\"bar\""), 4);
    check_int(times(found, "class=\"in\""), 12);
}

static void a_drawing_explains_its_signs_only_if_it_has_them(void **state)
{
    (void)state;
    SR_TEXT(text);
    SR_TEXT(with);
    SR_TEXT(without);
    OVERLAP_REPORT(report);
    text = vector_text("report.json");
    read_report(&report, text);
    with = drawn(&report);
    check(strstr(with, " is held back: too small") != NULL);
    for (size_t i = 0; i < report.region_count; i++) /* though overlaps are held back still */
        report.regions[i].items = 100;
    without = drawn(&report);
    check(strstr(without, "held back") == NULL);
    check_int(times(without, "class=\"bar\""), 7);
}

static void thirty_one_regions_keep_a_drawing_to_a_page(void **state)
{
    (void)state;
    SR_TEXT(text);
    SR_TEXT(found);
    OVERLAP_REPORT(report);
    text = five_members("m", true);
    read_report(&report, text);
    found = drawn(&report);
    int width = 0;
    int height = 0;
    check_int(sscanf(strstr(found, "width="), "width=\"%d\" height=\"%d\"", &width, &height), 2);
    check(width > 900 && width < 1500 && height > 400 && height < 700);
    check_int(times(found, "rotate(-90)"), 21);
    check_int(times(found, "class=\"join\""), 31 - 5);
}

static void foreign_text_in_a_drawing_is_only_text(void **state)
{
    (void)state;
    SR_TEXT(found);
    report_number regions[] = {{1, 10}};
    overlap_report report = {.session = "s",
                             .members = {{.name = "<b>&\"'\x1b\xc2\x9b\xef\xbf\xbf", .items = 20},
                                         {.name = "\xe6\x9d\xb1", .items = 0}},
                             .member_count = 2,
                             .regions = regions,
                             .region_count = 1};
    found = drawn(&report);
    check(strstr(found, "<title>&lt;b&gt;&amp;&quot;&#39;???: 20</title>") != NULL);
    check(strstr(found, "\xe6\x9d\xb1") != NULL);
    check(strstr(found, "<b>") == NULL && strchr(found, 0x1b) == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_go_from_great_to_small_and_held_back_ones_keep_their_order),
        cmocka_unit_test(a_plot_fits_into_the_terminal),
        cmocka_unit_test(a_drawing_stands_alone_and_is_told_in_words),
        cmocka_unit_test(a_drawing_explains_its_signs_only_if_it_has_them),
        cmocka_unit_test(thirty_one_regions_keep_a_drawing_to_a_page),
        cmocka_unit_test(foreign_text_in_a_drawing_is_only_text),
    };
    check_main(tests);
}
