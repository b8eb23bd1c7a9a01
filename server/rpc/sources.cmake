list(APPEND SERVER_SOURCES
  rpc/permission.c rpc/callers.c rpc/call_log.c rpc/intake.c rpc/service.c rpc/services.c rpc/convert.c rpc/collaboration_service.c
  rpc/table_service.c rpc/version_service.c rpc/upload.c rpc/upload_columns.c rpc/upload_rows.c rpc/query_call.c rpc/query_service.c rpc/mentions.c
  rpc/audit_service.c rpc/overlap_service.c rpc/overlap_message.c rpc/overlap_incoming.c
  rpc/overlap_contribute.c rpc/overlap_reblind.c rpc/overlap_count.c rpc/answers.c)
