#include "server.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include "base/wait.h"

#include "address.h"
#include "core.h"
#include "health.h"
#include "pem.h"
#include "server_call.h"
#include "workers.h"

enum
{
    POLLERS = 2,
    LINGER_MS = 250, /* for last answers on their way, after the last handler has returned */
};

typedef enum
{
    BOUND, /* the port is ours, nobody is served */
    SERVING,
    STOPPING, /* running calls may finish */
    STOPPED,
} server_state;

/* The library's answer to a shutdown. */
typedef struct
{
    rpc_tag tag; /* first */
    rpc_server *server;
} shutdown_tag;

struct rpc_server
{
    grpc_server *core;
    grpc_completion_queue *queue;
    rpc_workers *workers;
    rpc_method *methods; /* the caller's rows, then health's */
    size_t own_count;    /* the caller's */
    size_t count;
    rpc_authorize authorize;
    void *authorize_context;
    rpc_ended ended;
    void *ended_context;
    size_t max_message;
    unsigned max_calls;
    unsigned idle_ms;
    unsigned port;
    rpc_health health;
    shutdown_tag shutdown;
    pthread_t pollers[POLLERS];
    unsigned pollers_started;
    pthread_mutex_t lock; /* over everything below */
    pthread_cond_t changed;
    server_state state;
    bool asking; /* the library looks for a next caller */
    bool shut;   /* the library has shut down */
    unsigned running;
};

/* ---- the way of a call ----------------------------------------------------------------------- */

static const rpc_method *find_method(const rpc_server *server, const char *path)
{
    for (size_t i = 0; i < server->count; i++)
        if (strcmp(server->methods[i].path, path) == 0)
            return &server->methods[i];
    return NULL;
}

static bool is_health(const rpc_server *server, const rpc_method *method)
{
    return method >= server->methods + server->own_count;
}

static sr_result authorize(const rpc_server *server, rpc_call *call, const rpc_method *method,
                           sr_err *err)
{
    if (is_health(server, method) || server->authorize == NULL)
        return SR_OK;
    return server->authorize(call, method->path, server->authorize_context, err);
}

static sr_result handle(const rpc_server *server, rpc_call *call, const rpc_method *method,
                        sr_err *err)
{
    rpc_call_set_kind(call, method->kind);
    if (authorize(server, call, method, err) != SR_OK)
        return SR_FAIL;
    if (method->handle(call, method->context, err) != SR_OK)
        return SR_FAIL;
    return rpc_call_check_answered(call, err);
}

static void tell_ended(const rpc_server *server, const rpc_call *call, const char *path,
                       const sr_err *failure)
{
    if (server->ended != NULL)
        server->ended(call, path, failure, server->ended_context);
}

static void serve(const rpc_server *server, rpc_call *call)
{
    sr_err err = SR_ERR_INIT;
    rpc_call_begin(call);
    const rpc_method *method = find_method(server, rpc_call_path(call));
    if (method == NULL)
    {
        tell_ended(server, call, NULL, &err);
        rpc_call_end_unknown(call);
        return;
    }
    bool failed = handle(server, call, method, &err) != SR_OK;
    bool fits = sr_text_put(err.detail.call, sizeof err.detail.call, rpc_call_facts_view(call)->id);
    assert(fits);
    (void)fits;
    if (!is_health(server, method))
        tell_ended(server, call, method->path, failed ? &err : NULL);
    rpc_call_end(call, failed ? &err : NULL);
}

/* ---- accepting ------------------------------------------------------------------------------- */

static void accepted(rpc_call *call, bool ok);

/* Asks for the next caller if there is room for one. Under the lock. */
static void ask(rpc_server *server)
{
    if (server->asking || server->state != SERVING || server->running >= server->max_calls)
        return;
    rpc_call *call = rpc_call_new(server, server->max_message, server->idle_ms);
    server->asking = rpc_call_request(call, server->core, server->queue, accepted);
    if (!server->asking)
        rpc_call_free(call);
}

static void call_left(rpc_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->running--;
    ask(server);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

/* In a worker's thread. */
static void run_call(void *job)
{
    rpc_call *call = job;
    rpc_server *server = rpc_call_owner(call);
    serve(server, call);
    rpc_call_free(call);
    call_left(server);
}

/* In a polling thread. Without a thread for it the call is dropped, which cancels it at the caller. */
static void accepted(rpc_call *call, bool ok)
{
    rpc_server *server = rpc_call_owner(call);
    pthread_mutex_lock(&server->lock);
    server->asking = false;
    bool taken = ok && rpc_workers_give(server->workers, call);
    if (taken)
        server->running++;
    ask(server);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    if (!taken)
        rpc_call_free(call);
}

/* ---- birth ----------------------------------------------------------------------------------- */

static void shutdown_done(rpc_tag *tag, bool ok)
{
    rpc_server *server = ((shutdown_tag *)tag)->server;
    (void)ok;
    pthread_mutex_lock(&server->lock);
    server->shut = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

static void *poll_queue(void *argument)
{
    rpc_core_poll(argument);
    return NULL;
}

static grpc_server *core_new(size_t max_message, unsigned max_calls)
{
    rpc_setting settings[RPC_SETTINGS_MAX];
    grpc_arg args[RPC_SETTINGS_MAX];
    size_t count = rpc_core_common_settings(settings, max_message);
    settings[count++] = (rpc_setting){GRPC_ARG_ALLOW_REUSEPORT, NULL, 0};
    settings[count++] = (rpc_setting){GRPC_ARG_MAX_CONCURRENT_STREAMS, NULL, (int)max_calls * 2};
    settings[count++] = (rpc_setting){GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, NULL, 10000};
    settings[count++] = (rpc_setting){GRPC_ARG_KEEPALIVE_TIME_MS, NULL, 60000};
    settings[count++] = (rpc_setting){GRPC_ARG_KEEPALIVE_TIMEOUT_MS, NULL, 20000};
    settings[count++] =
        (rpc_setting){GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, NULL, 10000};
    rpc_core_arguments(args, settings, count);
    grpc_channel_args all = {count, args};
    return grpc_server_create(&all, NULL);
}

static void take_config(rpc_server *server, const rpc_server_config *config,
                        const rpc_method *methods, size_t count)
{
    server->authorize = config->authorize;
    server->authorize_context = config->authorize_context;
    server->ended = config->ended;
    server->ended_context = config->ended_context;
    server->max_message = config->max_message == 0 ? RPC_MESSAGE_LIMIT : config->max_message;
    server->max_calls = config->max_calls == 0 ? RPC_CALLS_DEFAULT : config->max_calls;
    server->idle_ms = config->idle_ms == 0 ? RPC_IDLE_MS : config->idle_ms;
    server->own_count = count;
    server->count = count + RPC_HEALTH_METHODS;
    server->methods = sr_array(server->count, sizeof *server->methods);
    sr_copy(server->methods, methods, count * sizeof *methods);
    server->health.methods = server->methods;
    server->health.count = count;
    server->health.watchers_max = server->max_calls / 4 == 0 ? 1 : server->max_calls / 4;
    rpc_health_rows(server->methods + count, &server->health);
}

/* The queue is registered before anything else, so that a shutdown can always be told through it. */
static void make_core(rpc_server *server)
{
    server->core = core_new(server->max_message, server->max_calls);
    server->queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server->core, server->queue, NULL);
    server->shutdown.tag.done = shutdown_done;
    server->shutdown.server = server;
    server->workers = rpc_workers_new(server->max_calls, run_call);
}

static rpc_server *server_new(const rpc_server_config *config, const rpc_method *methods,
                              size_t count)
{
    rpc_server *server = sr_alloc(sizeof *server);
    rpc_core_hold();
    pthread_mutex_init(&server->lock, NULL);
    sr_cond_init(&server->changed);
    take_config(server, config, methods, count);
    make_core(server);
    return server;
}

static sr_result start_pollers(rpc_server *server, sr_err *err)
{
    for (; server->pollers_started < POLLERS; server->pollers_started++)
        if (!rpc_thread_start(&server->pollers[server->pollers_started], poll_queue, server->queue))
            return sr_fail(err, SR_E_IO, "no thread could be started for the server");
    return SR_OK;
}

static sr_result check_certificates(const rpc_server_config *config, sr_err *err)
{
    if (rpc_pem_check_certificate(config->ca_pem, "CA certificate", err) != SR_OK ||
        rpc_pem_check_certificate(config->certificate_pem, "server certificate", err) != SR_OK ||
        rpc_pem_check_key(config->key_pem, "server key", err) != SR_OK)
        return SR_FAIL;
    return SR_OK;
}

static sr_result bind_port(rpc_server *server, const rpc_server_config *config, sr_err *err)
{
    rpc_address address;
    SR_TEXT(listen);
    grpc_ssl_pem_key_cert_pair pair = {config->key_pem, config->certificate_pem};
    if (rpc_address_parse(&address, config->listen, "listen address", err) != SR_OK ||
        rpc_address_try_bind(&address, err) != SR_OK)
        return SR_FAIL;
    listen = rpc_address_print(&address);
    grpc_server_credentials *credentials = grpc_ssl_server_credentials_create_ex(
        config->ca_pem, &pair, 1, GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, NULL);
    int port = grpc_server_add_http2_port(server->core, listen, credentials);
    grpc_server_credentials_release(credentials);
    if (port <= 0)
        return sr_fail(err, SR_E_INVALID,
                       "the CA, the server certificate or its key is unusable "
                       "(does the key belong to the certificate?)");
    server->port = (unsigned)port;
    return SR_OK;
}

sr_result rpc_server_new(rpc_server **out, const rpc_server_config *config,
                         const rpc_method *methods, size_t count, sr_err *err)
{
    *out = NULL;
    RPC_SERVER(server);
    if (check_certificates(config, err) != SR_OK)
        return SR_FAIL;
    server = server_new(config, methods, count);
    if (start_pollers(server, err) != SR_OK || bind_port(server, config, err) != SR_OK)
        return SR_FAIL;
    *out = server;
    server = NULL;
    return SR_OK;
}

unsigned rpc_server_port(const rpc_server *server)
{
    return server->port;
}

sr_result rpc_server_start(rpc_server *server, sr_err *err)
{
    pthread_mutex_lock(&server->lock);
    bool fresh = server->state == BOUND;
    if (fresh)
    {
        grpc_server_start(server->core);
        server->state = SERVING;
        ask(server);
        atomic_store(&server->health.serving, true);
    }
    pthread_mutex_unlock(&server->lock);
    if (!fresh)
        return sr_fail(err, SR_E_STATE, "the server was started before");
    return SR_OK;
}

/* ---- the end --------------------------------------------------------------------------------- */

static bool begin_stopping(rpc_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool first = server->state < STOPPING;
    if (first)
        server->state = STOPPING;
    pthread_mutex_unlock(&server->lock);
    atomic_store(&server->health.serving, false);
    return first;
}

/* Waits until the library has shut down, or (with `quiet`) no handler runs, or the time is over. */
static void wait_for_end(rpc_server *server, unsigned ms, bool quiet)
{
    struct timespec until = sr_in_ms(ms);
    int status = 0;
    pthread_mutex_lock(&server->lock);
    while (status == 0 && !server->shut && !(quiet && server->running == 0))
        status = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
}

static void wait_until_shut(rpc_server *server)
{
    pthread_mutex_lock(&server->lock);
    while (!server->shut || server->running > 0 || server->asking)
        pthread_cond_wait(&server->changed, &server->lock);
    server->state = STOPPED;
    pthread_mutex_unlock(&server->lock);
}

static void let_finish(rpc_server *server, unsigned grace_ms)
{
    wait_for_end(server, grace_ms, true);
    wait_for_end(server, grace_ms < LINGER_MS ? grace_ms : LINGER_MS, false);
    grpc_server_cancel_all_calls(server->core);
    wait_until_shut(server);
}

void rpc_server_stop(rpc_server *server, unsigned grace_ms)
{
    if (!begin_stopping(server))
        return;
    rpc_core_hand_over();
    grpc_server_shutdown_and_notify(server->core, server->queue, &server->shutdown.tag);
    if (server->pollers_started > 0) /* none: rpc_server_new failed before it had any */
        let_finish(server, grace_ms);
    rpc_workers_free(server->workers);
    grpc_completion_queue_shutdown(server->queue);
    for (unsigned i = 0; i < server->pollers_started; i++)
        pthread_join(server->pollers[i], NULL);
    rpc_core_poll(server->queue); /* whatever no poller took; the queue ends once more */
}

void rpc_server_free(rpc_server *server)
{
    if (server == NULL)
        return;
    rpc_server_stop(server, 0);
    grpc_completion_queue_destroy(server->queue);
    grpc_server_destroy(server->core);
    rpc_core_release();
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    sr_free(server->methods);
    sr_free(server);
}

void rpc_server_clear(rpc_server **server)
{
    rpc_server_free(*server);
    *server = NULL;
}
