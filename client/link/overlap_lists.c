/* Lists of points there and back, from and into files. */
#include <string.h>

#include "base/file.h"
#include "overlap.h"
#include "rpc/rpc.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "session.h"
#include "wire/wire.h"

#define SERVICE "/sealroom.v1.OverlapService/"

enum
{
    SEND_POINTS = 8192, /* of a message */
};

static sr_result send(rpc_stream *stream, const void *message, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    if (wire_pack(message, &bytes, err) != SR_OK)
        return SR_FAIL;
    return rpc_stream_send(stream, sr_buf_view(&bytes), err);
}

/* Waits for the word that all of it counts; progress in between is passed over. */
static sr_result wait_committed(rpc_stream *stream, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    for (;;)
    {
        WIRE_MESSAGE(Sealroom__V1__ListProgress, progress);
        bool end = false;
        if (rpc_stream_receive(stream, &bytes, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return sr_fail(err, SR_E_INTERNAL, "the server ended the list without an answer");
        if (wire_unpack(&progress, &sealroom__v1__list_progress__descriptor, sr_buf_view(&bytes),
                        err) != SR_OK)
            return sr_fail_in(err, "the server's answer");
        if (progress->committed)
            return rpc_stream_finish(stream, err);
    }
}

/* How points are put into the message of one call or the other. */
typedef sr_result (*send_points)(rpc_stream *stream, Sealroom__V1__Points *points, sr_err *err);

/* `sum`: of what went. */
static sr_result send_list(digest_value *sum, rpc_stream *stream, const link_overlap_way *way,
                           send_points put, const link_overlap_points *points, sr_err *err)
{
    SR_BUF(piece, RPC_MESSAGE_LIMIT);
    digest seen;
    digest_init(&seen);
    for (uint64_t from = 0; from < points->count; from += SEND_POINTS)
    {
        Sealroom__V1__Points message = SEALROOM__V1__POINTS__INIT;
        uint64_t some = points->count - from < SEND_POINTS ? points->count - from : SEND_POINTS;
        size_t len = some * way->point_size;
        uint8_t *at = NULL;
        sr_buf_cut(&piece, 0);
        if (sr_buf_extend(&piece, &at, len, err) != SR_OK ||
            sr_fd_read_at(points->fd, points->offset + from * way->point_size, at, len, err) !=
                SR_OK)
            return sr_fail_in(err, "a kept list of an overlap session");
        digest_add(&seen, sr_buf_view(&piece));
        message.points = (ProtobufCBinaryData){len, at};
        if (put(stream, &message, err) != SR_OK)
            return SR_FAIL;
        if (way->progress != NULL)
            way->progress(way->progress_context, some);
    }
    digest_finish(sum, &seen);
    return SR_OK;
}

static ProtobufCBinaryData bytes_of(const digest_value *sum)
{
    return (ProtobufCBinaryData){DIGEST_SIZE, (uint8_t *)(uintptr_t)sum->bytes};
}

/* ---- contribute ------------------------------------------------------------------------------ */

static sr_result contribute_points(rpc_stream *stream, Sealroom__V1__Points *points, sr_err *err)
{
    Sealroom__V1__ContributeRequest request = SEALROOM__V1__CONTRIBUTE_REQUEST__INIT;
    request.step_case = SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_POINTS;
    request.points = points;
    return send(stream, &request, err);
}

static sr_result send_begin(rpc_stream *stream, const link_overlap_way *way, sr_err *err)
{
    Sealroom__V1__ContributeBegin begin = SEALROOM__V1__CONTRIBUTE_BEGIN__INIT;
    Sealroom__V1__ContributeRequest request = SEALROOM__V1__CONTRIBUTE_REQUEST__INIT;
    begin.session = link_borrow(way->session);
    begin.manifest_hash = bytes_of(way->manifest_hash);
    request.step_case = SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_BEGIN;
    request.begin = &begin;
    return send(stream, &request, err);
}

static sr_result send_part(rpc_stream *stream, const link_overlap_way *way,
                           const link_overlap_part *part, sr_err *err)
{
    Sealroom__V1__PartHead head = SEALROOM__V1__PART_HEAD__INIT;
    Sealroom__V1__PartEnd end = SEALROOM__V1__PART_END__INIT;
    Sealroom__V1__ContributeRequest request = SEALROOM__V1__CONTRIBUTE_REQUEST__INIT;
    digest_value sent;
    head.label = link_borrow(part->label);
    head.items = part->items;
    head.points = part->points.count;
    request.step_case = SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_PART;
    request.part = &head;
    if (send(stream, &request, err) != SR_OK ||
        send_list(&sent, stream, way, contribute_points, &part->points, err) != SR_OK)
        return SR_FAIL;
    if (memcmp(sent.bytes, part->digest.bytes, DIGEST_SIZE) != 0)
        return sr_fail(err, SR_E_CORRUPT, "the kept list of an overlap session is damaged");
    end.digest = bytes_of(&part->digest);
    end.signature =
        (ProtobufCBinaryData){part->signature.len, (uint8_t *)(uintptr_t)part->signature.bytes};
    request.step_case = SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_PART_END;
    request.part_end = &end;
    return send(stream, &request, err);
}

static sr_result send_commit(rpc_stream *stream, const link_overlap_part *parts, size_t count,
                             sr_err *err)
{
    Sealroom__V1__ListCommit commit = SEALROOM__V1__LIST_COMMIT__INIT;
    Sealroom__V1__ContributeRequest request = SEALROOM__V1__CONTRIBUTE_REQUEST__INIT;
    digest all;
    digest_value sum;
    digest_init(&all);
    for (size_t i = 0; i < count; i++)
        digest_add(&all, sr_slice_of(parts[i].digest.bytes, DIGEST_SIZE));
    digest_finish(&sum, &all);
    commit.digest = bytes_of(&sum);
    request.step_case = SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_COMMIT;
    request.commit = &commit;
    if (send(stream, &request, err) != SR_OK)
        return SR_FAIL;
    return rpc_stream_send_end(stream, err);
}

sr_result link_overlap_contribute(link_session *link, const link_overlap_way *way,
                                  const link_overlap_part *parts, size_t count, sr_err *err)
{
    RPC_STREAM(stream);
    if (rpc_stream_open(&stream, link->channel, SERVICE "Contribute", LINK_STREAM_MS, err) !=
            SR_OK ||
        send_begin(stream, way, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < count; i++)
        if (send_part(stream, way, &parts[i], err) != SR_OK)
            return SR_FAIL;
    if (send_commit(stream, parts, count, err) != SR_OK)
        return SR_FAIL;
    return wait_committed(stream, err);
}

/* ---- fetch ----------------------------------------------------------------------------------- */

void link_overlap_fetched_clear(link_overlap_fetched *fetched)
{
    sr_free(fetched->certificate);
    *fetched = (link_overlap_fetched){.count = 0};
}

static sr_result take_head(link_overlap_fetched *out, const Sealroom__V1__FetchedPart *head,
                           uint64_t most, sr_err *err)
{
    if (head->digest.len != DIGEST_SIZE || head->signature.len > SIGNATURE_MOST)
        return sr_fail(err, SR_E_FORMAT, "the server's answer: a part of another shape");
    if (head->points == 0 || head->points > most)
        return sr_fail(err, SR_E_LIMIT,
                       "the server's answer: a part with more points than the "
                       "manifest allows");
    out->count = head->points;
    out->certificate = sr_text_copy(head->certificate);
    out->signature.len = head->signature.len;
    sr_copy(out->signature.bytes, head->signature.data, head->signature.len);
    sr_copy(out->digest.bytes, head->digest.data, DIGEST_SIZE);
    return SR_OK;
}

/* Points on their way into a file. */
typedef struct
{
    int into;
    uint64_t most;
    uint64_t got;
} arriving;

static sr_result take_points(arriving *self, const link_overlap_fetched *part,
                             const Sealroom__V1__Points *points, const link_overlap_way *way,
                             sr_err *err)
{
    size_t size = way->point_size;
    uint64_t some = points->points.len / size;
    if (points->points.len % size != 0 || some > part->count - self->got)
        return sr_fail(err, SR_E_FORMAT, "the server's answer: not the points that it announced");
    if (sr_fd_write_at(self->into, self->got * size,
                       sr_slice_of(points->points.data, points->points.len), err) != SR_OK)
        return sr_fail_in(err, "scratch file of a list");
    self->got += some;
    if (way->progress != NULL)
        way->progress(way->progress_context, some);
    return SR_OK;
}

static sr_result take_message(link_overlap_fetched *out, arriving *self, sr_slice bytes,
                              const link_overlap_way *way, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__FetchPartResponse, answer);
    if (wire_unpack(&answer, &sealroom__v1__fetch_part_response__descriptor, bytes, err) != SR_OK)
        return sr_fail_in(err, "the server's answer");
    bool is_head = answer->step_case == SEALROOM__V1__FETCH_PART_RESPONSE__STEP_PART;
    if (is_head != (out->count == 0) ||
        answer->step_case == SEALROOM__V1__FETCH_PART_RESPONSE__STEP__NOT_SET)
        return sr_fail(err, SR_E_FORMAT, "the server's answer: out of order");
    return is_head ? take_head(out, answer->part, self->most, err)
                   : take_points(self, out, answer->points, way, err);
}

static sr_result receive_part(link_overlap_fetched *out, rpc_stream *stream, arriving *self,
                              const link_overlap_way *way, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    for (;;)
    {
        bool end = false;
        if (rpc_stream_receive(stream, &bytes, &end, err) != SR_OK)
            return SR_FAIL;
        if (end && out->count > 0 && self->got == out->count)
            return rpc_stream_finish(stream, err);
        if (end)
            return sr_fail(err, SR_E_FORMAT, "the server's answer: a part that ends early");
        if (take_message(out, self, sr_buf_view(&bytes), way, err) != SR_OK)
            return SR_FAIL;
    }
}

sr_result link_overlap_fetch(link_overlap_fetched *out, link_session *link,
                             const link_overlap_way *way, const char *part, uint64_t most, int into,
                             sr_err *err)
{
    RPC_STREAM(stream);
    Sealroom__V1__FetchPartRequest request = SEALROOM__V1__FETCH_PART_REQUEST__INIT;
    arriving points = {.into = into, .most = most};
    *out = (link_overlap_fetched){.count = 0};
    request.session = link_borrow(way->session);
    request.part = link_borrow(part);
    if (rpc_stream_open(&stream, link->channel, SERVICE "FetchPart", LINK_STREAM_MS, err) ==
            SR_OK &&
        send(stream, &request, err) == SR_OK && rpc_stream_send_end(stream, err) == SR_OK &&
        receive_part(out, stream, &points, way, err) == SR_OK)
        return SR_OK;
    link_overlap_fetched_clear(out);
    return SR_FAIL;
}

/* ---- return ---------------------------------------------------------------------------------- */

static sr_result return_points(rpc_stream *stream, Sealroom__V1__Points *points, sr_err *err)
{
    Sealroom__V1__ReturnPartRequest request = SEALROOM__V1__RETURN_PART_REQUEST__INIT;
    request.step_case = SEALROOM__V1__RETURN_PART_REQUEST__STEP_POINTS;
    request.points = points;
    return send(stream, &request, err);
}

sr_result link_overlap_return(link_session *link, const link_overlap_way *way, const char *part,
                              const link_overlap_points *points, sr_err *err)
{
    RPC_STREAM(stream);
    digest_value sent;
    Sealroom__V1__ReturnBegin begin = SEALROOM__V1__RETURN_BEGIN__INIT;
    Sealroom__V1__ListCommit commit = SEALROOM__V1__LIST_COMMIT__INIT;
    Sealroom__V1__ReturnPartRequest request = SEALROOM__V1__RETURN_PART_REQUEST__INIT;
    begin.session = link_borrow(way->session);
    begin.part = link_borrow(part);
    begin.manifest_hash = bytes_of(way->manifest_hash);
    request.step_case = SEALROOM__V1__RETURN_PART_REQUEST__STEP_BEGIN;
    request.begin = &begin;
    if (rpc_stream_open(&stream, link->channel, SERVICE "ReturnPart", LINK_STREAM_MS, err) !=
            SR_OK ||
        send(stream, &request, err) != SR_OK ||
        send_list(&sent, stream, way, return_points, points, err) != SR_OK)
        return SR_FAIL;
    commit.digest = bytes_of(&sent);
    request.step_case = SEALROOM__V1__RETURN_PART_REQUEST__STEP_COMMIT;
    request.commit = &commit;
    if (send(stream, &request, err) != SR_OK || rpc_stream_send_end(stream, err) != SR_OK)
        return SR_FAIL;
    return wait_committed(stream, err);
}
