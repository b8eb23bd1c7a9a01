list(APPEND SERVER_SOURCES
  engine/duckdb.c engine/duckdb_stage.c engine/duckdb_session.c engine/duckdb_result.c # the door
  engine/rewrite.c engine/repeats.c
  engine/pool.c engine/disk.c)
list(APPEND SERVER_DOORS Foreign::duckdb)
