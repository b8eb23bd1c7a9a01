#include "service.h"

#include <assert.h>
#include <string.h>

#include "permission.h"
#include "server/shell/identity.h"
#include "wire/wire.h"

/* ---- who calls ------------------------------------------------------------------------------- */

/* What a call remembers of its caller. */
typedef struct
{
    catalog_actor actor;
    callers *counted; /* NULL: not yet */
    sr_uuid_text collaboration;
} call_user;

static void call_user_free(void *user)
{
    call_user *self = user;
    if (self->counted != NULL)
        callers_leave(self->counted, self->actor.who.member);
    sr_free(self);
}

sr_result service_authorize(rpc_call *call, const char *path, void *context, sr_err *err)
{
    const service_context *service = context;
    const char *fingerprint = rpc_call_peer_fingerprint(call);
    principal who;
    if ((service->revocations != NULL &&
         revocation_check(service->revocations, fingerprint, err) != SR_OK) ||
        identity_of_call(&who, call, err) != SR_OK)
        return SR_FAIL;
    call_user *user = sr_alloc(sizeof *user);
    user->actor.who = who;
    rpc_call_set_user(call, user, call_user_free);
    if (!sr_text_put(user->actor.certificate, sizeof user->actor.certificate, fingerprint))
        return sr_fail(err, SR_E_INTERNAL, "a fingerprint of the wrong size");
    if (service->callers != NULL && callers_enter(service->callers, who.member, err) != SR_OK)
        return SR_FAIL;
    user->counted = service->callers;
    return permission_check(path, who.role, err); /* what it may not call counts too */
}

const catalog_actor *service_actor_or_null(const rpc_call *call)
{
    const call_user *user = rpc_call_user(call);
    return user == NULL ? NULL : &user->actor;
}

const catalog_actor *service_actor(const rpc_call *call)
{
    const catalog_actor *actor = service_actor_or_null(call);
    assert(actor != NULL);
    return actor;
}

const char *service_collaboration(const rpc_call *call)
{
    const call_user *user = rpc_call_user(call);
    return user == NULL ? "" : user->collaboration.text;
}

void service_note_collaboration(rpc_call *call, const sr_uuid *id)
{
    call_user *user = rpc_call_user(call);
    user->collaboration = sr_uuid_print(id);
}

/* ---- messages -------------------------------------------------------------------------------- */

sr_result service_receive(void *request, rpc_call *call, const void *descriptor, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    bool end = false;
    if (rpc_call_receive(call, &bytes, &end, err) != SR_OK)
        return SR_FAIL;
    if (end)
        return sr_fail(err, SR_E_INVALID, "the request is missing");
    if (wire_unpack(request, descriptor, sr_buf_view(&bytes), err) != SR_OK)
        return sr_fail_in(err, "request");
    return SR_OK;
}

sr_result service_send(rpc_call *call, const void *message, sr_err *err)
{
    SR_SECRET_BUF(bytes, RPC_MESSAGE_LIMIT);
    if (wire_pack(message, &bytes, err) != SR_OK)
        return SR_FAIL;
    return rpc_call_send(call, sr_buf_view(&bytes), err);
}

/* ---- entering a collaboration ---------------------------------------------------------------- */

static sr_result check_member(const room_collaboration *room, const char *member,
                              unsigned abilities, sr_err *err)
{
    const room_member *found = room_member_find(room, member);
    if (found == NULL)
        return sr_fail(err, SR_E_INTERNAL, "a collaboration without its member");
    if (!found->accepted)
        return sr_fail(err, SR_E_STATE,
                       "member \"%s\" is invited but has not accepted yet: `sealroom collab accept "
                       "%s`",
                       member, room->name);
    unsigned missing = abilities & ~found->abilities;
    if (missing == 0)
        return SR_OK;
    SR_TEXT(words);
    words = abilities_print(missing);
    sr_fail(err, SR_E_ROLE, "member \"%s\" lacks the ability \"%s\" in collaboration \"%s\"",
            member, words, room->name);
    sr_err_set_detail(err, "ABILITY_MISSING", "abilities", NULL, NULL);
    return SR_FAIL;
}

sr_result service_enter(room_collaboration *out, const service_context *context, rpc_call *call,
                        const char *id_or_name, unsigned abilities, sr_err *err)
{
    const catalog_actor *actor = service_actor(call);
    if (catalog_collaboration_find(out, context->catalog, id_or_name, actor->who.member, err) !=
        SR_OK)
        return SR_FAIL;
    service_note_collaboration(call, &out->id);
    if (check_member(out, actor->who.member, abilities, err) == SR_OK)
        return SR_OK;
    room_collaboration_clear(out);
    return SR_FAIL;
}

static bool is_gone(const void *call)
{
    return rpc_call_cancelled(call);
}

overlap_job service_job(const service_context *service, const rpc_call *call,
                        const manifest *session)
{
    return (overlap_job){
        .work = service->overlap.work,
        .session = session->session,
        .collaboration = session->collaboration,
        .is_gone = is_gone,
        .context = call,
    };
}
