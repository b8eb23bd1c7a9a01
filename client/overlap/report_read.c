#include "report_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/uuid.h"

void overlap_report_clear(overlap_report *report)
{
    for (size_t i = 0; i < report->member_count; i++)
        sr_free(report->members[i].segments);
    for (size_t i = 0; i < report->matrix_count; i++)
        sr_free(report->matrices[i].items);
    sr_free(report->overlaps);
    sr_free(report->regions);
    sr_free(report->matrices);
    sr_json_free(report->document);
    *report = (overlap_report){.document = NULL};
}

/* ---- parts ----------------------------------------------------------------------------------- */

static sr_result read_item_count(const sr_json *node, int64_t most, int64_t *out, sr_err *err)
{
    bool held_back = node != NULL && sr_json_kind_of(node) == SR_JSON_NULL;
    *out = held_back ? REPORT_HELD_BACK : sr_json_int(node);
    if (held_back)
        return SR_OK;
    if (sr_json_kind_of(node) != SR_JSON_INT || *out < 0 || *out > most)
        return sr_fail(err, SR_E_INVALID,
                       "items: expected null or a whole number that its sets can have");
    return SR_OK;
}

static sr_result check_label(const sr_json *node, sr_err *err)
{
    if (sr_json_kind_of(node) != SR_JSON_TEXT || strlen(sr_json_text(node)) > REPORT_LABEL_MOST)
        return sr_fail(err, SR_E_INVALID, "expected a label of at most %d bytes",
                       REPORT_LABEL_MOST);
    if (sr_utf8_has_control(sr_slice_text(sr_json_text(node))))
        return sr_fail(err, SR_E_INVALID, "a control character in a label");
    return SR_OK;
}

/* Position of a member; member_count when it is none. */
static size_t position_of(const overlap_report *report, const sr_json *name)
{
    size_t at = 0;
    while (at < report->member_count && (sr_json_kind_of(name) != SR_JSON_TEXT ||
                                         strcmp(report->members[at].name, sr_json_text(name)) != 0))
        at++;
    return at;
}

/* A set of `least` members or more, in their order. */
static sr_result read_members_of(const overlap_report *report, const sr_json *object, size_t least,
                                 unsigned *out, sr_err *err)
{
    const sr_json *names = NULL;
    *out = 0;
    if (sr_json_get_array(object, "members", true, &names, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < sr_json_size(names); i++)
    {
        size_t at = position_of(report, sr_json_item(names, i));
        if (at == report->member_count || *out >> at != 0)
            return sr_fail(err, SR_E_INVALID,
                           "members: expected names of members, each once, in their order");
        *out |= 1u << at;
    }
    if (overlap_report_members(*out) < least)
        return sr_fail(err, SR_E_INVALID, "members: too few");
    return SR_OK;
}

/* ---- members --------------------------------------------------------------------------------- */

static sr_result read_segment(report_segment *out, const sr_json *node, int64_t most, sr_err *err)
{
    static const char *const allowed[] = {"items", "label", NULL};
    if (sr_json_only(node, allowed, err) != SR_OK ||
        sr_json_get_int(node, "items", true, 0, most, &out->items, err) != SR_OK ||
        sr_json_get_text(node, "label", true, &out->label, err) != SR_OK)
        return SR_FAIL;
    if (check_label(sr_json_member(node, "label"), err) != SR_OK)
        return sr_fail_in(err, "label");
    return SR_OK;
}

static sr_result read_segments(report_member *out, const sr_json *node, sr_err *err)
{
    const sr_json *list = NULL;
    if (sr_json_get_array(node, "segments", false, &list, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(list) > MANIFEST_SEGMENTS_MOST)
        return sr_fail(err, SR_E_INVALID, "segments: more than %d", MANIFEST_SEGMENTS_MOST);
    if (list != NULL && out->items == REPORT_UNTOLD)
        return sr_fail(err, SR_E_INVALID, "segments: sizes of segments without the list's size");
    out->segments = sr_array(sr_json_size(list), sizeof *out->segments);
    out->segment_count = sr_json_size(list);
    for (size_t i = 0; i < out->segment_count; i++)
        if (read_segment(&out->segments[i], sr_json_item(list, i), out->items, err) != SR_OK)
            return sr_fail_in(err, "segments[%zu]", i);
    return SR_OK;
}

static sr_result read_member(overlap_report *report, const sr_json *node, sr_err *err)
{
    static const char *const allowed[] = {"items", "name", "segments", NULL};
    report_member *out = &report->members[report->member_count];
    *out = (report_member){.items = REPORT_UNTOLD};
    if (sr_json_only(node, allowed, err) != SR_OK ||
        sr_json_get_text(node, "name", true, &out->name, err) != SR_OK ||
        sr_json_get_int(node, "items", false, 0, REPORT_ITEMS_MOST, &out->items, err) != SR_OK ||
        model_name_check("member", out->name, err) != SR_OK)
        return SR_FAIL;
    if (position_of(report, sr_json_member(node, "name")) < report->member_count)
        return sr_fail(err, SR_E_INVALID, "name: told before");
    report->member_count++; /* from here on the report owns its segments */
    return read_segments(out, node, err);
}

static sr_result read_members(overlap_report *report, sr_err *err)
{
    const sr_json *list = NULL;
    if (sr_json_get_array(report->document, "members", true, &list, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(list) < MANIFEST_MEMBERS_LEAST || sr_json_size(list) > MANIFEST_MEMBERS_MOST)
        return sr_fail(err, SR_E_INVALID, "members: expected %d to %d", MANIFEST_MEMBERS_LEAST,
                       MANIFEST_MEMBERS_MOST);
    for (size_t i = 0; i < sr_json_size(list); i++)
        if (read_member(report, sr_json_item(list, i), err) != SR_OK)
            return sr_fail_in(err, "members[%zu]", i);
    for (size_t i = 1; i < report->member_count; i++)
        if ((report->members[i].items == REPORT_UNTOLD) !=
            (report->members[0].items == REPORT_UNTOLD))
            return sr_fail(err, SR_E_INVALID, "members: some with a size and some without");
    return SR_OK;
}

/* ---- overlaps and regions -------------------------------------------------------------------- */

/* The smallest of the sets bounds what they share. */
static int64_t most_of(const overlap_report *report, unsigned members)
{
    int64_t most = REPORT_ITEMS_MOST;
    for (size_t i = 0; i < report->member_count; i++)
        if ((members >> i & 1u) != 0 && report->members[i].items != REPORT_UNTOLD &&
            report->members[i].items < most)
            most = report->members[i].items;
    return most;
}

/* "16.7" */
static bool is_percentage(const sr_json *node)
{
    const char *text = sr_json_text(node);
    size_t whole = strspn(text, "0123456789");
    return sr_json_kind_of(node) == SR_JSON_TEXT && whole >= 1 && whole <= 3 &&
           text[whole] == '.' && strspn(text + whole + 1, "0123456789") == 1 &&
           text[whole + 2] == '\0';
}

static sr_result check_percentages(const overlap_report *report, const report_number *one,
                                   const sr_json *node, sr_err *err)
{
    const sr_json *list = NULL;
    bool wanted = one->items != REPORT_HELD_BACK && overlap_report_has_sizes(report);
    if (sr_json_get_array(node, "percent", wanted, &list, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_member(node, "percent") != NULL && !wanted)
        return sr_fail(err, SR_E_INVALID, "percent: without the numbers that it is of");
    bool good = !wanted || sr_json_size(list) == overlap_report_members(one->members);
    for (size_t i = 0; i < sr_json_size(list) && good; i++)
        good = is_percentage(sr_json_item(list, i));
    if (!good)
        return sr_fail(err, SR_E_INVALID, "percent: expected one for each member, as \"16.7\"");
    return SR_OK;
}

typedef struct
{
    const char *key;
    size_t least;  /* members of a number */
    bool percents; /* a number may have them */
} number_list;

static sr_result read_number(report_number *out, const overlap_report *report,
                             const number_list *kind, const sr_json *node, sr_err *err)
{
    static const char *const allowed[] = {"items", "members", NULL};
    static const char *const allowed_overlap[] = {"items", "members", "percent", NULL};
    if (sr_json_only(node, kind->percents ? allowed_overlap : allowed, err) != SR_OK ||
        read_members_of(report, node, kind->least, &out->members, err) != SR_OK ||
        read_item_count(sr_json_member(node, "items"), most_of(report, out->members), &out->items,
                        err) != SR_OK)
        return SR_FAIL;
    return kind->percents ? check_percentages(report, out, node, err) : SR_OK;
}

static void clear_array(void *array)
{
    sr_free(*(void **)array);
}

static sr_result read_numbers(report_number **out, size_t *count, const overlap_report *report,
                              const number_list *kind, sr_err *err)
{
    const sr_json *list = NULL;
    size_t sets = (size_t)1 << report->member_count;
    bool *seen SR_CLEANUP(clear_array) = sr_array(sets, sizeof *seen);
    if (sr_json_get_array(report->document, kind->key, true, &list, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(list) >= sets)
        return sr_fail(err, SR_E_INVALID, "%s: more than there are sets of members", kind->key);
    *out = sr_array(sr_json_size(list), sizeof **out);
    *count = sr_json_size(list);
    for (size_t i = 0; i < *count; i++)
    {
        report_number *one = &(*out)[i];
        if (read_number(one, report, kind, sr_json_item(list, i), err) != SR_OK)
            return sr_fail_in(err, "%s[%zu]", kind->key, i);
        if (seen[one->members])
            return sr_fail(err, SR_E_INVALID, "%s[%zu]: members: told before", kind->key, i);
        seen[one->members] = true;
    }
    return SR_OK;
}

static sr_result read_sets(overlap_report *report, sr_err *err)
{
    static const number_list overlaps = {"overlaps", 2, true};
    static const number_list regions = {"regions", 1, false};
    if (read_numbers(&report->overlaps, &report->overlap_count, report, &overlaps, err) != SR_OK ||
        read_numbers(&report->regions, &report->region_count, report, &regions, err) != SR_OK)
        return SR_FAIL;
    if (report->region_count > 0 && report->member_count > REPORT_REGION_MEMBERS)
        return sr_fail(err, SR_E_INVALID, "regions: of more than %d members",
                       REPORT_REGION_MEMBERS);
    return SR_OK;
}

/* ---- matrices -------------------------------------------------------------------------------- */

static sr_result read_labels(const sr_json *node, const char *key, const sr_json **out,
                             size_t *count, sr_err *err)
{
    *count = 0;
    if (sr_json_get_array(node, key, true, out, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(*out) == 0 || sr_json_size(*out) > MANIFEST_SEGMENTS_MOST)
        return sr_fail(err, SR_E_INVALID, "%s: expected 1 to %d labels", key,
                       MANIFEST_SEGMENTS_MOST);
    for (size_t i = 0; i < sr_json_size(*out); i++)
        if (check_label(sr_json_item(*out, i), err) != SR_OK)
            return sr_fail_in(err, "%s[%zu]", key, i);
    *count = sr_json_size(*out);
    return SR_OK;
}

static sr_result read_cells(report_matrix *out, int64_t most, const sr_json *list, sr_err *err)
{
    if (sr_json_size(list) != out->row_count)
        return sr_fail(err, SR_E_INVALID, "items: expected a list for each of the rows");
    out->items = sr_array(out->row_count * out->column_count, sizeof *out->items);
    for (size_t row = 0; row < out->row_count; row++)
    {
        const sr_json *cells = sr_json_item(list, row);
        if (sr_json_kind_of(cells) != SR_JSON_ARRAY || sr_json_size(cells) != out->column_count)
            return sr_fail(err, SR_E_INVALID, "items[%zu]: expected one for each of the columns",
                           row);
        for (size_t i = 0; i < out->column_count; i++)
            if (read_item_count(sr_json_item(cells, i), most,
                                &out->items[row * out->column_count + i], err) != SR_OK)
                return sr_fail_in(err, "items[%zu][%zu]", row, i);
    }
    return SR_OK;
}

static sr_result read_matrix(report_matrix *out, const overlap_report *report, const sr_json *node,
                             sr_err *err)
{
    static const char *const allowed[] = {"columns", "items", "members", "rows", NULL};
    const sr_json *items = NULL;
    unsigned members = 0;
    if (sr_json_only(node, allowed, err) != SR_OK ||
        read_members_of(report, node, 2, &members, err) != SR_OK ||
        read_labels(node, "rows", &out->rows, &out->row_count, err) != SR_OK ||
        read_labels(node, "columns", &out->columns, &out->column_count, err) != SR_OK ||
        sr_json_get_array(node, "items", true, &items, err) != SR_OK)
        return SR_FAIL;
    if (overlap_report_members(members) != 2)
        return sr_fail(err, SR_E_INVALID, "members: expected two");
    const sr_json *names = sr_json_member(node, "members");
    out->row_member = position_of(report, sr_json_item(names, 0));
    out->column_member = position_of(report, sr_json_item(names, 1));
    return read_cells(out, most_of(report, members), items, err);
}

static bool matrix_told_before(const overlap_report *report, size_t index)
{
    const report_matrix *one = &report->matrices[index];
    for (size_t i = 0; i < index; i++)
        if (report->matrices[i].row_member == one->row_member &&
            report->matrices[i].column_member == one->column_member)
            return true;
    return false;
}

static sr_result read_matrices(overlap_report *report, sr_err *err)
{
    const sr_json *list = NULL;
    if (sr_json_get_array(report->document, "matrices", true, &list, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(list) > report->member_count * (report->member_count - 1) / 2)
        return sr_fail(err, SR_E_INVALID, "matrices: more than there are pairs of members");
    report->matrices = sr_array(sr_json_size(list), sizeof *report->matrices);
    report->matrix_count = sr_json_size(list);
    for (size_t i = 0; i < report->matrix_count; i++)
    {
        if (read_matrix(&report->matrices[i], report, sr_json_item(list, i), err) != SR_OK)
            return sr_fail_in(err, "matrices[%zu]", i);
        if (matrix_told_before(report, i))
            return sr_fail(err, SR_E_INVALID, "matrices[%zu]: members: told before", i);
    }
    return SR_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static sr_result read_head(overlap_report *report, sr_err *err)
{
    static const char *const allowed[] = {"matrices",          "members", "minimum",
                                          "minimumComplement", "notice",  "overlaps",
                                          "regions",           "session", NULL};
    const char *notice = NULL;
    sr_uuid session;
    if (sr_json_only(report->document, allowed, err) != SR_OK ||
        sr_json_get_int(report->document, "minimum", true, 0, INT64_MAX, &report->minimum, err) !=
            SR_OK ||
        sr_json_get_int(report->document, "minimumComplement", true, 0, INT64_MAX,
                        &report->minimum_complement, err) != SR_OK ||
        sr_json_get_text(report->document, "notice", true, &notice, err) != SR_OK ||
        sr_json_get_text(report->document, "session", true, &report->session, err) != SR_OK)
        return SR_FAIL;
    if (strlen(report->session) != SR_UUID_TEXT_SIZE - 1 ||
        sr_uuid_parse(&session, report->session, err) != SR_OK)
        return sr_fail(err, SR_E_INVALID, "session: expected a UUID");
    if (sr_utf8_has_control(sr_slice_text(notice)))
        return sr_fail(err, SR_E_INVALID, "notice: a control character");
    return SR_OK;
}

sr_result overlap_report_read(overlap_report *out, sr_slice text, sr_err *err)
{
    *out = (overlap_report){.document = NULL};
    if (sr_json_parse(&out->document, text, err) == SR_OK && read_head(out, err) == SR_OK &&
        read_members(out, err) == SR_OK && read_sets(out, err) == SR_OK &&
        read_matrices(out, err) == SR_OK)
        return SR_OK;
    overlap_report_clear(out);
    return sr_fail_in(err, "the server's report");
}

/* ---- asking ---------------------------------------------------------------------------------- */

bool overlap_report_has_sizes(const overlap_report *report)
{
    return report->members[0].items != REPORT_UNTOLD;
}

static bool any_held_back(const report_number *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].items == REPORT_HELD_BACK)
            return true;
    return false;
}

bool overlap_report_holds_back(const overlap_report *report)
{
    for (size_t i = 0; i < report->matrix_count; i++)
    {
        const report_matrix *matrix = &report->matrices[i];
        for (size_t k = 0; k < matrix->row_count * matrix->column_count; k++)
            if (matrix->items[k] == REPORT_HELD_BACK)
                return true;
    }
    return any_held_back(report->overlaps, report->overlap_count) ||
           any_held_back(report->regions, report->region_count);
}

size_t overlap_report_members(unsigned members)
{
    size_t count = 0;
    for (; members != 0; members >>= 1)
        count += members & 1u;
    return count;
}

char *overlap_report_names(const overlap_report *report, unsigned members, const char *between,
                           const char *last)
{
    char *out = sr_text_copy("");
    members &= (1u << report->member_count) - 1u;
    for (size_t i = 0; i < report->member_count; i++)
    {
        const char *joint = members >> i == 1u ? last : between;
        if ((members >> i & 1u) == 0)
            continue;
        char *longer =
            sr_text_printf("%s%s%s", out, out[0] == '\0' ? "" : joint, report->members[i].name);
        sr_free(out);
        out = longer;
    }
    return out;
}

overlap_report_count overlap_report_grouped(int64_t items)
{
    overlap_report_count out;
    char digits[32];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRId64, items);
    size_t used = 0;
    for (size_t i = 0; i < len; i++)
    {
        if (i > 0 && (len - i) % 3 == 0)
            out.text[used++] = ',';
        out.text[used++] = digits[i];
    }
    out.text[used] = '\0';
    return out;
}
