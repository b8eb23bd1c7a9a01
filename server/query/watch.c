#include "watch.h"

#include <pthread.h>

#include "base/text.h"
#include "base/wait.h"

enum
{
    POLL_MS = 20,
};

struct query_watch
{
    engine_session *session;
    const query_request *request;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool over;
    sr_code stopped; /* SR_E_NONE, SR_E_CANCELLED or SR_E_TIMEOUT */
};

static sr_code stop_reason(const query_request *request)
{
    if (request->cancelled != NULL && request->cancelled(request->cancelled_context))
        return SR_E_CANCELLED;
    if (request->deadline_us != 0 && sr_monotonic_us() >= request->deadline_us)
        return SR_E_TIMEOUT;
    return SR_E_NONE;
}

/* Called with the lock; asks with it released, because the answer is another's code. */
static void look(query_watch *watch)
{
    pthread_mutex_unlock(&watch->lock);
    sr_code reason = stop_reason(watch->request);
    pthread_mutex_lock(&watch->lock);
    if (reason == SR_E_NONE || watch->stopped != SR_E_NONE)
        return;
    watch->stopped = reason;
    engine_session_interrupt(watch->session);
}

static void *watch_thread(void *argument)
{
    query_watch *watch = argument;
    pthread_mutex_lock(&watch->lock);
    while (!watch->over)
    {
        struct timespec until = sr_in_ms(POLL_MS);
        (void)pthread_cond_timedwait(&watch->changed, &watch->lock, &until);
        if (!watch->over)
            look(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

static void release(query_watch *watch)
{
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    sr_free(watch);
}

sr_result query_watch_new(query_watch **out, engine_session *session, const query_request *request,
                          sr_err *err)
{
    *out = NULL;
    query_watch *watch = sr_alloc(sizeof *watch);
    watch->session = session;
    watch->request = request;
    watch->stopped = SR_E_NONE;
    pthread_mutex_init(&watch->lock, NULL);
    sr_cond_init(&watch->changed);
    if (pthread_create(&watch->thread, NULL, watch_thread, watch) != 0)
    {
        release(watch);
        return sr_fail(err, SR_E_FULL, "no thread to watch over a query");
    }
    *out = watch;
    return SR_OK;
}

void query_watch_free(query_watch *watch)
{
    if (watch == NULL)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->over = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    (void)pthread_join(watch->thread, NULL);
    release(watch);
}

sr_result query_watch_check(query_watch *watch, sr_err *err)
{
    pthread_mutex_lock(&watch->lock);
    look(watch);
    sr_code reason = watch->stopped;
    pthread_mutex_unlock(&watch->lock);
    if (reason == SR_E_CANCELLED)
        return sr_fail(err, reason, "the query was cancelled");
    if (reason == SR_E_TIMEOUT)
        return sr_fail(err, reason, "the query took longer than its deadline");
    return SR_OK;
}

sr_result query_watch_explain(query_watch *watch, sr_err *err)
{
    sr_err why = SR_ERR_INIT;
    if (query_watch_check(watch, &why) != SR_OK)
        *err = why;
    return SR_FAIL;
}
