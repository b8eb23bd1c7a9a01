/* The report for people. */
#include <string.h>

#include "../terminal.h"
#include "base/text.h"
#include "report.h"

enum
{
    NAMES_MOST = 40, /* columns to which numbers behind names are aligned */
};

static void title(const char *text, const report_look *look, FILE *to)
{
    (void)fputc('\n', to);
    terminal_fold(text, look->width, to);
    (void)fputc('\n', to);
}

static char *shown(int64_t items, const report_look *look)
{
    return sr_text_copy(items == REPORT_HELD_BACK ? report_held_back_sign(look)
                                                  : overlap_report_grouped(items).text);
}

/* Memory has no limit that a report of this size could meet; a failed write shows in the file. */
static void finish(output *table, bool filled, FILE *to)
{
    sr_err ignored = SR_ERR_INIT;
    if (!filled || output_finish(table, to, &ignored) != SR_OK)
        (void)fputs("?\n", to);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static bool any_segments(const overlap_report *report)
{
    for (size_t i = 0; i < report->member_count; i++)
        if (report->members[i].segment_count > 0)
            return true;
    return false;
}

static bool add_size(output *table, const char *name, const char *label, int64_t items)
{
    sr_err ignored = SR_ERR_INIT;
    overlap_report_count count = overlap_report_grouped(items);
    const char *const with[] = {name, label, count.text};
    const char *const without[] = {name, count.text};
    return output_texts(table, label == NULL ? without : with, &ignored) == SR_OK;
}

static bool add_member(output *table, const report_member *member, bool by_segment)
{
    bool filled = add_size(table, member->name, by_segment ? "" : NULL, member->items);
    for (size_t i = 0; i < member->segment_count && filled; i++)
        filled = add_size(table, "", member->segments[i].label, member->segments[i].items);
    return filled;
}

static void print_sizes(const overlap_report *report, const report_look *look, FILE *to)
{
    static const output_column with[] = {
        {"member", OUTPUT_TEXT}, {"segment", OUTPUT_TEXT}, {"items", OUTPUT_NUMBER}};
    static const output_column without[] = {{"member", OUTPUT_TEXT}, {"items", OUTPUT_NUMBER}};
    bool by_segment = any_segments(report);
    bool filled = true;
    OUTPUT(table);
    if (!overlap_report_has_sizes(report))
    {
        SR_TEXT(names);
        SR_TEXT(line);
        names = overlap_report_names(report, ~0u, ", ", " and ");
        line = sr_text_printf("Members: %s. Lists were padded: sizes are not told.", names);
        (void)fputc('\n', to);
        terminal_fold(line, look->width, to);
        return;
    }
    title("Sizes", look, to);
    table = output_new(OUTPUT_TABLE, by_segment ? with : without, by_segment ? 3 : 2);
    for (size_t i = 0; i < report->member_count && filled; i++)
        filled = add_member(table, &report->members[i], by_segment);
    finish(table, filled, to);
}

/* ---- overlaps -------------------------------------------------------------------------------- */

/* "35.0"; what is rounded to nothing or to all, though it is not, says so. */
static char *percentage(int64_t items, int64_t of)
{
    int64_t tenths = of == 0 ? 0 : (items * 1000 + of / 2) / of;
    if (tenths == 0 && items > 0)
        return sr_text_copy("Less than 0.1");
    if (tenths == 1000 && items < of)
        return sr_text_copy("More than 99.9");
    return sr_text_printf("%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
}

static void print_percentage(const overlap_report *report, const report_number *overlap,
                             size_t member, FILE *to)
{
    SR_TEXT(percent);
    SR_TEXT(others);
    percent = percentage(overlap->items, report->members[member].items);
    others = overlap_report_names(report, overlap->members & ~(1u << member), "'s, ", "'s and ");
    (void)fprintf(to, "  %s %% of %s's audience is in %s's\n", percent,
                  report->members[member].name, others);
}

static void print_overlap(const overlap_report *report, const report_number *overlap, size_t width,
                          const report_look *look, FILE *to)
{
    SR_TEXT(names);
    SR_TEXT(items);
    names = overlap_report_names(report, overlap->members, ", ", ", ");
    items = shown(overlap->items, look);
    size_t count = overlap->items == REPORT_HELD_BACK ? 1 : strlen(items);
    size_t used = strlen(names) + count;
    int gap = used < width ? (int)(width - used) : 0;
    (void)fprintf(to, "%s  %*s%s\n", names, gap, "", items);
    if (overlap->items == REPORT_HELD_BACK || !overlap_report_has_sizes(report))
        return;
    for (size_t i = 0; i < report->member_count; i++)
        if ((overlap->members >> i & 1u) != 0)
            print_percentage(report, overlap, i, to);
}

/* Columns of the longest names and the longest number. */
static size_t overlaps_width(const overlap_report *report)
{
    size_t names_width = 0;
    size_t items_width = 0;
    for (size_t i = 0; i < report->overlap_count; i++)
    {
        SR_TEXT(names);
        names = overlap_report_names(report, report->overlaps[i].members, ", ", ", ");
        size_t here = strlen(overlap_report_grouped(report->overlaps[i].items).text);
        items_width = here > items_width ? here : items_width;
        names_width = strlen(names) > names_width ? strlen(names) : names_width;
    }
    return (names_width > NAMES_MOST ? NAMES_MOST : names_width) + items_width;
}

static void print_overlaps(const overlap_report *report, const report_look *look, FILE *to)
{
    size_t width = overlaps_width(report);
    if (report->overlap_count == 0)
        return;
    title("Overlaps: items that all of these members have", look, to);
    for (size_t i = 0; i < report->overlap_count; i++)
        print_overlap(report, &report->overlaps[i], width, look, to);
}

/* ---- matrices -------------------------------------------------------------------------------- */

/* A member without segments has one label, which says nothing. */
static const char *label_at(const sr_json *labels, size_t index)
{
    const char *label = sr_json_text(sr_json_item(labels, index));
    return label[0] == '\0' ? "all" : label;
}

static size_t column_width(const report_matrix *matrix, size_t column)
{
    size_t width = sr_utf8_width(sr_slice_text(label_at(matrix->columns, column)));
    for (size_t row = 0; row < matrix->row_count; row++)
    {
        int64_t items = matrix->items[row * matrix->column_count + column];
        size_t here = strlen(overlap_report_grouped(items).text);
        width = here > width ? here : width;
    }
    return width;
}

static size_t head_width(const report_matrix *matrix, const char *corner)
{
    size_t width = strlen(corner);
    for (size_t row = 0; row < matrix->row_count; row++)
    {
        size_t here = sr_utf8_width(sr_slice_text(label_at(matrix->rows, row)));
        width = here > width ? here : width;
    }
    return width;
}

/* Columns from `first` on that fit beside the labels, at least one. */
static size_t columns_that_fit(const report_matrix *matrix, const char *corner, size_t first,
                               size_t width)
{
    size_t used = head_width(matrix, corner) + 2 + column_width(matrix, first);
    size_t count = 1;
    for (; first + count < matrix->column_count; count++)
    {
        used += 2 + column_width(matrix, first + count);
        if (used > width)
            break;
    }
    return count;
}

static bool add_row(output *table, const report_matrix *matrix, size_t row, size_t first,
                    size_t count, const report_look *look)
{
    sr_err ignored = SR_ERR_INIT;
    char *items[MANIFEST_SEGMENTS_MOST] = {NULL};
    const char *texts[MANIFEST_SEGMENTS_MOST + 1] = {label_at(matrix->rows, row)};
    for (size_t i = 0; i < count; i++)
        texts[i + 1] = items[i] =
            shown(matrix->items[row * matrix->column_count + first + i], look);
    bool filled = output_texts(table, texts, &ignored) == SR_OK;
    for (size_t i = 0; i < count; i++)
        sr_free(items[i]);
    return filled;
}

static void print_panel(const report_matrix *matrix, const char *corner, size_t first, size_t count,
                        const report_look *look, FILE *to)
{
    output_column columns[MANIFEST_SEGMENTS_MOST + 1] = {{corner, OUTPUT_TEXT}};
    bool filled = true;
    OUTPUT(table);
    for (size_t i = 0; i < count; i++)
        columns[i + 1] = (output_column){label_at(matrix->columns, first + i), OUTPUT_NUMBER};
    table = output_new(OUTPUT_TABLE, columns, count + 1);
    for (size_t row = 0; row < matrix->row_count && filled; row++)
        filled = add_row(table, matrix, row, first, count, look);
    finish(table, filled, to);
}

static void print_matrix(const overlap_report *report, const report_matrix *matrix,
                         const report_look *look, FILE *to)
{
    const char *rows = report->members[matrix->row_member].name;
    const char *columns = report->members[matrix->column_member].name;
    SR_TEXT(heading);
    SR_TEXT(corner);
    heading = sr_text_printf("Segments: rows are %s's, columns %s's", rows, columns);
    corner = sr_text_printf("%s", rows);
    title(heading, look, to);
    for (size_t first = 0; first < matrix->column_count;)
    {
        size_t count = columns_that_fit(matrix, corner, first, look->width);
        if (first > 0)
            (void)fputc('\n', to);
        print_panel(matrix, corner, first, count, look, to);
        first += count;
    }
}

/* Instead of the matrices that the terms promise, if they had too much to tell apart. */
static void print_no_matrix(const overlap_report *report, const report_look *look, FILE *to)
{
    SR_TEXT(line);
    if (report->matrix_count > 0 || look->terms == NULL || !manifest_has_segments(look->terms))
        return;
    if (report->member_count > MANIFEST_MEMBERS_PROVEN)
        line = sr_text_printf("No matrix: segments are told apart among %d members at most.",
                              MANIFEST_MEMBERS_PROVEN);
    else
        line = sr_text_printf("No matrix: too many segments to tell apart. Each member's segments "
                              "plus one, multiplied, must be fewer than %d.",
                              MANIFEST_CELLS_PROVEN + 2);
    (void)fputc('\n', to);
    terminal_fold(line, look->width, to);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void print_held_back(const overlap_report *report, const report_look *look, FILE *to)
{
    SR_TEXT(line);
    if (!overlap_report_holds_back(report))
        return;
    bool padded = !overlap_report_has_sizes(report);
    line = sr_text_printf("%s is held back: too small, too large to leave enough of a set, or "
                          "needed so that another cannot be computed; these are not told apart.%s",
                          report_held_back_sign(look),
                          padded ? " As lists were padded, regions of one member are always held "
                                   "back: they would tell its size."
                                 : "");
    (void)fputc('\n', to);
    terminal_fold(line, look->width, to);
}

void report_write_table(const overlap_report *report, const report_look *look, FILE *to)
{
    overlap_report_count minimum = overlap_report_grouped(report->minimum);
    overlap_report_count left = overlap_report_grouped(report->minimum_complement);
    SR_TEXT(line);
    line = sr_text_printf("Overlap session %s: minimum %s, minimum complement %s.", report->session,
                          minimum.text, left.text);
    terminal_fold(line, look->width, to);
    print_sizes(report, look, to);
    print_overlaps(report, look, to);
    if (report->region_count > 0)
    {
        title("Regions: items that exactly these members have", look, to);
        upset_print(report, look, to);
    }
    for (size_t i = 0; i < report->matrix_count; i++)
        print_matrix(report, &report->matrices[i], look, to);
    print_no_matrix(report, look, to);
    print_held_back(report, look, to);
}
