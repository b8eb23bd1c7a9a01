/*
 * sorter.h: an external merge sort of (32-byte key, payload) items within a memory limit.
 *
 * `encrypt` puts rows in ascending order of their row nonces with it (C3R-FORMAT 1.3: that is the
 * shuffle), and finds equal values with it where duplicates are not allowed.
 *
 *     add … add → sort → next … next          keys in unsigned byte order, equal keys by payload
 *
 * Items are kept in memory until `memory` bytes are used (items and index). Then they are sorted in place and written as a run to a nameless scratch file, through
 * crypto/spill.h: nothing is on disk in clear, and what was changed there is SR_E_CORRUPT. Runs are
 * merged at the end, several times when there are more of them than chunks fit in memory.
 *
 * Memory that held items is wiped. A payload is at most SORTER_PAYLOAD_MAX bytes (SR_E_LIMIT). A full
 * disk is SR_E_FULL. Not shared by threads.
 */
#ifndef SEALROOM_CLIENT_SORTER_H
#define SEALROOM_CLIENT_SORTER_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    SORTER_KEY_SIZE = 32,
    SORTER_PAYLOAD_MAX = 48 * 1024 * 1024,
    SORTER_MEMORY_MIN = 1024 * 1024, /* smaller limits are raised to it */
};

typedef struct
{
    size_t memory;      /* bytes */
    const char *folder; /* of the scratch file; NULL: $TMPDIR or /tmp */
} sorter_options;

typedef struct
{
    const uint8_t *key; /* SORTER_KEY_SIZE bytes; borrowed until the next call, like the payload */
    sr_slice payload;
} sorter_item;

typedef struct sorter sorter;

sr_result sorter_new(sorter **out, const sorter_options *options, sr_err *err) SR_MUST_USE;
sr_result sorter_add(sorter *self, const uint8_t *key, sr_slice payload, sr_err *err) SR_MUST_USE;
/* After it nothing can be added (asserted). */
sr_result sorter_sort(sorter *self, sr_err *err) SR_MUST_USE;
/* *end without an item when there are no more. */
sr_result sorter_next(sorter *self, sorter_item *out, bool *end, sr_err *err) SR_MUST_USE;
uint64_t sorter_count(const sorter *self);
/* Runs that were written to disk: 0 when everything fitted in memory. */
size_t sorter_runs(const sorter *self);

void sorter_free(sorter *self); /* wipes; accepts NULL */
void sorter_clear(sorter **self);
#define SORTER(name) sorter *name SR_CLEANUP(sorter_clear) = NULL

#endif
