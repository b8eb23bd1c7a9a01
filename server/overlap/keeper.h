/*
 * keeper.h: a thread that ends sessions whose time is over and removes the lists of those that have ended, again and
 * again, whether anybody calls or not. (A call that ends a session, or finds one whose time is over, removes its lists
 * at once; what another call that was under way then still wrote is found here.) Each time it cuts the catalog's
 * write-ahead log, too, in which a reader may have kept what a session's end deleted.
 */
#ifndef SEALROOM_SERVER_OVERLAP_KEEPER_H
#define SEALROOM_SERVER_OVERLAP_KEEPER_H

#include "lists.h"

typedef struct overlap_keeper overlap_keeper;

/* Keeps once before it returns, and removes files of no part (overlap_lists_settle): calls that write lists come after
 * it. Then it keeps every `every_ms` milliseconds, 1 at least. Both are borrowed and outlive it. `failed` is told of
 * failures; the next time tries again. */
sr_result overlap_keeper_start(overlap_keeper **out, const overlap_lists *lists, catalog *rooms,
                               int64_t every_ms, void (*failed)(const sr_err *why),
                               sr_err *err) SR_MUST_USE;
void overlap_keeper_stop(overlap_keeper *self); /* waits for the thread's end; accepts NULL */

#endif
