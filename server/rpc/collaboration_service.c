#include "base/text.h"
#include "convert.h"
#include "handlers.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "server/shell/version.h"
#include "service.h"
#include "wire/wire.h"

/* Most calls answer with the collaboration as it is now, as its caller sees it. */
static sr_result answer_with(rpc_call *call, const service_context *context, const char *id_or_name,
                             sr_err *err)
{
    ROOM_COLLABORATION(room);
    WIRE_MESSAGE(Sealroom__V1__Collaboration, answer);
    const catalog_actor *actor = service_actor(call);
    if (catalog_collaboration_find(&room, context->catalog, id_or_name, actor->who.member, err) !=
        SR_OK)
        return SR_FAIL;
    service_note_collaboration(call, &room.id);
    answer = convert_collaboration_message(&room);
    return service_send(call, answer, err);
}

sr_result handle_ping(rpc_call *call, void *context, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__PingRequest, request);
    Sealroom__V1__PingResponse answer = SEALROOM__V1__PING_RESPONSE__INIT;
    char version[] = SEALROOM_VERSION;
    (void)context;
    if (service_receive(&request, call, &sealroom__v1__ping_request__descriptor, err) != SR_OK)
        return SR_FAIL;
    answer.server_version = version;
    answer.server_time_us = sr_now_us();
    return service_send(call, &answer, err);
}

sr_result handle_whoami(rpc_call *call, void *context, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__WhoAmIRequest, request);
    WIRE_MESSAGE(Sealroom__V1__WhoAmIResponse, answer);
    const catalog_actor *actor = service_actor(call);
    (void)context;
    if (service_receive(&request, call, &sealroom__v1__who_am_irequest__descriptor, err) != SR_OK)
        return SR_FAIL;
    answer = sr_alloc(sizeof *answer);
    sealroom__v1__who_am_iresponse__init(answer);
    answer->member = sr_text_copy(actor->who.member);
    answer->role = sr_text_copy(role_name(actor->who.role));
    answer->certificate_fingerprint = sr_text_copy(actor->certificate);
    return service_send(call, answer, err);
}

/* ---- changes --------------------------------------------------------------------------------- */

static collaboration_flags read_flags(const Sealroom__V1__CollaborationFlags *flags)
{
    if (flags == NULL)
        return (collaboration_flags){false, false, false, false};
    return (collaboration_flags){
        .allow_cleartext = flags->allow_cleartext,
        .allow_duplicates = flags->allow_duplicates,
        .allow_joins_on_columns_with_different_names =
            flags->allow_joins_on_columns_with_different_names,
        .preserve_nulls = flags->preserve_nulls,
    };
}

static sr_result make_key(const service_context *service, const sr_uuid *id, sr_err *err)
{
    if (server_keys_make(service->keys, id, err) == SR_OK)
        return SR_OK;
    return err->code == SR_E_EXISTS ? sr_fail(err, SR_E_EXISTS, "this collaboration id is taken")
                                    : SR_FAIL;
}

sr_result handle_collaboration_create(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__CreateCollaborationRequest, request);
    ROOM_COLLABORATION(room);
    sr_uuid id;
    if (service_receive(&request, call, &sealroom__v1__create_collaboration_request__descriptor,
                        err) != SR_OK)
        return SR_FAIL;
    bool has_id = request->id[0] != '\0';
    if (has_id && sr_uuid_parse(&id, request->id, err) != SR_OK)
        return sr_fail_in(err, "collaboration id");
    if (!has_id)
        id = sr_uuid_random();
    collaboration_flags flags = read_flags(request->flags);
    /* The key first: a collaboration without its key could never store a fingerprint. */
    if (make_key(service, &id, err) != SR_OK)
        return SR_FAIL;
    if (catalog_collaboration_create(&room, service->catalog, &id, request->name, &flags,
                                     service_actor(call), err) != SR_OK)
    {
        server_keys_forget(service->keys, &id);
        return SR_FAIL;
    }
    sr_uuid_text text = sr_uuid_print(&id);
    return answer_with(call, service, text.text, err);
}

static unsigned read_abilities(const Sealroom__V1__Abilities *abilities)
{
    if (abilities == NULL)
        return 0;
    return (abilities->contribute ? ABILITY_CONTRIBUTE : 0u) |
           (abilities->query ? ABILITY_QUERY : 0u) |
           (abilities->receive_results ? ABILITY_RECEIVE_RESULTS : 0u);
}

sr_result handle_member_invite(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__InviteMemberRequest, request);
    ROOM_COLLABORATION(room);
    if (service_receive(&request, call, &sealroom__v1__invite_member_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK ||
        catalog_member_invite(service->catalog, &room.id, request->member,
                              read_abilities(request->abilities), service_actor(call),
                              err) != SR_OK)
        return SR_FAIL;
    return answer_with(call, service, request->collaboration, err);
}

sr_result handle_member_accept(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    const catalog_actor *actor = service_actor(call);
    WIRE_MESSAGE(Sealroom__V1__AcceptInvitationRequest, request);
    ROOM_COLLABORATION(room);
    if (service_receive(&request, call, &sealroom__v1__accept_invitation_request__descriptor,
                        err) != SR_OK ||
        catalog_collaboration_find(&room, service->catalog, request->collaboration,
                                   actor->who.member, err) != SR_OK ||
        catalog_member_accept(service->catalog, &room.id, actor, err) != SR_OK)
        return SR_FAIL;
    return answer_with(call, service, request->collaboration, err);
}

/* ---- looking --------------------------------------------------------------------------------- */

sr_result handle_collaboration_get(rpc_call *call, void *context, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__GetCollaborationRequest, request);
    if (service_receive(&request, call, &sealroom__v1__get_collaboration_request__descriptor,
                        err) != SR_OK)
        return SR_FAIL;
    return answer_with(call, context, request->collaboration, err);
}

sr_result handle_collaboration_list(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__ListCollaborationsRequest, request);
    WIRE_MESSAGE(Sealroom__V1__ListCollaborationsResponse, answer);
    room_collaboration *rooms = NULL;
    size_t count = 0;
    if (service_receive(&request, call, &sealroom__v1__list_collaborations_request__descriptor,
                        err) != SR_OK ||
        catalog_collaboration_list(&rooms, &count, service->catalog,
                                   service_actor(call)->who.member, err) != SR_OK)
        return SR_FAIL;
    answer = sr_alloc(sizeof *answer);
    sealroom__v1__list_collaborations_response__init(answer);
    answer->collaborations = sr_array(count, sizeof(void *));
    for (size_t i = 0; i < count; i++)
        answer->collaborations[answer->n_collaborations++] =
            convert_collaboration_message(&rooms[i]);
    catalog_collaborations_free(rooms, count);
    return service_send(call, answer, err);
}
