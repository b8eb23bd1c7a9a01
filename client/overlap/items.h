/*
 * items.h: from a file of identifiers to a member's own list: normalised, hashed to the curve and masked on all
 * cores, sorted, told apart by segment, padded.
 *
 * No identifier is kept: equal identifiers give equal points, so repeats are found (and counted) among the points.
 * An identifier under two labels is refused: an item has one label in a session. What rows.h leaves out is counted.
 *
 * In two steps, so that the numbers can be judged before the list has its name on the disk:
 *
 *     items_read   every point || index of its label → a sorter → scratch files, one a part, ascending
 *     items_keep   each part, with its dummies through a sorter → the list file (list_file.h)
 *
 * Memory: ITEMS_MEMORY for sorting, 2 MiB and a bit for each thread, 66 KiB for each part; whatever the size of the
 * file. Disk, while it lasts: three times the list. Only masked points and dummies are written.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_ITEMS_H
#define SEALROOM_CLIENT_OVERLAP_ITEMS_H

#include "crypto/group/group.h"
#include "rows.h"

enum
{
    ITEMS_MEMORY = 64 * 1024 * 1024,
};

typedef struct
{
    rows_config rows; /* but its stage */
    const group_domain *domain;
    const group_scalar *scalar;
    bool padded;        /* each part to its bucket */
    unsigned threads;   /* 0: one for each processor */
    uint64_t memory;    /* 0: ITEMS_MEMORY; tests set less */
    const char *folder; /* of the scratch files; copied */
} items_config;

typedef struct
{
    char label[ROWS_LABEL_SIZE];
    uint64_t items;
    uint64_t count; /* with the dummies that it will have */
    int points;     /* scratch file of the items' points; -1: none */
} items_part;

typedef struct
{
    items_part parts[MANIFEST_SEGMENTS_MOST];
    size_t part_count;
    uint64_t rows;
    uint64_t left_out; /* rows without identifier or label */
    uint64_t repeats;
    digest_value input; /* keyed digest of what was read */
    group_suite suite;
    uint64_t memory;
    char *folder;
} items_list;

void items_clear(items_list *list);
#define ITEMS(name) items_list name SR_CLEANUP(items_clear) = {.part_count = 0}

/* SR_E_NOT_FOUND: a column; SR_E_LIMIT: more labels than the manifest allows; SR_E_INVALID: an identifier under two
 * labels. */
sr_result items_read(items_list *out, const items_config *config, sr_err *err) SR_MUST_USE;
/* Makes the list's file, durable when this returns. */
sr_result items_keep(const items_list *list, const char *path, sr_err *err) SR_MUST_USE;

#endif
