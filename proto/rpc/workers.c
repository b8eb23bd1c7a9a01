#include "workers.h"

#include <assert.h>
#include <signal.h>

#include "base/wait.h"

bool rpc_thread_start(pthread_t *out, void *(*run)(void *argument), void *argument)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(out, NULL, run, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct rpc_workers
{
    void (*run)(void *job);
    unsigned limit;
    pthread_mutex_t lock; /* over everything below */
    pthread_cond_t given; /* a job waits, or the end has come */
    pthread_t *threads;
    unsigned started;
    unsigned idle;
    void **waiting; /* jobs without a thread yet, at most `limit`; order does not matter */
    unsigned waiting_count;
    bool ending;
};

/* The next job, or NULL at the end. Called and left with the lock held. */
static void *next_job(rpc_workers *workers)
{
    workers->idle++;
    while (workers->waiting_count == 0 && !workers->ending)
        pthread_cond_wait(&workers->given, &workers->lock);
    workers->idle--;
    if (workers->waiting_count == 0)
        return NULL;
    return workers->waiting[--workers->waiting_count];
}

static void *work(void *argument)
{
    rpc_workers *workers = argument;
    void *job = NULL;
    pthread_mutex_lock(&workers->lock);
    while ((job = next_job(workers)) != NULL)
    {
        pthread_mutex_unlock(&workers->lock);
        workers->run(job);
        pthread_mutex_lock(&workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

rpc_workers *rpc_workers_new(unsigned limit, void (*run)(void *job))
{
    rpc_workers *workers = sr_alloc(sizeof *workers);
    workers->run = run;
    workers->limit = limit;
    workers->threads = sr_array(limit, sizeof *workers->threads);
    workers->waiting = sr_array(limit, sizeof *workers->waiting);
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->given, NULL);
    return workers;
}

/* Enough threads for all waiting jobs? Makes one if not. */
static bool have_thread(rpc_workers *workers)
{
    if (workers->waiting_count < workers->idle)
        return true;
    if (workers->started == workers->limit)
        return true; /* one of them is about to become idle: its job has ended for whoever gave it */
    if (!rpc_thread_start(&workers->threads[workers->started], work, workers))
        return false;
    workers->started++;
    return true;
}

bool rpc_workers_give(rpc_workers *workers, void *job)
{
    pthread_mutex_lock(&workers->lock);
    assert(workers->waiting_count < workers->limit);
    bool taken = have_thread(workers);
    if (taken)
    {
        workers->waiting[workers->waiting_count++] = job;
        pthread_cond_signal(&workers->given);
    }
    pthread_mutex_unlock(&workers->lock);
    return taken;
}

void rpc_workers_free(rpc_workers *workers)
{
    if (workers == NULL)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->ending = true;
    pthread_cond_broadcast(&workers->given);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->started; i++)
        pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->given);
    pthread_mutex_destroy(&workers->lock);
    sr_free(workers->threads);
    sr_free(workers->waiting);
    sr_free(workers);
}
