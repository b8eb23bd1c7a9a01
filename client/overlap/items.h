/*
 * items.h: from a file of identifiers to a member's own list: normalised, hashed to the curve and masked on all
 * cores, sorted, told apart by segment.
 *
 * No identifier is kept: equal identifiers give equal points, so repeats are found (and counted) among the points.
 * An identifier under two labels is refused: an item has one label in a session. Rows without an identifier
 * (NULL, or nothing left of it after normalising) are counted and left out, so is a row without a label: it goes to
 * no segment.
 *
 * Memory: 32 bytes an item (33 with p256) and some buffers.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_ITEMS_H
#define SEALROOM_CLIENT_OVERLAP_ITEMS_H

#include "../progress.h"
#include "crypto/checkpoint.h"
#include "crypto/group/group.h"
#include "model/manifest.h"
#include "normalise.h"

enum
{
    ITEMS_LABEL_SIZE = 64, /* bytes of a segment's label with its NUL */
};

typedef struct
{
    const char *input;          /* CSV file with a header */
    const char *id_column;      /* header of the identifiers; NULL: the only column there is */
    const char *segment_column; /* header of the labels; NULL: no segments */
    normaliser normaliser;
    const group_domain *domain;
    const group_scalar *scalar;
    const checkpoint_key *key; /* of the digest of the input */
    size_t segments_most;      /* labels that the manifest allows */
    bool padded;               /* each part to its bucket */
    unsigned threads;          /* 0: one for each processor */
    progress *progress;        /* may be NULL */
} items_config;

typedef struct
{
    char label[ITEMS_LABEL_SIZE];
    uint8_t *points; /* ascending, without repeats */
    uint64_t count;  /* with dummies */
    uint64_t items;
} items_part;

typedef struct
{
    items_part parts[MANIFEST_SEGMENTS_MOST];
    size_t part_count;
    uint64_t rows;
    uint64_t left_out; /* rows without identifier or label */
    uint64_t repeats;
    digest_value input; /* keyed digest of what was read */
} items_list;

void items_clear(items_list *list);
#define ITEMS(name) items_list name SR_CLEANUP(items_clear) = {.part_count = 0}

/* SR_E_NOT_FOUND: a column; SR_E_LIMIT: more labels than the manifest allows; SR_E_INVALID: an identifier under two
 * labels. */
sr_result items_read(items_list *out, const items_config *config, sr_err *err) SR_MUST_USE;

#endif
