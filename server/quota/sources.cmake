list(APPEND SERVER_SOURCES quota/quota.c)
