/*
 * pool_room.h: a catalog and a pool of engines in a folder of their own, and short ways to upload and to delete.
 * Every failure ends the test.
 */
#ifndef SEALROOM_TESTS_ENGINE_POOL_ROOM_H
#define SEALROOM_TESTS_ENGINE_POOL_ROOM_H

#include "fixture.h"

#include <stdlib.h>

#include "base/file.h"
#include "server/catalog/catalog.h"
#include "server/engine/pool.h"

typedef struct
{
    char folder[64];
    char *catalog_file;
    catalog *catalog;
    engine_pool *pool;
    unsigned patience_ms;
    sr_uuid collaboration;
    catalog_actor actor;
} server_room;

static const room_column only_column = {
    .name = "n", .type = COLUMN_CLEARTEXT, .data = {.kind = DATA_INTEGER}, .allowed = true};

static size_t failures;

static inline void count_failure(const sr_uuid *collaboration, const sr_err *why)
{
    (void)collaboration;
    check(why->code != SR_E_NONE);
    failures++;
}

static inline void start(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    engine_pool_config config = {.folder = room->folder,
                                 .memory_limit = 128 << 20,
                                 .threads = 1,
                                 .patience_ms = room->patience_ms,
                                 .erase_failed = count_failure};
    check_ok(catalog_open(&room->catalog, room->catalog_file, &err), &err);
    check_ok(engine_pool_new(&room->pool, &config, room->catalog, &err), &err);
}

static inline void stop(server_room *room)
{
    engine_pool_clear(&room->pool);
    catalog_clear(&room->catalog);
}

static inline sr_uuid create(server_room *room, const char *name)
{
    sr_err err = SR_ERR_INIT;
    const collaboration_flags flags = {.allow_cleartext = true};
    ROOM_COLLABORATION(made);
    check_ok(
        catalog_collaboration_create(&made, room->catalog, NULL, name, &flags, &room->actor, &err),
        &err);
    return made.id;
}

static inline void room_init(server_room *room)
{
    *room = (server_room){.folder = "/tmp/pool-test-XXXXXX",
                          .patience_ms = 3600 * 1000,
                          .actor = {.who = {.member = "acme", .role = ROLE_OWNER}}};
    check(mkdtemp(room->folder) != NULL);
    room->catalog_file = sr_path_join(room->folder, "catalog.sqlite");
    start(room);
    room->collaboration = create(room, "spring");
}

static inline void room_clear(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    stop(room);
    check_ok(sr_folder_remove(room->folder, &err), &err);
    sr_free(room->catalog_file);
}

#define SERVER_ROOM(name)                                                                          \
    server_room name SR_CLEANUP(room_clear) = {.folder = ""};                                      \
    room_init(&name)

/* The lease ends at once: the engine stays open, and a test has nobody who erases meanwhile. */
static inline engine *engine_of(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(lease);
    check_ok(engine_pool_lease(&lease, room->pool, &room->collaboration, &err), &err);
    return lease.engine;
}

static inline char *engine_file(const server_room *room)
{
    sr_uuid_text uuid = sr_uuid_print(&room->collaboration);
    return sr_text_printf("%s/engines/%s.duckdb", room->folder, uuid.text);
}

/* How far an upload gets. */
typedef enum
{
    ROWS_ONLY,
    CATALOG_ONLY,
    WHOLE,
} upload_extent;

static inline catalog_upload upload(server_room *room, upload_extent extent)
{
    sr_err err = SR_ERR_INIT;
    catalog_upload reserved;
    const char *const cells[] = {"1"};
    engine_column column = cleartext("INTEGER");
    check_ok(catalog_upload_begin(&reserved, room->catalog, &room->collaboration, "numbers",
                                  &only_column, 1, false, &room->actor, &err),
             &err);
    if (extent != CATALOG_ONLY)
        store(engine_of(room), (engine_table){reserved.number, reserved.version}, &column, 1, cells,
              1);
    catalog_upload_facts facts = {.columns = &only_column, .column_count = 1, .rows = 1};
    if (extent != ROWS_ONLY)
        check_ok(catalog_upload_commit(room->catalog, &reserved, &facts, &room->actor, &err), &err);
    return reserved;
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Deletes the version that is not the current one. */
static inline void delete_old(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    uint32_t *versions = NULL;
    size_t count = 0;
    check_ok(catalog_table_delete(&versions, &count, room->catalog, &room->collaboration, "numbers",
                                  CATALOG_DELETE_OLD, 0, &room->actor, &err),
             &err);
    check_int(count, 1);
    sr_free(versions);
}

static inline size_t owed(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    catalog_version *list = NULL;
    size_t count = 0;
    check_ok(catalog_erasures(&list, &count, room->catalog, &room->collaboration, &err), &err);
    sr_free(list);
    return count;
}

#endif
