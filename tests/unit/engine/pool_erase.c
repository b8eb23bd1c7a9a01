/* Erasing what was deleted, beside those who work with the file. */
#include "pool_room.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Two versions of which one is owed, with a lease in the way; overdue at once. */
static void owe_at_once(server_room *room)
{
    stop(room);
    room->patience_ms = 0;
    start(room);
    upload(room, WHOLE);
    upload(room, WHOLE);
}

static void an_overdue_erasure_ends_uploads_and_lets_none_begin(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(running);
    ENGINE_LEASE(next);
    ENGINE_LEASE(query);
    SERVER_ROOM(room);
    owe_at_once(&room);
    check_ok(engine_pool_lease_upload(&running, room.pool, &room.collaboration, &err), &err);
    check_ok(engine_lease_check(&running, &err), &err);
    delete_old(&room);
    check(!engine_pool_erase(room.pool, &room.collaboration, 0));
    check_fails(engine_lease_check(&running, &err), &err, SR_E_UNAVAILABLE);
    check_fails(engine_pool_lease_upload(&next, room.pool, &room.collaboration, &err), &err,
                SR_E_UNAVAILABLE);
    check_ok(engine_pool_lease(&query, room.pool, &room.collaboration, &err), &err);
    engine_lease_end(&query);
    engine_lease_end(&running);
    check_int(owed(&room), 0);
    check_ok(engine_pool_lease_upload(&next, room.pool, &room.collaboration, &err), &err);
    check_ok(engine_lease_check(&next, &err), &err);
    engine_lease_end(&next);
}

static void an_overdue_erasure_comes_before_further_queries(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(running);
    ENGINE_LEASE(next);
    SERVER_ROOM(room);
    owe_at_once(&room);
    check_ok(engine_pool_lease(&running, room.pool, &room.collaboration, &err), &err);
    delete_old(&room);
    check(!engine_pool_erase(room.pool, &room.collaboration, 0));
    check_fails(engine_pool_lease(&next, room.pool, &room.collaboration, &err), &err,
                SR_E_UNAVAILABLE);
    engine_lease_end(&running);
    check_int(owed(&room), 0);
    check_ok(engine_pool_lease(&next, room.pool, &room.collaboration, &err), &err);
    engine_lease_end(&next);
}

static void an_upload_goes_on_while_an_erasure_is_not_overdue(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ENGINE_LEASE(running);
    ENGINE_LEASE(next);
    SERVER_ROOM(room);
    upload(&room, WHOLE);
    upload(&room, WHOLE);
    check_ok(engine_pool_lease_upload(&running, room.pool, &room.collaboration, &err), &err);
    delete_old(&room);
    check(!engine_pool_erase(room.pool, &room.collaboration, 0));
    check_ok(engine_lease_check(&running, &err), &err);
    check_ok(engine_pool_lease_upload(&next, room.pool, &room.collaboration, &err), &err);
    engine_lease_end(&next);
    engine_lease_end(&running);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(erasing_keeps_what_stands),
        cmocka_unit_test(erasing_waits_for_leases_and_the_last_one_does_it),
        cmocka_unit_test(erasing_goes_on_when_the_last_lease_ends_in_time),
        cmocka_unit_test(a_steady_load_does_not_keep_an_erasure_waiting_for_ever),
        cmocka_unit_test(a_stalled_lease_keeps_nobody_out),
        cmocka_unit_test(an_overdue_erasure_ends_uploads_and_lets_none_begin),
        cmocka_unit_test(an_overdue_erasure_comes_before_further_queries),
        cmocka_unit_test(an_upload_goes_on_while_an_erasure_is_not_overdue),
        cmocka_unit_test(what_a_crash_left_to_erase_is_erased_at_the_next_start),
        cmocka_unit_test(an_erasure_that_fails_is_told_and_stays_owed),
    };
    check_main(tests);
}
