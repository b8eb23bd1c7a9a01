/*
 * bounds.h: what somebody who knows some sums can conclude about another: the least and the greatest value of a sum
 * of unknown counts, given the values of other sums of them.
 *
 *     unknowns     x[0] … x[n-1], whole, none negative
 *     known        for each row: the sum of the x in its set = its value
 *     asked        the sum of the x in a set: from where to where can it lie?
 *
 * Unknowns that stand in the same known sets are one, because only their sum is ever told. The rest is a linear
 * program (simplex, two phases, Bland's rule when it does not get on); whole numbers lie within its bounds, rounded
 * inwards. A set is a bit for each unknown.
 */
#ifndef SEALROOM_SERVER_OVERLAP_BOUNDS_H
#define SEALROOM_SERVER_OVERLAP_BOUNDS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum
{
    BOUNDS_UNKNOWNS_MOST = 512,
    BOUNDS_WORDS = BOUNDS_UNKNOWNS_MOST / 64,
    BOUNDS_ROWS_MOST = 1024,
};

typedef struct
{
    uint64_t bits[BOUNDS_WORDS];
} bounds_set;

void bounds_add(bounds_set *set, size_t unknown);
bool bounds_has(const bounds_set *set, size_t unknown);

typedef struct
{
    bounds_set set;
    uint64_t value;
} bounds_row;

typedef struct bounds bounds;

/* SR_E_LIMIT: too many unknowns or rows; SR_E_INVALID: no counts have these sums. */
sr_result bounds_new(bounds **out, size_t unknowns, const bounds_row *rows, size_t count,
                     sr_err *err) SR_MUST_USE;
void bounds_free(bounds *self); /* accepts NULL */
void bounds_clear(bounds **self);
#define BOUNDS(name) bounds *name SR_CLEANUP(bounds_clear) = NULL

/* SR_E_INTERNAL if the simplex does not end; then take it that everything can be concluded. */
sr_result bounds_of(uint64_t *least, uint64_t *greatest, bounds *self, const bounds_set *asked,
                    sr_err *err) SR_MUST_USE;

#endif
