/*
 * health.h: grpc.health.v1.Health, served by the runtime itself. Internal to rpc/.
 *
 * A server is SERVING as a whole, and so is each of its services, from start until stop begins. Check of an
 * unknown service is NOT_FOUND; Watch of one answers SERVICE_UNKNOWN and stays, as the
 * protocol asks (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
 */
#ifndef SEALROOM_RPC_HEALTH_H
#define SEALROOM_RPC_HEALTH_H

#include <stdatomic.h>

#include "server.h"

enum
{
    RPC_HEALTH_METHODS = 2,
};

/* Asked from the threads of calls while the server sets `serving`: atomics, and what never changes. */
typedef struct
{
    const rpc_method *methods; /* whose services are known; borrowed */
    size_t count;              /* of these rows */
    atomic_bool serving;       /* between start and stop */
    atomic_uint watchers;      /* calls of Watch that run; each holds a thread */
    unsigned watchers_max;     /* more are refused with SR_E_LIMIT */
} rpc_health;

/* Writes the rows of the service, with `health` as their context. */
void rpc_health_rows(rpc_method rows[RPC_HEALTH_METHODS], rpc_health *health);

#endif
