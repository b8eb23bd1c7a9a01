#include "overlap_incoming.h"

#include <unistd.h>

#include "base/text.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "wire/wire.h"

enum
{
    PROGRESS_EVERY = 64, /* messages */
};

void overlap_incoming_clear(overlap_incoming *self)
{
    overlap_writer_clear(&self->writer);
    if (self->receiving != NULL)
        (void)unlink(self->receiving);
    sr_free(self->receiving);
    intake_end(self->counted);
    overlap_session_clear(&self->session);
}

/* ---- entering -------------------------------------------------------------------------------- */

static sr_result hash_manifest(digest_value *out, const manifest *now, sr_err *err)
{
    SR_BUF(text, MANIFEST_TEXT_MOST);
    if (manifest_print(now, &text, err) != SR_OK)
        return SR_FAIL;
    *out = digest_of(sr_buf_view(&text));
    return SR_OK;
}

static sr_result check_time(const overlap_incoming *self, sr_err *err)
{
    return overlap_is_late(&self->session)
               ? sr_fail(err, SR_E_STATE, "the overlap session's time is over")
               : SR_OK;
}

sr_result overlap_incoming_enter(overlap_incoming *self, const char *session, sr_slice hash,
                                 sr_err *err)
{
    const char *member = service_actor(self->call)->who.member;
    if (overlap_session_get(&self->session, self->service->catalog, session, member, err) !=
            SR_OK ||
        group_suite_parse(&self->suite, self->session.manifest.suite, err) != SR_OK ||
        hash_manifest(&self->manifest_hash, &self->session.manifest, err) != SR_OK)
        return SR_FAIL;
    self->position = manifest_position(&self->session.manifest, member);
    if (self->session.state != OVERLAP_RUNNING)
        return sr_fail(err, SR_E_STATE, "the overlap session is %s",
                       overlap_state_name(self->session.state));
    if (check_time(self, err) != SR_OK)
        return SR_FAIL;
    if (hash.len > 0 &&
        !sr_slice_equal_var(hash, sr_slice_of(self->manifest_hash.bytes, DIGEST_SIZE)))
        return sr_fail(err, SR_E_STATE, "this list was made for another manifest");
    return SR_OK;
}

sr_result overlap_incoming_receive(void *out, overlap_incoming *self, const void *descriptor,
                                   sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    bool end = false;
    if (rpc_call_receive(self->call, &bytes, &end, err) != SR_OK)
        return SR_FAIL;
    if (end)
        return sr_fail(err, SR_E_CANCELLED, "the list ended without its commit; nothing was kept");
    return wire_unpack(out, descriptor, sr_buf_view(&bytes), err);
}

sr_result overlap_incoming_tell(overlap_incoming *self, bool committed, sr_err *err)
{
    Sealroom__V1__ListProgress progress = SEALROOM__V1__LIST_PROGRESS__INIT;
    progress.points = self->points;
    progress.committed = committed;
    return service_send(self->call, &progress, err);
}

/* With more than two members a list lies there three times while it is multiplied: as it came, sorted in parts, and
 * the products. */
static uint64_t copies_of(const overlap_incoming *self)
{
    return self->session.manifest.member_count > 2 ? 3 : 1;
}

static sr_result announce_list(overlap_incoming *self, uint64_t most, sr_err *err)
{
    const service_context *service = self->service;
    const sr_uuid *collaboration = &self->session.manifest.collaboration;
    uint64_t held = 0;
    if (self->counted == NULL &&
        (overlap_points_held(&held, service->catalog, collaboration, err) != SR_OK ||
         intake_begin_lists(&self->counted, service->intake, held * GROUP_POINT_SIZE_MAX,
                            collaboration, service_actor(self->call)->who.member, err) != SR_OK))
        return SR_FAIL;
    return intake_announce(self->counted, copies_of(self) * most * group_point_size(self->suite),
                           err);
}

sr_result overlap_incoming_points(overlap_incoming *self, sr_slice points, sr_err *err)
{
    if (self->writer.out == NULL)
        return sr_fail(err, SR_E_INVALID, "points come after the head of their part");
    if (check_time(self, err) != SR_OK ||
        intake_add(self->counted, copies_of(self) * points.len, 0, err) != SR_OK ||
        overlap_writer_add(&self->writer, points, err) != SR_OK)
        return SR_FAIL;
    self->points += points.len / group_point_size(self->suite);
    return ++self->messages % PROGRESS_EVERY == 0 ? overlap_incoming_tell(self, false, err) : SR_OK;
}

/* Under a name of its own: two calls may bring the same list. */
sr_result overlap_incoming_begin(overlap_incoming *self, uint64_t most, sr_err *err)
{
    sr_uuid_text id = sr_uuid_print(&self->session.manifest.session);
    sr_uuid unique = sr_uuid_random();
    sr_uuid_text words = sr_uuid_print(&unique);
    sr_text_clear(&self->receiving);
    if (announce_list(self, most, err) != SR_OK)
        return SR_FAIL;
    if (overlap_lists_path(&self->receiving, self->service->lists, id.text, words.text, true,
                           err) != SR_OK)
        return SR_FAIL;
    return overlap_writer_open(&self->writer, self->receiving, self->suite, most, err);
}

sr_result overlap_incoming_skip(overlap_incoming *self, uint64_t most, sr_slice points, sr_err *err)
{
    size_t size = group_point_size(self->suite);
    uint64_t count = points.len / size;
    if (check_time(self, err) != SR_OK)
        return SR_FAIL;
    if (count == 0 || points.len % size != 0)
        return sr_fail(err, SR_E_FORMAT, "not a whole number of points");
    if (count > most - self->points)
        return sr_fail(err, SR_E_LIMIT, "more points than the list had that is in already: %llu",
                       (unsigned long long)most);
    self->points += count;
    return SR_OK;
}

sr_result overlap_incoming_pass_on(overlap_incoming *self, overlap_part *part, bool returned,
                                   sr_err *err)
{
    const service_context *service = self->service;
    const overlap_job job = service_job(service, self->call, &self->session.manifest);
    bool heavy = self->session.manifest.member_count > 2;
    if (heavy && overlap_work_enter(&job, err) != SR_OK)
        return SR_FAIL;
    sr_result passed =
        overlap_pass_on(part, service->lists, &self->session, returned, self->receiving, &job, err);
    if (heavy)
        overlap_work_leave(&job);
    if (passed != SR_OK)
        return SR_FAIL;
    (void)unlink(self->receiving); /* moved, with two members */
    return SR_OK;
}
