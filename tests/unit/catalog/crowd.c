/* Fifty clients at once: nothing is lost, numbers have no gap, versions are distinct. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "server/audit/audit.h"

enum
{
    CLIENTS = 50,
    ROUNDS = 6,
};

typedef struct
{
    fixture *room;
    atomic_int failures;
    atomic_int uploads;
} crowd;

static bool query_once(crowd *all)
{
    sr_err err = SR_ERR_INIT;
    audit_query query;
    catalog *from = all->room->catalog;
    return audit_query_begin(&query, from, &all->room->spring, &all->room->brand, "SELECT 1",
                             &err) == SR_OK &&
           audit_query_decided(from, &query, NULL, 0, NULL, &err) == SR_OK &&
           audit_query_finished(from, &query, AUDIT_SUCCESS, NULL, &err) == SR_OK;
}

/* All upload one table; who is overtaken is told so. */
static bool upload_once(crowd *all)
{
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    catalog_upload reserved;
    fixture *room = all->room;
    two_columns(columns);
    catalog_upload_facts facts = facts_of(columns, 1);
    if (catalog_upload_begin(&reserved, room->catalog, &room->spring, "sales", columns,
                             COLUMN_COUNT, false, &room->acme, &err) != SR_OK)
        return false;
    if (catalog_upload_commit(room->catalog, &reserved, &facts, &room->acme, &err) == SR_OK)
    {
        atomic_fetch_add(&all->uploads, 1);
        return true;
    }
    catalog_upload_forget(room->catalog, &reserved);
    return err.code == SR_E_STATE;
}

static void *work(void *argument)
{
    crowd *all = argument;
    for (int i = 0; i < ROUNDS; i++)
        if (!query_once(all) || !upload_once(all))
            atomic_fetch_add(&all->failures, 1);
    return NULL;
}

static void run_crowd(crowd *all)
{
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        check_int(pthread_create(&threads[i], NULL, work, all), 0);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    check_int(atomic_load(&all->failures), 0);
}

static void fifty_clients_write_at_once_and_nothing_is_lost(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog_version *versions = NULL;
    room_audit_record *records = NULL;
    size_t count = 0;
    FIXTURE(room);
    crowd all = {.room = &room};
    run_crowd(&all);
    check_ok(catalog_versions_visible(&versions, &count, room.catalog, &room.spring, &err), &err);
    check_int(count, atomic_load(&all.uploads));
    sr_free(versions);
    audit_filter filter = {.collaboration = room.spring, .viewer = "brand", .limit = 1000};
    check_ok(audit_list(&records, &count, room.catalog, &filter, &err), &err);
    check_int(count, CLIENTS * ROUNDS + 1);
    uint64_t highest = records[0].number;
    audit_list_free(records, count);
    filter.viewer = "acme";
    check_ok(audit_list(&records, &count, room.catalog, &filter, &err), &err);
    highest = records[0].number > highest ? records[0].number : highest;
    audit_list_free(records, count);
    /* created, invited, accepted, the queries, the uploads: no number is left out */
    check(highest == 3u + CLIENTS * ROUNDS + (uint64_t)atomic_load(&all.uploads));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_clients_write_at_once_and_nothing_is_lost),
    };
    check_main(tests);
}
