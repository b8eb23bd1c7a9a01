#include "work.h"

#include <assert.h>
#include <pthread.h>

#include "base/bytes.h"
#include "base/wait.h"

enum
{
    LOOK_MS = 200, /* how often a waiting call looks whether its caller is still there */
};

struct overlap_work
{
    pthread_mutex_t mutex; /* over `running` and `count` */
    pthread_cond_t left;
    sr_uuid running[OVERLAP_WORK_AT_ONCE]; /* sessions */
    size_t count;
    uint64_t memory;
    unsigned threads;
};

overlap_work *overlap_work_new(uint64_t memory, unsigned threads)
{
    overlap_work *made = sr_alloc(sizeof *made);
    pthread_mutex_init(&made->mutex, NULL);
    sr_cond_init(&made->left);
    made->memory = memory / OVERLAP_WORK_AT_ONCE;
    made->threads = threads;
    return made;
}

void overlap_work_free(overlap_work *self)
{
    if (self == NULL)
        return;
    assert(self->count == 0);
    pthread_cond_destroy(&self->left);
    pthread_mutex_destroy(&self->mutex);
    sr_free(self);
}

static bool is_running(const overlap_work *self, const sr_uuid *session)
{
    for (size_t i = 0; i < self->count; i++)
        if (sr_uuid_equal(&self->running[i], session))
            return true;
    return false;
}

sr_result overlap_work_enter(overlap_work *self, const sr_uuid *session,
                             bool (*is_gone)(const void *context), const void *context, sr_err *err)
{
    sr_result result = SR_OK;
    pthread_mutex_lock(&self->mutex);
    while (result == SR_OK && (self->count == OVERLAP_WORK_AT_ONCE || is_running(self, session)))
    {
        struct timespec until = sr_in_ms(LOOK_MS);
        pthread_cond_timedwait(&self->left, &self->mutex, &until);
        if (is_gone(context))
            result = sr_fail(err, SR_E_CANCELLED, "the caller went away");
    }
    if (result == SR_OK)
        self->running[self->count++] = *session;
    pthread_mutex_unlock(&self->mutex);
    return result;
}

void overlap_work_leave(overlap_work *self, const sr_uuid *session)
{
    size_t place = 0;
    pthread_mutex_lock(&self->mutex);
    while (place < self->count && !sr_uuid_equal(&self->running[place], session))
        place++;
    assert(place < self->count);
    self->running[place] = self->running[--self->count];
    pthread_cond_broadcast(&self->left);
    pthread_mutex_unlock(&self->mutex);
}

uint64_t overlap_work_memory(const overlap_work *self)
{
    return self->memory;
}

unsigned overlap_work_threads(const overlap_work *self)
{
    return self->threads;
}
