/*
 * wait.h: waiting on a condition for a while, by the clock that nobody sets.
 */
#ifndef SEALROOM_BASE_WAIT_H
#define SEALROOM_BASE_WAIT_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* For pthread_cond_timedwait by CLOCK_MONOTONIC. Release with pthread_cond_destroy. */
void sr_cond_init(pthread_cond_t *cond);
/* That clock so many milliseconds from now; none below 0. */
struct timespec sr_in_ms(int64_t ms);

#endif
