#include "server_call.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>

#include "base/text.h"
#include "base/uuid.h"
#include "base/wait.h"

#include "details.h"
#include "pem.h"
#include "workers.h"

enum
{
    URIS_MAX = 16, /* a certificate with more names than that names nobody of ours */
    STATUS_OPS = 2,
};

/* An operation of the library that the call's thread waits for. */
typedef struct
{
    rpc_tag tag; /* first: the tag is the operation */
    rpc_call *call;
    bool pending; /* under the call's lock, like ok */
    bool ok;
} call_op;

typedef struct
{
    char *uris[URIS_MAX];
    size_t uri_count;
    char *certificate;
    char *address;
    char fingerprint[RPC_FINGERPRINT_TEXT_SIZE];
} call_peer;

struct rpc_call
{
    void *owner;
    size_t max_message;
    unsigned idle_ms;
    rpc_kind kind;
    grpc_call *core;
    grpc_call_details details;
    grpc_metadata_array metadata;
    call_op accept; /* the library looks for a caller */
    call_op work;   /* the one send, receive or status under way */
    call_op closed; /* done when the call is over for the library */
    void (*accepted)(rpc_call *call, bool ok);
    int closed_by_cancel; /* written by the library before `closed` is done */
    atomic_bool cancelled;
    bool idle; /* it was we who ended the call, because its peer did nothing */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    char *path;
    rpc_call_facts facts;
    call_peer peer;
    bool metadata_sent;
    size_t sent;
    size_t received;
    void *user;
    void (*release_user)(void *user);
};

/* ---- operations ------------------------------------------------------------------------------ */

static void op_done(rpc_tag *tag, bool ok)
{
    call_op *op = (call_op *)tag;
    rpc_call *call = op->call;
    pthread_mutex_lock(&call->lock);
    op->pending = false;
    op->ok = ok;
    pthread_cond_broadcast(&call->moved);
    pthread_mutex_unlock(&call->lock);
}

static void closed_done(rpc_tag *tag, bool ok)
{
    call_op *op = (call_op *)tag;
    if (op->call->closed_by_cancel != 0)
        atomic_store(&op->call->cancelled, true);
    op_done(tag, ok);
}

static void accept_done(rpc_tag *tag, bool ok)
{
    rpc_call *call = ((call_op *)tag)->call;
    call->accepted(call, ok);
}

static void op_init(call_op *op, rpc_call *call, void (*done)(rpc_tag *tag, bool ok))
{
    op->tag.done = done;
    op->call = call;
}

static void op_mark(call_op *op, bool pending)
{
    pthread_mutex_lock(&op->call->lock);
    op->pending = pending;
    op->ok = false;
    pthread_mutex_unlock(&op->call->lock);
}

static bool op_start(call_op *op, const grpc_op *ops, size_t count)
{
    op_mark(op, true);
    rpc_core_hand_over();
    if (grpc_call_start_batch(op->call->core, ops, count, &op->tag, NULL) == GRPC_CALL_OK)
        return true;
    op_mark(op, false);
    return false;
}

static bool op_wait(call_op *op)
{
    pthread_mutex_lock(&op->call->lock);
    while (op->pending)
        pthread_cond_wait(&op->call->moved, &op->call->lock);
    bool ok = op->ok;
    pthread_mutex_unlock(&op->call->lock);
    return ok;
}

/* Waits for at most the idle time; returns whether the operation is done. */
static bool op_wait_idle(call_op *op)
{
    rpc_call *call = op->call;
    struct timespec until = sr_in_ms(call->idle_ms);
    int status = 0;
    pthread_mutex_lock(&call->lock);
    while (op->pending && status == 0)
        status = pthread_cond_timedwait(&call->moved, &call->lock, &until);
    bool done = !op->pending;
    pthread_mutex_unlock(&call->lock);
    return done;
}

static bool op_run(call_op *op, const grpc_op *ops, size_t count)
{
    if (!op_start(op, ops, count))
        return false;
    if (!op_wait_idle(op))
    {
        op->call->idle = true;
        grpc_call_cancel_with_status(op->call->core, GRPC_STATUS_DEADLINE_EXCEEDED,
                                     "nothing was sent or taken for too long", NULL);
    }
    return op_wait(op);
}

static sr_result gone(const rpc_call *call, sr_err *err)
{
    if (call->idle)
        return sr_fail(err, SR_E_TIMEOUT, "the caller sent or took nothing for %u s",
                       call->idle_ms / 1000);
    return sr_fail(err, SR_E_CANCELLED, "the caller cancelled, went away, or its deadline passed");
}

/* ---- birth and death ------------------------------------------------------------------------- */

rpc_call *rpc_call_new(void *owner, size_t max_message, unsigned idle_ms)
{
    rpc_call *call = sr_alloc(sizeof *call);
    call->owner = owner;
    call->max_message = max_message;
    call->idle_ms = idle_ms;
    grpc_call_details_init(&call->details);
    grpc_metadata_array_init(&call->metadata);
    pthread_mutex_init(&call->lock, NULL);
    sr_cond_init(&call->moved);
    op_init(&call->accept, call, accept_done);
    op_init(&call->work, call, op_done);
    op_init(&call->closed, call, closed_done);
    return call;
}

void *rpc_call_owner(const rpc_call *call)
{
    return call->owner;
}

bool rpc_call_request(rpc_call *call, void *core, void *queue,
                      void (*accepted)(rpc_call *call, bool ok))
{
    call->accepted = accepted;
    rpc_core_hand_over();
    return grpc_server_request_call(core, &call->core, &call->details, &call->metadata, queue,
                                    queue, &call->accept.tag) == GRPC_CALL_OK;
}

static void clear_peer(call_peer *peer)
{
    for (size_t i = 0; i < peer->uri_count; i++)
        sr_free(peer->uris[i]);
    sr_free(peer->certificate);
    sr_free(peer->address);
}

void rpc_call_free(rpc_call *call)
{
    if (call == NULL)
        return;
    rpc_call_set_user(call, NULL, NULL);
    if (call->core != NULL)
        grpc_call_unref(call->core);
    grpc_call_details_destroy(&call->details);
    grpc_metadata_array_destroy(&call->metadata);
    pthread_cond_destroy(&call->moved);
    pthread_mutex_destroy(&call->lock);
    clear_peer(&call->peer);
    sr_free(call->path);
    sr_free(call);
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void add_uri(call_peer *peer, const grpc_auth_property *property)
{
    bool hidden = memchr(property->value, '\0', property->value_length) != NULL;
    if (!hidden && peer->uri_count < URIS_MAX)
        peer->uris[peer->uri_count++] = sr_text_copy(property->value);
}

static void read_identity(call_peer *peer, const grpc_auth_context *context)
{
    const grpc_auth_property *property = NULL;
    grpc_auth_property_iterator uris =
        grpc_auth_context_find_properties_by_name(context, GRPC_PEER_URI_PROPERTY_NAME);
    while ((property = grpc_auth_property_iterator_next(&uris)) != NULL)
        add_uri(peer, property);
    grpc_auth_property_iterator pems =
        grpc_auth_context_find_properties_by_name(context, GRPC_X509_PEM_CERT_PROPERTY_NAME);
    property = grpc_auth_property_iterator_next(&pems);
    if (property == NULL)
        return;
    peer->certificate = sr_text_copy(property->value);
    rpc_pem_fingerprint(peer->fingerprint, peer->certificate);
}

static void read_peer(rpc_call *call)
{
    grpc_auth_context *context = grpc_call_auth_context(call->core);
    if (context != NULL)
        read_identity(&call->peer, context);
    grpc_auth_context_release(context);
    char *address = grpc_call_get_peer(call->core);
    call->peer.address = sr_text_copy(address);
    gpr_free(address);
}

static char *text_of_slice(grpc_slice slice)
{
    char *text = sr_alloc(GRPC_SLICE_LENGTH(slice) + 1);
    sr_copy(text, GRPC_SLICE_START_PTR(slice), GRPC_SLICE_LENGTH(slice));
    return text;
}

void rpc_call_begin(rpc_call *call)
{
    sr_uuid random = sr_uuid_random();
    sr_copy(call->facts.id, sr_uuid_print(&random).text, sizeof call->facts.id - 1);
    call->facts.begun_us = sr_monotonic_us();
    grpc_op watch = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    watch.data.recv_close_on_server.cancelled = &call->closed_by_cancel;
    call->path = text_of_slice(call->details.method);
    read_peer(call);
    bool started = op_start(&call->closed, &watch, 1);
    assert(started);
    (void)started;
}

void rpc_call_set_kind(rpc_call *call, rpc_kind kind)
{
    call->kind = kind;
}

/* ---- messages -------------------------------------------------------------------------------- */

static bool one_request(rpc_kind kind)
{
    return kind == RPC_UNARY || kind == RPC_SERVER_STREAM;
}

static bool one_answer(rpc_kind kind)
{
    return kind == RPC_UNARY || kind == RPC_CLIENT_STREAM;
}

static sr_result at_end(rpc_call *call, bool *end, sr_err *err)
{
    if (rpc_call_cancelled(call))
        return gone(call, err);
    if (one_request(call->kind) && call->received == 0)
        return sr_fail(err, SR_E_INVALID, "the request has no message");
    *end = true;
    return SR_OK;
}

static sr_result take_message(rpc_call *call, sr_buf *message, void *bytes, bool *end, sr_err *err)
{
    if (bytes == NULL)
        return at_end(call, end, err);
    call->received++;
    sr_result result = rpc_core_bytes_read(message, bytes, err);
    call->facts.bytes_in += message->len;
    rpc_core_bytes_free(bytes);
    return result;
}

sr_result rpc_call_receive(rpc_call *call, sr_buf *message, bool *end, sr_err *err)
{
    grpc_byte_buffer *bytes = NULL;
    grpc_op ask = {.op = GRPC_OP_RECV_MESSAGE};
    ask.data.recv_message.recv_message = &bytes;
    sr_buf_cut(message, 0);
    *end = false;
    if (rpc_call_cancelled(call))
        return gone(call, err);
    if (one_request(call->kind) && call->received == 1)
    {
        *end = true;
        return SR_OK;
    }
    if (!op_run(&call->work, &ask, 1))
        return gone(call, err);
    return take_message(call, message, bytes, end, err);
}

static size_t add_metadata_op(rpc_call *call, grpc_op *ops)
{
    if (call->metadata_sent)
        return 0;
    call->metadata_sent = true;
    ops[0] = (grpc_op){.op = GRPC_OP_SEND_INITIAL_METADATA};
    return 1;
}

sr_result rpc_call_send(rpc_call *call, sr_slice message, sr_err *err)
{
    if (message.len > call->max_message)
        return sr_fail(err, SR_E_LIMIT, "the answer is larger than the %zu bytes of a message",
                       call->max_message);
    if (rpc_call_cancelled(call))
        return gone(call, err);
    grpc_op ops[2];
    size_t count = add_metadata_op(call, ops);
    void *bytes = rpc_core_bytes_new(message);
    ops[count] = (grpc_op){.op = GRPC_OP_SEND_MESSAGE};
    ops[count].data.send_message.send_message = bytes;
    bool ok = op_run(&call->work, ops, count + 1);
    rpc_core_bytes_free(bytes);
    if (!ok)
        return gone(call, err);
    call->sent++;
    call->facts.bytes_out += message.len;
    return SR_OK;
}

/* ---- ending ---------------------------------------------------------------------------------- */

sr_result rpc_call_check_answered(const rpc_call *call, sr_err *err)
{
    if (one_answer(call->kind) && call->sent != 1)
        return sr_fail(err, SR_E_INTERNAL, "%s: the handler sent %zu answers instead of one",
                       call->path, call->sent);
    return SR_OK;
}

/* Failures here mean that the caller is gone: nobody is left to tell. */
static void end_with(rpc_call *call, int status, const char *text, sr_slice details)
{
    grpc_op ops[STATUS_OPS];
    grpc_metadata trailer = {.key = grpc_slice_from_static_string("grpc-status-details-bin")};
    grpc_slice line = grpc_slice_from_copied_string(text);
    size_t count = add_metadata_op(call, ops);
    trailer.value = grpc_slice_from_copied_buffer((const char *)details.data, details.len);
    ops[count] = (grpc_op){.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
    ops[count].data.send_status_from_server.status = (grpc_status_code)status;
    ops[count].data.send_status_from_server.status_details = &line;
    ops[count].data.send_status_from_server.trailing_metadata = &trailer;
    ops[count].data.send_status_from_server.trailing_metadata_count = details.len > 0 ? 1 : 0;
    if (!op_run(&call->work, ops, count + 1))
        grpc_call_cancel(call->core, NULL);
    op_wait(&call->closed);
    grpc_slice_unref(line);
    grpc_slice_unref(trailer.value);
}

void rpc_call_end(rpc_call *call, const sr_err *failure)
{
    SR_BUF(details, RPC_DETAILS_MAX);
    char line[SR_ERR_TEXT_SIZE];
    if (failure == NULL)
    {
        end_with(call, GRPC_STATUS_OK, "", sr_slice_of(NULL, 0));
        return;
    }
    rpc_details_pack(&details, failure);
    rpc_details_line(line, failure);
    end_with(call, sr_code_grpc_status(failure->code), line, sr_buf_view(&details));
}

void rpc_call_end_unknown(rpc_call *call)
{
    end_with(call, GRPC_STATUS_UNIMPLEMENTED, "this server has no such method",
             sr_slice_of(NULL, 0));
}

/* ---- accessors ------------------------------------------------------------------------------- */

bool rpc_call_cancelled(const rpc_call *call)
{
    return atomic_load(&call->cancelled);
}

bool rpc_call_wait_cancelled(rpc_call *call, unsigned ms)
{
    struct timespec until = sr_in_ms(ms);
    int status = 0;
    pthread_mutex_lock(&call->lock);
    while (!rpc_call_cancelled(call) && status == 0)
        status = pthread_cond_timedwait(&call->moved, &call->lock, &until);
    pthread_mutex_unlock(&call->lock);
    return rpc_call_cancelled(call);
}

int64_t rpc_call_time_left_ms(const rpc_call *call)
{
    gpr_timespec deadline = call->details.deadline;
    if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0)
        return INT64_MAX;
    gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
    int64_t ms = left.tv_sec * 1000 + left.tv_nsec / 1000000;
    return ms > 0 ? ms : 0;
}

const char *rpc_call_path(const rpc_call *call)
{
    return call->path;
}

const rpc_call_facts *rpc_call_facts_view(const rpc_call *call)
{
    return &call->facts;
}

size_t rpc_call_peer_uri_count(const rpc_call *call)
{
    return call->peer.uri_count;
}

const char *rpc_call_peer_uri(const rpc_call *call, size_t index)
{
    return index < call->peer.uri_count ? call->peer.uris[index] : NULL;
}

const char *rpc_call_peer_fingerprint(const rpc_call *call)
{
    return call->peer.fingerprint;
}

const char *rpc_call_peer_certificate(const rpc_call *call)
{
    return call->peer.certificate == NULL ? "" : call->peer.certificate;
}

const char *rpc_call_peer_address(const rpc_call *call)
{
    return call->peer.address;
}

void rpc_call_set_user(rpc_call *call, void *user, void (*release)(void *user))
{
    if (call->release_user != NULL && call->user != NULL)
        call->release_user(call->user);
    call->user = user;
    call->release_user = release;
}

void *rpc_call_user(const rpc_call *call)
{
    return call->user;
}
