#include "overlap_message.h"

#include <stdlib.h>
#include <string.h>

#include "sealroom/v1/overlap.pb-c.h"
#include "wire/wire.h"

enum
{
    LIST_BYTES =
        RPC_MESSAGE_MAX / 4 * 3, /* with WIRE_PARTS_MAX in mind: what is due has 16 bytes or more */
    FIELD_HEAD = 8,              /* bytes before each message in a list, at most */
};

static Sealroom__V1__OverlapDue *due_new(const char *member, const char *step)
{
    Sealroom__V1__OverlapDue *due = sr_alloc(sizeof *due);
    sealroom__v1__overlap_due__init(due);
    due->member = sr_text_copy(member);
    due->step = sr_text_copy(step);
    due->part = sr_text_copy("");
    return due;
}

static void add_due(Sealroom__V1__OverlapSession *out, Sealroom__V1__OverlapDue *due, bool own)
{
    size_t *count = own ? &out->n_due : &out->n_waiting;
    Sealroom__V1__OverlapDue ***list = own ? &out->due : &out->waiting;
    *list = sr_array_grow(*list, *count, *count + 1, sizeof(void *));
    (*list)[(*count)++] = due;
}

static void add_steps(Sealroom__V1__OverlapSession *out, const overlap_session *session, size_t who,
                      bool own)
{
    const manifest_member *member = &session->manifest.members[who];
    if (session->state == OVERLAP_OPEN && !member->confirmed)
        add_due(out, due_new(member->name, "confirm"), own);
    if (session->state == OVERLAP_RUNNING && !session->members[who].contributed)
        add_due(out, due_new(member->name, "contribute"), own);
    for (size_t i = 0; session->state == OVERLAP_RUNNING && i < session->part_count; i++)
    {
        const overlap_part *part = &session->parts[i];
        if (overlap_turn(session, part) != who)
            continue;
        Sealroom__V1__OverlapDue *due = due_new(member->name, "reblind");
        due->points = part->points;
        if (own)
        {
            sr_free(due->part);
            due->part = sr_text_copy(part->name);
        }
        add_due(out, due, own);
    }
}

static int by_part(const void *a, const void *b)
{
    const Sealroom__V1__OverlapDue *const *one = a;
    const Sealroom__V1__OverlapDue *const *other = b;
    int order = strcmp((*one)->part, (*other)->part);
    if (order != 0)
        return order;
    return ((*one)->points > (*other)->points) - ((*one)->points < (*other)->points);
}

static void add_progress(Sealroom__V1__OverlapSession *out, const overlap_session *session)
{
    out->parts = (uint32_t)session->part_count;
    for (size_t i = 0; i < session->part_count; i++)
        if (overlap_turn(session, &session->parts[i]) == session->manifest.member_count)
            out->parts_done++;
}

static void add_share(Sealroom__V1__OverlapSession *out, const overlap_member *member)
{
    out->checkpoint_share.data = sr_alloc(OVERLAP_SHARE_SIZE);
    out->checkpoint_share.len = OVERLAP_SHARE_SIZE;
    sr_copy(out->checkpoint_share.data, member->share, OVERLAP_SHARE_SIZE);
}

static sr_result add_manifest(Sealroom__V1__OverlapSession *out, const manifest *now, sr_err *err)
{
    SR_BUF(text, MANIFEST_TEXT_MOST);
    if (manifest_print(now, &text, err) != SR_OK)
        return SR_FAIL;
    sr_slice view = sr_buf_view(&text);
    out->manifest.data = sr_alloc(view.len);
    out->manifest.len = view.len;
    sr_copy(out->manifest.data, view.data, view.len);
    return SR_OK;
}

sr_result overlap_session_message(void *out, const overlap_session *session,
                                  const char *collaboration, const char *member, sr_err *err)
{
    Sealroom__V1__OverlapSession *made = sr_alloc(sizeof *made);
    size_t own = manifest_position(&session->manifest, member);
    sr_uuid_text id = sr_uuid_print(&session->manifest.session);
    *(Sealroom__V1__OverlapSession **)out = made;
    sealroom__v1__overlap_session__init(made);
    made->session = sr_text_copy(id.text);
    made->collaboration = sr_text_copy(collaboration);
    made->state = sr_text_copy(overlap_state_name(session->state));
    made->opened_by = sr_text_copy(session->opened_by);
    made->opened_us = session->opened_us;
    made->reason = sr_text_copy(session->reason);
    for (size_t i = 0; i < session->manifest.member_count; i++)
        add_steps(made, session, i, i == own);
    if (made->n_due > 0)
        qsort(made->due, made->n_due, sizeof(void *), by_part);
    if (made->n_waiting > 0)
        qsort(made->waiting, made->n_waiting, sizeof(void *), by_part);
    add_progress(made, session);
    return add_manifest(made, &session->manifest, err);
}

sr_result overlap_message_of(void *out, const service_context *service, rpc_call *call,
                             const char *session, sr_err *err)
{
    OVERLAP_SESSION(found);
    ROOM_COLLABORATION(room);
    const char *member = service_actor(call)->who.member;
    if (overlap_session_get(&found, service->catalog, session, member, err) != SR_OK)
        return SR_FAIL;
    sr_uuid_text id = sr_uuid_print(&found.manifest.collaboration);
    if (catalog_collaboration_find(&room, service->catalog, id.text, member, err) != SR_OK)
        return SR_FAIL;
    if (overlap_session_message(out, &found, room.name, member, err) != SR_OK)
        return SR_FAIL;
    if (found.state == OVERLAP_RUNNING || found.state == OVERLAP_COMPLETE)
        add_share(*(Sealroom__V1__OverlapSession **)out,
                  &found.members[manifest_position(&found.manifest, member)]);
    return SR_OK;
}

static sr_result add_session(Sealroom__V1__ListSessionsResponse *list, size_t *left, catalog *rooms,
                             const char *session, const char *collaboration, const char *member,
                             sr_err *err)
{
    OVERLAP_SESSION(found);
    WIRE_MESSAGE(Sealroom__V1__OverlapSession, made);
    if (overlap_session_glance(&found, rooms, session, member, err) != SR_OK)
    {
        bool damaged = err->code == SR_E_CORRUPT; /* GetSession tells of it */
        if (damaged)
            sr_err_reset(err);
        return damaged ? SR_OK : SR_FAIL;
    }
    if (overlap_session_message(&made, &found, collaboration, member, err) != SR_OK)
        return SR_FAIL;
    size_t size = sealroom__v1__overlap_session__get_packed_size(made) + FIELD_HEAD;
    if (size > *left)
    {
        *left = 0;
        list->more = 1;
        return SR_OK;
    }
    *left -= size;
    list->sessions[list->n_sessions++] = made;
    made = NULL;
    return SR_OK;
}

static void list_clear(sr_uuid_text **list)
{
    sr_free(*list);
}

sr_result overlap_list_message(void *out, catalog *rooms, const room_collaboration *room,
                               const char *member, sr_err *err)
{
    sr_uuid_text *list SR_CLEANUP(list_clear) = NULL;
    size_t count = 0;
    size_t left = LIST_BYTES;
    Sealroom__V1__ListSessionsResponse *made = sr_alloc(sizeof *made);
    sealroom__v1__list_sessions_response__init(made);
    *(Sealroom__V1__ListSessionsResponse **)out = made;
    if (overlap_session_list(&list, &count, rooms, &room->id, member, err) != SR_OK)
        return SR_FAIL;
    made->sessions = sr_array(count, sizeof(void *));
    made->more = count == OVERLAP_LIST_MOST;
    for (size_t i = 0; i < count && left > 0; i++)
        if (add_session(made, &left, rooms, list[i].text, room->name, member, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}
