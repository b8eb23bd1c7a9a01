#include "judge.h"

enum
{
    ROUNDS_FEW = 8,
};

/* ---- the rule -------------------------------------------------------------------------------- */

bool judge_reaches(const manifest *rules, const numbers *all, const number *one)
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

bounds *judge_known(const numbers *all)
{
    bounds *known = NULL;
    sr_err lost = SR_ERR_INIT;
    if (numbers_known(&known, all, &lost) != SR_OK)
        sr_err_reset(&lost);
    return known;
}

uint64_t judge_values_left(bounds *known, const number *one)
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
    return judge_values_left(known, one) >= wanted;
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
    known = judge_known(all);
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

/* What nobody asked for and is confined by what is released now is minded from here on. True: there was something. */
static bool mind_confined(const manifest *rules, numbers *all)
{
    BOUNDS(known);
    bool more = false;
    known = judge_known(all);
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
    sizes = judge_known(all); /* nothing is released yet */
    for (size_t i = 0; i < all->unasked_count; i++)
    {
        number *one = &all->unasked[i];
        one->allowed = judge_reaches(rules, all, one);
        one->values = needs_cover(rules, one) ? judge_values_left(sizes, one) : 0;
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

void judge(const manifest *rules, numbers *all)
{
    bool prove = all->proven && rules->minimum > 0 && !is_all_or_nothing(all);
    for (size_t i = 0; i < all->count; i++)
    {
        all->list[i].allowed = judge_reaches(rules, all, &all->list[i]);
        all->list[i].released = all->list[i].allowed && !prove;
    }
    if (is_all_or_nothing(all) && any_held_back(all))
        hold_back_all(all);
    if (!all->proven && rules->minimum > 0)
        judge_many(rules, all);
    if (prove)
        release_proven(rules, all);
}
