#include "judge.h"

enum
{
    THREE = 3,
};

/* Three of the members, as if they were alone, without segments. */
typedef struct
{
    size_t members[THREE];
    uint64_t
        in_all; /* items that they are known to have in common, because all members have them */
} trio;

/* ---- three lists ----------------------------------------------------------------------------- */

static void count_region(overlap_counts *out, const overlap_region *from, const trio *of)
{
    overlap_region region = {.items = from->items};
    size_t holders = 0;
    size_t code = 0;
    for (size_t i = 0; i < THREE; i++)
    {
        region.places[i] = from->places[of->members[i]] == 0 ? 0 : 1;
        holders += region.places[i];
        code = 2 * code + region.places[i];
    }
    if (holders < 2)
        return;
    overlap_region *into = &out->regions[code];
    uint64_t items = into->items + from->items;
    *into = region;
    into->items = items;
    for (size_t i = 0; i < THREE; i++)
        out->members[i].shared[0] += region.places[i] > 0 ? from->items : 0;
}

/* Regions stand at the number that their places make; the others are empty. */
static void count_three(overlap_counts *out, const overlap_counts *all, const trio *of)
{
    out->member_count = THREE;
    for (size_t i = 0; i < THREE; i++)
    {
        overlap_sizes *sizes = &out->members[i];
        sizes->label_count = 1;
        sizes->labels = sr_array(1, sizeof *sizes->labels);
        sizes->items = sr_array(1, sizeof *sizes->items);
        sizes->shared = sr_array(1, sizeof *sizes->shared);
        sizes->items[0] = overlap_size(all, of->members[i]);
    }
    out->region_count = (size_t)1 << THREE;
    out->regions = sr_array(out->region_count, sizeof *out->regions);
    for (size_t i = 0; i < all->region_count; i++)
        count_region(out, &all->regions[i], of);
}

/* ---- is it safe? ----------------------------------------------------------------------------- */

static bool is_pair_told(const numbers *all, size_t one, size_t other)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].member_count == 2 && number_has(&all->list[i], one) &&
            number_has(&all->list[i], other))
            return all->list[i].released;
    return false;
}

static bool is_told(const numbers *all, const trio *of, const number *one)
{
    size_t found[THREE];
    size_t count = 0;
    for (size_t i = 0; i < THREE; i++)
        if (number_has(one, i))
            found[count++] = of->members[i];
    return one->kind == NUMBER_OVERLAP && count == 2 && is_pair_told(all, found[0], found[1]);
}

/* Those that are in all lists are taken off everything: what is left of what three have is not negative. */
static void take_off(overlap_counts *counts, uint64_t items)
{
    counts->regions[counts->region_count - 1].items -= items;
    for (size_t i = 0; i < THREE; i++)
    {
        counts->members[i].items[0] -= items;
        counts->members[i].shared[0] -= items;
    }
}

static void mark_told(numbers *three, const numbers *all, const trio *of)
{
    for (size_t i = 0; i < three->count; i++)
        three->list[i].released = is_told(all, of, &three->list[i]);
}

/* Of a number that must not be known: does it keep the minimum of values, or those that the sizes leave it? */
static bool is_covered(const manifest *rules, const number *one, bounds *sizes, bounds *known)
{
    uint64_t wanted = judge_values_left(sizes, one);
    if (wanted == 0 || wanted > rules->minimum)
        wanted = rules->minimum;
    return judge_values_left(known, one) >= wanted;
}

static bool may_be_known(const manifest *rules, const numbers *truth, const number *one)
{
    bool whole = one->member_count == 1 && !number_is_alone(one);
    return whole || (number_is_alone(one) && rules->minimum_complement == 0) ||
           judge_reaches(rules, truth, one);
}

/* `list` is of `truth`; `shifted` has the same numbers in the same order, of which something is known. */
static bool are_covered(const manifest *rules, const numbers *truth, const number *list,
                        const number *shifted, size_t count, bounds *sizes, bounds *known)
{
    for (size_t i = 0; i < count; i++)
        if (!may_be_known(rules, truth, &list[i]) && !is_covered(rules, &shifted[i], sizes, known))
            return false;
    return true;
}

static bool is_safe(const manifest *rules, const numbers *all, const trio *of)
{
    OVERLAP_COUNTS(counts);
    OVERLAP_COUNTS(counts_left);
    NUMBERS(truth);
    NUMBERS(left);
    BOUNDS(sizes);
    BOUNDS(known);
    sr_err lost = SR_ERR_INIT;
    count_three(&counts, all->counts, of);
    count_three(&counts_left, all->counts, of);
    take_off(&counts_left, of->in_all);
    if (numbers_make(&truth, &counts, &lost) != SR_OK ||
        numbers_make(&left, &counts_left, &lost) != SR_OK)
    {
        sr_err_reset(&lost);
        return false;
    }
    sizes = judge_known(&left);
    mark_told(&left, all, of);
    known = judge_known(&left);
    return are_covered(rules, &truth, truth.list, left.list, truth.count, sizes, known) &&
           are_covered(rules, &truth, truth.unasked, left.unasked, truth.unasked_count, sizes,
                       known);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Every three that the two of a number are of. */
static bool are_safe_with(const manifest *rules, const numbers *all, const number *pair,
                          uint64_t in_all)
{
    trio of = {.in_all = in_all};
    size_t count = 0;
    for (size_t i = 0; i < all->member_count; i++)
        if (number_has(pair, i))
            of.members[count++] = i;
    for (of.members[2] = 0; of.members[2] < all->member_count; of.members[2]++)
        if (!number_has(pair, of.members[2]) && !is_safe(rules, all, &of))
            return false;
    return true;
}

/* What all have leaves only with all overlaps of two, and where it confines nothing more. */
static bool is_total_safe(const manifest *rules, const numbers *all, uint64_t total)
{
    for (size_t i = 0; i + 1 < all->count; i++)
        if (!all->list[i].released || !are_safe_with(rules, all, &all->list[i], total))
            return false;
    return true;
}

/* Overlaps of two, one after another, and the last is that of all. */
void judge_many(const manifest *rules, numbers *all)
{
    number *total = &all->list[all->count - 1];
    for (size_t i = 0; i < all->count; i++)
        all->list[i].released = false;
    for (number *pair = all->list; pair < total; pair++)
    {
        pair->released = pair->allowed; /* to see what it would tell */
        pair->released = pair->allowed && are_safe_with(rules, all, pair, 0);
    }
    total->released = total->allowed && is_total_safe(rules, all, total->value);
}
