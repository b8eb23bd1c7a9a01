/* Engines by collaboration, and the reconciling of rows with the catalog. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "server/catalog/catalog.h"
#include "server/engine/pool.h"

typedef struct
{
    char folder[64];
    char *catalog_file;
    catalog *catalog;
    engine_pool *pool;
    sr_uuid collaboration;
    catalog_actor actor;
} server_room;

static const room_column only_column = {
    .name = "n", .type = COLUMN_CLEARTEXT, .data = {.kind = DATA_INTEGER}, .allowed = true};

static size_t failures;

static void count_failure(const sr_uuid *collaboration, const sr_err *why)
{
    (void)collaboration;
    check(why->code != SR_E_NONE);
    failures++;
}

static void start(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    engine_pool_config config = {.folder = room->folder,
                                 .memory_limit = 128 << 20,
                                 .threads = 1,
                                 .erase_failed = count_failure};
    check_ok(catalog_open(&room->catalog, room->catalog_file, &err), &err);
    check_ok(engine_pool_new(&room->pool, &config, room->catalog, &err), &err);
}

static void stop(server_room *room)
{
    engine_pool_clear(&room->pool);
    catalog_clear(&room->catalog);
}

static sr_uuid create(server_room *room, const char *name)
{
    sr_err err = SR_ERR_INIT;
    const collaboration_flags flags = {.allow_cleartext = true};
    ROOM_COLLABORATION(made);
    check_ok(
        catalog_collaboration_create(&made, room->catalog, NULL, name, &flags, &room->actor, &err),
        &err);
    return made.id;
}

static void room_init(server_room *room)
{
    *room = (server_room){.folder = "/tmp/pool-test-XXXXXX",
                          .actor = {.who = {.member = "acme", .role = ROLE_OWNER}}};
    check(mkdtemp(room->folder) != NULL);
    room->catalog_file = sr_path_join(room->folder, "catalog.sqlite");
    start(room);
    room->collaboration = create(room, "spring");
}

static void room_clear(server_room *room)
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
static engine *engine_of(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(lease);
    check_ok(engine_pool_lease(&lease, room->pool, &room->collaboration, &err), &err);
    return lease.engine;
}

static char *engine_file(const server_room *room)
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

static catalog_upload upload(server_room *room, upload_extent extent)
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

static void an_engine_is_made_when_it_is_first_asked_for_and_kept(void **state)
{
    (void)state;
    struct stat about;
    SR_TEXT(file);
    SR_TEXT(folder);
    SERVER_ROOM(room);
    file = engine_file(&room);
    folder = sr_path_folder(file);
    check(!sr_file_exists(file));
    engine *first = engine_of(&room);
    check(sr_file_exists(file));
    check(engine_of(&room) == first);
    check_int(stat(folder, &about), 0);
    check_int(about.st_mode & 0777, 0700);
}

static void each_collaboration_has_its_own_engine(void **state)
{
    (void)state;
    SERVER_ROOM(room);
    engine *first = engine_of(&room);
    upload(&room, WHOLE);
    room.collaboration = create(&room, "summer");
    engine *second = engine_of(&room);
    check(first != second);
    check_int(table_count(first), 1);
    check_int(table_count(second), 0);
}

static void visible_tables_are_there_after_a_restart(void **state)
{
    (void)state;
    SERVER_ROOM(room);
    catalog_upload done = upload(&room, WHOLE);
    stop(&room);
    start(&room);
    SR_TEXT(sql);
    sql = sr_text_printf("SELECT c0 FROM t%llu_v%u", (unsigned long long)done.number, done.version);
    check_answer(engine_of(&room), sql, "1\n");
}

static void rows_that_no_visible_version_names_are_dropped_at_the_next_start(void **state)
{
    (void)state;
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, ROWS_ONLY);
    check_int(table_count(engine_of(&room)), 2);
    stop(&room);
    start(&room);
    check_int(table_count(engine_of(&room)), 1);
}

static void a_visible_version_without_rows_makes_that_collaboration_corrupt(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(found);
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, CATALOG_ONLY);
    stop(&room);
    start(&room);
    check_fails(engine_pool_lease(&found, room.pool, &room.collaboration, &err), &err,
                SR_E_CORRUPT);
    check(found.engine == NULL);
    check_fails(engine_pool_lease(&found, room.pool, &room.collaboration, &err), &err,
                SR_E_CORRUPT);
    room.collaboration = create(&room, "summer");
    check_int(table_count(engine_of(&room)), 0);
}

static void a_lost_engine_file_is_corrupt_and_is_not_made_anew(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(found);
    SR_TEXT(file);
    SERVER_ROOM(room);
    file = engine_file(&room);
    upload(&room, WHOLE);
    stop(&room);
    check_int(unlink(file), 0);
    start(&room);
    check_fails(engine_pool_lease(&found, room.pool, &room.collaboration, &err), &err,
                SR_E_CORRUPT);
    check(!sr_file_exists(file));
}

enum
{
    THREADS = 12,
};

typedef struct
{
    server_room *room;
    engine *found;
} asker;

static void *ask_for_engine(void *argument)
{
    asker *who = argument;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(lease);
    if (engine_pool_lease(&lease, who->room->pool, &who->room->collaboration, &err) == SR_OK)
        who->found = lease.engine;
    return NULL;
}

static void threads_that_ask_at_once_get_one_engine(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    asker askers[THREADS];
    SERVER_ROOM(room);
    for (int i = 0; i < THREADS; i++)
    {
        askers[i] = (asker){.room = &room};
        check_int(pthread_create(&threads[i], NULL, ask_for_engine, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        check(askers[i].found != NULL && askers[i].found == askers[0].found);
}

/* ---- erasing --------------------------------------------------------------------------------- */

/* Deletes the version that is not the current one. */
static void delete_old(server_room *room)
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

static size_t owed(server_room *room)
{
    sr_err err = SR_ERR_INIT;
    catalog_version *list = NULL;
    size_t count = 0;
    check_ok(catalog_erasures(&list, &count, room->catalog, &room->collaboration, &err), &err);
    sr_free(list);
    return count;
}

static void erasing_keeps_what_stands(void **state)
{
    (void)state;
    SERVER_ROOM(room);
    SR_TEXT(sql);
    upload(&room, WHOLE);
    catalog_upload now = upload(&room, WHOLE);
    delete_old(&room);
    check_int(table_count(engine_of(&room)), 2);
    check(engine_pool_erase(room.pool, &room.collaboration, 0));
    check_int(owed(&room), 0);
    check_int(table_count(engine_of(&room)), 1);
    sql = sr_text_printf("SELECT c0 FROM t%llu_v%u", (unsigned long long)now.number, now.version);
    check_answer(engine_of(&room), sql, "1\n");
    check(engine_pool_erase(room.pool, &room.collaboration, 0)); /* nothing is owed: at once */
}

static void erasing_waits_for_leases_and_the_last_one_does_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(first);
    ENGINE_LEASE(second);
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, WHOLE);
    check_ok(engine_pool_lease(&first, room.pool, &room.collaboration, &err), &err);
    check_ok(engine_pool_lease(&second, room.pool, &room.collaboration, &err), &err);
    delete_old(&room);
    check(!engine_pool_erase(room.pool, &room.collaboration, 20));
    check_int(table_count(second.engine), 2);
    engine_lease_end(&first);
    check_int(owed(&room), 1);
    engine_lease_end(&second);
    check_int(owed(&room), 0);
    engine_lease_end(&second);
    check_int(table_count(engine_of(&room)), 1);
}

static void *end_lease_soon(void *argument)
{
    usleep(50 * 1000);
    engine_lease_end(argument);
    return NULL;
}

static void erasing_goes_on_when_the_last_lease_ends_in_time(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    pthread_t thread;
    ENGINE_LEASE(lease);
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, WHOLE);
    check_ok(engine_pool_lease(&lease, room.pool, &room.collaboration, &err), &err);
    delete_old(&room);
    check_int(pthread_create(&thread, NULL, end_lease_soon, &lease), 0);
    check(engine_pool_erase(room.pool, &room.collaboration, 60 * 1000));
    pthread_join(thread, NULL);
    check_int(owed(&room), 0);
}

/* Two threads that keep the engine leased all the time, turn about. */
typedef struct
{
    server_room *room;
    atomic_bool stop;
    atomic_uint leases;
} keeper;

static void *keep_leased(void *argument)
{
    keeper *self = argument;
    while (!atomic_load(&self->stop))
    {
        sr_err err = SR_ERR_INIT;
        ENGINE_LEASE(lease);
        check_ok(engine_pool_lease(&lease, self->room->pool, &self->room->collaboration, &err),
                 &err);
        atomic_fetch_add(&self->leases, 1);
        usleep(3000);
    }
    return NULL;
}

static void a_steady_load_does_not_keep_an_erasure_waiting_for_ever(void **state)
{
    (void)state;
    pthread_t threads[4];
    SERVER_ROOM(room);
    keeper all = {.room = &room};
    upload(&room, WHOLE);
    upload(&room, WHOLE);
    for (int i = 0; i < 4; i++)
        check_int(pthread_create(&threads[i], NULL, keep_leased, &all), 0);
    while (atomic_load(&all.leases) < 8)
        usleep(1000);
    delete_old(&room);
    check(engine_pool_erase(room.pool, &room.collaboration, 20 * 1000));
    check_int(owed(&room), 0);
    unsigned before = atomic_load(&all.leases);
    while (atomic_load(&all.leases) < before + 8) /* work goes on */
        usleep(1000);
    atomic_store(&all.stop, true);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

/* A lease that is held for ever keeps nobody out, and what is owed gets its turn once it has ended. */
static void a_stalled_lease_keeps_nobody_out(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(stalled);
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, WHOLE);
    check_ok(engine_pool_lease(&stalled, room.pool, &room.collaboration, &err), &err);
    delete_old(&room);
    check(!engine_pool_erase(room.pool, &room.collaboration, 20));
    check_int(table_count(engine_of(&room)), 2);
    engine_lease_end(&stalled);
    check_int(owed(&room), 0);
}

static void what_a_crash_left_to_erase_is_erased_at_the_next_start(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, WHOLE);
    delete_old(&room);
    stop(&room);
    start(&room);
    check_int(owed(&room), 1);
    check_ok(engine_pool_erase_owed(room.pool, &err), &err);
    check_int(owed(&room), 0);
    check_int(table_count(engine_of(&room)), 1);
}

/* A folder of the file's new name is in the way. */
static void an_erasure_that_fails_is_told_and_stays_owed(void **state)
{
    (void)state;
    SR_TEXT(file);
    SR_TEXT(in_the_way);
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, WHOLE);
    file = engine_file(&room);
    in_the_way = sr_text_printf("%s.new", file);
    check_int(mkdir(in_the_way, 0700), 0);
    delete_old(&room);
    failures = 0;
    check(!engine_pool_erase(room.pool, &room.collaboration, 0));
    check_int(failures, 1);
    check_int(owed(&room), 1);
    check_int(table_count(engine_of(&room)), 1); /* dropped at least */
    check_int(rmdir(in_the_way), 0);
    check(engine_pool_erase(room.pool, &room.collaboration, 0));
    check_int(owed(&room), 0);
}

static void what_a_killed_process_spilled_is_gone_after_a_start(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(folder);
    SR_TEXT(file);
    (void)state;
    SERVER_ROOM(room);
    folder = sr_text_printf("%s/temp/of a collaboration", room.folder);
    file = sr_path_join(folder, "spill");
    stop(&room);
    check_ok(sr_folder_make(folder, 0700, &err), &err);
    check_ok(sr_file_write(file, sr_slice_text("rows"), 0600, false, &err), &err);
    start(&room);
    check(!sr_file_exists(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_is_made_when_it_is_first_asked_for_and_kept),
        cmocka_unit_test(each_collaboration_has_its_own_engine),
        cmocka_unit_test(visible_tables_are_there_after_a_restart),
        cmocka_unit_test(rows_that_no_visible_version_names_are_dropped_at_the_next_start),
        cmocka_unit_test(a_visible_version_without_rows_makes_that_collaboration_corrupt),
        cmocka_unit_test(a_lost_engine_file_is_corrupt_and_is_not_made_anew),
        cmocka_unit_test(threads_that_ask_at_once_get_one_engine),
        cmocka_unit_test(erasing_keeps_what_stands),
        cmocka_unit_test(erasing_waits_for_leases_and_the_last_one_does_it),
        cmocka_unit_test(erasing_goes_on_when_the_last_lease_ends_in_time),
        cmocka_unit_test(a_steady_load_does_not_keep_an_erasure_waiting_for_ever),
        cmocka_unit_test(a_stalled_lease_keeps_nobody_out),
        cmocka_unit_test(what_a_crash_left_to_erase_is_erased_at_the_next_start),
        cmocka_unit_test(an_erasure_that_fails_is_told_and_stays_owed),
        cmocka_unit_test(what_a_killed_process_spilled_is_gone_after_a_start),
    };
    check_main(tests);
}
