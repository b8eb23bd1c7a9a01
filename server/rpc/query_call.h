/*
 * query_call.h: what the calls that run a query share (RunQuery, Count): where tables are found, the audit record,
 * deadline and cancelling, the engine.
 */
#ifndef SEALROOM_SERVER_RPC_QUERY_CALL_H
#define SEALROOM_SERVER_RPC_QUERY_CALL_H

#include "server/audit/audit.h"
#include "server/query/query.h"
#include "service.h"

typedef struct query_call query_call;

struct query_call
{
    rpc_call *call;
    const service_context *service;
    room_collaboration room;
    const char *sql; /* borrowed */
    audit_query audit;
    /* Called when the query is accepted, and that is on record; NULL: nobody is told. */
    sr_result (*started)(const query_call *run, sr_err *err);
};

void query_call_clear(query_call *run);

/* Configured tables of the call's collaboration. Borrows the call. */
query_catalog query_call_catalog(query_call *run);

/* Runs the stages. `request` has what is special to the caller (memory, is_total); the rest is filled in here. */
sr_result query_call_run(query_call *run, query_outcome *outcome, query_request request,
                         const query_sink *sink, sr_err *err) SR_MUST_USE;

/* A query that was refused, or failed, before its stages is on record too. Always SR_FAIL, with `err` as it was
 * unless it cannot be recorded. */
sr_result query_call_end(query_call *run, sr_err *err) SR_MUST_USE;

#endif
