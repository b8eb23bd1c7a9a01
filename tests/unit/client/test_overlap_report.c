#include "report_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const report_look unicode = {.unicode = true, .width = 80};
static const report_look ascii = {.unicode = false, .width = 80};

/* The text with one part, which must be there, replaced. */
static char *replaced(const char *text, const char *part, const char *by)
{
    const char *at = strstr(text, part);
    if (at == NULL)
        fail_msg("the report has no %s", part);
    return sr_text_printf("%.*s%s%s", (int)(at - text), text, by, at + strlen(part));
}

static char *written(const char *text, output_form form, const report_look *look)
{
    sr_err err = SR_ERR_INIT;
    char *out = NULL;
    size_t len = 0;
    OVERLAP_REPORT(report);
    read_report(&report, text);
    FILE *to = open_memstream(&out, &len);
    check_ok(report_write(&report, form, look, to, &err), &err);
    (void)fclose(to);
    return out;
}

/* ---- what people see ------------------------------------------------------------------------- */

static void check_written_as(const char *name, output_form form, const report_look *look)
{
    SR_TEXT(report);
    SR_TEXT(expected);
    SR_TEXT(found);
    report = vector_text("report.json");
    expected = vector_text(name);
    found = written(report, form, look);
    check_text(found, expected);
}

static void a_report_is_told_in_words_bars_and_dots(void **state)
{
    (void)state;
    check_written_as("report.txt", OUTPUT_TABLE, &unicode);
}

static void without_utf_8_everything_of_ours_is_ascii(void **state)
{
    (void)state;
    SR_TEXT(report);
    SR_TEXT(found);
    check_written_as("report_ascii.txt", OUTPUT_TABLE, &ascii);
    report = vector_text("report.json");
    found = written(report, OUTPUT_TABLE, &ascii);
    for (const char *at = found; *at != '\0'; at++)
        check((unsigned char)*at < 0x80);
}

static void csv_has_a_line_for_each_number(void **state)
{
    (void)state;
    check_written_as("report.csv", OUTPUT_CSV, &unicode);
}

static void json_is_the_document_itself(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(report);
    SR_TEXT(found);
    SR_JSON(again);
    SR_BUF(canonical, ROOM);
    report = vector_text("report.json");
    found = written(report, OUTPUT_JSON, &unicode);
    check(strstr(found, "\n  \"members\": [\n") != NULL);
    check_ok(sr_json_parse(&again, sr_slice_text(found), &err), &err);
    check_ok(sr_json_write_canonical(again, &canonical, &err), &err);
    report[strlen(report) - 1] = '\0'; /* the line end of the file */
    check_slice(sr_buf_view(&canonical), report);
}

static void percentages_that_are_rounded_to_nothing_or_all_say_so(void **state)
{
    (void)state;
    SR_TEXT(report);
    SR_TEXT(changed);
    SR_TEXT(found);
    report = vector_text("report.json");
    changed = replaced(report, "\"items\":1050,", "\"items\":2499,");
    found = written(changed, OUTPUT_TABLE, &unicode);
    check(strstr(found, "  More than 99.9 % of brand's audience is in retailer's\n") != NULL);
    check(strstr(found, "  83.3 % of retailer's audience is in brand's\n") != NULL);
    sr_text_clear(&changed);
    sr_text_clear(&found);
    changed = replaced(report, "\"items\":1050,", "\"items\":1,");
    found = written(changed, OUTPUT_TABLE, &unicode);
    check(strstr(found, "  Less than 0.1 % of brand's audience is in retailer's\n") != NULL);
}

static const char padded[] =
    "{\"matrices\":[],\"members\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"minimum\":100,"
    "\"minimumComplement\":0,\"notice\":\"\",\"overlaps\":[{\"items\":500,\"members\":[\"a\",\"b\"]"
    "}],"
    "\"regions\":[{\"items\":9500,\"members\":[\"a\"]},{\"items\":4500,\"members\":[\"b\"]},"
    "{\"items\":500,\"members\":[\"a\",\"b\"]}],\"session\":\"7d0f8a52-3c1e-4b5a-9d6f-"
    "0123456789ab\"}";

static void a_report_of_padded_lists_has_neither_sizes_nor_percentages(void **state)
{
    (void)state;
    SR_TEXT(found);
    found = written(padded, OUTPUT_TABLE, &unicode);
    check(strstr(found, "Members: a and b. Lists were padded: sizes are not told.\n") != NULL);
    check(strstr(found, "Sizes") == NULL);
    check(strchr(found, '%') == NULL);
    check(strstr(found, "held back") == NULL);
    sr_text_clear(&found);
    found = written(padded, OUTPUT_CSV, &unicode);
    check_text(found,
               "kind,members,labels,items\noverlap,a|b,,500\nregion,a,,9500\nregion,b,,4500\n"
               "region,a|b,,500\n");
}

static void a_foreign_label_cannot_move_the_cursor_nor_break_a_line(void **state)
{
    static const char *const labels[] = {"\"rows\":[\"g\\u001b[2J\"", "\"rows\":[\"g\\n\"",
                                         "\"rows\":[\"g\\u009b\""};
    (void)state;
    SR_TEXT(report);
    report = vector_text("report.json");
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
    {
        SR_TEXT(changed);
        sr_err err = SR_ERR_INIT;
        changed = replaced(report, "\"rows\":[\"gold\"", labels[i]);
        OVERLAP_REPORT(read);
        check_fails(overlap_report_read(&read, sr_slice_text(changed), &err), &err, SR_E_INVALID);
        check_error_says(&err, "a control character in a label");
    }
}

static void a_label_with_the_separator_of_labels_is_told_apart(void **state)
{
    (void)state;
    SR_TEXT(report);
    SR_TEXT(changed);
    SR_TEXT(found);
    report = vector_text("report.json");
    changed = replaced(report, "\"rows\":[\"gold\"", "\"rows\":[\"g|\\\\\"");
    found = written(changed, OUTPUT_TABLE, &unicode);
    check(strstr(found, "g|\\") != NULL);
    sr_text_clear(&found);
    found = written(changed, OUTPUT_CSV, &unicode);
    check(strstr(found, "g\\|\\\\|spring,400\n") != NULL);
}

static void a_terminal_too_narrow_for_anything_gets_a_column_at_a_time(void **state)
{
    (void)state;
    SR_TEXT(found);
    report_look look = {.unicode = true, .width = 1};
    found = written(padded, OUTPUT_TABLE, &look);
    check_int(times(found, "●"), 4);
    check(strstr(found, "a     ●\n") != NULL);
}

static void a_matrix_that_is_too_wide_goes_on_below(void **state)
{
    (void)state;
    SR_TEXT(report);
    SR_TEXT(found);
    report_look look = {.unicode = true, .width = 20};
    report = vector_text("report.json");
    found = written(report, OUTPUT_TABLE, &look);
    check(strstr(found, "retailer  spring\n--------  ------\ngold         400\n"
                        "silver       250\n\nretailer  summer\n--------  ------\n") != NULL);
}

static void where_there_is_no_matrix_it_says_why(void **state)
{
    (void)state;
    manifest terms = {.member_count = 2, .members = {{.segments = 16}, {.segments = 15}}};
    report_look look = {.unicode = true, .width = 200, .terms = &terms};
    SR_TEXT(report);
    SR_TEXT(found);
    found = written(padded, OUTPUT_TABLE, &look);
    check(strstr(found, "No matrix: too many segments to tell apart. Each member's segments plus "
                        "one, multiplied, must be fewer than 258.\n") != NULL);
    sr_text_clear(&found);
    terms.members[0].segments = terms.members[1].segments = 0;
    found = written(padded, OUTPUT_TABLE, &look);
    check(strstr(found, "No matrix") == NULL);
    sr_text_clear(&found);
    terms.members[0].segments = 2;
    report = vector_text("report.json");
    found = written(report, OUTPUT_TABLE, &look);
    check(strstr(found, "No matrix") == NULL && strstr(found, "Segments: rows are") != NULL);
}

static void what_padding_holds_back_is_told_beside_the_sign(void **state)
{
    (void)state;
    SR_TEXT(report);
    SR_TEXT(held);
    SR_TEXT(found);
    const report_look look = {.unicode = true, .width = 400};
    held = replaced(padded, "{\"items\":9500,", "{\"items\":null,");
    found = written(held, OUTPUT_TABLE, &look);
    check(strstr(found, "· is held back") != NULL &&
          strstr(found, "regions of one member are always held back") != NULL);
    sr_text_clear(&found);
    report = vector_text("report.json");
    found = written(report, OUTPUT_TABLE, &look);
    check(strstr(found, "· is held back") != NULL && strstr(found, "always held back") == NULL);
}

/* ---- standard output and files ---------------------------------------------------------------- */

/* Standard output goes nowhere while it runs. */
static sr_result print_silently(const char *report, output_form form, const char *svg, sr_err *err)
{
    (void)fflush(stdout);
    int before = dup(STDOUT_FILENO);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(nowhere, STDOUT_FILENO);
    sr_result result = report_print(report, NULL, form, svg, err);
    (void)fflush(stdout);
    (void)dup2(before, STDOUT_FILENO);
    (void)close(before);
    (void)close(nowhere);
    return result;
}

static void a_report_of_another_session_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(report);
    const manifest other = {.session = sr_uuid_random()};
    report = vector_text("report.json");
    check_fails(report_print(report, &other, OUTPUT_TABLE, NULL, &err), &err, SR_E_INVALID);
    check_error_says(&err, "another session");
}

static void a_drawing_never_replaces_a_file(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char folder[] = "/tmp/sealroom_report_XXXXXX";
    SR_TEXT(report);
    SR_TEXT(path);
    SR_TEXT(expected);
    SR_BUF(found, ROOM);
    check(mkdtemp(folder) != NULL);
    report = vector_text("report.json");
    expected = vector_text("report.svg");
    path = sr_path_join(folder, "plot.svg");
    check_ok(print_silently(report, OUTPUT_TABLE, path, &err), &err);
    check_fails(print_silently(padded, OUTPUT_TABLE, path, &err), &err, SR_E_EXISTS);
    check_error_says(&err, "plot.svg: exists already; choose another name");
    check(strstr(err.text, "--overwrite") == NULL);
    check_ok(sr_file_read(&found, path, &err), &err);
    check_slice(sr_buf_view(&found), expected);
    check_int(unlink(path), 0);
    check_int(rmdir(folder), 0);
}

static void a_report_without_regions_has_nothing_to_draw(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(report);
    report = replaced(padded,
                      "[{\"items\":9500,\"members\":[\"a\"]},{\"items\":4500,\"members\":[\"b\"]},"
                      "{\"items\":500,\"members\":[\"a\",\"b\"]}]",
                      "[]");
    check_fails(print_silently(report, OUTPUT_TABLE, "/tmp/never.svg", &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "/tmp/never.svg: this report has no regions to draw");
    check(access("/tmp/never.svg", F_OK) != 0);
}

/* ---- what is refused ------------------------------------------------------------------------- */

typedef struct
{
    const char *part;
    const char *by;
    const char *says;
} breach;

/* Each is one change to the report of tests/vectors/overlap. */
static const breach breaches[] = {
    {"{\"matrices\"", "[{\"matrices\"", "line 2"},
    {"\"minimum\":100,", "", "minimum"},
    {"\"minimum\":100,", "\"minimum\":-1,", "minimum"},
    {"\"minimum\":100,", "\"minimum\":100,\"more\":1,", "more"},
    {"\"notice\":\"Held back.\"", "\"notice\":[]", "notice"},
    {"7d0f8a52-", "7d0f8a5-", "session: expected a UUID"},
    {"\"members\":[{\"items\":3000", "\"members\":[[],{\"items\":3000", "members[0]"},
    {"\"name\":\"press\"", "\"name\":\"<press>\"", "members[2]"},
    {"\"name\":\"press\"", "\"name\":\"brand\"", "members[2]: name: told before"},
    {"\"items\":1200,\"name\"", "\"name\"", "some with a size and some without"},
    {"\"items\":1200,\"name\"", "\"items\":2147483649,\"name\"", "members[2]: items"},
    {"\"items\":1200,\"name\"", "\"items\":1e3,\"name\"", "members[2]: items"},
    {"\"segments\":[{\"items\":1000", "\"segments\":[{\"items\":3001", "members[0]: segments[0]"},
    {"\"label\":\"gold\"", "\"label\":1", "members[0]: segments[0]: label"},
    {"\"label\":\"gold\"",
     "\"label\":\"0123456789012345678901234567890123456789012345678901234567890123\"",
     "members[0]: segments[0]: label: expected a label of at most 63 bytes"},
    {"\"overlaps\":[", "\"overlaps\":[null,", "overlaps[0]"},
    {"\"items\":1050,", "", "overlaps[0]: items"},
    {"\"items\":1050,", "\"items\":2501,", "overlaps[0]: items"},
    {"\"items\":1050,", "\"items\":-1,", "overlaps[0]: items"},
    {"\"items\":1050,", "\"items\":\"1050\",", "overlaps[0]: items"},
    {"\"items\":1050,", "\"items\":null,", "overlaps[0]: percent: without"},
    {"[\"35.0\",\"42.0\"]", "[\"35.0\"]", "overlaps[0]: percent: expected one for each"},
    {"[\"35.0\",\"42.0\"]", "[\"35.0\",42.0]", "overlaps[0]: percent: expected one for each"},
    {"[\"35.0\",\"42.0\"]", "[\"35.0\",\"42\"]", "overlaps[0]: percent: expected one for each"},
    {",\"percent\":[\"35.0\",\"42.0\"]", "", "overlaps[0]: percent"},
    {"\"members\":[\"retailer\",\"brand\"],\"percent\"", "\"members\":[\"brand\"],\"percent\"",
     "overlaps[0]: members: too few"},
    {"\"members\":[\"retailer\",\"brand\"],\"percent\"",
     "\"members\":[\"brand\",\"retailer\"],\"percent\"", "overlaps[0]: members: expected names"},
    {"\"members\":[\"retailer\",\"brand\"],\"percent\"",
     "\"members\":[\"brand\",\"brand\"],\"percent\"", "overlaps[0]: members: expected names"},
    {"\"members\":[\"retailer\",\"brand\"],\"percent\"",
     "\"members\":[\"brand\",\"nobody\"],\"percent\"", "overlaps[0]: members: expected names"},
    {"\"members\":[\"retailer\",\"press\"],\"percent\"",
     "\"members\":[\"retailer\",\"brand\"],\"percent\"", "overlaps[1]: members: told before"},
    {"{\"items\":1810,\"members\":[\"retailer\"]}", "{\"items\":1810,\"members\":[]}",
     "regions[0]: members: too few"},
    {"{\"items\":1810,\"members\":[\"retailer\"]}",
     "{\"items\":1810,\"members\":[\"retailer\"],\"percent\":[\"1.0\"]}", "percent"},
    {"\"matrices\":[", "\"matrices\":[1,", "matrices[0]"},
    {"\"rows\":[\"gold\",\"silver\"]", "\"rows\":[\"gold\"]",
     "matrices[0]: items: expected a list"},
    {"\"rows\":[\"gold\",\"silver\"]", "\"rows\":[]", "matrices[0]: rows: expected 1 to 64"},
    {"\"rows\":[\"gold\",\"silver\"]", "\"rows\":[\"gold\",2]", "matrices[0]: rows[1]"},
    {"[250,180]", "[250]", "matrices[0]: items[1]: expected one for each of the columns"},
    {"[250,180]", "250", "matrices[0]: items[1]: expected one for each of the columns"},
    {"[250,180]", "[250,{}]", "matrices[0]: items[1][1]: items"},
    {"[250,180]", "[250,2501]", "matrices[0]: items[1][1]: items"},
    {"\"members\":[\"retailer\",\"brand\"],\"rows\"",
     "\"members\":[\"retailer\",\"brand\",\"press\"],\"rows\"",
     "matrices[0]: members: expected two"},
    {"\"members\":[\"retailer\",\"press\"],\"rows\"",
     "\"members\":[\"retailer\",\"brand\"],\"rows\"", "matrices[1]: members: told before"},
};

static void what_is_not_of_the_shape_is_refused_with_its_place(void **state)
{
    (void)state;
    SR_TEXT(report);
    report = vector_text("report.json");
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_TEXT(changed);
        OVERLAP_REPORT(read);
        changed = replaced(report, breaches[i].part, breaches[i].by);
        check_fails(overlap_report_read(&read, sr_slice_text(changed), &err), &err, SR_E_INVALID);
        check_error_says(&err, "the server's report: ");
        check_error_says(&err, breaches[i].says);
        check(read.document == NULL && read.member_count == 0 && read.regions == NULL);
    }
}

static void above_five_members_there_are_no_regions(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(text);
    SR_TEXT(changed);
    OVERLAP_REPORT(report);
    text = five_members("m", false);
    changed = replaced(text, "{\"name\":\"m0\"},", "{\"name\":\"m0\"},{\"name\":\"extra\"},");
    check_fails(overlap_report_read(&report, sr_slice_text(changed), &err), &err, SR_E_INVALID);
    check_error_says(&err, "regions: of more than 5 members");
}

static void nothing_is_printed_of_a_report_that_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(print_silently("", OUTPUT_JSON, NULL, &err), &err, SR_E_INVALID);
    check_fails(print_silently("{}", OUTPUT_TABLE, "/tmp/never.svg", &err), &err, SR_E_INVALID);
    check(access("/tmp/never.svg", F_OK) != 0);
}

static void a_write_that_fails_is_told(void **state)
{
    (void)state;
    OVERLAP_REPORT(report);
    read_report(&report, padded);
    for (output_form form = OUTPUT_TABLE; form <= OUTPUT_CSV; form++)
    {
        sr_err err = SR_ERR_INIT;
        FILE *full = fopen("/dev/full", "w");
        if (full == NULL)
            skip();
        check_fails(report_write(&report, form, &unicode, full, &err), &err, SR_E_IO);
        (void)fclose(full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_told_in_words_bars_and_dots),
        cmocka_unit_test(without_utf_8_everything_of_ours_is_ascii),
        cmocka_unit_test(csv_has_a_line_for_each_number),
        cmocka_unit_test(json_is_the_document_itself),
        cmocka_unit_test(percentages_that_are_rounded_to_nothing_or_all_say_so),
        cmocka_unit_test(a_report_of_padded_lists_has_neither_sizes_nor_percentages),
        cmocka_unit_test(a_foreign_label_cannot_move_the_cursor_nor_break_a_line),
        cmocka_unit_test(a_label_with_the_separator_of_labels_is_told_apart),
        cmocka_unit_test(a_terminal_too_narrow_for_anything_gets_a_column_at_a_time),
        cmocka_unit_test(a_matrix_that_is_too_wide_goes_on_below),
        cmocka_unit_test(where_there_is_no_matrix_it_says_why),
        cmocka_unit_test(what_padding_holds_back_is_told_beside_the_sign),
        cmocka_unit_test(a_report_of_another_session_is_refused),
        cmocka_unit_test(a_drawing_never_replaces_a_file),
        cmocka_unit_test(a_report_without_regions_has_nothing_to_draw),
        cmocka_unit_test(what_is_not_of_the_shape_is_refused_with_its_place),
        cmocka_unit_test(above_five_members_there_are_no_regions),
        cmocka_unit_test(nothing_is_printed_of_a_report_that_is_refused),
        cmocka_unit_test(a_write_that_fails_is_told),
    };
    check_main(tests);
}
