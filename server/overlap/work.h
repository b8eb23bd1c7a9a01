/*
 * work.h: heavy work on lists (matching, the server's own multiplications) is done a few at a time, so that the memory
 * that it takes has a bound however many calls ask for it; on one session one at a time, so that what two calls ask for
 * is done once.
 *
 * Whoever came first is served first, but a collaboration that is at work already lets others go before it: no member
 * keeps the others from theirs by asking much.
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

/* Work that a call wants done. */
typedef struct
{
    overlap_work *work;
    sr_uuid session;
    sr_uuid collaboration;
    bool (*is_gone)(const void *context); /* nobody waits for the outcome any more */
    const void *context;
} overlap_job;

/* Waits until there is room. SR_E_CANCELLED once nobody waits for the outcome any more. After SR_OK overlap_work_leave is
 * owed; the job stays where it is until then. */
sr_result overlap_work_enter(const overlap_job *job, sr_err *err) SR_MUST_USE;
void overlap_work_leave(const overlap_job *job);

/* To be asked now and then by whoever works: SR_E_CANCELLED as above. */
sr_result overlap_job_check(const overlap_job *job, sr_err *err) SR_MUST_USE;
uint64_t overlap_job_memory(const overlap_job *job); /* bytes that it may take */
unsigned overlap_job_threads(const overlap_job *job);

#endif
