#include "numbers.h"

#include <string.h>

#include "release.h"

void numbers_clear(numbers *all)
{
    sr_free(all->list);
    sr_free(all->unasked);
    *all = (numbers){.count = 0};
}

bool number_has(const number *one, size_t member)
{
    return one->has[member];
}

bool number_is_alone(const number *one)
{
    bool lacks = false;
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
        lacks = lacks || one->lacks[i];
    return lacks && one->member_count == 1;
}

uint64_t number_set_size(const numbers *all, const number *one, size_t member)
{
    const overlap_counts *counts = all->counts;
    return one->label[member] > 0 ? counts->members[member].items[one->label[member] - 1]
                                  : overlap_size(counts, member);
}

bool number_meets(const number *one, const number *other)
{
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
    {
        bool apart = one->label[i] > 0 && other->label[i] > 0 && one->label[i] != other->label[i];
        if (one->has[i] && other->has[i] && !apart)
            return true;
    }
    return false;
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* How many places a member's digit has: nowhere, and each segment, or just somewhere. */
static size_t places_of(const numbers *all, size_t member)
{
    return 1 + (all->by_segment ? all->counts->members[member].label_count : 1);
}

/* Cell number `cell` as the place in each member, 0 for nowhere. Cell 0 would be nowhere at all: numbers start at 1
 * here, and unknowns at 0. */
static void read_cell(uint8_t places[MANIFEST_MEMBERS_MOST], const numbers *all, size_t unknown)
{
    size_t cell = unknown + 1;
    for (size_t i = 0; i < all->member_count; i++)
    {
        places[i] = (uint8_t)(cell % places_of(all, i));
        cell /= places_of(all, i);
    }
}

static bool is_in(const number *one, const uint8_t *places, size_t members)
{
    for (size_t i = 0; i < members; i++)
    {
        if (one->lacks[i] && places[i] != 0)
            return false;
        if (one->has[i] && (one->label[i] > 0 ? places[i] != one->label[i] : places[i] == 0))
            return false;
    }
    return true;
}

static void mark_cells(number *one, const numbers *all)
{
    for (size_t x = 0; all->proven && x < all->cell_count; x++)
    {
        uint8_t places[MANIFEST_MEMBERS_MOST];
        read_cell(places, all, x);
        if (is_in(one, places, all->member_count))
            bounds_add(&one->cells, x);
    }
}

/* As many cells as there are, or more than can be proven. */
static size_t count_cells(const numbers *all)
{
    size_t count = 1;
    for (size_t i = 0; i < all->member_count && count <= RELEASE_CELLS_PROVEN; i++)
        count *= places_of(all, i);
    return count - 1;
}

/* With segments if that can be proven, else without. */
static void choose_cells(numbers *all)
{
    all->by_segment = true;
    all->cell_count = count_cells(all);
    if (all->cell_count <= RELEASE_CELLS_PROVEN && all->member_count <= RELEASE_MEMBERS_PROVEN)
    {
        all->proven = true;
        return;
    }
    all->by_segment = false;
    all->cell_count = count_cells(all);
    all->proven = all->member_count <= RELEASE_MEMBERS_PROVEN;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Items of one member alone are in no region: they are what others do not share of its true sizes. */
static uint64_t value_of(const number *one, const overlap_counts *counts)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < counts->region_count; i++)
        if (is_in(one, counts->regions[i].places, counts->member_count))
            sum += counts->regions[i].items;
    for (size_t i = 0; one->member_count <= 1 && i < counts->member_count; i++)
        for (size_t k = 0; k < counts->members[i].label_count; k++)
        {
            uint8_t places[MANIFEST_MEMBERS_MOST] = {0};
            places[i] = (uint8_t)(k + 1);
            if (is_in(one, places, counts->member_count))
                sum += counts->members[i].items[k] - counts->members[i].shared[k];
        }
    return sum;
}

static void complete(number *one, const numbers *all)
{
    one->member_count = 0;
    for (size_t i = 0; i < all->member_count; i++)
        one->member_count += one->has[i] ? 1 : 0;
    one->value = value_of(one, all->counts);
    mark_cells(one, all);
}

static void add(numbers *all, number one)
{
    complete(&one, all);
    all->list = sr_array_grow(all->list, all->count, all->count + 1, sizeof *all->list);
    all->list[all->count++] = one;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static size_t bits_of(size_t set)
{
    return (size_t)__builtin_popcountll(set);
}

static void add_sets(numbers *all, number_kind kind, size_t least, size_t most)
{
    for (size_t size = least; size <= most; size++)
        for (size_t set = 1; set < (size_t)1 << all->member_count; set++)
        {
            number one = {.kind = kind};
            if (bits_of(set) != size)
                continue;
            for (size_t i = 0; i < all->member_count; i++)
            {
                one.has[i] = (set >> i & 1) != 0;
                one.lacks[i] = kind == NUMBER_REGION && !one.has[i];
            }
            add(all, one);
        }
}

static bool has_segments(const overlap_sizes *sizes)
{
    return sizes->label_count > 0 && sizes->labels[0][0] != '\0';
}

static void add_matrix(numbers *all, size_t row, size_t column)
{
    size_t rows = all->counts->members[row].label_count;
    size_t columns = all->counts->members[column].label_count;
    for (size_t r = 1; r <= rows; r++)
        for (size_t c = 1; c <= columns; c++)
        {
            number one = {.kind = NUMBER_CELL, .row = row, .column = column};
            one.has[row] = true;
            one.has[column] = true;
            one.label[row] = (uint8_t)r;
            one.label[column] = (uint8_t)c;
            add(all, one);
        }
}

static void add_matrices(numbers *all)
{
    const overlap_sizes *members = all->counts->members;
    for (size_t i = 0; i < all->member_count; i++)
        for (size_t k = i + 1; k < all->member_count; k++)
            if (has_segments(&members[i]) || has_segments(&members[k]))
                add_matrix(all, i, k);
}

/* ---- those that nobody asked for ------------------------------------------------------------- */

/* What is said of a member: nothing, that it lacks the items, that it has them, or in which segment. */
enum
{
    SAID_NOTHING,
    SAID_LACKS,
    SAID_HAS,
    SAID_LABELS, /* 1 + index of the segment above it */
};

static size_t sayings_of(const numbers *all, size_t member)
{
    const overlap_sizes *sizes = &all->counts->members[member];
    return SAID_LABELS + (all->by_segment && has_segments(sizes) ? sizes->label_count : 0);
}

static number read_sayings(const numbers *all, size_t code)
{
    number one = {.kind = NUMBER_UNASKED};
    for (size_t i = 0; i < all->member_count; i++)
    {
        size_t said = code % sayings_of(all, i);
        code /= sayings_of(all, i);
        one.lacks[i] = said == SAID_LACKS;
        one.has[i] = said >= SAID_HAS;
        one.label[i] = said >= SAID_LABELS ? (uint8_t)(said - SAID_LABELS + 1) : 0;
    }
    complete(&one, all);
    return one;
}

static bool is_same(const number *list, size_t count, const number *one)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(&list[i].cells, &one->cells, sizeof one->cells) == 0)
            return true;
    return false;
}

/* A set or segment as a whole, whose size everybody knows. */
static bool is_size(const number *one)
{
    return one->member_count == 1 && !number_is_alone(one);
}

static void add_unasked(numbers *all)
{
    size_t codes = 1;
    for (size_t i = 0; i < all->member_count; i++)
        codes *= sayings_of(all, i);
    all->unasked = sr_array(codes, sizeof *all->unasked);
    for (size_t code = 0; code < codes; code++)
    {
        number one = read_sayings(all, code);
        if (one.member_count > 0 && !is_size(&one) && !is_same(all->list, all->count, &one) &&
            !is_same(all->unasked, all->unasked_count, &one))
            all->unasked[all->unasked_count++] = one;
    }
}

sr_result numbers_make(numbers *out, const overlap_counts *counts, sr_err *err)
{
    *out = (numbers){.counts = counts, .member_count = counts->member_count};
    for (size_t i = 0; i < counts->member_count; i++)
    {
        out->segment_count += counts->members[i].label_count;
        if (counts->members[i].label_count == 0)
            return sr_fail(err, SR_E_INTERNAL, "an overlap session without a member's list");
    }
    choose_cells(out);
    add_sets(out, NUMBER_OVERLAP, 2, out->proven ? out->member_count : 2);
    if (!out->proven)
    {
        add_sets(out, NUMBER_OVERLAP, out->member_count, out->member_count);
        return SR_OK;
    }
    add_sets(out, NUMBER_REGION, 1, out->member_count);
    if (out->by_segment)
        add_matrices(out);
    add_unasked(out);
    return SR_OK;
}

/* ---- what is known --------------------------------------------------------------------------- */

/* The size of one segment, or of one member where cells do not tell segments apart. */
static bounds_row size_row(const numbers *all, size_t member, size_t label)
{
    const overlap_sizes *sizes = &all->counts->members[member];
    bounds_row row = {.value = all->by_segment ? sizes->items[label]
                                               : overlap_size(all->counts, member)};
    for (size_t x = 0; x < all->cell_count; x++)
    {
        uint8_t places[MANIFEST_MEMBERS_MOST];
        read_cell(places, all, x);
        if (places[member] == label + 1)
            bounds_add(&row.set, x);
    }
    return row;
}

static bool is_known(const bounds_row *rows, size_t count, const bounds_set *set)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(&rows[i].set, set, sizeof *set) == 0)
            return true;
    return false;
}

sr_result numbers_known(bounds **out, const numbers *all, sr_err *err)
{
    bounds_row *rows = sr_array(all->segment_count + all->count, sizeof *rows);
    size_t count = 0;
    for (size_t i = 0; i < all->member_count; i++)
        for (size_t k = 0; k + 1 < places_of(all, i); k++)
            rows[count++] = size_row(all, i, k);
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].released && !is_known(rows, count, &all->list[i].cells))
            rows[count++] = (bounds_row){.set = all->list[i].cells, .value = all->list[i].value};
    sr_result result = bounds_new(out, all->cell_count, rows, count, err);
    sr_free(rows);
    return result;
}
