#include "health.h"

#include <string.h>

#include "grpc/health/v1/health.pb-c.h"
#include "wire/wire.h"

#include "server_call.h"

typedef Grpc__Health__V1__HealthCheckRequest health_request;
typedef Grpc__Health__V1__HealthCheckResponse health_response;
typedef Grpc__Health__V1__HealthCheckResponse__ServingStatus health_status;

#define STATUS(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name

enum
{
    REQUEST_MAX = 1024,
    LOOK_EVERY_MS = 100,
};

static bool is_service_of(const char *path, const char *service)
{
    size_t length = strlen(service);
    return path[0] == '/' && strncmp(path + 1, service, length) == 0 && path[1 + length] == '/';
}

static bool is_known(const rpc_health *health, const char *service)
{
    if (service[0] == '\0' || strcmp(service, "grpc.health.v1.Health") == 0)
        return true;
    for (size_t i = 0; i < health->count; i++)
        if (is_service_of(health->methods[i].path, service))
            return true;
    return false;
}

static health_status status_of(const rpc_health *health, bool known)
{
    if (!known)
        return STATUS(SERVICE_UNKNOWN);
    return atomic_load(&health->serving) ? STATUS(SERVING) : STATUS(NOT_SERVING);
}

static sr_result receive_known(rpc_call *call, const rpc_health *health, bool *known, sr_err *err)
{
    bool end = false;
    SR_BUF(bytes, REQUEST_MAX);
    WIRE_MESSAGE(health_request, request);
    if (rpc_call_receive(call, &bytes, &end, err) != SR_OK ||
        wire_unpack(&request, &grpc__health__v1__health_check_request__descriptor,
                    sr_buf_view(&bytes), err) != SR_OK)
        return SR_FAIL;
    *known = is_known(health, request->service);
    return SR_OK;
}

static sr_result send_status(rpc_call *call, health_status status, sr_err *err)
{
    SR_BUF(bytes, REQUEST_MAX);
    health_response response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    response.status = status;
    if (wire_pack(&response, &bytes, err) != SR_OK)
        return SR_FAIL;
    return rpc_call_send(call, sr_buf_view(&bytes), err);
}

static sr_result serve_check(rpc_call *call, void *context, sr_err *err)
{
    const rpc_health *health = context;
    bool known = false;
    if (receive_known(call, health, &known, err) != SR_OK)
        return SR_FAIL;
    if (!known)
        return sr_fail(err, SR_E_NOT_FOUND, "this server has no such service");
    return send_status(call, status_of(health, known), err);
}

/* Sends the status whenever it differs from the last one, until the caller leaves or the server stops. */
static sr_result watch(rpc_call *call, const rpc_health *health, bool known, sr_err *err)
{
    health_status last = STATUS(UNKNOWN);
    while (!rpc_call_cancelled(call))
    {
        bool serving = atomic_load(&health->serving);
        health_status now = status_of(health, known);
        if (now != last && send_status(call, now, err) != SR_OK)
            return SR_FAIL;
        last = now;
        if (!serving)
            return sr_fail(err, SR_E_UNAVAILABLE, "the server is stopping");
        rpc_call_wait_cancelled(call, LOOK_EVERY_MS);
    }
    return sr_fail(err, SR_E_CANCELLED, "the watcher left");
}

static sr_result serve_watch(rpc_call *call, void *context, sr_err *err)
{
    rpc_health *health = context;
    bool known = false;
    if (receive_known(call, health, &known, err) != SR_OK)
        return SR_FAIL;
    if (atomic_fetch_add(&health->watchers, 1) >= health->watchers_max)
    {
        atomic_fetch_sub(&health->watchers, 1);
        return sr_fail(err, SR_E_LIMIT, "too many watchers of the health service");
    }
    sr_result result = watch(call, health, known, err);
    atomic_fetch_sub(&health->watchers, 1);
    return result;
}

void rpc_health_rows(rpc_method rows[RPC_HEALTH_METHODS], rpc_health *health)
{
    rows[0] = (rpc_method){"/grpc.health.v1.Health/Check", RPC_UNARY, serve_check, health};
    rows[1] = (rpc_method){"/grpc.health.v1.Health/Watch", RPC_SERVER_STREAM, serve_watch, health};
}
