/* The release rule for so many members that release tells few numbers: too many worlds to go through. */
#include "server/overlap/release.h"

#include <stdlib.h>

#include "base/json.h"
#include "check.h"
#include "server/overlap/bounds.h"

enum
{
    SIX = 6,
    PAIRS = 15,
    SETS = 1 << SIX,
    CELLS = SETS - 1,
    MINIMUM = 10,
    SAYINGS = 3, /* of a member: nothing, lacks, has */
    TRIO_CLAIMS = 27,
    WORLDS = 30,
};

/* Items of each set of members: bit i is member i. */
typedef unsigned world[SETS];

/* What a report tells: overlaps of each two, then of all; -1: held back. */
typedef int64_t told[PAIRS + 1];

static uint64_t size_of(const unsigned *of, unsigned all, unsigned none)
{
    uint64_t items = 0;
    for (unsigned set = 1; set < SETS; set++)
        items += (set & all) == all && (set & none) == 0 ? of[set] : 0;
    return items;
}

static void make_counts(overlap_counts *out, const unsigned *of)
{
    out->member_count = SIX;
    out->regions = sr_array(SETS, sizeof *out->regions);
    for (size_t i = 0; i < SIX; i++)
    {
        overlap_sizes *sizes = &out->members[i];
        sizes->label_count = 1;
        sizes->labels = sr_array(1, sizeof *sizes->labels);
        sizes->items = sr_array(1, sizeof *sizes->items);
        sizes->shared = sr_array(1, sizeof *sizes->shared);
        sizes->items[0] = size_of(of, 1U << i, 0);
        sizes->shared[0] = sizes->items[0] - of[1U << i];
    }
    for (unsigned set = 1; set < SETS; set++)
    {
        overlap_region *region = &out->regions[out->region_count];
        if (__builtin_popcount(set) < 2 || of[set] == 0)
            continue;
        for (size_t i = 0; i < SIX; i++)
            region->places[i] = (uint8_t)(set >> i & 1);
        region->items = of[set];
        out->region_count++;
    }
}

/* The numbers of a report over six: overlaps of each two, then the overlap of all, and nothing else. */
static void tell_six(told out, const unsigned *of)
{
    sr_err err = SR_ERR_INIT;
    OVERLAP_COUNTS(counts);
    SR_TEXT(text);
    SR_JSON(report);
    manifest rules = {.member_count = SIX, .minimum = MINIMUM, .minimum_complement = MINIMUM};
    for (size_t i = 0; i < SIX; i++)
        rules.members[i].name[0] = (char)('a' + i);
    make_counts(&counts, of);
    check_ok(release_report(&text, &rules, &counts, &err), &err);
    check_ok(sr_json_parse(&report, sr_slice_text(text), &err), &err);
    const sr_json *overlaps = sr_json_member(report, "overlaps");
    check_int(sr_json_size(overlaps), PAIRS + 1);
    check_int(sr_json_size(sr_json_member(report, "regions")), 0);
    check_int(sr_json_size(sr_json_member(report, "matrices")), 0);
    for (size_t i = 0; i <= PAIRS; i++)
    {
        const sr_json *items = sr_json_member(sr_json_item(overlaps, i), "items");
        out[i] = sr_json_kind_of(items) == SR_JSON_NULL ? -1 : sr_json_int(items);
    }
}

/* ---- single worlds --------------------------------------------------------------------------- */

/* 20 that all have, `first` that the first two have besides, `pair` that each two have besides, and many alone. */
static void make_six(world out, unsigned first, unsigned pair, unsigned alone)
{
    for (unsigned set = 1; set < SETS; set++)
        out[set] = __builtin_popcount(set) == 2 ? pair : 0;
    for (size_t i = 0; i < SIX; i++)
        out[1U << i] = alone;
    out[SETS - 1] = 20;
    out[3] += first;
}

static void six_lists_tell_what_two_have_and_what_all_have(void **state)
{
    (void)state;
    world of = {0};
    told out;
    make_six(of, 50, 30, 500);
    tell_six(out, of);
    check_int(out[0], 100);
    check_int(out[1], 50);
    check_int(out[PAIRS], 20);
}

static void what_all_of_six_have_is_held_back_with_what_two_have(void **state)
{
    (void)state;
    world of = {0};
    told out;
    make_six(of, 500, 30, 0); /* leaves too little of the first two lists */
    of[1] = of[2] = 5;
    of[1U << 2] = of[1U << 3] = of[1U << 4] = of[1U << 5] = 500;
    for (unsigned other = 2; other < SIX; other++)
        of[1 | 1U << other] = of[2 | 1U << other] = 0;
    tell_six(out, of);
    check_int(out[0], -1);
    check_int(out[PAIRS], -1);
}

/* Or everybody that two have would be known to be in all lists. */
static void what_all_have_is_held_back_where_no_two_have_more(void **state)
{
    (void)state;
    world of = {0};
    told out;
    make_six(of, 0, 0, 500);
    tell_six(out, of);
    check_int(out[0], 20);
    check_int(out[PAIRS], -1);
}

/* ---- any worlds ------------------------------------------------------------------------------ */

static void add_row(bounds_row *rows, size_t *count, const unsigned *of, unsigned all)
{
    bounds_row *row = &rows[(*count)++];
    *row = (bounds_row){.value = size_of(of, all, 0)};
    for (unsigned set = 1; set < SETS; set++)
        if ((set & all) == all)
            bounds_add(&row->set, set - 1);
}

static uint64_t values_of(const bounds_row *rows, size_t count, unsigned all, unsigned none)
{
    sr_err err = SR_ERR_INIT;
    uint64_t least = 0;
    uint64_t greatest = 0;
    bounds_set asked = {{0}};
    BOUNDS(known);
    for (unsigned set = 1; set < SETS; set++)
        if ((set & all) == all && (set & none) == 0)
            bounds_add(&asked, set - 1);
    check_ok(bounds_new(&known, CELLS, rows, count, &err), &err);
    check_ok(bounds_of(&least, &greatest, known, &asked, &err), &err);
    return greatest - least + 1;
}

/* Must it not be known how many have all of these and none of those? */
static bool is_exposed(const unsigned *of, unsigned all, unsigned none)
{
    uint64_t value = size_of(of, all, none);
    for (size_t i = 0; i < SIX; i++)
        if ((all >> i & 1) != 0 && size_of(of, 1U << i, 0) - value < MINIMUM)
            return true;
    return value < MINIMUM;
}

/* By everything that is told, not by what is told of the three alone. */
static void check_trio(const unsigned *of, const bounds_row *rows, size_t sizes, size_t count,
                       const unsigned members[3])
{
    for (unsigned code = 0; code < TRIO_CLAIMS; code++)
    {
        unsigned all = 0;
        unsigned none = 0;
        for (unsigned i = 0, rest = code; i < 3; i++, rest /= SAYINGS)
        {
            none |= rest % SAYINGS == 1 ? 1U << members[i] : 0;
            all |= rest % SAYINGS == 2 ? 1U << members[i] : 0;
        }
        if (all == 0 || (none == 0 && __builtin_popcount(all) == 1) || !is_exposed(of, all, none))
            continue;
        uint64_t wanted = values_of(rows, sizes, all, none);
        wanted = wanted < MINIMUM ? wanted : MINIMUM;
        if (values_of(rows, count, all, none) < wanted)
            fail_msg("all of %x and none of %x is confined", all, none);
    }
}

static void check_world(const unsigned *of, const told out)
{
    bounds_row rows[SIX + PAIRS + 1];
    size_t count = 0;
    size_t pair = 0;
    for (size_t i = 0; i < SIX; i++)
        add_row(rows, &count, of, 1U << i);
    for (unsigned two = 1; two < SETS; two++)
    {
        if (__builtin_popcount(two) != 2 || out[pair++] < 0)
            continue;
        check_int(out[pair - 1], size_of(of, two, 0));
        add_row(rows, &count, of, two);
    }
    if (out[PAIRS] >= 0)
        add_row(rows, &count, of, SETS - 1);
    for (unsigned i = 0; i < SIX; i++)
        for (unsigned k = i + 1; k < SIX; k++)
            for (unsigned l = k + 1; l < SIX; l++)
                check_trio(of, rows, SIX, count, (const unsigned[]){i, k, l});
}

static void what_three_of_six_lists_say_is_not_confined(void **state)
{
    (void)state;
    unsigned seed = 3;
    size_t held_back = 0;
    for (int i = 0; i < WORLDS; i++)
    {
        world of = {0};
        told out;
        for (unsigned set = 1; set < SETS; set++)
            if (rand_r(&seed) % 4 == 0)
                of[set] = (unsigned)rand_r(&seed) % 40;
        tell_six(out, of);
        check_world(of, out);
        for (size_t k = 0; k < PAIRS; k++)
            held_back += out[k] < 0 ? 1 : 0;
    }
    check(held_back > 0 && held_back < (size_t)WORLDS * PAIRS);
}

/* All of the first list is in the second or the third, which the overlaps of two would tell. */
static void that_a_whole_list_is_in_two_others_does_not_show(void **state)
{
    (void)state;
    world of = {0};
    told out;
    make_six(of, 0, 0, 500);
    of[SETS - 1] = 0;
    of[1] = 0;
    of[1 | 2] = 500;
    of[1 | 4] = 400;
    of[1 | 2 | 4] = 100;
    tell_six(out, of);
    check_world(of, out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_lists_tell_what_two_have_and_what_all_have),
        cmocka_unit_test(what_all_of_six_have_is_held_back_with_what_two_have),
        cmocka_unit_test(what_all_have_is_held_back_where_no_two_have_more),
        cmocka_unit_test(that_a_whole_list_is_in_two_others_does_not_show),
        cmocka_unit_test(what_three_of_six_lists_say_is_not_confined),
    };
    check_main(tests);
}
