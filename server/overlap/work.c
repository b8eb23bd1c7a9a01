#include "work.h"

#include <assert.h>
#include <pthread.h>

#include "base/bytes.h"
#include "base/wait.h"

enum
{
    LOOK_MS = 200, /* how often a waiting call looks whether its caller is still there */
};

typedef struct waiter
{
    const overlap_job *job;
    struct waiter *next;
} waiter;

struct overlap_work
{
    pthread_mutex_t mutex; /* over what follows, but for memory and threads */
    pthread_cond_t changed;
    const overlap_job *running[OVERLAP_WORK_AT_ONCE];
    size_t count;
    waiter *first; /* in the order in which they came */
    uint64_t memory;
    unsigned threads;
};

overlap_work *overlap_work_new(uint64_t memory, unsigned threads)
{
    overlap_work *made = sr_alloc(sizeof *made);
    pthread_mutex_init(&made->mutex, NULL);
    sr_cond_init(&made->changed);
    made->memory = memory / OVERLAP_WORK_AT_ONCE;
    made->threads = threads;
    return made;
}

void overlap_work_free(overlap_work *self)
{
    if (self == NULL)
        return;
    assert(self->count == 0 && self->first == NULL);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    sr_free(self);
}

/* ---- who is next ----------------------------------------------------------------------------- */

static bool can_run(const overlap_work *self, const overlap_job *job)
{
    for (size_t i = 0; i < self->count; i++)
        if (sr_uuid_equal(&self->running[i]->session, &job->session))
            return false;
    return self->count < OVERLAP_WORK_AT_ONCE;
}

static bool is_at_work(const overlap_work *self, const sr_uuid *collaboration)
{
    for (size_t i = 0; i < self->count; i++)
        if (sr_uuid_equal(&self->running[i]->collaboration, collaboration))
            return true;
    return false;
}

/* Its collaboration is at work, and another that is not could be. */
static bool lets_others_go(const overlap_work *self, const overlap_job *job)
{
    if (!is_at_work(self, &job->collaboration))
        return false;
    for (const waiter *other = self->first; other != NULL; other = other->next)
        if (!is_at_work(self, &other->job->collaboration) && can_run(self, other->job))
            return true;
    return false;
}

static bool is_next(const overlap_work *self, const waiter *one)
{
    const waiter *other = self->first;
    while (other != NULL && (!can_run(self, other->job) || lets_others_go(self, other->job)))
        other = other->next;
    return other == one;
}

/* ---- in and out ------------------------------------------------------------------------------ */

static waiter **end_of(overlap_work *self, const waiter *one)
{
    waiter **at = &self->first;
    while (*at != NULL && *at != one)
        at = &(*at)->next;
    return at;
}

sr_result overlap_job_check(const overlap_job *job, sr_err *err)
{
    return job->is_gone(job->context) ? sr_fail(err, SR_E_CANCELLED, "the caller went away")
                                      : SR_OK;
}

sr_result overlap_work_enter(const overlap_job *job, sr_err *err)
{
    overlap_work *self = job->work;
    waiter own = {.job = job};
    sr_result result = SR_OK;
    pthread_mutex_lock(&self->mutex);
    *end_of(self, NULL) = &own;
    while (result == SR_OK && !is_next(self, &own))
    {
        struct timespec until = sr_in_ms(LOOK_MS);
        pthread_cond_timedwait(&self->changed, &self->mutex, &until);
        result = overlap_job_check(job, err);
    }
    *end_of(self, &own) = own.next;
    if (result == SR_OK)
        self->running[self->count++] = job;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    return result;
}

void overlap_work_leave(const overlap_job *job)
{
    overlap_work *self = job->work;
    size_t place = 0;
    pthread_mutex_lock(&self->mutex);
    while (place < self->count && self->running[place] != job)
        place++;
    assert(place < self->count);
    self->running[place] = self->running[--self->count];
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

uint64_t overlap_job_memory(const overlap_job *job)
{
    return job->work->memory;
}

unsigned overlap_job_threads(const overlap_job *job)
{
    return job->work->threads;
}
