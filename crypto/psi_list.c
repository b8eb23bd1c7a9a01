#include "psi_list.h"

#include <pthread.h>
#include <string.h>

enum
{
    PIECE_POINTS = 4096, /* that a thread takes at a time */
    THREADS_MOST = 64,
};

/* ---- multiplying ----------------------------------------------------------------------------- */

typedef struct
{
    pthread_mutex_t mutex;
    uint8_t *points;
    uint64_t count;
    uint64_t next; /* not taken yet */
    const group_scalar *scalar;
    bool failed;
    uint64_t failed_at; /* first point of the first piece with a bad one */
    sr_err why;
} masking;

static uint64_t take(masking *shared, uint64_t *from)
{
    pthread_mutex_lock(&shared->mutex);
    uint64_t left = shared->failed ? 0 : shared->count - shared->next;
    uint64_t some = left < PIECE_POINTS ? left : PIECE_POINTS;
    *from = shared->next;
    shared->next += some;
    pthread_mutex_unlock(&shared->mutex);
    return some;
}

static void note_failure(masking *shared, uint64_t from, const sr_err *why)
{
    pthread_mutex_lock(&shared->mutex);
    if (!shared->failed || from < shared->failed_at)
    {
        shared->why = *why;
        shared->failed_at = from;
    }
    shared->failed = true;
    pthread_mutex_unlock(&shared->mutex);
}

static void *work(void *context)
{
    masking *shared = context;
    size_t size = group_point_size(shared->scalar->suite);
    uint64_t from = 0;
    for (uint64_t some = take(shared, &from); some > 0; some = take(shared, &from))
    {
        sr_err why = SR_ERR_INIT;
        uint8_t *at = shared->points + from * size;
        if (group_mask(at, shared->scalar, at, some, &why) != SR_OK)
            note_failure(shared, from, &why);
    }
    return NULL;
}

sr_result psi_list_mask(uint8_t *points, const group_scalar *scalar, uint64_t count,
                        unsigned threads, sr_err *err)
{
    masking shared = {.points = points, .count = count, .scalar = scalar, .why = SR_ERR_INIT};
    pthread_t running[THREADS_MOST];
    unsigned started = 0;
    threads = threads > THREADS_MOST ? THREADS_MOST : threads;
    pthread_mutex_init(&shared.mutex, NULL);
    while (started + 1 < threads && pthread_create(&running[started], NULL, work, &shared) == 0)
        started++;
    work(&shared);
    for (unsigned i = 0; i < started; i++)
        pthread_join(running[i], NULL);
    pthread_mutex_destroy(&shared.mutex);
    if (!shared.failed)
        return SR_OK;
    *err = shared.why;
    return sr_fail_in(err, "after point %llu", (unsigned long long)shared.failed_at);
}

/* ---- order ----------------------------------------------------------------------------------- */

sr_result psi_list_check(const uint8_t *points, group_suite suite, uint64_t count,
                         const uint8_t *last, uint64_t before, sr_err *err)
{
    size_t size = group_point_size(suite);
    for (uint64_t i = 0; i < count; i++)
    {
        int order = last == NULL ? -1 : memcmp(last, points + i * size, size);
        if (order >= 0)
            return sr_fail(err, SR_E_FORMAT, "point %llu: %s", (unsigned long long)(before + i + 1),
                           order == 0 ? "a repeat" : "out of order");
        last = points + i * size;
    }
    return SR_OK;
}
