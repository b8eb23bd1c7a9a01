/*
 * counts.h: how many items stand in which lists: the outcome of matching, and what the release rule judges
 * (release.h). Everything here is known to the coordinator alone.
 *
 * A region is a set of items told apart by where they stand: for each member nowhere, or in the part of one of
 * its labels. Regions of two or more members come from matching; items of one member alone are what its true
 * size leaves.
 *
 * Where labels make more than 65,536 combinations, far more than release tells apart, regions say only who has an item:
 * its place is 1 whatever its label. So there are never more regions than that.
 */
#ifndef SEALROOM_SERVER_OVERLAP_COUNTS_H
#define SEALROOM_SERVER_OVERLAP_COUNTS_H

#include "sessions.h"

/* The labels of one member that gave a list, in the order in which they came in; without segments one: "". */
typedef struct
{
    char (*labels)[OVERLAP_LABEL_SIZE];
    uint64_t *items;  /* true ones, of each label */
    uint64_t *shared; /* of each label: those that another member has, too (match.h) */
    size_t label_count;
} overlap_sizes;

typedef struct
{
    /* By position: 0: in none of its parts, else 1 + index of the label, or just 1. */
    uint8_t places[MANIFEST_MEMBERS_MOST];
    uint64_t items;
} overlap_region;

typedef struct
{
    size_t member_count;
    overlap_sizes members[MANIFEST_MEMBERS_MOST];
    overlap_region *regions; /* of two or more members, none empty; in the order of their places */
    size_t region_count;
} overlap_counts;

void overlap_counts_clear(overlap_counts *counts);
#define OVERLAP_COUNTS(name)                                                                       \
    overlap_counts name SR_CLEANUP(overlap_counts_clear) = {.region_count = 0}

/* All items of a member. */
uint64_t overlap_size(const overlap_counts *counts, size_t member);

#endif
