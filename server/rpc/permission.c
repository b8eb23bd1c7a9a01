#include "permission.h"

#include <string.h>

#include "handlers.h"

enum
{
    ANY = ROLE_ANY,
    ADMIN = ROLE_BIT(ROLE_ADMIN),
    OWNER = ROLE_BIT(ROLE_OWNER),
    ANALYST = ROLE_BIT(ROLE_ANALYST),
};

static const permission_row table[] = {
    {"/sealroom.v1.CollaborationService/Ping", RPC_UNARY, ANY, handle_ping},
    {"/sealroom.v1.CollaborationService/WhoAmI", RPC_UNARY, ANY, handle_whoami},
    {"/sealroom.v1.CollaborationService/CreateCollaboration", RPC_UNARY, ADMIN,
     handle_collaboration_create},
    {"/sealroom.v1.CollaborationService/InviteMember", RPC_UNARY, ADMIN, handle_member_invite},
    {"/sealroom.v1.CollaborationService/AcceptInvitation", RPC_UNARY, ADMIN, handle_member_accept},
    {"/sealroom.v1.CollaborationService/GetCollaboration", RPC_UNARY, ANY,
     handle_collaboration_get},
    {"/sealroom.v1.CollaborationService/ListCollaborations", RPC_UNARY, ANY,
     handle_collaboration_list},
    {"/sealroom.v1.TableService/Upload", RPC_BIDIRECTIONAL, OWNER, handle_upload},
    {"/sealroom.v1.TableService/SetRule", RPC_UNARY, OWNER, handle_rule_set},
    {"/sealroom.v1.TableService/GetTable", RPC_UNARY, ANY, handle_table_get},
    {"/sealroom.v1.TableService/ListTables", RPC_UNARY, ANY, handle_table_list},
    {"/sealroom.v1.TableService/ListVersions", RPC_UNARY, ANY, handle_version_list},
    {"/sealroom.v1.TableService/DeleteTable", RPC_UNARY, OWNER, handle_table_delete},
    {"/sealroom.v1.QueryService/RunQuery", RPC_SERVER_STREAM, ANALYST, handle_query_run},
    {"/sealroom.v1.OverlapService/OpenSession", RPC_UNARY, ANALYST, handle_overlap_open},
    {"/sealroom.v1.OverlapService/ConfirmSession", RPC_UNARY, ANALYST, handle_overlap_confirm},
    {"/sealroom.v1.OverlapService/GetSession", RPC_UNARY, ANALYST, handle_overlap_get},
    {"/sealroom.v1.OverlapService/ListSessions", RPC_UNARY, ANALYST, handle_overlap_list},
    {"/sealroom.v1.OverlapService/CancelSession", RPC_UNARY, ANALYST, handle_overlap_cancel},
    {"/sealroom.v1.OverlapService/Contribute", RPC_BIDIRECTIONAL, ANALYST,
     handle_overlap_contribute},
    {"/sealroom.v1.OverlapService/FetchPart", RPC_SERVER_STREAM, ANALYST, handle_overlap_fetch},
    {"/sealroom.v1.OverlapService/ReturnPart", RPC_BIDIRECTIONAL, ANALYST, handle_overlap_return},
    {"/sealroom.v1.OverlapService/Release", RPC_UNARY, ANALYST, handle_overlap_release},
    {"/sealroom.v1.OverlapService/Count", RPC_UNARY, ANALYST, handle_overlap_count},
    {"/sealroom.v1.AuditService/ListAudit", RPC_UNARY, ANY, handle_audit_list},
};

const permission_row *permission_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

static const permission_row *find_row(const char *path)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].path, path) == 0)
            return &table[i];
    return NULL;
}

/* The one role that a call asks for; calls for several roles are for all of them. */
static const char *needed_role(unsigned roles)
{
    for (int role = 0; role < ROLE_COUNT_; role++)
        if (roles == ROLE_BIT(role))
            return role_name((principal_role)role);
    return "one of several roles";
}

sr_result permission_check(const char *path, principal_role role, sr_err *err)
{
    const permission_row *row = find_row(path);
    const char *method = strrchr(path, '/');
    method = method == NULL ? path : method + 1;
    if (row == NULL)
        return sr_fail(err, SR_E_ROLE, "no role may call this method");
    if ((row->roles & ROLE_BIT(role)) != 0)
        return SR_OK;
    sr_fail(err, SR_E_ROLE, "role %s may not call %s: it needs a certificate of role %s",
            role_name(role), method, needed_role(row->roles));
    sr_err_set_detail(err, "ROLE_NOT_ALLOWED", "role", NULL, NULL);
    return SR_FAIL;
}
