#include "pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

typedef struct
{
    void *slot;
    bool done;
    sr_result result;
    sr_err err;
} place;

typedef struct
{
    pool *owner;
    void *state;
    pthread_t thread;
} worker;

/* Places form a ring: taken <= started <= submitted, all counted from the beginning. */
struct pool
{
    pool_work work;
    worker *workers;
    size_t worker_count; /* threads that run */
    place *ring;
    size_t size;
    uint64_t submitted;
    uint64_t started;
    uint64_t taken; /* given back */
    bool stop;
    pthread_mutex_t lock;
    pthread_cond_t more; /* something to work on, or stop */
    pthread_cond_t done;
};

static place *place_at(pool *self, uint64_t number)
{
    return &self->ring[number % self->size];
}

static place *wait_for_work(pool *self)
{
    place *found = NULL;
    (void)pthread_mutex_lock(&self->lock);
    while (!self->stop && self->started == self->submitted)
        (void)pthread_cond_wait(&self->more, &self->lock);
    if (!self->stop)
        found = place_at(self, self->started++);
    (void)pthread_mutex_unlock(&self->lock);
    return found;
}

static void *run(void *argument)
{
    worker *self = argument;
    for (;;)
    {
        place *at = wait_for_work(self->owner);
        if (at == NULL)
            return NULL;
        at->result = self->owner->work(self->state, at->slot, &at->err);
        (void)pthread_mutex_lock(&self->owner->lock);
        at->done = true;
        (void)pthread_cond_broadcast(&self->owner->done);
        (void)pthread_mutex_unlock(&self->owner->lock);
    }
}

static sr_result start_workers(pool *self, void *const *states, size_t count, sr_err *err)
{
    sigset_t all;
    sigset_t before;
    int failed = 0;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < count && failed == 0; i++)
    {
        worker *one = &self->workers[i];
        *one = (worker){.owner = self, .state = states[i]};
        failed = pthread_create(&one->thread, NULL, run, one);
        self->worker_count += failed == 0 ? 1 : 0;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (self->worker_count == 0)
        return sr_fail_errno(err, failed, "cannot start a worker thread");
    return SR_OK; /* fewer threads than wished do the same work */
}

sr_result pool_new(pool **out, pool_work work, void *const *workers, size_t worker_count,
                   void *const *slots, size_t slot_count, sr_err *err)
{
    pool *self = sr_alloc(sizeof *self);
    assert(worker_count > 0 && slot_count > 0);
    *out = NULL;
    self->work = work;
    self->workers = sr_array(worker_count, sizeof *self->workers);
    self->ring = sr_array(slot_count, sizeof *self->ring);
    self->size = slot_count;
    for (size_t i = 0; i < slot_count; i++)
        self->ring[i].slot = slots[i];
    (void)pthread_mutex_init(&self->lock, NULL);
    (void)pthread_cond_init(&self->more, NULL);
    (void)pthread_cond_init(&self->done, NULL);
    if (start_workers(self, workers, worker_count, err) != SR_OK)
    {
        pool_free(self);
        return SR_FAIL;
    }
    *out = self;
    return SR_OK;
}

void *pool_free_slot(pool *self)
{
    if (self->submitted - self->taken == self->size)
        return NULL;
    return place_at(self, self->submitted)->slot;
}

void pool_submit(pool *self)
{
    place *at = place_at(self, self->submitted);
    at->done = false;
    sr_err_reset(&at->err);
    (void)pthread_mutex_lock(&self->lock);
    self->submitted++;
    (void)pthread_cond_signal(&self->more);
    (void)pthread_mutex_unlock(&self->lock);
}

bool pool_is_busy(const pool *self)
{
    return self->submitted != self->taken;
}

sr_result pool_take(pool *self, void **slot, sr_err *err)
{
    place *at = place_at(self, self->taken);
    *slot = NULL;
    assert(pool_is_busy(self));
    (void)pthread_mutex_lock(&self->lock);
    while (!at->done)
        (void)pthread_cond_wait(&self->done, &self->lock);
    (void)pthread_mutex_unlock(&self->lock);
    if (at->result != SR_OK)
    {
        *err = at->err;
        return SR_FAIL;
    }
    *slot = at->slot;
    return SR_OK;
}

void pool_give_back(pool *self)
{
    self->taken++;
}

void pool_free(pool *self)
{
    if (self == NULL)
        return;
    (void)pthread_mutex_lock(&self->lock);
    self->stop = true;
    (void)pthread_cond_broadcast(&self->more);
    (void)pthread_mutex_unlock(&self->lock);
    for (size_t i = 0; i < self->worker_count; i++)
        (void)pthread_join(self->workers[i].thread, NULL);
    (void)pthread_cond_destroy(&self->more);
    (void)pthread_cond_destroy(&self->done);
    (void)pthread_mutex_destroy(&self->lock);
    sr_free(self->workers);
    sr_free(self->ring);
    sr_free(self);
}

void pool_clear(pool **self)
{
    pool_free(*self);
    *self = NULL;
}

size_t pool_default_threads(void)
{
    cpu_set_t cpus;
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
        return 1;
    size_t count = (size_t)CPU_COUNT(&cpus);
    if (count > POOL_THREADS_MAX)
        return POOL_THREADS_MAX;
    return count == 0 ? 1 : count;
}
