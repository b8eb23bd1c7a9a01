#include "query_call.h"

#include "base/text.h"
#include "mentions.h"

void query_call_clear(query_call *run)
{
    room_collaboration_clear(&run->room);
}

/* ---- the catalog, for resolve ---------------------------------------------------------------- */

static sr_result find_table(void *context, const char *name, room_table *out, uint64_t *number,
                            sr_err *err)
{
    query_call *run = context;
    CATALOG_TABLE(found);
    *out = (room_table){0};
    if (catalog_table_find(&found, run->service->catalog, &run->room.id, name, err) != SR_OK)
        return SR_FAIL;
    *number = found.number;
    *out = found.room;
    found.room = (room_table){0};
    return SR_OK;
}

query_catalog query_call_catalog(query_call *run)
{
    return (query_catalog){.context = run, .find_table = find_table};
}

/* ---- the record ------------------------------------------------------------------------------ */

static sr_result tell_started(const query_call *run, sr_err *err)
{
    return run->started == NULL ? SR_OK : run->started(run, err);
}

static sr_result record_submitted(void *context, sr_err *err)
{
    query_call *run = context;
    return audit_query_begin(&run->audit, run->service->catalog, &run->room.id,
                             service_actor(run->call), run->sql, err);
}

static sr_result record_decided(void *context, const room_table_version *tables, size_t count,
                                const sr_err *refusal, sr_err *err)
{
    query_call *run = context;
    MENTIONED_TABLES(mentioned);
    if (refusal == NULL)
        return audit_query_decided(run->service->catalog, &run->audit, tables, count, NULL, err) ==
                       SR_OK
                   ? tell_started(run, err)
                   : SR_FAIL;
    if (mentions_find(&mentioned, run->service->catalog, &run->room.id, run->sql, tables, count,
                      err) != SR_OK)
        return SR_FAIL;
    return audit_query_decided(run->service->catalog, &run->audit, mentioned.items, mentioned.count,
                               refusal, err);
}

static sr_result record_finished(void *context, const sr_err *why, sr_err *err)
{
    query_call *run = context;
    audit_outcome outcome = why == NULL ? AUDIT_SUCCESS : audit_outcome_of(why);
    return audit_query_finished(run->service->catalog, &run->audit, outcome, why, err);
}

/* ---- the call -------------------------------------------------------------------------------- */

static bool is_cancelled(void *context)
{
    return rpc_call_cancelled(context);
}

/* The sooner of the caller's deadline and the server's limit. */
static int64_t deadline_of(const query_call *run)
{
    int64_t left_ms = rpc_call_time_left_ms(run->call);
    int64_t limit_ms = run->service->query_ms;
    return sr_monotonic_us() + 1000 * (left_ms < limit_ms ? left_ms : limit_ms);
}

sr_result query_call_end(query_call *run, sr_err *err)
{
    sr_err unrecorded = SR_ERR_INIT;
    bool refused = err->code == SR_E_REFUSED;
    if (record_submitted(run, &unrecorded) != SR_OK ||
        (refused ? record_decided(run, NULL, 0, err, &unrecorded)
                 : record_finished(run, err, &unrecorded)) != SR_OK)
        *err = unrecorded;
    return SR_FAIL;
}

sr_result query_call_run(query_call *run, query_outcome *outcome, query_request request,
                         const query_sink *sink, sr_err *err)
{
    const catalog_actor *actor = service_actor(run->call);
    const room_member *member = room_member_find(&run->room, actor->who.member);
    request.runner = actor->who;
    request.abilities = member == NULL ? 0 : member->abilities;
    request.collaboration = &run->room;
    request.sql = run->sql;
    request.catalog = query_call_catalog(run);
    request.record = (query_record){run, record_submitted, record_decided, record_finished};
    request.parser.program = run->service->sql_parser;
    request.cancelled = is_cancelled;
    request.cancelled_context = run->call;
    request.deadline_us = deadline_of(run);
    /* Before tables are looked up: what is found then is stored until the lease ends. */
    ENGINE_LEASE(lease);
    if (engine_pool_lease(&lease, run->service->engines, &run->room.id, err) != SR_OK)
        return query_call_end(run, err);
    request.engine = lease.engine;
    return query_run(outcome, &request, sink, err);
}
