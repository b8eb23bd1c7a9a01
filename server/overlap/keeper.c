#include "keeper.h"

#include <assert.h>
#include <pthread.h>

#include "base/text.h"
#include "base/wait.h"

struct overlap_keeper
{
    const overlap_lists *lists;
    catalog *catalog;
    int64_t every_ms;
    void (*failed)(const sr_err *why);
    pthread_t thread;
    pthread_mutex_t mutex; /* over `stopping` */
    pthread_cond_t stop;
    bool stopping;
};

static void keep(overlap_keeper *self)
{
    sr_err why = SR_ERR_INIT;
    size_t ended = 0;
    bool done = false; /* or the next time */
    if (overlap_expire(&ended, self->catalog, sr_now_us(), &why) != SR_OK)
        self->failed(&why);
    overlap_lists_sweep(self->lists, self->catalog);
    sr_err_reset(&why);
    if (overlap_cut_log(&done, self->catalog, &why) != SR_OK)
        self->failed(&why);
}

/* False when it is to stop. */
static bool wait_for_next(overlap_keeper *self)
{
    struct timespec until = sr_in_ms(self->every_ms);
    int woken = 0;
    pthread_mutex_lock(&self->mutex);
    while (!self->stopping && woken == 0)
        woken = pthread_cond_timedwait(&self->stop, &self->mutex, &until);
    bool go_on = !self->stopping;
    pthread_mutex_unlock(&self->mutex);
    return go_on;
}

static void *run(void *context)
{
    overlap_keeper *self = context;
    while (wait_for_next(self))
        keep(self);
    return NULL;
}

static void keeper_free(overlap_keeper *self)
{
    pthread_cond_destroy(&self->stop);
    pthread_mutex_destroy(&self->mutex);
    sr_free(self);
}

sr_result overlap_keeper_start(overlap_keeper **out, const overlap_lists *lists, catalog *rooms,
                               int64_t every_ms, void (*failed)(const sr_err *why), sr_err *err)
{
    assert(every_ms > 0);
    overlap_keeper *made = sr_alloc(sizeof *made);
    made->lists = lists;
    made->catalog = rooms;
    made->every_ms = every_ms;
    made->failed = failed;
    pthread_mutex_init(&made->mutex, NULL);
    sr_cond_init(&made->stop);
    keep(made);
    overlap_lists_settle(lists, rooms);
    *out = NULL;
    int number = pthread_create(&made->thread, NULL, run, made);
    if (number != 0)
    {
        keeper_free(made);
        return sr_fail_errno(err, number, "a thread for overlap sessions");
    }
    *out = made;
    return SR_OK;
}

void overlap_keeper_stop(overlap_keeper *self)
{
    if (self == NULL)
        return;
    pthread_mutex_lock(&self->mutex);
    self->stopping = true;
    pthread_cond_signal(&self->stop);
    pthread_mutex_unlock(&self->mutex);
    pthread_join(self->thread, NULL);
    keeper_free(self);
}
