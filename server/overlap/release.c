#include "release.h"

#include <string.h>

#include "base/json.h"
#include "numbers.h"
#include "order.h"

enum
{
    ROUNDS_FEW = 8,
};

/* ---- the rule -------------------------------------------------------------------------------- */

/* 1: what a number is, and what it leaves. */
static bool reaches(const manifest *rules, const numbers *all, const number *one)
{
    bool alone = number_is_alone(one);
    uint64_t least = alone ? rules->minimum_complement : rules->minimum;
    uint64_t left = alone ? rules->minimum : rules->minimum_complement;
    if (one->value < least)
        return false;
    for (size_t i = 0; i < all->member_count; i++)
        if (number_has(one, i) && number_set_size(all, one, i) - one->value < left)
            return false;
    return true;
}

/* 2: two lists without segments. */
static bool is_all_or_nothing(const numbers *all)
{
    return all->member_count == 2 && all->segment_count == 2;
}

static void hold_back_all(numbers *all)
{
    for (size_t i = 0; i < all->count; i++)
        all->list[i].released = false;
}

static bool any_held_back(const numbers *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (!all->list[i].released)
            return true;
    return false;
}

/* What was held back must not be told by what is released, nor what nobody asked for and would be held back. Numbers of
 * one member alone only where something of it is to be left: a minimumComplement of 0 says that it may be. */
static bool needs_cover(const manifest *rules, const number *one)
{
    bool told = one->kind == NUMBER_UNASKED ? one->allowed : one->released;
    return !told && (!number_is_alone(one) || rules->minimum_complement > 0);
}

/* What is known now; NULL when that could not be found: then everything is taken to be confined, until so much is held
 * back that it can. */
static bounds *find_known(const numbers *all)
{
    bounds *known = NULL;
    sr_err lost = SR_ERR_INIT;
    if (numbers_known(&known, all, &lost) != SR_OK)
        sr_err_reset(&lost);
    return known;
}

/* As many whole values as it may have; 0 when that could not be found. */
static uint64_t values_left(bounds *known, const number *one)
{
    uint64_t least = 0;
    uint64_t greatest = 0;
    sr_err lost = SR_ERR_INIT;
    if (known == NULL)
        return 0;
    if (bounds_of(&least, &greatest, known, &one->cells, &lost) != SR_OK)
    {
        sr_err_reset(&lost); /* bounds.h: then take it that everything can be concluded */
        return 0;
    }
    /* Rounded inwards, nothing may be left between them. */
    return greatest < least ? 0 : greatest - least + 1;
}

/* What the sizes alone leave fewer values than the minimum is to keep those; if they could not be found, it is to have the
 * minimum. */
static bool is_covered(const manifest *rules, bounds *known, const number *one)
{
    uint64_t wanted = rules->minimum;
    if (one->kind == NUMBER_UNASKED && one->values > 0 && one->values < wanted)
        wanted = one->values;
    return values_left(known, one) >= wanted;
}

static const number *first_confined(const manifest *rules, const number *list, size_t count,
                                    bounds *known, size_t decided)
{
    for (size_t i = 0; i < count; i++)
    {
        const number *one = &list[i];
        bool asked = one->kind != NUMBER_UNASKED;
        bool due = asked ? !one->allowed || i < decided : one->minded;
        if (due && needs_cover(rules, one) && !is_covered(rules, known, one))
            return one;
    }
    return NULL;
}

/* The first number that is held back and is confined; NULL when there is none. Numbers from `decided` on that are
 * allowed may still be released, and are passed over. */
static const number *find_confined(const manifest *rules, const numbers *all, size_t decided)
{
    BOUNDS(known);
    known = find_known(all);
    const number *found = first_confined(rules, all->list, all->count, known, decided);
    return found != NULL ? found
                         : first_confined(rules, all->unasked, all->unasked_count, known, decided);
}

/* One number after another, in the order of names and whatever their sizes: it is released unless that would
 * confine one that is held back. */
static void release_in_order(const manifest *rules, numbers *all)
{
    for (size_t i = 0; i < all->count; i++)
    {
        if (!all->list[i].allowed)
            continue;
        all->list[i].released = true;
        all->list[i].released = find_confined(rules, all, i) == NULL;
    }
}

/* How good a number is at covering another: of the same kind and with a set in common, with a set in common, or any: a
 * region confines others through the items that it leaves to them. */
static unsigned nearness(const number *one, const number *confined)
{
    if (!number_meets(one, confined))
        return 1;
    return one->kind == confined->kind ? 3 : 2;
}

/* The last of the nearest released numbers, in the order of names and whatever its size. False when none is
 * left. */
static bool hold_back_near(numbers *all, const number *confined)
{
    number *chosen = NULL;
    unsigned best = 0;
    for (size_t i = all->count; i-- > 0;)
    {
        number *one = &all->list[i];
        unsigned near = one->released ? nearness(one, confined) : 0;
        if (near <= best)
            continue;
        chosen = one;
        best = near;
    }
    if (chosen != NULL)
        chosen->released = false;
    return chosen != NULL;
}

/* What was held back in passing is to be covered, too. */
static void cover(const manifest *rules, numbers *all)
{
    for (;;)
    {
        const number *confined = find_confined(rules, all, all->count);
        if (confined == NULL || !hold_back_near(all, confined))
            return;
    }
}

/* Without a proof: what all members have is at most, and with the sizes at least, what each two have. So it leaves only
 * with all of these. */
static void hold_back_total(numbers *all)
{
    number *total = &all->list[all->count - 1];
    for (size_t i = 0; i + 1 < all->count; i++)
        total->released = total->released && all->list[i].released;
}

/* What nobody asked for and is confined by what is released now is minded from here on. True: there was something. */
static bool mind_confined(const manifest *rules, numbers *all)
{
    BOUNDS(known);
    bool more = false;
    known = find_known(all);
    for (size_t i = 0; i < all->unasked_count; i++)
    {
        number *one = &all->unasked[i];
        if (one->minded || !needs_cover(rules, one) || is_covered(rules, known, one))
            continue;
        one->minded = true;
        more = true;
    }
    return more;
}

static void judge_unasked(const manifest *rules, numbers *all)
{
    BOUNDS(sizes);
    sizes = find_known(all); /* nothing is released yet */
    for (size_t i = 0; i < all->unasked_count; i++)
    {
        number *one = &all->unasked[i];
        one->allowed = reaches(rules, all, one);
        one->values = needs_cover(rules, one) ? values_left(sizes, one) : 0;
    }
}

/* Few of the numbers that nobody asked for are ever confined: only these are minded when numbers are released, after a
 * while all. At the end none is. */
static void release_proven(const manifest *rules, numbers *all)
{
    bool more = true;
    judge_unasked(rules, all);
    for (int round = 1; more; round++)
    {
        for (size_t i = 0; i < all->count; i++)
            all->list[i].released = false;
        for (size_t i = 0; i < all->unasked_count && round == ROUNDS_FEW; i++)
            all->unasked[i].minded = true;
        release_in_order(rules, all);
        cover(rules, all);
        more = mind_confined(rules, all);
    }
}

static void decide(const manifest *rules, numbers *all)
{
    bool prove = all->proven && rules->minimum > 0 && !is_all_or_nothing(all);
    for (size_t i = 0; i < all->count; i++)
    {
        all->list[i].allowed = reaches(rules, all, &all->list[i]);
        all->list[i].released = all->list[i].allowed && !prove;
    }
    if (is_all_or_nothing(all) && any_held_back(all))
        hold_back_all(all);
    if (!all->proven)
        hold_back_total(all);
    if (prove)
        release_proven(rules, all);
}

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
    decide(&rules, &all);
    if (rules.padded)
        hide_sizes(&all);
    return print(out, &rules, &counts, &all, err);
}
