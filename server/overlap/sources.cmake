list(APPEND SERVER_SOURCES overlap/sessions.c overlap/changes.c overlap/match.c)
