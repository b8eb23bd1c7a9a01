/* Bounds of hidden sums against all whole worlds, for tables whose margins are known. */
#include "server/overlap/bounds.h"

#include <stdlib.h>

#include "check.h"

enum
{
    ROWS = 3,
    COLUMNS = 3,
    CELLS = ROWS * COLUMNS,
    KNOWN_MOST = ROWS + COLUMNS + 2,
    SETS = 12,
};

/* A table, what is known of it, and what is asked. */
typedef struct
{
    uint64_t at[CELLS];
    bounds_row known[KNOWN_MOST];
    size_t known_count;
    bounds_set asked[SETS];
    uint64_t least[SETS];
    uint64_t greatest[SETS];
} table;

static uint64_t sum_of(const table *self, const uint64_t *at, const bounds_set *set)
{
    uint64_t sum = 0;
    (void)self;
    for (size_t x = 0; x < CELLS; x++)
        sum += bounds_has(set, x) ? at[x] : 0;
    return sum;
}

static void know(table *self, bounds_set set, uint64_t scale)
{
    self->known[self->known_count++] =
        (bounds_row){.set = set, .value = scale * sum_of(self, self->at, &set)};
}

/* All margins, and two cells. */
static void make_table(table *self, unsigned *seed)
{
    memset(self, 0, sizeof *self);
    for (size_t x = 0; x < CELLS; x++)
        self->at[x] = (unsigned)rand_r(seed) % 4;
    for (size_t i = 0; i < SETS; i++)
    {
        self->least[i] = UINT64_MAX;
        for (size_t x = 0; x < CELLS; x++)
            if (i < CELLS ? x == i : rand_r(seed) % 3 == 0)
                bounds_add(&self->asked[i], x);
    }
}

static void know_margins(table *self, uint64_t scale)
{
    self->known_count = 0;
    for (size_t r = 0; r < ROWS; r++)
    {
        bounds_set row = {{0}};
        bounds_set column = {{0}};
        for (size_t c = 0; c < COLUMNS; c++)
        {
            bounds_add(&row, r * COLUMNS + c);
            bounds_add(&column, c * COLUMNS + r);
        }
        know(self, row, scale);
        know(self, column, scale);
    }
    for (size_t x = 0; x < CELLS; x += CELLS - 1)
    {
        bounds_set cell = {{0}};
        bounds_add(&cell, x);
        know(self, cell, scale);
    }
}

static bool agrees(const table *self, const uint64_t *at)
{
    for (size_t i = 0; i < self->known_count; i++)
        if (sum_of(self, at, &self->known[i].set) != self->known[i].value)
            return false;
    return true;
}

/* Four cells of the corner say all others. */
static void find_by_force(table *self)
{
    uint64_t at[CELLS];
    for (unsigned code = 0; code < 13 * 13 * 13 * 13; code++)
    {
        unsigned rest = code;
        for (size_t r = 0; r < 2; r++)
            for (size_t c = 0; c < 2; c++, rest /= 13)
                at[r * COLUMNS + c] = rest % 13;
        for (size_t r = 0; r < 2; r++)
            at[r * COLUMNS + 2] = self->known[2 * r].value - at[r * COLUMNS] - at[r * COLUMNS + 1];
        for (size_t c = 0; c < COLUMNS; c++)
            at[2 * COLUMNS + c] = self->known[2 * c + 1].value - at[c] - at[COLUMNS + c];
        bool negative = false;
        for (size_t x = 0; x < CELLS; x++)
            negative = negative || at[x] > 1000;
        if (negative || !agrees(self, at))
            continue;
        for (size_t i = 0; i < SETS; i++)
        {
            uint64_t sum = sum_of(self, at, &self->asked[i]);
            self->least[i] = sum < self->least[i] ? sum : self->least[i];
            self->greatest[i] = sum > self->greatest[i] ? sum : self->greatest[i];
        }
    }
}

/* Single cells of a table with known margins have whole bounds: exact. Of other sums the program's may be wider. */
static void check_bounds(table *self, uint64_t scale)
{
    sr_err err = SR_ERR_INIT;
    BOUNDS(made);
    check_ok(bounds_new(&made, CELLS, self->known, self->known_count, &err), &err);
    for (size_t i = 0; i < SETS; i++)
    {
        uint64_t least = 0;
        uint64_t greatest = 0;
        check_ok(bounds_of(&least, &greatest, made, &self->asked[i], &err), &err);
        check(least <= scale * self->least[i]);
        check(greatest >= scale * self->greatest[i]);
        if (i >= CELLS)
            continue;
        check_int(least, scale * self->least[i]);
        check_int(greatest, scale * self->greatest[i]);
    }
}

static void cells_of_a_table_have_the_bounds_that_all_worlds_give(void **state)
{
    static const uint64_t scales[] = {1, 7, 1000003, 180000001};
    unsigned seed = 4;
    (void)state;
    for (unsigned round = 0; round < 60; round++)
    {
        table self;
        make_table(&self, &seed);
        know_margins(&self, 1);
        find_by_force(&self);
        for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++)
        {
            know_margins(&self, scales[i]);
            check_bounds(&self, scales[i]);
        }
    }
}

static void what_nothing_is_known_of_has_no_bounds(void **state)
{
    sr_err err = SR_ERR_INIT;
    BOUNDS(made);
    bounds_row known = {.value = 5};
    bounds_set asked = {{0}};
    uint64_t least = 0;
    uint64_t greatest = 0;
    (void)state;
    bounds_add(&known.set, 0);
    bounds_add(&asked, 1);
    check_ok(bounds_new(&made, 2, &known, 1, &err), &err);
    check_fails(bounds_of(&least, &greatest, made, &asked, &err), &err, SR_E_INTERNAL);
}

static void sums_that_contradict_each_other_are_refused(void **state)
{
    sr_err err = SR_ERR_INIT;
    BOUNDS(made);
    bounds_row known[2] = {{.value = 5}, {.value = 6}};
    (void)state;
    bounds_add(&known[0].set, 0);
    bounds_add(&known[0].set, 1);
    bounds_add(&known[1].set, 0);
    check_fails(bounds_new(&made, 2, known, 2, &err), &err, SR_E_INVALID);
    check(made == NULL);
}

static void too_many_unknowns_are_refused(void **state)
{
    sr_err err = SR_ERR_INIT;
    BOUNDS(made);
    (void)state;
    check_fails(bounds_new(&made, BOUNDS_UNKNOWNS_MOST + 1, NULL, 0, &err), &err, SR_E_LIMIT);
    check(made == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_a_table_have_the_bounds_that_all_worlds_give),
        cmocka_unit_test(what_nothing_is_known_of_has_no_bounds),
        cmocka_unit_test(sums_that_contradict_each_other_are_refused),
        cmocka_unit_test(too_many_unknowns_are_refused),
    };
    check_main(tests);
}
