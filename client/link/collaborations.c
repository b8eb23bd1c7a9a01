#include <string.h>

#include "convert.h"
#include "link.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "session.h"
#include "wire/wire.h"

#define SERVICE "/sealroom.v1.CollaborationService/"

/* Four of the five calls answer with one collaboration. */
static sr_result ask(room_collaboration *out, link_session *link, const char *path,
                     const void *request, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__Collaboration, answer);
    *out = (room_collaboration){0};
    if (link_call(&answer, link, path, request, &sealroom__v1__collaboration__descriptor, err) !=
        SR_OK)
        return SR_FAIL;
    return convert_collaboration(out, answer, err);
}

sr_result link_collaboration_create(room_collaboration *out, link_session *link, const char *name,
                                    const collaboration_flags *flags, const char *id, sr_err *err)
{
    Sealroom__V1__CollaborationFlags sent = SEALROOM__V1__COLLABORATION_FLAGS__INIT;
    Sealroom__V1__CreateCollaborationRequest request =
        SEALROOM__V1__CREATE_COLLABORATION_REQUEST__INIT;
    sent.allow_cleartext = flags->allow_cleartext;
    sent.allow_duplicates = flags->allow_duplicates;
    sent.allow_joins_on_columns_with_different_names =
        flags->allow_joins_on_columns_with_different_names;
    sent.preserve_nulls = flags->preserve_nulls;
    request.name = link_borrow(name);
    request.flags = &sent;
    if (id != NULL)
        request.id = link_borrow(id);
    return ask(out, link, SERVICE "CreateCollaboration", &request, err);
}

sr_result link_collaboration_invite(room_collaboration *out, link_session *link,
                                    const char *collaboration, const char *member,
                                    unsigned abilities, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__Abilities sent = SEALROOM__V1__ABILITIES__INIT;
    Sealroom__V1__InviteMemberRequest request = SEALROOM__V1__INVITE_MEMBER_REQUEST__INIT;
    *out = (room_collaboration){0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    sent.contribute = (abilities & ABILITY_CONTRIBUTE) != 0;
    sent.query = (abilities & ABILITY_QUERY) != 0;
    sent.receive_results = (abilities & ABILITY_RECEIVE_RESULTS) != 0;
    request.collaboration = name;
    request.member = link_borrow(member);
    request.abilities = &sent;
    return ask(out, link, SERVICE "InviteMember", &request, err);
}

sr_result link_collaboration_accept(room_collaboration *out, link_session *link,
                                    const char *collaboration, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__AcceptInvitationRequest request = SEALROOM__V1__ACCEPT_INVITATION_REQUEST__INIT;
    *out = (room_collaboration){0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    return ask(out, link, SERVICE "AcceptInvitation", &request, err);
}

/* The id goes into every key: an answer under another name or id would encrypt for another room. */
static bool is_asked_for(const room_collaboration *room, const char *id_or_name)
{
    sr_uuid id;
    sr_err not_an_id = SR_ERR_INIT;
    if (sr_uuid_parse(&id, id_or_name, &not_an_id) == SR_OK)
        return sr_uuid_equal(&id, &room->id);
    return strcmp(room->name, id_or_name) == 0;
}

sr_result link_collaboration_get(room_collaboration *out, link_session *link,
                                 const char *collaboration, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__GetCollaborationRequest request = SEALROOM__V1__GET_COLLABORATION_REQUEST__INIT;
    *out = (room_collaboration){0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    if (ask(out, link, SERVICE "GetCollaboration", &request, err) != SR_OK)
        return SR_FAIL;
    if (is_asked_for(out, name))
        return SR_OK;
    room_collaboration_clear(out);
    return sr_fail(err, SR_E_INVALID, "the server answered about another collaboration than \"%s\"",
                   name);
}

/* ---- lists ----------------------------------------------------------------------------------- */

void link_collaborations_clear(link_collaborations *list)
{
    for (size_t i = 0; i < list->count; i++)
        room_collaboration_clear(&list->items[i]);
    sr_free(list->items);
    *list = (link_collaborations){NULL, 0};
}

sr_result link_collaboration_list(link_collaborations *out, link_session *link, sr_err *err)
{
    Sealroom__V1__ListCollaborationsRequest request =
        SEALROOM__V1__LIST_COLLABORATIONS_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__ListCollaborationsResponse, answer);
    *out = (link_collaborations){NULL, 0};
    if (link_call(&answer, link, SERVICE "ListCollaborations", &request,
                  &sealroom__v1__list_collaborations_response__descriptor, err) != SR_OK)
        return SR_FAIL;
    out->items = sr_array(answer->n_collaborations, sizeof *out->items);
    for (size_t i = 0; i < answer->n_collaborations; i++)
    {
        if (convert_collaboration(&out->items[i], answer->collaborations[i], err) != SR_OK)
        {
            link_collaborations_clear(out);
            return SR_FAIL;
        }
        out->count++;
    }
    return SR_OK;
}

sr_result link_collaboration_name(char **out, link_session *link, const char *given, sr_err *err)
{
    link_collaborations list SR_CLEANUP(link_collaborations_clear) = {NULL, 0};
    *out = NULL;
    if (given != NULL && given[0] != '\0')
    {
        *out = sr_text_copy(given);
        return SR_OK;
    }
    if (link_collaboration_list(&list, link, err) != SR_OK)
        return SR_FAIL;
    if (list.count == 0)
        return sr_fail(err, SR_E_NOT_FOUND,
                       "this member belongs to no collaboration yet: create one with "
                       "`sealroom collab create NAME`, or ask to be invited");
    if (list.count > 1)
        return sr_fail(err, SR_E_USAGE,
                       "this member belongs to %zu collaborations: say which with --collab NAME "
                       "(`sealroom collab list` shows them)",
                       list.count);
    sr_uuid_text id = sr_uuid_print(&list.items[0].id);
    *out = sr_text_copy(id.text);
    return SR_OK;
}
