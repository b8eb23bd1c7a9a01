#include "report.h"

#include <string.h>

#include "../terminal.h"
#include "base/file.h"

/* ---- csv ------------------------------------------------------------------------------------- */

static sr_result add_line(output *out, const char *kind, const char *members, const char *labels,
                          int64_t items, sr_err *err)
{
    SR_TEXT(number);
    if (items >= 0) /* else held back or untold: nothing */
        number = sr_text_printf("%lld", (long long)items);
    const char *const texts[] = {kind, members, labels, number};
    return output_texts(out, texts, err);
}

static char *escaped(const char *label)
{
    SR_TEXT(out);
    out = sr_array(2 * strlen(label) + 1, 1);
    size_t len = 0;
    for (; *label != '\0'; label++)
    {
        if (*label == '|' || *label == '\\')
            out[len++] = '\\';
        out[len++] = *label;
    }
    return sr_text_copy(out);
}

static sr_result add_sizes(output *out, const report_member *member, sr_err *err)
{
    if (member->items != REPORT_UNTOLD &&
        add_line(out, "size", member->name, NULL, member->items, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < member->segment_count; i++)
    {
        SR_TEXT(label);
        label = escaped(member->segments[i].label);
        if (add_line(out, "segment", member->name, label, member->segments[i].items, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result add_numbers(output *out, const overlap_report *report, const char *kind,
                             const report_number *list, size_t count, sr_err *err)
{
    for (size_t i = 0; i < count; i++)
    {
        SR_TEXT(names);
        names = overlap_report_names(report, list[i].members, "|", "|");
        if (add_line(out, kind, names, NULL, list[i].items, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result add_cell(output *out, const char *members, const report_matrix *matrix, size_t row,
                          size_t column, sr_err *err)
{
    SR_TEXT(first);
    SR_TEXT(second);
    SR_TEXT(labels);
    first = escaped(sr_json_text(sr_json_item(matrix->rows, row)));
    second = escaped(sr_json_text(sr_json_item(matrix->columns, column)));
    labels = sr_text_printf("%s|%s", first, second);
    return add_line(out, "cell", members, labels,
                    matrix->items[row * matrix->column_count + column], err);
}

static sr_result add_matrix(output *out, const overlap_report *report, const report_matrix *matrix,
                            sr_err *err)
{
    SR_TEXT(members);
    members = sr_text_printf("%s|%s", report->members[matrix->row_member].name,
                             report->members[matrix->column_member].name);
    for (size_t row = 0; row < matrix->row_count; row++)
        for (size_t column = 0; column < matrix->column_count; column++)
            if (add_cell(out, members, matrix, row, column, err) != SR_OK)
                return SR_FAIL;
    return SR_OK;
}

static sr_result write_csv(const overlap_report *report, FILE *to, sr_err *err)
{
    static const output_column columns[] = {{"kind", OUTPUT_TEXT},
                                            {"members", OUTPUT_TEXT},
                                            {"labels", OUTPUT_TEXT},
                                            {"items", OUTPUT_NUMBER}};
    OUTPUT(out);
    out = output_new(OUTPUT_CSV, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < report->member_count; i++)
        if (add_sizes(out, &report->members[i], err) != SR_OK)
            return SR_FAIL;
    if (add_numbers(out, report, "overlap", report->overlaps, report->overlap_count, err) !=
            SR_OK ||
        add_numbers(out, report, "region", report->regions, report->region_count, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < report->matrix_count; i++)
        if (add_matrix(out, report, &report->matrices[i], err) != SR_OK)
            return SR_FAIL;
    return output_finish(out, to, err);
}

/* ---- all forms ------------------------------------------------------------------------------- */

sr_result report_write(const overlap_report *report, output_form form, const report_look *look,
                       FILE *to, sr_err *err)
{
    if (form == OUTPUT_JSON)
        return output_document(report->document, to, err);
    if (form == OUTPUT_CSV)
        return write_csv(report, to, err);
    report_write_table(report, look, to);
    return fflush(to) == 0 && ferror(to) == 0 ? SR_OK
                                              : sr_fail(err, SR_E_IO, "cannot write the output");
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
    *file = NULL;
}

static sr_result draw_svg(char **out, const overlap_report *report, sr_err *err)
{
    size_t len = 0;
    FILE *to SR_CLEANUP(close_file) = open_memstream(out, &len);
    if (to == NULL)
        return sr_fail(err, SR_E_IO, "cannot draw");
    upset_svg(report, to);
    bool whole = ferror(to) == 0 && fflush(to) == 0;
    return whole ? SR_OK : sr_fail(err, SR_E_IO, "cannot draw");
}

static sr_result write_svg(const overlap_report *report, const char *path, sr_err *err)
{
    SR_TEXT(drawing);
    if (report->region_count == 0)
        return sr_fail(err, SR_E_NOT_FOUND,
                       "%s: this report has no regions to draw (above %d members there are none)",
                       path, REPORT_REGION_MEMBERS);
    if (draw_svg(&drawing, report, err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    if (sr_file_write(path, sr_slice_text(drawing), 0600, false, err) == SR_OK)
        return SR_OK;
    if (err->code != SR_E_EXISTS)
        return SR_FAIL;
    sr_err_reset(err);
    return sr_fail(err, SR_E_EXISTS, "%s: exists already; choose another name", path);
}

static sr_result check_session(const overlap_report *report, const manifest *terms, sr_err *err)
{
    sr_uuid_text session = sr_uuid_print(&terms->session);
    if (strcmp(report->session, session.text) != 0)
        return sr_fail(err, SR_E_INVALID, "the server's report is of another session");
    return SR_OK;
}

sr_result report_print(const char *report, const manifest *terms, output_form form, const char *svg,
                       sr_err *err)
{
    OVERLAP_REPORT(read);
    size_t width = terminal_width();
    report_look look = {.unicode = terminal_is_utf8(),
                        .width = width == SIZE_MAX ? TERMINAL_LINE : width,
                        .terms = terms};
    if (overlap_report_read(&read, sr_slice_text(report), err) != SR_OK)
        return SR_FAIL;
    if (terms != NULL && check_session(&read, terms, err) != SR_OK)
        return SR_FAIL;
    if (svg != NULL && write_svg(&read, svg, err) != SR_OK)
        return SR_FAIL;
    return report_write(&read, form, &look, stdout, err);
}
