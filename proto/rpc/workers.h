/*
 * workers.h: threads, and the pool in which handlers run. Internal to rpc/.
 *
 * One thread per running call: threads are made when a job comes and none is idle, up to a limit, and are
 * kept for later jobs until the stop. Whoever gives jobs must not have more of them under way than the
 * limit (asserted); so a job never waits for a thread.
 */
#ifndef SEALROOM_RPC_WORKERS_H
#define SEALROOM_RPC_WORKERS_H

#include <pthread.h>

#include "base/bytes.h"
#include "base/err.h"

/* A thread that no signal reaches: handlers of signals run in the threads of the program itself. */
bool rpc_thread_start(pthread_t *out, void *(*run)(void *argument), void *argument) SR_MUST_USE;

typedef struct rpc_workers rpc_workers;

/* `run` is called with each job, in one of at most `limit` threads. */
rpc_workers *rpc_workers_new(unsigned limit, void (*run)(void *job)) SR_MUST_USE;

/* Hands over one job; never blocks. False when no thread could be made: the job was not taken. */
bool rpc_workers_give(rpc_workers *workers, void *job) SR_MUST_USE;

/* Waits until all jobs have run, joins the threads and releases everything. Accepts NULL. */
void rpc_workers_free(rpc_workers *workers);

#endif
