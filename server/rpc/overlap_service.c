/* OverlapService: all calls but those that carry points (overlap_contribute.c, overlap_reblind.c) and Count (overlap_count.c). */
#include <string.h>

#include "base/text.h"
#include "crypto/psi.h"
#include "crypto/signature.h"
#include "handlers.h"
#include "overlap_message.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "server/overlap/coordinate.h"
#include "server/overlap/match.h"
#include "server/overlap/release.h"
#include "service.h"
#include "wire/wire.h"

enum
{
    DAYS_MOST = 30, /* that a session may last */
    DAY_S = 24 * 3600,
};

/* ---- answering ------------------------------------------------------------------------------- */

static sr_result answer_with(rpc_call *call, const service_context *service, const char *session,
                             sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__OverlapSession, answer);
    if (overlap_message_of(&answer, service, call, session, err) != SR_OK)
        return SR_FAIL;
    return service_send(call, answer, err);
}

/* What has run out ends before anybody is told of it. No call depends on that: the keeper tries again, and tells of
 * failures. */
static void expire(const service_context *service)
{
    size_t ended = 0;
    sr_err ignored = SR_ERR_INIT;
    if (overlap_expire(&ended, service->catalog, sr_now_us(), &ignored) != SR_OK)
        sr_err_reset(&ignored);
    if (ended > 0)
        overlap_lists_sweep(service->lists, service->catalog);
}

static sr_result receive(void *out, rpc_call *call, const service_context *service,
                         const void *descriptor, sr_err *err)
{
    if (service_receive(out, call, descriptor, err) != SR_OK)
        return SR_FAIL;
    expire(service);
    return SR_OK;
}

/* One that the caller takes part in. */
static sr_result find_session(overlap_session *out, const service_context *service, rpc_call *call,
                              const char *id, sr_err *err)
{
    return overlap_session_get(out, service->catalog, id, service_actor(call)->who.member, err);
}

/* Its lists go with it. */
static sr_result end_session(const service_context *service, rpc_call *call,
                             const overlap_session *session, overlap_state state, const char *text,
                             sr_err *err)
{
    sr_uuid_text id = sr_uuid_print(&session->manifest.session);
    if (overlap_end(service->catalog, id.text, state, text, service_actor(call), err) != SR_OK)
        return SR_FAIL;
    overlap_lists_forget(service->lists, id.text);
    return SR_OK;
}

/* ---- open ------------------------------------------------------------------------------------ */

static sr_result check_terms(const service_context *service, const manifest *terms, sr_err *err)
{
    int64_t now_s = sr_now_us() / 1000000;
    group_suite suite;
    if (group_suite_parse(&suite, terms->suite, err) != SR_OK)
        return sr_fail_in(err, "terms: suite");
    for (size_t i = 0; i < terms->member_count; i++)
    {
        if (terms->members[i].confirmed)
            return sr_fail(err, SR_E_INVALID, "terms: nobody has confirmed them yet");
        if (!quota_allows(service->overlap.quotas, QUOTA_OVERLAP_POINTS, terms->members[i].cap))
            return quota_refuse(
                err, QUOTA_OVERLAP_POINTS,
                "the cap of \"%s\" is more than the %llu points of a list that this "
                "server takes",
                terms->members[i].name,
                (unsigned long long)service->overlap.quotas->limit[QUOTA_OVERLAP_POINTS]);
    }
    if (terms->minimum < service->overlap.least_minimum)
        return sr_fail(err, SR_E_INVALID, "terms: minimum: this server's least is %llu",
                       (unsigned long long)service->overlap.least_minimum);
    if (terms->expires_s <= now_s || terms->expires_s > now_s + (int64_t)DAYS_MOST * DAY_S)
        return sr_fail(err, SR_E_INVALID, "terms: expires: expected a time in the next %d days",
                       DAYS_MOST);
    return SR_OK;
}

static sr_result open_session(manifest *terms, const service_context *service, rpc_call *call,
                              const Sealroom__V1__OpenSessionRequest *request, sr_err *err)
{
    ROOM_COLLABORATION(room);
    if (service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK ||
        manifest_parse(terms, sr_slice_of(request->terms.data, request->terms.len), err) != SR_OK ||
        check_terms(service, terms, err) != SR_OK)
        return SR_FAIL;
    terms->collaboration = room.id;
    terms->session = sr_uuid_random();
    return overlap_open(service->catalog, terms, service_actor(call), err);
}

sr_result handle_overlap_open(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__OpenSessionRequest, request);
    manifest terms;
    if (receive(&request, call, service, &sealroom__v1__open_session_request__descriptor, err) !=
            SR_OK ||
        open_session(&terms, service, call, request, err) != SR_OK)
        return SR_FAIL;
    sr_uuid_text id = sr_uuid_print(&terms.session);
    return answer_with(call, service, id.text, err);
}

/* ---- confirm --------------------------------------------------------------------------------- */

static sr_result hash_terms(digest_value *out, const overlap_session *session, sr_err *err)
{
    manifest terms;
    SR_BUF(text, MANIFEST_TEXT_MOST);
    manifest_terms(&terms, &session->manifest);
    if (manifest_print(&terms, &text, err) != SR_OK)
        return SR_FAIL;
    *out = digest_of(sr_buf_view(&text));
    return SR_OK;
}

/* The signature binds the member to these terms with this nonce. */
static sr_result check_confirmation(const service_context *service, rpc_call *call,
                                    const Sealroom__V1__ConfirmSessionRequest *request, sr_err *err)
{
    OVERLAP_SESSION(found);
    digest_value terms;
    uint8_t message[PSI_CONFIRM_SIZE];
    if (find_session(&found, service, call, request->session, err) != SR_OK ||
        hash_terms(&terms, &found, err) != SR_OK)
        return SR_FAIL;
    if (request->nonce.len != MANIFEST_NONCE_SIZE)
        return sr_fail(err, SR_E_INVALID, "a nonce has %d bytes", MANIFEST_NONCE_SIZE);
    if (!sr_slice_equal_var(sr_slice_of(request->terms_digest.data, request->terms_digest.len),
                            sr_slice_of(terms.bytes, sizeof terms.bytes)))
        return sr_fail(err, SR_E_STATE, "these are not the terms of this overlap session");
    psi_confirm_message(message, &terms, request->nonce.data);
    return signature_check(sr_slice_text(rpc_call_peer_certificate(call)),
                           sr_slice_of(message, sizeof message),
                           sr_slice_of(request->signature.data, request->signature.len), err);
}

sr_result handle_overlap_confirm(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__ConfirmSessionRequest, request);
    if (receive(&request, call, service, &sealroom__v1__confirm_session_request__descriptor, err) !=
            SR_OK ||
        check_confirmation(service, call, request, err) != SR_OK ||
        overlap_confirm(service->catalog, request->session, request->nonce.data,
                        rpc_call_peer_certificate(call), service_actor(call), err) != SR_OK)
        return SR_FAIL;
    return answer_with(call, service, request->session, err);
}

/* ---- looking and cancelling ------------------------------------------------------------------ */

sr_result handle_overlap_get(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__GetSessionRequest, request);
    if (receive(&request, call, service, &sealroom__v1__get_session_request__descriptor, err) !=
        SR_OK)
        return SR_FAIL;
    return answer_with(call, service, request->session, err);
}

sr_result handle_overlap_list(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__ListSessionsRequest, request);
    WIRE_MESSAGE(Sealroom__V1__ListSessionsResponse, answer);
    ROOM_COLLABORATION(room);
    if (receive(&request, call, service, &sealroom__v1__list_sessions_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK)
        return SR_FAIL;
    if (overlap_list_message(&answer, service->catalog, &room, service_actor(call)->who.member,
                             err) != SR_OK)
        return SR_FAIL;
    return service_send(call, answer, err);
}

sr_result handle_overlap_cancel(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__CancelSessionRequest, request);
    OVERLAP_SESSION(found);
    SR_TEXT(reason);
    if (service_receive(&request, call, &sealroom__v1__cancel_session_request__descriptor, err) !=
            SR_OK ||
        find_session(&found, service, call, request->session, err) != SR_OK)
        return SR_FAIL;
    reason = sr_text_printf("cancelled by %s", service_actor(call)->who.member);
    if (end_session(service, call, &found, OVERLAP_CANCELLED, reason, err) != SR_OK)
        return SR_FAIL;
    return answer_with(call, service, request->session, err);
}

/* ---- release --------------------------------------------------------------------------------- */

static void counted_clear(intake_upload **counted)
{
    intake_end(*counted);
}

/* What does not fit into memory goes through a scratch file, beside the lists. */
static sr_result count_scratch(intake_upload **out, const service_context *service, rpc_call *call,
                               const overlap_session *session, const overlap_job *job, sr_err *err)
{
    const sr_uuid *collaboration = &session->manifest.collaboration;
    uint64_t need = 0;
    uint64_t held = 0;
    for (size_t i = 0; i < session->part_count; i++)
        need += session->parts[i].points * MATCH_POINT_SIZE;
    if (need <= overlap_job_memory(job))
        return SR_OK;
    if (overlap_points_held(&held, service->catalog, collaboration, err) != SR_OK ||
        intake_begin_lists(out, service->intake, held * GROUP_POINT_SIZE_MAX, collaboration,
                           service_actor(call)->who.member, err) != SR_OK)
        return SR_FAIL;
    return intake_add(*out, need, 0, err);
}

/* What cannot be matched never will be: the session ends for everybody, with the reason. */
static sr_result match_and_release(const service_context *service, rpc_call *call,
                                   const overlap_session *session, const overlap_job *job,
                                   sr_err *err)
{
    OVERLAP_COUNTS(counts);
    SR_TEXT(report);
    intake_upload *counted SR_CLEANUP(counted_clear) = NULL;
    if (count_scratch(&counted, service, call, session, job, err) != SR_OK)
        return SR_FAIL;
    if (overlap_count(&counts, service->lists, session, job, err) != SR_OK)
    {
        sr_err ignored = SR_ERR_INIT;
        if (err->code == SR_E_INVALID &&
            end_session(service, call, session, OVERLAP_FAILED, err->text, &ignored) != SR_OK)
            sr_err_reset(&ignored);
        return SR_FAIL;
    }
    if (release_report(&report, &session->manifest, &counts, err) != SR_OK)
        return SR_FAIL;
    return end_session(service, call, session, OVERLAP_RELEASED, report, err);
}

static sr_result fail_incomplete(overlap_state state, sr_err *err)
{
    if (state != OVERLAP_OPEN && state != OVERLAP_RUNNING)
        return sr_fail(err, SR_E_STATE,
                       "the overlap session is %s: open a new one with `sealroom overlap open`",
                       overlap_state_name(state));
    return sr_fail(err, SR_E_STATE,
                   "the overlap session is %s: `sealroom overlap status` tells what is due",
                   overlap_state_name(state));
}

/* Nobody else matches this session meanwhile: whoever waited finds it released. */
static sr_result release_alone(const service_context *service, rpc_call *call, const char *id,
                               const overlap_job *job, sr_err *err)
{
    OVERLAP_SESSION(found);
    if (find_session(&found, service, call, id, err) != SR_OK)
        return SR_FAIL;
    if (found.state == OVERLAP_RELEASED)
        return SR_OK;
    if (found.state != OVERLAP_COMPLETE)
        return fail_incomplete(found.state, err);
    if (overlap_is_late(&found))
        return sr_fail(err, SR_E_STATE, "the overlap session's time is over");
    return match_and_release(service, call, &found, job, err);
}

/* Without secrets: it may wait for long. */
static sr_result look(overlap_state *state, overlap_job *job, const service_context *service,
                      rpc_call *call, const char *id, sr_err *err)
{
    OVERLAP_SESSION(found);
    if (overlap_session_glance(&found, service->catalog, id, service_actor(call)->who.member,
                               err) != SR_OK)
        return SR_FAIL;
    *state = found.state;
    *job = service_job(service, call, &found.manifest);
    return SR_OK;
}

static sr_result release(const service_context *service, rpc_call *call, const char *id,
                         sr_err *err)
{
    overlap_state state;
    overlap_job job;
    if (look(&state, &job, service, call, id, err) != SR_OK)
        return SR_FAIL;
    if (state != OVERLAP_COMPLETE)
        return state == OVERLAP_RELEASED ? SR_OK : fail_incomplete(state, err);
    if (overlap_work_enter(&job, err) != SR_OK)
        return SR_FAIL;
    sr_result result = release_alone(service, call, id, &job, err);
    overlap_work_leave(&job);
    return result;
}

sr_result handle_overlap_release(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    const char *member = service_actor(call)->who.member;
    WIRE_MESSAGE(Sealroom__V1__ReleaseRequest, request);
    WIRE_MESSAGE(Sealroom__V1__ReleaseResponse, answer);
    OVERLAP_SESSION(found);
    if (receive(&request, call, service, &sealroom__v1__release_request__descriptor, err) !=
            SR_OK ||
        release(service, call, request->session, err) != SR_OK ||
        find_session(&found, service, call, request->session, err) != SR_OK)
        return SR_FAIL;
    answer = sr_alloc(sizeof *answer);
    sealroom__v1__release_response__init(answer);
    size_t position = manifest_position(&found.manifest, member);
    if (found.manifest.members[position].receives)
    {
        sr_slice report = sr_slice_text(found.report);
        answer->report.data = sr_alloc(report.len);
        answer->report.len = report.len;
        sr_copy(answer->report.data, report.data, report.len);
    }
    if (overlap_message_of(&answer->session, service, call, request->session, err) != SR_OK)
        return SR_FAIL;
    return service_send(call, answer, err);
}
