/* OverlapService.Contribute: a member's list, part by part, all or nothing, once. */
#include <string.h>

#include "base/text.h"
#include "crypto/psi.h"
#include "crypto/signature.h"
#include "handlers.h"
#include "overlap_incoming.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "wire/wire.h"

typedef struct
{
    overlap_incoming in;
    overlap_part parts[MANIFEST_SEGMENTS_MOST];
    size_t count;
    bool open; /* the last part has its head and no end yet */
    digest all;
    bool committed;
} contribution;

static void drop_parts(const contribution *self)
{
    sr_uuid_text id = sr_uuid_print(&self->in.session.manifest.session);
    for (size_t i = 0; i < self->count; i++)
        overlap_lists_drop(self->in.service->lists, id.text, self->parts[i].name);
}

static void contribution_clear(contribution *self)
{
    if (!self->committed && self->in.service != NULL)
        drop_parts(self);
    for (size_t i = 0; i < self->count; i++)
        overlap_part_clear(&self->parts[i]);
    overlap_incoming_clear(&self->in);
}

static bool is_known_label(const contribution *self, const char *label)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->parts[i].label, label) == 0)
            return true;
    return false;
}

/* With segments each part has a label of its own; without there is one part, without label. */
static sr_result check_head(const contribution *self, const Sealroom__V1__PartHead *head,
                            sr_err *err)
{
    const manifest *rules = &self->in.session.manifest;
    const manifest_member *own = &rules->members[self->in.position];
    size_t most = own->segments == 0 ? 1 : own->segments;
    if (self->open || self->count == most)
        return sr_fail(err, SR_E_INVALID, "a part too many: the manifest has %zu of this member",
                       most);
    if ((own->segments == 0) != (head->label[0] == '\0') || is_known_label(self, head->label))
        return sr_fail(err, SR_E_INVALID,
                       "every part has a label of its own, or there is one part");
    if (head->items > head->points || head->points == 0 ||
        head->points > own->cap - self->in.points)
        return sr_fail(err, SR_E_LIMIT,
                       "a part has 1 to as many points as the member's cap leaves");
    if (head->points != (rules->padded ? manifest_bucket(head->items) : head->items))
        return sr_fail(err, SR_E_INVALID,
                       "a part has as many points as the manifest's padding makes of its items");
    if (own->segments > 0 && head->items < rules->minimum)
        return sr_fail(err, SR_E_INVALID, "a segment has at least %llu items",
                       (unsigned long long)rules->minimum);
    return SR_OK;
}

static sr_result begin_part(contribution *self, const Sealroom__V1__PartHead *head, sr_err *err)
{
    overlap_part *part = &self->parts[self->count];
    sr_uuid_text id = sr_uuid_print(&self->in.session.manifest.session);
    if (check_head(self, head, err) != SR_OK)
        return SR_FAIL;
    *part =
        (overlap_part){.owner = self->in.position, .items = head->items, .points = head->points};
    if (!sr_text_put(part->label, sizeof part->label, head->label) ||
        sr_utf8_has_control(sr_slice_text(part->label))) /* it is shown to other members */
        return sr_fail(err, SR_E_INVALID,
                       "a label has at most %d bytes, none of them a control character",
                       OVERLAP_LABEL_SIZE - 1);
    if (overlap_next_part(&part->number, self->in.service->catalog, id.text, err) != SR_OK ||
        overlap_incoming_begin(&self->in, head->points, err) != SR_OK)
        return SR_FAIL;
    self->count++;
    self->open = true;
    return SR_OK;
}

static sr_result check_signature(const contribution *self, const overlap_part *part, sr_err *err)
{
    uint8_t message[PSI_PART_SIZE];
    digest_value sum;
    sr_copy(sum.bytes, part->digest, sizeof sum.bytes);
    psi_part_message(message, &self->in.manifest_hash, part->points, &sum);
    return signature_check(sr_slice_text(self->in.session.members[self->in.position].certificate),
                           sr_slice_of(message, sizeof message),
                           sr_slice_of(part->signature, part->signature_len), err);
}

static sr_result end_part(contribution *self, const Sealroom__V1__PartEnd *end, sr_err *err)
{
    if (!self->open)
        return sr_fail(err, SR_E_INVALID, "no part has begun");
    overlap_part *part = &self->parts[self->count - 1];
    if (self->in.writer.points != part->points || end->signature.len > sizeof part->signature)
        return sr_fail(err, SR_E_FORMAT,
                       "the part has another number of points than its head says");
    if (overlap_writer_commit(&self->in.writer, part->digest, err) != SR_OK)
        return SR_FAIL;
    overlap_writer_clear(&self->in.writer);
    if (!sr_slice_equal_var(sr_slice_of(end->digest.data, end->digest.len),
                            sr_slice_of(part->digest, sizeof part->digest)))
        return sr_fail(err, SR_E_FORMAT, "what arrived is not what was sent; nothing was kept");
    part->signature_len = end->signature.len;
    sr_copy(part->signature, end->signature.data, end->signature.len);
    digest_add(&self->all, sr_slice_of(part->digest, sizeof part->digest));
    self->open = false;
    if (check_signature(self, part, err) != SR_OK)
        return SR_FAIL;
    return overlap_incoming_pass_on(&self->in, part, false, err);
}

static sr_result check_whole(contribution *self, const Sealroom__V1__ListCommit *commit,
                             digest_value *sum, sr_err *err)
{
    uint64_t items = 0;
    digest_finish(sum, &self->all);
    for (size_t i = 0; i < self->count; i++)
        items += self->parts[i].items;
    if (self->open || self->count == 0 ||
        !sr_slice_equal_var(sr_slice_of(commit->digest.data, commit->digest.len),
                            sr_slice_of(sum->bytes, sizeof sum->bytes)))
        return sr_fail(err, SR_E_FORMAT, "what arrived is not what was sent; nothing was kept");
    if (items < self->in.session.manifest.least_input)
        return sr_fail(err, SR_E_INVALID, "a list has at least %llu items in this session",
                       (unsigned long long)self->in.session.manifest.least_input);
    return SR_OK;
}

static sr_result commit(contribution *self, const Sealroom__V1__ListCommit *given, sr_err *err)
{
    digest_value sum;
    sr_uuid_text id = sr_uuid_print(&self->in.session.manifest.session);
    if (check_whole(self, given, &sum, err) != SR_OK ||
        overlap_contributed(self->in.service->catalog, id.text, self->parts, self->count, sum.bytes,
                            service_actor(self->in.call), err) != SR_OK)
        return SR_FAIL;
    self->committed = true;
    return overlap_incoming_tell(&self->in, true, err);
}

/* What of the list that is in a repeat has not brought yet. */
typedef struct
{
    uint64_t points; /* in all */
    size_t steps;    /* heads and ends of parts, left */
} repeat;

static repeat repeat_of(const contribution *self)
{
    repeat made = {.points = 0};
    for (size_t i = 0; i < self->in.session.part_count; i++)
    {
        const overlap_part *part = &self->in.session.parts[i];
        made.points += part->owner == self->in.position ? part->points : 0;
        made.steps += part->owner == self->in.position ? 2 : 0;
    }
    return made;
}

static sr_result fail_step(sr_err *err)
{
    return sr_fail(err, SR_E_INVALID, "after begin a contribution has parts and a commit");
}

static sr_result skip_step(contribution *self, repeat *left,
                           const Sealroom__V1__ContributeRequest *request, sr_err *err)
{
    switch (request->step_case)
    {
    case SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_PART:
    case SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_PART_END:
        if (left->steps == 0)
            return sr_fail(err, SR_E_LIMIT, "more parts than the list had that is in already");
        left->steps--;
        return SR_OK;
    case SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_POINTS:
        return overlap_incoming_skip(
            &self->in, left->points,
            sr_slice_of(request->points->points.data, request->points->points.len), err);
    default:
        return fail_step(err);
    }
}

/* The answer to a commit may have been lost: the same list again is answered as before. */
static sr_result answer_again(contribution *self, sr_err *err)
{
    const overlap_member *own = &self->in.session.members[self->in.position];
    repeat left = repeat_of(self);
    for (;;)
    {
        WIRE_MESSAGE(Sealroom__V1__ContributeRequest, request);
        if (overlap_incoming_receive(&request, &self->in,
                                     &sealroom__v1__contribute_request__descriptor, err) != SR_OK)
            return SR_FAIL;
        if (request->step_case != SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_COMMIT)
        {
            if (skip_step(self, &left, request, err) != SR_OK)
                return SR_FAIL;
            continue;
        }
        const ProtobufCBinaryData *given = &request->commit->digest;
        if (sr_slice_equal_var(sr_slice_of(given->data, given->len),
                               sr_slice_of(own->digest, sizeof own->digest)))
            return overlap_incoming_tell(&self->in, true, err);
        return sr_fail(err, SR_E_EXISTS, "this member's list is in already, and it is another one");
    }
}

static sr_result begin(contribution *self, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__ContributeRequest, request);
    if (overlap_incoming_receive(&request, &self->in, &sealroom__v1__contribute_request__descriptor,
                                 err) != SR_OK)
        return SR_FAIL;
    if (request->step_case != SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_BEGIN)
        return sr_fail(err, SR_E_INVALID, "a contribution starts with begin");
    const ProtobufCBinaryData *hash = &request->begin->manifest_hash;
    if (hash->len != DIGEST_SIZE)
        return sr_fail(err, SR_E_INVALID, "a contribution names its manifest");
    return overlap_incoming_enter(&self->in, request->begin->session,
                                  sr_slice_of(hash->data, hash->len), err);
}

/* One message after begin; *done with the commit. */
static sr_result take_step(contribution *self, bool *done, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__ContributeRequest, request);
    if (overlap_incoming_receive(&request, &self->in, &sealroom__v1__contribute_request__descriptor,
                                 err) != SR_OK)
        return SR_FAIL;
    switch (request->step_case)
    {
    case SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_PART:
        return begin_part(self, request->part, err);
    case SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_POINTS:
        return overlap_incoming_points(
            &self->in, sr_slice_of(request->points->points.data, request->points->points.len), err);
    case SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_PART_END:
        return end_part(self, request->part_end, err);
    case SEALROOM__V1__CONTRIBUTE_REQUEST__STEP_COMMIT:
        *done = true;
        return commit(self, request->commit, err);
    default:
        return fail_step(err);
    }
}

static void contribution_free(contribution **self)
{
    contribution_clear(*self);
    sr_free(*self);
}

sr_result handle_overlap_contribute(rpc_call *call, void *context, sr_err *err)
{
    contribution *self SR_CLEANUP(contribution_free) = sr_alloc(sizeof *self);
    self->in.call = call;
    self->in.service = context;
    digest_init(&self->all);
    if (begin(self, err) != SR_OK)
        return SR_FAIL;
    if (self->in.session.members[self->in.position].contributed)
        return answer_again(self, err);
    for (bool done = false; !done;)
        if (take_step(self, &done, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}
