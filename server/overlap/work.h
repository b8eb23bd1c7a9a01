/*
 * work.h: heavy work on lists (matching, the server's own multiplications) is done a few at a time, so that the memory
 * that it takes has a bound however many calls ask for it; on one session one at a time, so that what two calls ask for
 * is done once. Whoever waits is served in no certain order.
 *
 * Safe to use from many threads.
 */
#ifndef SEALROOM_SERVER_OVERLAP_WORK_H
#define SEALROOM_SERVER_OVERLAP_WORK_H

#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"

enum
{
    OVERLAP_WORK_AT_ONCE = 2,
};

typedef struct overlap_work overlap_work;

/* What runs at once shares `memory` bytes, and each may use `threads` threads. */
overlap_work *overlap_work_new(uint64_t memory, unsigned threads) SR_MUST_USE;
void overlap_work_free(overlap_work *self); /* when nobody works or waits; accepts NULL */

/* Waits until there is room. SR_E_CANCELLED once `is_gone(context)` says that nobody waits for the outcome any more.
 * After SR_OK overlap_work_leave is owed. */
sr_result overlap_work_enter(overlap_work *self, const sr_uuid *session,
                             bool (*is_gone)(const void *context), const void *context,
                             sr_err *err) SR_MUST_USE;
void overlap_work_leave(overlap_work *self, const sr_uuid *session);

uint64_t overlap_work_memory(const overlap_work *self); /* bytes, of each */
unsigned overlap_work_threads(const overlap_work *self);

#endif
