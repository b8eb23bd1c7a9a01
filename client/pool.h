/*
 * pool.h: worker threads that work on batches while order is kept.
 *
 * The owner fills slots one after another and gets them back in the same order, worked on:
 *
 *     while (there is more)
 *     {
 *         slot = pool_free_slot(pool);
 *         if (slot == NULL)                     all slots are out: take the oldest back first
 *             pool_take(pool, &slot, err), use it, pool_give_back(pool)
 *         else
 *             fill it, pool_submit(pool)
 *     }
 *     while (pool_is_busy(pool)) pool_take …, pool_give_back
 *
 * So memory is bounded by the number of slots. `work` runs in a worker's thread on one slot at a time,
 * with that worker's own state; owner and worker never touch a slot at once. The first failure comes
 * back from pool_take, in order; later slots may have been worked on by then. Signals stay with the
 * owner's thread: workers block them all.
 */
#ifndef SEALROOM_CLIENT_POOL_H
#define SEALROOM_CLIENT_POOL_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    POOL_THREADS_MAX = 64,
};

typedef sr_result (*pool_work)(void *worker, void *slot, sr_err *err);

typedef struct pool pool;

/* `workers` and `slots` are arrays of pointers, copied; what they point at must outlive the pool. */
sr_result pool_new(pool **out, pool_work work, void *const *workers, size_t worker_count,
                   void *const *slots, size_t slot_count, sr_err *err) SR_MUST_USE;
/* The next slot to fill, or NULL while all are out. */
void *pool_free_slot(pool *self);
/* Hands the slot that pool_free_slot gave to the workers. */
void pool_submit(pool *self);
bool pool_is_busy(const pool *self);
/* Waits for the oldest slot that is out; on failure *slot is NULL. */
sr_result pool_take(pool *self, void **slot, sr_err *err) SR_MUST_USE;
/* The slot taken last may be filled again. */
void pool_give_back(pool *self);
/* Waits for the workers to finish what they are at, then ends them. Accepts NULL. */
void pool_free(pool *self);
void pool_clear(pool **self);
#define POOL(name) pool *name SR_CLEANUP(pool_clear) = NULL

/* Processors that this process may use, 1 to POOL_THREADS_MAX. */
size_t pool_default_threads(void);

#endif
