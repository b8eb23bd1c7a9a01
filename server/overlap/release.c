#include "release.h"

#include <string.h>

#include "base/json.h"
#include "judge.h"
#include "order.h"

/* ---- the report ------------------------------------------------------------------------------ */

/* What of a padded list nobody else has would tell, with what it shares, how long the list is. */
static void hide_sizes(numbers *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].kind == NUMBER_REGION && all->list[i].member_count == 1)
            all->list[i].released = false;
}

static void set_items(sr_json *out, const char *key, const number *one)
{
    if (one->released)
        sr_json_set_int(out, key, (int64_t)one->value);
    else
        sr_json_set_null(out, key);
}

static sr_json *names_of(const manifest *rules, const number *one)
{
    sr_json *out = sr_json_array_new();
    for (size_t i = 0; i < rules->member_count; i++)
        if (number_has(one, i))
            sr_json_add_text(out, rules->members[i].name);
    return out;
}

/* "16.7": to a tenth, as texts, so that no reader rounds them anew. */
static sr_json *percent_of(const numbers *all, const number *one)
{
    sr_json *out = sr_json_array_new();
    for (size_t i = 0; i < all->member_count; i++)
    {
        SR_TEXT(text);
        uint64_t size = number_has(one, i) ? number_set_size(all, one, i) : 0;
        if (!number_has(one, i))
            continue;
        uint64_t tenths = size == 0 ? 0 : (one->value * 1000 + size / 2) / size;
        text = sr_text_printf("%llu.%llu", (unsigned long long)(tenths / 10),
                              (unsigned long long)(tenths % 10));
        sr_json_add_text(out, text);
    }
    return out;
}

static sr_json *print_numbers(const manifest *rules, const numbers *all, number_kind kind)
{
    sr_json *out = sr_json_array_new();
    for (size_t i = 0; i < all->count; i++)
    {
        const number *one = &all->list[i];
        if (one->kind != kind)
            continue;
        sr_json *item = sr_json_object_new();
        set_items(item, "items", one);
        sr_json_set_take(item, "members", names_of(rules, one));
        if (kind == NUMBER_OVERLAP && one->released && !rules->padded)
            sr_json_set_take(item, "percent", percent_of(all, one));
        sr_json_add_take(out, item);
    }
    return out;
}

static sr_json *labels_of(const overlap_sizes *sizes)
{
    sr_json *out = sr_json_array_new();
    for (size_t i = 0; i < sizes->label_count; i++)
        sr_json_add_text(out, sizes->labels[i]);
    return out;
}

static void add_number(sr_json *array, const number *one)
{
    if (one->released)
        sr_json_add_int(array, (int64_t)one->value);
    else
        sr_json_add_null(array);
}

/* The numbers of a matrix stand one after another, row by row. */
static sr_json *print_matrix(const manifest *rules, const overlap_counts *counts,
                             const number *first, size_t row_member, size_t column_member)
{
    const overlap_sizes *rows = &counts->members[row_member];
    const overlap_sizes *columns = &counts->members[column_member];
    sr_json *out = sr_json_object_new();
    sr_json *items = sr_json_array_new();
    for (size_t r = 0; r < rows->label_count; r++)
    {
        sr_json *row = sr_json_array_new();
        for (size_t c = 0; c < columns->label_count; c++)
            add_number(row, first++);
        sr_json_add_take(items, row);
    }
    sr_json_set_take(out, "columns", labels_of(columns));
    sr_json_set_take(out, "items", items);
    sr_json *members = sr_json_array_new();
    sr_json_add_text(members, rules->members[row_member].name);
    sr_json_add_text(members, rules->members[column_member].name);
    sr_json_set_take(out, "members", members);
    sr_json_set_take(out, "rows", labels_of(rows));
    return out;
}

static sr_json *print_matrices(const manifest *rules, const overlap_counts *counts,
                               const numbers *all)
{
    sr_json *out = sr_json_array_new();
    for (size_t i = 0; i < all->count; i++)
    {
        const number *one = &all->list[i];
        if (one->kind == NUMBER_CELL && one->label[one->row] == 1 && one->label[one->column] == 1)
            sr_json_add_take(out, print_matrix(rules, counts, one, one->row, one->column));
    }
    return out;
}

static sr_json *print_segments(const overlap_sizes *sizes)
{
    sr_json *out = sr_json_array_new();
    for (size_t k = 0; k < sizes->label_count; k++)
    {
        sr_json *segment = sr_json_object_new();
        sr_json_set_int(segment, "items", (int64_t)sizes->items[k]);
        sr_json_set_text(segment, "label", sizes->labels[k]);
        sr_json_add_take(out, segment);
    }
    return out;
}

static sr_json *print_members(const manifest *rules, const overlap_counts *counts)
{
    sr_json *out = sr_json_array_new();
    for (size_t i = 0; i < counts->member_count; i++)
    {
        sr_json *member = sr_json_object_new();
        sr_json_set_text(member, "name", rules->members[i].name);
        if (!rules->padded)
            sr_json_set_int(member, "items", (int64_t)overlap_size(counts, i));
        if (!rules->padded && rules->members[i].segments > 0)
            sr_json_set_take(member, "segments", print_segments(&counts->members[i]));
        sr_json_add_take(out, member);
    }
    return out;
}

static sr_result print(char **out, const manifest *rules, const overlap_counts *counts,
                       const numbers *all, sr_err *err)
{
    SR_JSON(document);
    SR_BUF(text, 4 * 1024 * 1024);
    sr_uuid_text id = sr_uuid_print(&rules->session);
    document = sr_json_object_new();
    sr_json_set_take(document, "matrices", print_matrices(rules, counts, all));
    sr_json_set_take(document, "members", print_members(rules, counts));
    sr_json_set_int(document, "minimum", (int64_t)rules->minimum);
    sr_json_set_int(document, "minimumComplement", (int64_t)rules->minimum_complement);
    sr_json_set_text(document, "notice",
                     "Numbers below the minimum, numbers that leave too little of a set, and "
                     "numbers from which such a one could be computed are held back. Another "
                     "session of the same lists may tell more.");
    sr_json_set_take(document, "overlaps", print_numbers(rules, all, NUMBER_OVERLAP));
    sr_json_set_take(document, "regions", print_numbers(rules, all, NUMBER_REGION));
    sr_json_set_text(document, "session", id.text);
    if (sr_json_write_canonical(document, &text, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_take_text(out, &text, err);
}

sr_result release_report(char **out, const manifest *given, const overlap_counts *matched,
                         sr_err *err)
{
    NUMBERS(all);
    OVERLAP_COUNTS(counts);
    manifest rules;
    *out = NULL;
    overlap_put_in_order(&counts, &rules, matched, given);
    if (numbers_make(&all, &counts, err) != SR_OK)
        return SR_FAIL;
    judge(&rules, &all);
    if (rules.padded)
        hide_sizes(&all);
    return print(out, &rules, &counts, &all, err);
}
