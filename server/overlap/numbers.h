/*
 * numbers.h: the numbers that an overlap session may tell, in the order in which they are asked for, each as a
 * sum of cells (release.h); and those that nobody asked for, but that could be concluded: items for which it is said of
 * each member that it has them, or has them in one segment, or has them not, or nothing at all.
 */
#ifndef SEALROOM_SERVER_OVERLAP_NUMBERS_H
#define SEALROOM_SERVER_OVERLAP_NUMBERS_H

#include "bounds.h"
#include "counts.h"

typedef enum
{
    NUMBER_OVERLAP, /* items that all of its members have */
    NUMBER_REGION,  /* items that exactly its members have */
    NUMBER_CELL,    /* of a matrix: items of one segment of each of two members */
    NUMBER_UNASKED, /* never told */
} number_kind;

typedef struct
{
    number_kind kind;
    bool has[MANIFEST_MEMBERS_MOST];
    bool lacks[MANIFEST_MEMBERS_MOST];
    uint8_t label[MANIFEST_MEMBERS_MOST]; /* of one that has: 1 + index of the segment; 0: any */
    size_t member_count;                  /* that have */
    size_t row;                           /* of a cell: positions of its two members */
    size_t column;
    uint64_t value;
    bounds_set cells;
    bool allowed;  /* it and what it leaves are large enough */
    bool released; /* never of one that is unasked */
    bool minded;   /* of one that is unasked: looked at when the others are released */
    uint64_t
        values; /* of one that is unasked: as many it could have by the sizes alone; 0: not known */
} number;

typedef struct
{
    const overlap_counts *counts; /* borrowed */
    size_t member_count;
    size_t segment_count; /* of all members; one for a member without segments */
    bool proven;          /* cells are few enough to say what follows from what */
    bool by_segment;      /* cells tell segments apart */
    size_t cell_count;
    number *list;
    size_t count;
    number *unasked;
    size_t unasked_count;
} numbers;

/* Values from the counts, nothing released yet. `counts` must outlive it. */
sr_result numbers_make(numbers *out, const overlap_counts *counts, sr_err *err) SR_MUST_USE;
void numbers_clear(numbers *all);
#define NUMBERS(name) numbers name SR_CLEANUP(numbers_clear) = {.count = 0}

bool number_has(const number *one, size_t member);
/* Items of one member that certain others have not: what the rule says of a number and of what it leaves changes
 * places. */
bool number_is_alone(const number *one);
/* Size of the set that a number is of at a member: of the segment if it names one, else of all its items. */
uint64_t number_set_size(const numbers *all, const number *one, size_t member);
/* Whether two numbers are of a set in common: a member, and not two segments of it. */
bool number_meets(const number *one, const number *other);

/* What everybody is taken to know: all sizes, and the numbers that are released. */
sr_result numbers_known(bounds **out, const numbers *all, sr_err *err) SR_MUST_USE;

#endif
