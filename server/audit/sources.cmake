list(APPEND SERVER_SOURCES audit/audit.c audit/audit_list.c)
