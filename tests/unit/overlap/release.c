/* The release rule against brute force: for small lists every world that agrees with the sizes and with the report is
 * made, and what was held back, or would have been if anybody had asked, must have as many possible values as the minimum. */
#include "server/overlap/release.h"

#include <stdlib.h>

#include "base/json.h"
#include "check.h"
#include "server/overlap/numbers.h"

enum
{
    MEMBERS = 4,
    LABELS = 3,
    CELLS = 64,
    NUMBERS_MOST = 64,
    CLAIMS_MOST = 128,
};

/* Labels of each member (1: no segments), and how many items a cell has at most. */
typedef struct
{
    size_t members;
    size_t labels[MEMBERS];
    unsigned most;
} shape;

typedef struct
{
    uint8_t places[CELLS][MEMBERS]; /* 0 nowhere, else 1 + label */
    unsigned items[CELLS];
    size_t count;
} world;

/* ---- worlds ---------------------------------------------------------------------------------- */

static size_t holders(const world *self, size_t cell)
{
    size_t count = 0;
    for (size_t i = 0; i < MEMBERS; i++)
        count += self->places[cell][i] != 0;
    return count;
}

/* All cells of a shape, in any order but those of one member last. */
static void list_cells(world *out, const shape *of)
{
    memset(out, 0, sizeof *out);
    for (int alone = 0; alone < 2; alone++)
        for (unsigned code = 1; code < 256; code++)
        {
            uint8_t *places = out->places[out->count];
            bool fits = true;
            for (size_t i = 0; i < MEMBERS; i++)
            {
                places[i] = code >> 2 * i & 3;
                fits = fits && places[i] <= (i < of->members ? of->labels[i] : 0);
            }
            if (fits && (holders(out, out->count) == 1) == (alone == 1))
                out->count++;
            else
                memset(places, 0, MEMBERS);
        }
    check(out->count < CELLS);
}

static unsigned size_of(const world *self, size_t member, size_t label)
{
    unsigned size = 0;
    for (size_t c = 0; c < self->count; c++)
        size += self->places[c][member] == label + 1 ? self->items[c] : 0;
    return size;
}

static void make_counts(overlap_counts *out, const world *from, const shape *of)
{
    out->member_count = of->members;
    for (size_t i = 0; i < of->members; i++)
    {
        overlap_sizes *sizes = &out->members[i];
        sizes->label_count = of->labels[i];
        sizes->labels = sr_array(of->labels[i], sizeof *sizes->labels);
        sizes->items = sr_array(of->labels[i], sizeof *sizes->items);
        sizes->shared = sr_array(of->labels[i], sizeof *sizes->shared);
        for (size_t k = 0; k < of->labels[i]; k++)
        {
            sizes->labels[k][0] = of->labels[i] == 1 ? '\0' : (char)('x' + k);
            sizes->items[k] = size_of(from, i, k);
        }
    }
    out->regions = sr_array(from->count, sizeof *out->regions);
    for (size_t c = 0; c < from->count; c++)
    {
        if (holders(from, c) < 2 || from->items[c] == 0)
            continue;
        overlap_region *region = &out->regions[out->region_count++];
        sr_copy(region->places, from->places[c], MEMBERS);
        region->items = from->items[c];
        for (size_t i = 0; i < of->members; i++)
            if (region->places[i] != 0)
                out->members[i].shared[region->places[i] - 1] += region->items;
    }
}

/* ---- claims ---------------------------------------------------------------------------------- */

/* Items of which something is said of each member, or nothing. */
enum
{
    NOTHING,
    LACKS,
    HAS,
    LABEL, /* and above: which one */
};

typedef struct
{
    uint8_t said[MEMBERS];
    uint64_t cells; /* a bit for each that it is of */
    unsigned value; /* in truth */
    bool told;
    bool exposed; /* it, or what it leaves, is too small to be known */
} claim;

typedef struct
{
    claim list[CLAIMS_MOST];
    size_t count;
} claims;

static bool agrees(const claim *one, const uint8_t *places)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if ((one->said[i] == LACKS && places[i] != 0) || (one->said[i] == HAS && places[i] == 0) ||
            (one->said[i] >= LABEL && places[i] != one->said[i] - LABEL + 1))
            return false;
    return true;
}

/* Of a part of one list that others lack, what is kept secret is the rest of that list. */
static bool is_exposed(const claim *one, const world *truth, const shape *of, const manifest *rules)
{
    size_t have = 0;
    bool lacks = false;
    uint64_t rest = 1000;
    for (size_t i = 0; i < of->members; i++)
    {
        uint64_t size = 0;
        lacks = lacks || one->said[i] == LACKS;
        if (one->said[i] < HAS)
            continue;
        have++;
        for (size_t k = 0; k < of->labels[i]; k++)
            if (one->said[i] == HAS || one->said[i] == LABEL + k)
                size += size_of(truth, i, k);
        rest = size - one->value < rest ? size - one->value : rest;
    }
    if (have == 1 && lacks)
        return rules->minimum_complement > 0 &&
               (one->value < rules->minimum_complement || rest < rules->minimum);
    return have > 1 && (one->value < rules->minimum || rest < rules->minimum_complement);
}

static void list_claims(claims *out, const world *truth, const shape *of, const manifest *rules)
{
    size_t codes = 1;
    out->count = 0;
    for (size_t i = 0; i < of->members; i++)
        codes *= LABEL + (of->labels[i] > 1 ? of->labels[i] : 0);
    check(codes <= CLAIMS_MOST);
    for (size_t code = 0; code < codes; code++)
    {
        claim *one = &out->list[out->count++];
        size_t rest = code;
        *one = (claim){.cells = 0};
        for (size_t i = 0; i < of->members; i++)
        {
            size_t sayings = LABEL + (of->labels[i] > 1 ? of->labels[i] : 0);
            one->said[i] = (uint8_t)(rest % sayings);
            rest /= sayings;
        }
        for (size_t c = 0; c < truth->count; c++)
            if (agrees(one, truth->places[c]))
            {
                one->cells |= UINT64_C(1) << c;
                one->value += truth->items[c];
            }
        one->exposed = is_exposed(one, truth, of, rules);
    }
}

/* ---- the report ------------------------------------------------------------------------------ */

/* The report's nodes in the order of the numbers. */
static size_t list_told(const sr_json **out, const sr_json *report)
{
    static const char *const kinds[] = {"overlaps", "regions"};
    size_t count = 0;
    for (size_t k = 0; k < 2; k++)
    {
        const sr_json *list = sr_json_member(report, kinds[k]);
        for (size_t i = 0; i < sr_json_size(list); i++)
            out[count++] = sr_json_member(sr_json_item(list, i), "items");
    }
    const sr_json *matrices = sr_json_member(report, "matrices");
    for (size_t m = 0; m < sr_json_size(matrices); m++)
    {
        const sr_json *rows = sr_json_member(sr_json_item(matrices, m), "items");
        for (size_t r = 0; r < sr_json_size(rows); r++)
            for (size_t c = 0; c < sr_json_size(sr_json_item(rows, r)); c++)
                out[count++] = sr_json_item(sr_json_item(rows, r), c);
    }
    return count;
}

/* The claim that a number of the report makes. */
static claim *claim_of(claims *all, const number *one, const shape *of)
{
    for (size_t c = 0; c < all->count; c++)
    {
        bool same = true;
        for (size_t i = 0; i < of->members; i++)
        {
            bool of_label = one->kind == NUMBER_CELL && of->labels[i] > 1;
            unsigned said = of_label ? LABEL + one->label[i] - 1U : HAS;
            if (!one->has[i])
                said = one->kind == NUMBER_REGION ? LACKS : NOTHING;
            same = same && all->list[c].said[i] == said;
        }
        if (same)
            return &all->list[c];
    }
    fail_msg("a number that no claim is");
    return NULL;
}

/* Marks what the report tells, and checks that it tells the truth. */
static void read_report(claims *all, const shape *of, const manifest *rules,
                        const overlap_counts *counts)
{
    sr_err err = SR_ERR_INIT;
    NUMBERS(order);
    SR_TEXT(text);
    SR_JSON(report);
    const sr_json *nodes[NUMBERS_MOST];
    check_ok(numbers_make(&order, counts, &err), &err);
    check(order.count <= NUMBERS_MOST);
    check_ok(release_report(&text, rules, counts, &err), &err);
    check_ok(sr_json_parse(&report, sr_slice_text(text), &err), &err);
    check_int(list_told(nodes, report), order.count);
    for (size_t i = 0; i < order.count; i++)
    {
        claim *one = claim_of(all, &order.list[i], of);
        if (sr_json_kind_of(nodes[i]) != SR_JSON_INT)
            continue;
        check(!one->exposed);
        check_int(sr_json_int(nodes[i]), one->value);
        one->told = true;
    }
}

/* ---- all worlds ------------------------------------------------------------------------------ */

typedef struct
{
    const shape *of;
    const claims *all;
    world at;
    unsigned left[MEMBERS][LABELS]; /* of the sizes */
    uint64_t possible[CLAIMS_MOST]; /* a bit for each value, in worlds that agree with the sizes */
    uint64_t possible_now[CLAIMS_MOST]; /* and with the report */
} search;

static void look_at(search *self)
{
    unsigned values[CLAIMS_MOST];
    bool agree = true;
    for (size_t i = 0; i < self->all->count; i++)
    {
        const claim *one = &self->all->list[i];
        values[i] = 0;
        for (uint64_t cells = one->cells; cells != 0; cells &= cells - 1)
            values[i] += self->at.items[__builtin_ctzll(cells)];
        self->possible[i] |= UINT64_C(1) << values[i];
        agree = agree && (!one->told || one->value == values[i]);
    }
    for (size_t i = 0; agree && i < self->all->count; i++)
        self->possible_now[i] |= UINT64_C(1) << values[i];
}

static void take(search *self, const uint8_t *places, unsigned items, bool back)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (places[i] != 0)
            self->left[i][places[i] - 1] += back ? items : 0U - items;
}

static void go_through(search *self, size_t cell)
{
    const uint8_t *places = self->at.places[cell];
    unsigned most = 1000;
    if (cell == self->at.count)
    {
        look_at(self);
        return;
    }
    for (size_t i = 0; i < MEMBERS; i++)
        if (places[i] != 0 && self->left[i][places[i] - 1] < most)
            most = self->left[i][places[i] - 1];
    bool alone = holders(&self->at, cell) == 1; /* gets the rest */
    for (unsigned items = alone ? most : 0; items <= most; items++)
    {
        self->at.items[cell] = items;
        take(self, places, items, false);
        go_through(self, cell + 1);
        take(self, places, items, true);
    }
}

static unsigned bits(uint64_t set)
{
    return (unsigned)__builtin_popcountll(set);
}

static void check_covered(const search *self, const manifest *rules)
{
    for (size_t i = 0; i < self->all->count; i++)
    {
        const claim *one = &self->all->list[i];
        unsigned possible = bits(self->possible[i]);
        unsigned wanted = rules->minimum < possible ? (unsigned)rules->minimum : possible;
        check(bits(self->possible_now[i]) > 0); /* at least what is true */
        if (one->exposed && bits(self->possible_now[i]) < wanted)
            fail_msg("claim %u %u %u %u has %u possible values; the minimum is %llu", one->said[0],
                     one->said[1], one->said[2], one->said[3], bits(self->possible_now[i]),
                     (unsigned long long)rules->minimum);
    }
}

static void check_world(const world *truth, const shape *of, const manifest *rules)
{
    OVERLAP_COUNTS(counts);
    static search self;
    static claims all;
    make_counts(&counts, truth, of);
    list_claims(&all, truth, of, rules);
    read_report(&all, of, rules, &counts);
    memset(&self, 0, sizeof self);
    self.of = of;
    self.all = &all;
    self.at = *truth;
    for (size_t i = 0; i < of->members; i++)
        for (size_t k = 0; k < of->labels[i]; k++)
            self.left[i][k] = size_of(truth, i, k);
    go_through(&self, 0);
    check_covered(&self, rules);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void make_rules(manifest *out, const shape *of, uint64_t minimum, uint64_t complement)
{
    *out = (manifest){
        .member_count = of->members, .minimum = minimum, .minimum_complement = complement};
    for (size_t i = 0; i < of->members; i++)
    {
        out->members[i].name[0] = (char)('a' + i);
        out->members[i].segments = of->labels[i] == 1 ? 0 : (uint32_t)of->labels[i];
    }
}

static void check_shape(shape of, unsigned rounds, unsigned seed)
{
    world truth;
    manifest rules;
    list_cells(&truth, &of);
    for (unsigned round = 0; round < rounds; round++)
    {
        unsigned minimum = 1 + (unsigned)rand_r(&seed) % 4;
        make_rules(&rules, &of, minimum, (unsigned)rand_r(&seed) % (minimum + 1));
        for (size_t c = 0; c < truth.count; c++)
            truth.items[c] = (unsigned)rand_r(&seed) % (of.most + 1);
        check_world(&truth, &of, &rules);
    }
}

static void two_lists_without_segments_tell_all_or_nothing(void **state)
{
    (void)state;
    check_shape((shape){2, {1, 1}, 9}, 300, 1);
}

static void what_is_held_back_of_a_matrix_has_many_values(void **state)
{
    (void)state;
    check_shape((shape){2, {2, 1}, 7}, 200, 2);
    check_shape((shape){2, {2, 2}, 5}, 300, 3);
    check_shape((shape){2, {3, 1}, 5}, 100, 4);
    check_shape((shape){2, {3, 2}, 3}, 100, 5);
}

static void what_is_held_back_of_three_lists_has_many_values(void **state)
{
    (void)state;
    check_shape((shape){3, {1, 1, 1}, 3}, 1000, 6);
    check_shape((shape){3, {2, 1, 1}, 1}, 300, 7);
    check_shape((shape){3, {1, 1, 1}, 5}, 100, 8);
    check_shape((shape){3, {3, 1, 1}, 1}, 60, 9);
    check_shape((shape){3, {2, 2, 1}, 1}, 60, 10);
    check_shape((shape){4, {1, 1, 1, 1}, 1}, 30, 11);
}

/* Cells that may all be told, but for what their sum says: everybody of the first segment is in the other list. */
static void that_a_whole_segment_is_in_a_list_does_not_show_in_a_sum(void **state)
{
    (void)state;
    const shape of = {2, {2, 2}, 0};
    world truth;
    manifest rules;
    list_cells(&truth, &of);
    make_rules(&rules, &of, 3, 3);
    for (size_t c = 0; c < truth.count; c++)
    {
        bool first = truth.places[c][0] == 1;
        bool shared = truth.places[c][1] != 0;
        unsigned of_first = shared ? 3 : 0;
        truth.items[c] = first ? of_first : 4;
    }
    check_world(&truth, &of, &rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_lists_without_segments_tell_all_or_nothing),
        cmocka_unit_test(what_is_held_back_of_a_matrix_has_many_values),
        cmocka_unit_test(what_is_held_back_of_three_lists_has_many_values),
        cmocka_unit_test(that_a_whole_segment_is_in_a_list_does_not_show_in_a_sum),
    };
    check_main(tests);
}
