#include "client.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include "address.h"
#include "core.h"
#include "explain.h"
#include "pem.h"

enum
{
    LOOK_EVERY_MS = 100, /* at the interrupt flag */
};

struct rpc_channel
{
    grpc_channel *core;
    char *server; /* "host:port", for errors */
    size_t max_message;
    const volatile sig_atomic_t *interrupt;
};

struct rpc_stream
{
    rpc_channel *channel;
    char *path;
    unsigned deadline_ms;
    grpc_completion_queue *queue;
    grpc_call *core;
    atomic_bool cancelled;
    bool send_ended;
    bool over; /* the status is there */
    /* The library writes these until the call is over. */
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_status_code status;
    grpc_slice status_text;
};

/* ---- channel --------------------------------------------------------------------------------- */

static size_t client_settings(rpc_setting settings[RPC_SETTINGS_MAX], size_t max_message,
                              const char *server_name)
{
    size_t count = rpc_core_common_settings(settings, max_message);
    settings[count++] = (rpc_setting){GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, NULL, 1};
    settings[count++] = (rpc_setting){GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, NULL, 200};
    settings[count++] = (rpc_setting){GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, NULL, 10000};
    settings[count++] = (rpc_setting){GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, NULL, 10000};
    settings[count++] = (rpc_setting){GRPC_ARG_KEEPALIVE_TIME_MS, NULL, 30000};
    settings[count++] = (rpc_setting){GRPC_ARG_KEEPALIVE_TIMEOUT_MS, NULL, 20000};
    settings[count++] = (rpc_setting){GRPC_ARG_PRIMARY_USER_AGENT_STRING, "sealroom", 0};
    if (server_name != NULL)
        settings[count++] = (rpc_setting){GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, server_name, 0};
    return count;
}

static grpc_channel *core_new(const rpc_channel_config *config, const rpc_address *address,
                              size_t max_message)
{
    rpc_setting settings[RPC_SETTINGS_MAX];
    grpc_arg args[RPC_SETTINGS_MAX];
    grpc_ssl_pem_key_cert_pair pair = {config->key_pem, config->certificate_pem};
    SR_TEXT(target);
    target = rpc_address_target(address);
    grpc_channel_args all = {client_settings(settings, max_message, config->server_name), args};
    rpc_core_arguments(args, settings, all.num_args);
    grpc_channel_credentials *credentials =
        grpc_ssl_credentials_create_ex(config->ca_pem, &pair, NULL, NULL);
    grpc_channel *core = grpc_channel_create(target, credentials, &all);
    grpc_channel_credentials_release(credentials);
    return core;
}

static sr_result check_config(const rpc_channel_config *config, rpc_address *address, sr_err *err)
{
    if (rpc_address_parse(address, config->server, "server address", err) != SR_OK ||
        rpc_pem_check_certificate(config->ca_pem, "CA certificate", err) != SR_OK ||
        rpc_pem_check_certificate(config->certificate_pem, "client certificate", err) != SR_OK ||
        rpc_pem_check_key(config->key_pem, "client key", err) != SR_OK)
        return SR_FAIL;
    return SR_OK;
}

sr_result rpc_channel_new(rpc_channel **out, const rpc_channel_config *config, sr_err *err)
{
    rpc_address address;
    *out = NULL;
    if (check_config(config, &address, err) != SR_OK)
        return SR_FAIL;
    rpc_channel *channel = sr_alloc(sizeof *channel);
    rpc_core_hold();
    channel->server = rpc_address_print(&address);
    channel->max_message = config->max_message == 0 ? RPC_MESSAGE_LIMIT : config->max_message;
    channel->interrupt = config->interrupt;
    channel->core = core_new(config, &address, channel->max_message);
    *out = channel;
    return SR_OK;
}

void rpc_channel_free(rpc_channel *channel)
{
    if (channel == NULL)
        return;
    grpc_channel_destroy(channel->core);
    rpc_core_release();
    sr_free(channel->server);
    sr_free(channel);
}

void rpc_channel_clear(rpc_channel **channel)
{
    rpc_channel_free(*channel);
    *channel = NULL;
}

/* ---- operations ------------------------------------------------------------------------------ */

static gpr_timespec in_ms(unsigned ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

static bool interrupted(const rpc_stream *stream)
{
    const volatile sig_atomic_t *flag = stream->channel->interrupt;
    return flag != NULL && *flag != 0;
}

/* Waits for the operation with this tag; an interrupt cancels the call, which ends the operation. */
static bool op_wait(rpc_stream *stream, void *tag)
{
    for (;;)
    {
        if (interrupted(stream))
            rpc_stream_cancel(stream);
        grpc_event event =
            grpc_completion_queue_pluck(stream->queue, tag, in_ms(LOOK_EVERY_MS), NULL);
        if (event.type == GRPC_OP_COMPLETE)
            return event.success != 0;
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return false;
    }
}

static bool op_run(rpc_stream *stream, const grpc_op *ops, size_t count)
{
    void *tag = &stream->core;
    if (grpc_call_start_batch(stream->core, ops, count, tag, NULL) != GRPC_CALL_OK)
        return false;
    return op_wait(stream, tag);
}

/* ---- the status ------------------------------------------------------------------------------ */

/* By address, since a short slice holds its bytes within itself. */
static sr_slice view(const grpc_slice *slice)
{
    return sr_slice_of(GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
}

static sr_slice find_details(const grpc_metadata_array *trailing)
{
    for (size_t i = 0; i < trailing->count; i++)
        if (sr_slice_is_text_var(view(&trailing->metadata[i].key), "grpc-status-details-bin"))
            return view(&trailing->metadata[i].value);
    return sr_slice_of(NULL, 0);
}

/* The status was asked for when the call began; its tag is the stream. */
static void await_status(rpc_stream *stream)
{
    if (!stream->over)
        op_wait(stream, stream);
    stream->over = true;
}

/* SR_OK for status OK; otherwise the failure, however often it is asked for. */
static sr_result status_of(rpc_stream *stream, sr_err *err)
{
    await_status(stream);
    if (stream->status == GRPC_STATUS_OK)
        return SR_OK;
    rpc_circumstances where = {
        .server = stream->channel->server,
        .path = stream->path,
        .deadline_ms = stream->deadline_ms,
        .max_message = stream->channel->max_message,
        .cancelled = atomic_load(&stream->cancelled),
    };
    return rpc_explain(err, &where, (int)stream->status, view(&stream->status_text),
                       find_details(&stream->trailing));
}

/* The next message as the library has it; NULL when there is none, for whatever reason. */
static void *receive_bytes(rpc_stream *stream)
{
    grpc_byte_buffer *bytes = NULL;
    grpc_op ask = {.op = GRPC_OP_RECV_MESSAGE};
    ask.data.recv_message.recv_message = &bytes;
    if (stream->over || !op_run(stream, &ask, 1))
        return NULL;
    return bytes;
}

static void drop_unread(rpc_stream *stream)
{
    void *bytes = NULL;
    while ((bytes = receive_bytes(stream)) != NULL)
        rpc_core_bytes_free(bytes);
}

/* A send that failed: the call is over, and its status says why. The library keeps the status back until
 * every message before it has been taken. */
static sr_result send_failed(rpc_stream *stream, sr_err *err)
{
    drop_unread(stream);
    if (status_of(stream, err) != SR_OK)
        return SR_FAIL;
    return sr_fail(err, SR_E_STATE, "%s ended the call before everything was sent",
                   stream->channel->server);
}

/* ---- streams --------------------------------------------------------------------------------- */

static sr_result ask_for_status(rpc_stream *stream, sr_err *err)
{
    grpc_op ops[2] = {{.op = GRPC_OP_RECV_INITIAL_METADATA}, {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
    ops[0].data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
    ops[1].data.recv_status_on_client.trailing_metadata = &stream->trailing;
    ops[1].data.recv_status_on_client.status = &stream->status;
    ops[1].data.recv_status_on_client.status_details = &stream->status_text;
    if (grpc_call_start_batch(stream->core, ops, 2, stream, NULL) == GRPC_CALL_OK)
        return SR_OK;
    stream->over = true;
    return sr_fail(err, SR_E_INTERNAL, "a call could not be started");
}

static sr_result stream_new(rpc_stream **out, rpc_channel *channel, const char *path,
                            unsigned deadline_ms, sr_err *err)
{
    rpc_stream *stream = sr_alloc(sizeof *stream);
    *out = stream;
    stream->channel = channel;
    stream->path = sr_text_copy(path);
    stream->deadline_ms = deadline_ms;
    stream->status = GRPC_STATUS_UNKNOWN;
    stream->status_text = grpc_empty_slice();
    stream->queue = grpc_completion_queue_create_for_pluck(NULL);
    grpc_metadata_array_init(&stream->initial);
    grpc_metadata_array_init(&stream->trailing);
    grpc_slice method = grpc_slice_from_copied_string(path);
    stream->core = grpc_channel_create_call(channel->core, NULL, GRPC_PROPAGATE_DEFAULTS,
                                            stream->queue, method, NULL, in_ms(deadline_ms), NULL);
    grpc_slice_unref(method);
    return ask_for_status(stream, err);
}

/* One batch of what is to be sent: the beginning, a message (or NULL), the end. */
static sr_result send_batch(rpc_stream *stream, bool first, const sr_slice *message, bool last,
                            sr_err *err)
{
    grpc_op ops[3];
    size_t count = 0;
    void *bytes = message == NULL ? NULL : rpc_core_bytes_new(*message);
    if (first)
        ops[count++] = (grpc_op){.op = GRPC_OP_SEND_INITIAL_METADATA};
    if (message != NULL)
    {
        ops[count] = (grpc_op){.op = GRPC_OP_SEND_MESSAGE};
        ops[count++].data.send_message.send_message = bytes;
    }
    if (last)
        ops[count++] = (grpc_op){.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    stream->send_ended = last;
    bool ok = op_run(stream, ops, count);
    rpc_core_bytes_free(bytes);
    return ok ? SR_OK : send_failed(stream, err);
}

static sr_result check_length(const rpc_channel *channel, sr_slice message, sr_err *err)
{
    if (message.len > channel->max_message)
        return sr_fail(err, SR_E_LIMIT, "the request is larger than the %zu bytes of a message",
                       channel->max_message);
    return SR_OK;
}

sr_result rpc_stream_open(rpc_stream **out, rpc_channel *channel, const char *path,
                          unsigned deadline_ms, sr_err *err)
{
    *out = NULL;
    RPC_STREAM(stream);
    if (stream_new(&stream, channel, path, deadline_ms, err) != SR_OK ||
        send_batch(stream, true, NULL, false, err) != SR_OK)
        return SR_FAIL;
    *out = stream;
    stream = NULL;
    return SR_OK;
}

sr_result rpc_stream_send(rpc_stream *stream, sr_slice message, sr_err *err)
{
    assert(!stream->send_ended);
    if (check_length(stream->channel, message, err) != SR_OK)
        return SR_FAIL;
    return send_batch(stream, false, &message, false, err);
}

sr_result rpc_stream_send_end(rpc_stream *stream, sr_err *err)
{
    if (stream->send_ended)
        return SR_OK;
    return send_batch(stream, false, NULL, true, err);
}

sr_result rpc_stream_receive(rpc_stream *stream, sr_buf *message, bool *end, sr_err *err)
{
    sr_buf_cut(message, 0);
    *end = false;
    void *bytes = receive_bytes(stream);
    if (bytes == NULL)
    {
        *end = status_of(stream, err) == SR_OK;
        return *end ? SR_OK : SR_FAIL;
    }
    sr_result result = rpc_core_bytes_read(message, bytes, err);
    rpc_core_bytes_free(bytes);
    return result;
}

sr_result rpc_stream_finish(rpc_stream *stream, sr_err *err)
{
    if (!stream->over && !stream->send_ended && rpc_stream_send_end(stream, err) != SR_OK &&
        stream->status != GRPC_STATUS_OK)
        return SR_FAIL;
    drop_unread(stream);
    return status_of(stream, err);
}

void rpc_stream_cancel(rpc_stream *stream)
{
    if (!atomic_exchange(&stream->cancelled, true))
        grpc_call_cancel(stream->core, NULL);
}

static void end_queue(grpc_completion_queue *queue)
{
    grpc_event event;
    grpc_completion_queue_shutdown(queue);
    do
        event = grpc_completion_queue_pluck(queue, NULL, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    while (event.type != GRPC_QUEUE_SHUTDOWN);
    grpc_completion_queue_destroy(queue);
}

void rpc_stream_free(rpc_stream *stream)
{
    if (stream == NULL)
        return;
    if (!stream->over)
        rpc_stream_cancel(stream);
    await_status(stream);
    grpc_call_unref(stream->core);
    end_queue(stream->queue);
    grpc_metadata_array_destroy(&stream->initial);
    grpc_metadata_array_destroy(&stream->trailing);
    grpc_slice_unref(stream->status_text);
    sr_free(stream->path);
    sr_free(stream);
}

void rpc_stream_clear(rpc_stream **stream)
{
    rpc_stream_free(*stream);
    *stream = NULL;
}

/* ---- unary ----------------------------------------------------------------------------------- */

sr_result rpc_unary(rpc_channel *channel, sr_buf *answer, const char *path, sr_slice request,
                    unsigned deadline_ms, sr_err *err)
{
    bool end = false;
    RPC_STREAM(stream);
    sr_buf_cut(answer, 0);
    if (check_length(channel, request, err) != SR_OK ||
        stream_new(&stream, channel, path, deadline_ms, err) != SR_OK ||
        send_batch(stream, true, &request, true, err) != SR_OK ||
        rpc_stream_receive(stream, answer, &end, err) != SR_OK)
        return SR_FAIL;
    if (end)
        return sr_fail(err, SR_E_INVALID, "%s sent no answer", channel->server);
    if (rpc_stream_finish(stream, err) == SR_OK)
        return SR_OK;
    sr_buf_cut(answer, 0);
    return SR_FAIL;
}
