/*
 * sort.h: records of one size in ascending byte order, in memory and beyond it.
 *
 * A record is `size` bytes (1 to SORT_RECORD_MOST), compared byte by byte. Sorting in memory is in place: most
 * significant byte first, so it takes a few passes over records that are as good as random (points, tags), and `size`
 * passes at worst. Variable time: for records that may be seen by whoever watches the clock.
 *
 * A sorter takes any number of records with bounded memory: what does not fit is written, sorted, to a scratch file,
 * as it is. It is for records that may lie on this disk in clear; client/sorter.h is for those that may not.
 */
#ifndef SEALROOM_BASE_SORT_H
#define SEALROOM_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum
{
    SORT_RECORD_MOST = 64,
};

void sr_sort(void *records, size_t size, uint64_t count);

/* ---- more than fit into memory --------------------------------------------------------------- */

typedef struct sr_sorter sr_sorter;

/* For records of `size` bytes, with about `memory` bytes (at least a page for each run that is on disk). Scratch files
 * lie in `folder` (NULL: $TMPDIR or /tmp), without a name; it is copied. */
sr_sorter *sr_sorter_new(size_t size, uint64_t memory, const char *folder) SR_MUST_USE;
/* SR_E_IO and the like from the scratch file: the sorter is of no use any more. */
sr_result sr_sorter_add(sr_sorter *self, const void *records, uint64_t count,
                        sr_err *err) SR_MUST_USE;
/* The next up to `most` records, ascending, equal ones side by side; *got 0 means that there are no more. After the
 * first call nothing may be added. */
sr_result sr_sorter_next(sr_sorter *self, void *records, uint64_t most, uint64_t *got,
                         sr_err *err) SR_MUST_USE;
void sr_sorter_free(sr_sorter *self); /* accepts NULL */
void sr_sorter_clear(sr_sorter **self);
#define SR_SORTER(name) sr_sorter *name SR_CLEANUP(sr_sorter_clear) = NULL

#endif
