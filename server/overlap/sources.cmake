list(APPEND SERVER_SOURCES overlap/sessions.c overlap/changes.c overlap/ending.c overlap/match.c overlap/lists.c overlap/coordinate.c overlap/bounds.c overlap/numbers.c
     overlap/release.c overlap/judge.c overlap/judge_many.c overlap/order.c overlap/work.c overlap/keeper.c)
