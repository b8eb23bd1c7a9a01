/* OverlapService.FetchPart and ReturnPart: a part goes to the member whose turn it is, and comes back. */
#include <string.h>

#include "handlers.h"
#include "overlap_incoming.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "wire/wire.h"

enum
{
    FETCH_POINTS = 8192, /* of a message */
};

/* ---- fetch ----------------------------------------------------------------------------------- */

static const overlap_part *find_due(const overlap_incoming *self, const char *name)
{
    for (size_t i = 0; i < self->session.part_count; i++)
        if (strcmp(self->session.parts[i].name, name) == 0 &&
            overlap_turn(&self->session, &self->session.parts[i]) == self->position)
            return &self->session.parts[i];
    return NULL;
}

static sr_result send_head(overlap_incoming *self, const overlap_part *part, sr_err *err)
{
    Sealroom__V1__FetchedPart head = SEALROOM__V1__FETCHED_PART__INIT;
    Sealroom__V1__FetchPartResponse answer = SEALROOM__V1__FETCH_PART_RESPONSE__INIT;
    head.points = part->points;
    head.digest = (ProtobufCBinaryData){sizeof part->digest, (uint8_t *)(uintptr_t)part->digest};
    if (self->session.manifest.member_count == 2)
    {
        head.signature =
            (ProtobufCBinaryData){part->signature_len, (uint8_t *)(uintptr_t)part->signature};
        head.certificate = self->session.members[part->owner].certificate;
    }
    answer.step_case = SEALROOM__V1__FETCH_PART_RESPONSE__STEP_PART;
    answer.part = &head;
    return service_send(self->call, &answer, err);
}

static void room_free(uint8_t **room)
{
    sr_free(*room);
}

static sr_result send_points(overlap_incoming *self, sr_in *from, sr_err *err)
{
    size_t most = FETCH_POINTS * group_point_size(self->suite);
    uint8_t *room SR_CLEANUP(room_free) = sr_alloc(most);
    for (;;)
    {
        Sealroom__V1__Points points = SEALROOM__V1__POINTS__INIT;
        Sealroom__V1__FetchPartResponse answer = SEALROOM__V1__FETCH_PART_RESPONSE__INIT;
        size_t got = 0;
        if (sr_in_read(from, room, most, &got, err) != SR_OK)
            return SR_FAIL;
        if (got == 0)
            return SR_OK;
        points.points = (ProtobufCBinaryData){got, room};
        answer.step_case = SEALROOM__V1__FETCH_PART_RESPONSE__STEP_POINTS;
        answer.points = &points;
        if (service_send(self->call, &answer, err) != SR_OK)
            return SR_FAIL;
    }
}

sr_result handle_overlap_fetch(rpc_call *call, void *context, sr_err *err)
{
    overlap_incoming self SR_CLEANUP(overlap_incoming_clear) = {.call = call, .service = context};
    WIRE_MESSAGE(Sealroom__V1__FetchPartRequest, request);
    SR_TEXT(path);
    SR_IN(from);
    if (service_receive(&request, call, &sealroom__v1__fetch_part_request__descriptor, err) !=
            SR_OK ||
        overlap_incoming_enter(&self, request->session, sr_slice_of(NULL, 0), err) != SR_OK)
        return SR_FAIL;
    const overlap_part *part = find_due(&self, request->part);
    sr_uuid_text id = sr_uuid_print(&self.session.manifest.session);
    if (part == NULL)
        return sr_fail(err, SR_E_NOT_FOUND, "no such part is due from this member");
    if (overlap_lists_path(&path, self.service->lists, id.text, part->name, false, err) != SR_OK ||
        sr_in_open(&from, path, err) != SR_OK)
        return overlap_lists_gone(err);
    if (send_head(&self, part, err) != SR_OK)
        return SR_FAIL;
    return send_points(&self, from, err);
}

/* ---- return ---------------------------------------------------------------------------------- */

/* The part of this name, if this member has returned it already. */
static const overlap_part *find_returned(const overlap_incoming *self, const char *name)
{
    size_t count = self->session.manifest.member_count;
    for (size_t i = 0; i < self->session.part_count; i++)
    {
        const overlap_part *part = &self->session.parts[i];
        if (name[0] != '\0' && strcmp(part->last_name, name) == 0 &&
            (part->owner + part->hops) % count == self->position)
            return part;
    }
    return NULL;
}

/* Without a writer the part is back already: of `most` points, compared and not written. */
static sr_result receive_list(overlap_incoming *self, digest_value *given, uint64_t most,
                              sr_err *err)
{
    for (;;)
    {
        WIRE_MESSAGE(Sealroom__V1__ReturnPartRequest, request);
        if (overlap_incoming_receive(&request, self, &sealroom__v1__return_part_request__descriptor,
                                     err) != SR_OK)
            return SR_FAIL;
        if (request->step_case == SEALROOM__V1__RETURN_PART_REQUEST__STEP_COMMIT &&
            request->commit->digest.len == DIGEST_SIZE)
        {
            sr_copy(given->bytes, request->commit->digest.data, DIGEST_SIZE);
            return SR_OK;
        }
        if (request->step_case != SEALROOM__V1__RETURN_PART_REQUEST__STEP_POINTS)
            return sr_fail(err, SR_E_INVALID,
                           "after begin a returned part has points and a commit");
        sr_slice points = sr_slice_of(request->points->points.data, request->points->points.len);
        if ((self->writer.out != NULL ? overlap_incoming_points(self, points, err)
                                      : overlap_incoming_skip(self, most, points, err)) != SR_OK)
            return SR_FAIL;
    }
}

static sr_result take_part(overlap_incoming *self, const overlap_part *due, sr_err *err)
{
    overlap_part part SR_CLEANUP(overlap_part_clear) = *due;
    digest_value given;
    sr_uuid_text id = sr_uuid_print(&self->session.manifest.session);
    if (overlap_incoming_begin(self, part.points, err) != SR_OK ||
        receive_list(self, &given, part.points, err) != SR_OK)
        return SR_FAIL;
    if (self->writer.points != part.points)
        return sr_fail(err, SR_E_FORMAT, "a part comes back with as many points as it had");
    if (overlap_writer_commit(&self->writer, part.digest, err) != SR_OK)
        return SR_FAIL;
    if (memcmp(part.digest, given.bytes, DIGEST_SIZE) != 0)
        return sr_fail(err, SR_E_FORMAT, "what arrived is not what was sent; nothing was kept");
    sr_copy(part.last_name, due->name, sizeof part.last_name);
    sr_copy(part.last_digest, given.bytes, sizeof part.last_digest);
    if (overlap_incoming_pass_on(self, &part, true, err) != SR_OK)
        return SR_FAIL;
    sr_result result =
        overlap_returned(self->service->catalog, id.text, &part, service_actor(self->call), err);
    overlap_lists_drop(self->service->lists, id.text, result == SR_OK ? due->name : part.name);
    return result;
}

static sr_result compare_returned(overlap_incoming *self, const overlap_part *part, sr_err *err)
{
    digest_value given;
    if (receive_list(self, &given, part->points, err) != SR_OK)
        return SR_FAIL;
    if (memcmp(given.bytes, part->last_digest, DIGEST_SIZE) != 0)
        return sr_fail(err, SR_E_EXISTS, "this part was returned already, with other points");
    return SR_OK;
}

sr_result handle_overlap_return(rpc_call *call, void *context, sr_err *err)
{
    overlap_incoming self SR_CLEANUP(overlap_incoming_clear) = {.call = call, .service = context};
    WIRE_MESSAGE(Sealroom__V1__ReturnPartRequest, request);
    if (overlap_incoming_receive(&request, &self, &sealroom__v1__return_part_request__descriptor,
                                 err) != SR_OK)
        return SR_FAIL;
    if (request->step_case != SEALROOM__V1__RETURN_PART_REQUEST__STEP_BEGIN)
        return sr_fail(err, SR_E_INVALID, "a returned part starts with begin");
    const ProtobufCBinaryData *hash = &request->begin->manifest_hash;
    if (hash->len != DIGEST_SIZE)
        return sr_fail(err, SR_E_INVALID, "a returned part names its manifest");
    if (overlap_incoming_enter(&self, request->begin->session, sr_slice_of(hash->data, hash->len),
                               err) != SR_OK)
        return SR_FAIL;
    const overlap_part *due = find_due(&self, request->begin->part);
    const overlap_part *back = find_returned(&self, request->begin->part);
    if (due == NULL && back == NULL)
        return sr_fail(err, SR_E_NOT_FOUND, "no such part is due from this member");
    if (due != NULL ? take_part(&self, due, err) != SR_OK
                    : compare_returned(&self, back, err) != SR_OK)
        return SR_FAIL;
    return overlap_incoming_tell(&self, true, err);
}
