/*
 * permission.h: which RPC may be called by whom: one table, and the only list of methods there is. A
 * method without a row is not served; a row without a role would serve nobody (a test refuses it).
 *
 * A role is the certificate's. What a member may do in a collaboration (its abilities, whether it accepted,
 * whether a table is its own) depends on the request and is asked by the handler.
 */
#ifndef SEALROOM_SERVER_RPC_PERMISSION_H
#define SEALROOM_SERVER_RPC_PERMISSION_H

#include "model/principal.h"
#include "rpc/server.h"

typedef struct
{
    const char *path; /* "/package.Service/Method" */
    rpc_kind kind;
    unsigned roles; /* ROLE_BIT … */
    rpc_handler handle;
} permission_row;

/* The table; *count rows. */
const permission_row *permission_table(size_t *count);
/* SR_E_ROLE naming the role that the call needs; a path without a row is SR_E_ROLE too. */
sr_result permission_check(const char *path, principal_role role, sr_err *err) SR_MUST_USE;

#endif
