list(APPEND SERVER_SOURCES catalog/db.c catalog/migrate.c catalog/catalog.c catalog/tables.c
     catalog/uploads.c catalog/versions.c catalog/limits.c catalog/inspect.c)
list(APPEND SERVER_DOORS Foreign::sqlite3)
