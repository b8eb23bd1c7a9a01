/* Engines by collaboration, and the reconciling of rows with the catalog. */
#include "pool_room.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

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
        cmocka_unit_test(what_a_killed_process_spilled_is_gone_after_a_start),
    };
    check_main(tests);
}
