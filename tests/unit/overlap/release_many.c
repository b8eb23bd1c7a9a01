/* The release rule for so many members that release tells few numbers: too many worlds to go through. */
#include "base/json.h"
#include "check.h"
#include "server/overlap/release.h"

enum
{
    SIX = 6,
    PAIRS = 15,
};

/* Six lists of 100 items without segments: 20 that all have, `more` that the first two have besides. */
static void make_six(overlap_counts *out, unsigned more)
{
    out->member_count = SIX;
    for (size_t i = 0; i < SIX; i++)
    {
        overlap_sizes *sizes = &out->members[i];
        sizes->label_count = 1;
        sizes->labels = sr_array(1, sizeof *sizes->labels);
        sizes->items = sr_array(1, sizeof *sizes->items);
        sizes->shared = sr_array(1, sizeof *sizes->shared);
        sizes->shared[0] = 20 + (i < 2 ? more : 0);
        sizes->items[0] = 100;
    }
    out->regions = sr_array(2, sizeof *out->regions);
    out->region_count = 2;
    memset(out->regions[0].places, 1, SIX);
    memset(out->regions[1].places, 1, 2);
    out->regions[0].items = 20;
    out->regions[1].items = more;
}

/* The numbers of a report over six: overlaps of each two, then the overlap of all, and nothing else. */
static void tell_six(int64_t told[PAIRS + 1], unsigned more)
{
    sr_err err = SR_ERR_INIT;
    OVERLAP_COUNTS(counts);
    SR_TEXT(text);
    SR_JSON(report);
    manifest rules = {.member_count = SIX, .minimum = 10, .minimum_complement = 10};
    for (size_t i = 0; i < SIX; i++)
        rules.members[i].name[0] = (char)('a' + i);
    make_six(&counts, more);
    check_ok(release_report(&text, &rules, &counts, &err), &err);
    check_ok(sr_json_parse(&report, sr_slice_text(text), &err), &err);
    const sr_json *overlaps = sr_json_member(report, "overlaps");
    check_int(sr_json_size(overlaps), PAIRS + 1);
    check_int(sr_json_size(sr_json_member(report, "regions")), 0);
    check_int(sr_json_size(sr_json_member(report, "matrices")), 0);
    for (size_t i = 0; i <= PAIRS; i++)
    {
        const sr_json *items = sr_json_member(sr_json_item(overlaps, i), "items");
        told[i] = sr_json_kind_of(items) == SR_JSON_NULL ? -1 : sr_json_int(items);
    }
}

static void six_lists_tell_what_two_have_and_what_all_have(void **state)
{
    (void)state;
    int64_t told[PAIRS + 1];
    tell_six(told, 50);
    check_int(told[0], 70);
    check_int(told[1], 20);
    check_int(told[PAIRS], 20);
}

static void what_all_of_six_have_is_held_back_with_what_two_have(void **state)
{
    (void)state;
    int64_t told[PAIRS + 1];
    tell_six(told, 75); /* leaves five of the first two lists */
    check_int(told[0], -1);
    check_int(told[1], 20);
    check_int(told[PAIRS], -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_lists_tell_what_two_have_and_what_all_have),
        cmocka_unit_test(what_all_of_six_have_is_held_back_with_what_two_have),
    };
    check_main(tests);
}
