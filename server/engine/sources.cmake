list(APPEND SERVER_SOURCES engine/duckdb.c engine/duckdb_stage.c engine/duckdb_select.c)
list(APPEND SERVER_DOORS Foreign::duckdb)
