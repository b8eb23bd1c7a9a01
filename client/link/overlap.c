#include "overlap.h"

#include <string.h>

#include "convert.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "session.h"
#include "wire/wire.h"

#define SERVICE "/sealroom.v1.OverlapService/"

void link_overlap_clear(link_overlap *session)
{
    sr_free(session->collaboration);
    sr_free(session->state);
    sr_free(session->opened_by);
    sr_free(session->reason);
    sr_free(session->due);
    sr_free(session->waiting);
    sr_wipe(session->share, sizeof session->share);
    *session = (link_overlap){.state = NULL};
}

void link_overlaps_clear(link_overlaps *list)
{
    for (size_t i = 0; i < list->count; i++)
        link_overlap_clear(&list->items[i]);
    sr_free(list->items);
    *list = (link_overlaps){.items = NULL};
}

/* ---- from messages --------------------------------------------------------------------------- */

static sr_result convert_due(link_overlap_due **out, size_t *count,
                             Sealroom__V1__OverlapDue *const *from, size_t from_count, bool own,
                             sr_err *err)
{
    *out = sr_array(from_count, sizeof **out);
    for (size_t i = 0; i < from_count; i++)
    {
        link_overlap_due *due = &(*out)[(*count)++];
        if (convert_text(due->member, sizeof due->member, from[i]->member, "member name", err) !=
                SR_OK ||
            convert_text(due->step, sizeof due->step, from[i]->step, "step", err) != SR_OK ||
            convert_text(due->part, sizeof due->part, from[i]->part, "part", err) != SR_OK)
            return SR_FAIL;
        /* It goes into file names. */
        sr_uuid id;
        bool wanted = own && strcmp(due->step, "reblind") == 0;
        if ((wanted || due->part[0] != '\0') && sr_uuid_parse(&id, due->part, err) != SR_OK)
            return sr_fail_in(err, "part");
        due->points = from[i]->points;
    }
    return SR_OK;
}

static sr_result copy_text(char **out, const char *text, const char *what, sr_err *err)
{
    char plain[SR_ERR_TEXT_SIZE];
    if (convert_text(plain, sizeof plain, text, what, err) != SR_OK)
        return SR_FAIL;
    *out = sr_text_copy(plain);
    return SR_OK;
}

/* They are shown to people. */
static sr_result convert_words(link_overlap *out, const Sealroom__V1__OverlapSession *from,
                               sr_err *err)
{
    if (copy_text(&out->collaboration, from->collaboration, "collaboration name", err) != SR_OK ||
        copy_text(&out->state, from->state, "state", err) != SR_OK ||
        copy_text(&out->opened_by, from->opened_by, "member name", err) != SR_OK)
        return SR_FAIL;
    return copy_text(&out->reason, from->reason, "reason", err);
}

/* The session's id goes into file names: it must be one, and be that of the manifest. */
static sr_result convert_session(link_overlap *out, const Sealroom__V1__OverlapSession *from,
                                 sr_err *err)
{
    LINK_OVERLAP(made);
    sr_uuid id;
    *out = (link_overlap){.state = NULL};
    made.opened_us = from->opened_us;
    made.parts = from->parts;
    made.parts_done = from->parts_done;
    sr_slice text = sr_slice_of(from->manifest.data, from->manifest.len);
    if (convert_words(&made, from, err) != SR_OK ||
        convert_text(made.session, sizeof made.session, from->session, "session", err) != SR_OK ||
        sr_uuid_parse(&id, made.session, err) != SR_OK ||
        manifest_parse(&made.manifest, text, err) != SR_OK ||
        convert_due(&made.due, &made.due_count, from->due, from->n_due, true, err) != SR_OK ||
        convert_due(&made.waiting, &made.waiting_count, from->waiting, from->n_waiting, false,
                    err) != SR_OK)
        return sr_fail_in(err, "the server's answer");
    if (!sr_uuid_equal(&id, &made.manifest.session))
        return sr_fail(err, SR_E_INVALID, "the server's answer: a manifest of another session");
    made.manifest_hash = digest_of(text);
    made.has_share = from->checkpoint_share.len == sizeof made.share;
    if (made.has_share)
        sr_copy(made.share, from->checkpoint_share.data, sizeof made.share);
    *out = made;
    made = (link_overlap){.state = NULL};
    return SR_OK;
}

static sr_result ask(link_overlap *out, link_session *link, const char *path, const void *request,
                     sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__OverlapSession, answer);
    *out = (link_overlap){.state = NULL};
    if (link_call(&answer, link, path, request, &sealroom__v1__overlap_session__descriptor, err) !=
        SR_OK)
        return SR_FAIL;
    return convert_session(out, answer, err);
}

/* About the session that was asked for, and no other. */
static sr_result ask_about(link_overlap *out, link_session *link, const char *path,
                           const void *request, const char *session, sr_err *err)
{
    sr_uuid asked;
    if (sr_uuid_parse(&asked, session, err) != SR_OK)
        return sr_fail_in(err, "session");
    if (ask(out, link, path, request, err) != SR_OK)
        return SR_FAIL;
    if (sr_uuid_equal(&asked, &out->manifest.session))
        return SR_OK;
    link_overlap_clear(out);
    return sr_fail(err, SR_E_INVALID, "the server answered about another session");
}

/* ---- calls ----------------------------------------------------------------------------------- */

sr_result link_overlap_open(link_overlap *out, link_session *link, const char *collaboration,
                            const manifest *terms, sr_err *err)
{
    SR_TEXT(name);
    SR_BUF(text, MANIFEST_TEXT_MOST);
    Sealroom__V1__OpenSessionRequest request = SEALROOM__V1__OPEN_SESSION_REQUEST__INIT;
    *out = (link_overlap){.state = NULL};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK ||
        manifest_print(terms, &text, err) != SR_OK)
        return SR_FAIL;
    sr_slice view = sr_buf_view(&text);
    request.collaboration = name;
    request.terms = (ProtobufCBinaryData){view.len, (uint8_t *)(uintptr_t)view.data};
    return ask(out, link, SERVICE "OpenSession", &request, err);
}

sr_result link_overlap_confirm(link_overlap *out, link_session *link, const char *session,
                               const digest_value *terms_hash,
                               const uint8_t nonce[MANIFEST_NONCE_SIZE],
                               const signature_value *signature, sr_err *err)
{
    Sealroom__V1__ConfirmSessionRequest request = SEALROOM__V1__CONFIRM_SESSION_REQUEST__INIT;
    request.session = link_borrow(session);
    request.terms_digest =
        (ProtobufCBinaryData){DIGEST_SIZE, (uint8_t *)(uintptr_t)terms_hash->bytes};
    request.nonce = (ProtobufCBinaryData){MANIFEST_NONCE_SIZE, (uint8_t *)(uintptr_t)nonce};
    request.signature =
        (ProtobufCBinaryData){signature->len, (uint8_t *)(uintptr_t)signature->bytes};
    return ask_about(out, link, SERVICE "ConfirmSession", &request, session, err);
}

sr_result link_overlap_get(link_overlap *out, link_session *link, const char *session, sr_err *err)
{
    Sealroom__V1__GetSessionRequest request = SEALROOM__V1__GET_SESSION_REQUEST__INIT;
    request.session = link_borrow(session);
    return ask_about(out, link, SERVICE "GetSession", &request, session, err);
}

sr_result link_overlap_cancel(link_overlap *out, link_session *link, const char *session,
                              sr_err *err)
{
    Sealroom__V1__CancelSessionRequest request = SEALROOM__V1__CANCEL_SESSION_REQUEST__INIT;
    request.session = link_borrow(session);
    return ask_about(out, link, SERVICE "CancelSession", &request, session, err);
}

sr_result link_overlap_list(link_overlaps *out, link_session *link, const char *collaboration,
                            sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__ListSessionsRequest request = SEALROOM__V1__LIST_SESSIONS_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__ListSessionsResponse, answer);
    *out = (link_overlaps){.items = NULL};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    if (link_call(&answer, link, SERVICE "ListSessions", &request,
                  &sealroom__v1__list_sessions_response__descriptor, err) != SR_OK)
        return SR_FAIL;
    out->items = sr_array(answer->n_sessions, sizeof *out->items);
    out->more = answer->more != 0;
    for (size_t i = 0; i < answer->n_sessions; i++)
    {
        if (convert_session(&out->items[i], answer->sessions[i], err) != SR_OK)
        {
            link_overlaps_clear(out);
            return SR_FAIL;
        }
        out->count++;
    }
    return SR_OK;
}

sr_result link_overlap_release(link_overlap *out, char **report, link_session *link,
                               const char *session, sr_err *err)
{
    Sealroom__V1__ReleaseRequest request = SEALROOM__V1__RELEASE_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__ReleaseResponse, answer);
    *out = (link_overlap){.state = NULL};
    *report = NULL;
    request.session = link_borrow(session);
    if (link_call_within(&answer, link, SERVICE "Release", &request,
                         &sealroom__v1__release_response__descriptor, LINK_STREAM_MS, err) != SR_OK)
        return SR_FAIL;
    if (answer->session == NULL || strcmp(answer->session->session, session) != 0)
        return sr_fail(err, SR_E_INVALID, "the server answered about another session");
    if (sr_slice_to_text(report, sr_slice_of(answer->report.data, answer->report.len), err) !=
        SR_OK)
        return sr_fail_in(err, "the server's answer");
    return convert_session(out, answer->session, err);
}
