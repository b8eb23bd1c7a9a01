/*
 * handlers.h: every method's handler, for the permission table. The context of each is the
 * `service_context` of service.h; the caller's identity has been established and its role checked.
 */
#ifndef SEALROOM_SERVER_RPC_HANDLERS_H
#define SEALROOM_SERVER_RPC_HANDLERS_H

#include "rpc/server.h"

/* collaboration_service.c */
sr_result handle_ping(rpc_call *call, void *context, sr_err *err);
sr_result handle_whoami(rpc_call *call, void *context, sr_err *err);
sr_result handle_collaboration_create(rpc_call *call, void *context, sr_err *err);
sr_result handle_member_invite(rpc_call *call, void *context, sr_err *err);
sr_result handle_member_accept(rpc_call *call, void *context, sr_err *err);
sr_result handle_collaboration_get(rpc_call *call, void *context, sr_err *err);
sr_result handle_collaboration_list(rpc_call *call, void *context, sr_err *err);

/* table_service.c */
sr_result handle_rule_set(rpc_call *call, void *context, sr_err *err);
sr_result handle_table_get(rpc_call *call, void *context, sr_err *err);
sr_result handle_table_list(rpc_call *call, void *context, sr_err *err);

/* version_service.c: the rest of TableService */
sr_result handle_version_list(rpc_call *call, void *context, sr_err *err);
sr_result handle_table_delete(rpc_call *call, void *context, sr_err *err);

/* upload.c */
sr_result handle_upload(rpc_call *call, void *context, sr_err *err);

/* query_service.c */
sr_result handle_query_run(rpc_call *call, void *context, sr_err *err);

/* overlap_count.c */
sr_result handle_overlap_count(rpc_call *call, void *context, sr_err *err);

/* overlap_service.c, overlap_contribute.c, overlap_reblind.c */
sr_result handle_overlap_open(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_confirm(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_get(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_list(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_cancel(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_contribute(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_fetch(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_return(rpc_call *call, void *context, sr_err *err);
sr_result handle_overlap_release(rpc_call *call, void *context, sr_err *err);

/* audit_service.c */
sr_result handle_audit_list(rpc_call *call, void *context, sr_err *err);

#endif
