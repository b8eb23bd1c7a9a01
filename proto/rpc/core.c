#include "core.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <grpc/byte_buffer_reader.h>
#include <grpc/compression.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>

#include "rpc.h"

enum
{
    LAST_PARTS_MS = 2000, /* that the library gets to end its own threads */
};

/* ---- the library ----------------------------------------------------------------------------- */

static void say_nothing(gpr_log_func_args *args)
{
    (void)args; /* the library's texts are for its developers and may quote what a peer sent */
}

/* Before the library's first start. Names are resolved by the system's resolver, as every other program
 * does it (hosts file, name service switch), not by the library's own. */
static void prepare(void)
{
    setenv("GRPC_DNS_RESOLVER", "native", 0);
    if (getenv("SEALROOM_GRPC_TRACE") == NULL)
        gpr_set_log_function(say_nothing);
}

static atomic_uint holders;

void rpc_core_hold(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
    atomic_fetch_add(&holders, 1);
    grpc_init();
}

/* A channel's last parts die in the library's threads, and the library with them: not yet when the call
 * below returns, and a program that ended then would look as if it leaked. */
void rpc_core_release(void)
{
    const struct timespec moment = {0, 1000000};
    grpc_shutdown_blocking();
    atomic_fetch_sub(&holders, 1);
    for (int i = 0; i < LAST_PARTS_MS && atomic_load(&holders) == 0 && grpc_is_initialized(); i++)
        nanosleep(&moment, NULL);
}

/* Its value means nothing: whoever reads it sees what was written before the last hand-over. */
static atomic_uint handed_over;

void rpc_core_hand_over(void)
{
    atomic_fetch_add(&handed_over, 1);
}

void rpc_core_poll(void *queue)
{
    for (;;)
    {
        grpc_event event =
            grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return;
        atomic_load(&handed_over);
        rpc_tag *tag = event.tag;
        tag->done(tag, event.success != 0);
    }
}

/* ---- messages -------------------------------------------------------------------------------- */

void *rpc_core_bytes_new(sr_slice message)
{
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)message.data, message.len);
    grpc_byte_buffer *bytes = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return bytes;
}

static sr_result append_slices(sr_buf *out, grpc_byte_buffer *bytes, sr_err *err)
{
    grpc_byte_buffer_reader reader;
    grpc_slice *slice = NULL;
    sr_result result = SR_OK;
    if (!grpc_byte_buffer_reader_init(&reader, bytes))
        return sr_fail(err, SR_E_INTERNAL, "a message could not be read");
    while (result == SR_OK && grpc_byte_buffer_reader_peek(&reader, &slice))
        result = sr_buf_append(
            out, sr_slice_of(GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice)), err);
    grpc_byte_buffer_reader_destroy(&reader);
    return result;
}

sr_result rpc_core_bytes_read(sr_buf *out, void *bytes, sr_err *err)
{
    grpc_byte_buffer *buffer = bytes;
    sr_buf_cut(out, 0);
    if (buffer->data.raw.compression != GRPC_COMPRESS_NONE)
        return sr_fail(err, SR_E_INVALID, "compressed messages are not accepted");
    if (grpc_byte_buffer_length(buffer) > out->max)
        return sr_fail(err, SR_E_LIMIT, "a message is larger than %zu bytes", out->max);
    if (append_slices(out, buffer, err) == SR_OK)
        return SR_OK;
    sr_buf_cut(out, 0);
    return SR_FAIL;
}

void rpc_core_bytes_free(void *bytes)
{
    grpc_byte_buffer_destroy(bytes);
}

/* ---- settings -------------------------------------------------------------------------------- */

size_t rpc_core_common_settings(rpc_setting settings[RPC_SETTINGS_MAX], size_t max_message)
{
    int limit = max_message > INT_MAX ? INT_MAX : (int)max_message;
    const rpc_setting common[RPC_SETTINGS_COMMON] = {
        {GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, NULL, limit},
        {GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, NULL, limit},
        {GRPC_ARG_MAX_METADATA_SIZE, NULL, RPC_METADATA_MAX},
        /* A small compressed message could unfold without limit: it stays folded, and is refused. */
        {GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, NULL, 0},
        {GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, NULL, 0},
        {GRPC_ARG_ENABLE_CHANNELZ, NULL, 0},
        {GRPC_ARG_ENABLE_RETRIES, NULL, 0},
        {GRPC_ARG_ENABLE_HTTP_PROXY, NULL, 0},
        {GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, NULL, 1},
    };
    sr_copy(settings, common, sizeof common);
    return RPC_SETTINGS_COMMON;
}

void rpc_core_arguments(void *args, const rpc_setting *settings, size_t count)
{
    grpc_arg *to = args;
    for (size_t i = 0; i < count; i++)
    {
        bool number = settings[i].text == NULL;
        to[i].type = number ? GRPC_ARG_INTEGER : GRPC_ARG_STRING;
        to[i].key = (char *)settings[i].key; /* the library copies, and does not write */
        if (number)
            to[i].value.integer = settings[i].number;
        else
            to[i].value.string = (char *)settings[i].text;
    }
}
