list(APPEND SERVER_SOURCES
  query/query.c    # the map; the stages follow in their order
  query/parse.c query/prescan.c query/child.c query/ast.c query/ast_expr.c query/ast_select.c
  query/resolve.c
  query/check.c query/check_value.c query/check_literal.c query/check_aggregate.c query/check_join.c
  query/check_where.c
  query/plan.c query/plan_joins.c query/plan_hidden.c query/plan_groups.c query/plan_sql.c
  query/execute.c query/watch.c
  query/protect.c query/known.c query/count.c query/notice.c query/warning.c query/words.c
  query/deliver.c
  query/refuse.c)

# The SQL parser runs alone in a small process. Its limits on memory and system calls leave no room for a
# sanitizer, so it is always built without.
sealroom_program(sealroom-sql
  SOURCES query/sql_child.c
  LINKS Threads::Threads
  DOORS Foreign::pg_query)
if(SEALROOM_SANITIZE)
  target_compile_options(sealroom-sql PRIVATE -fno-sanitize=all)
  target_link_options(sealroom-sql PRIVATE -fno-sanitize=all)
endif()
