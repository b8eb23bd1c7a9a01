/*
 * numbers.h: the numbers that an overlap session may tell, in the order in which they are asked for, each as a
 * sum of cells (release.h).
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
} number_kind;

typedef struct
{
    number_kind kind;
    bool has[MANIFEST_MEMBERS_MOST];
    size_t member_count;
    uint8_t
        label[MANIFEST_MEMBERS_MOST]; /* of a cell: 1 + index of the segment, for its two members */
    size_t row;                       /* of a cell: positions of its two members */
    size_t column;
    uint64_t value;
    bounds_set cells;
    bool allowed; /* it and what it leaves are large enough */
    bool released;
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
} numbers;

/* Values from the counts, nothing released yet. `counts` must outlive it. */
sr_result numbers_make(numbers *out, const overlap_counts *counts, sr_err *err) SR_MUST_USE;
void numbers_clear(numbers *all);
#define NUMBERS(name) numbers name SR_CLEANUP(numbers_clear) = {.count = 0}

bool number_has(const number *one, size_t member);
/* Size of the set that a number is of at a member: of the segment for a cell, else of all its items. */
uint64_t number_set_size(const numbers *all, const number *one, size_t member);
/* Whether two numbers are of a set in common: a segment for two cells, else a member. */
bool number_meets(const number *one, const number *other);

/* What everybody is taken to know: all sizes, and the numbers that are released. */
sr_result numbers_known(bounds **out, const numbers *all, sr_err *err) SR_MUST_USE;

#endif
