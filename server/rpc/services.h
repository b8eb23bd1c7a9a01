/*
 * services.h: the permission table as methods for rpc/server.h.
 */
#ifndef SEALROOM_SERVER_RPC_SERVICES_H
#define SEALROOM_SERVER_RPC_SERVICES_H

#include "service.h"

/* One rpc_method a row, all with `context`, which is borrowed; the array is the caller's (sr_free). Use with
 * service_authorize as the server's `authorize`. */
rpc_method *services_methods(size_t *count, service_context *context) SR_MUST_USE;

#endif
