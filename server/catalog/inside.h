/*
 * inside.h: inside of `catalog`, for the files of server/catalog and server/audit: the lock, the database,
 * and the record of a change that must be written in the same transaction.
 */
#ifndef SEALROOM_SERVER_CATALOG_INSIDE_H
#define SEALROOM_SERVER_CATALOG_INSIDE_H

#include <pthread.h>

#include "catalog.h"
#include "db.h"

struct catalog
{
    pthread_mutex_t lock;
    db *db;
    quotas quotas;
};

/* Held until it leaves scope: CATALOG_LOCK(catalog); */
catalog *catalog_lock(catalog *catalog);
void catalog_unlock(catalog **catalog);
#define CATALOG_LOCK(name)                                                                         \
    catalog *catalog_locked_ SR_CLEANUP(catalog_unlock) = catalog_lock(name);                      \
    (void)catalog_locked_

/* Writes an audit record of a change, inside the caller's transaction and lock. `tables` may be NULL. */
sr_result catalog_record(catalog *catalog, const sr_uuid *collaboration, const catalog_actor *actor,
                         const char *action, const char *text, const room_table_version *tables,
                         size_t table_count, sr_err *err) SR_MUST_USE;
/* The next number of the collaboration's audit log, inside the caller's transaction and lock. */
sr_result catalog_next_record(uint64_t *out, catalog *catalog, const sr_uuid *collaboration,
                              sr_err *err) SR_MUST_USE;
/* Files a table under a record. */
sr_result catalog_record_table(catalog *catalog, const sr_uuid *collaboration, uint64_t number,
                               const room_table_version *table, sr_err *err) SR_MUST_USE;

/* The quotas of the catalog (limits.c), inside the caller's lock: SR_E_LIMIT when one more would exceed
 * what one creator, a collaboration, or a table may have. */
sr_result catalog_check_collaborations(catalog *catalog, const char *creator,
                                       sr_err *err) SR_MUST_USE;
sr_result catalog_check_members(const catalog *catalog, const room_collaboration *room,
                                sr_err *err) SR_MUST_USE;
sr_result catalog_check_tables(catalog *catalog, const sr_uuid *collaboration, const char *table,
                               const char *owner, sr_err *err) SR_MUST_USE;
sr_result catalog_check_versions(catalog *catalog, uint64_t number, const char *table,
                                 sr_err *err) SR_MUST_USE;

/* Brings the file to this server's version, then cleans up after a crash. */
sr_result catalog_migrate(catalog *catalog, sr_err *err) SR_MUST_USE;
/* Number of the file's last migration (0: none yet) and of this program's last one. SR_E_CORRUPT: no catalog;
 * SR_E_STATE: of a newer server. */
sr_result catalog_check_file(int64_t *version, int64_t *newest, db *db, sr_err *err) SR_MUST_USE;
/* Reads every page; with `indexes` also whether each index has exactly its rows. SR_E_CORRUPT. */
sr_result catalog_check_pages(db *db, bool indexes, sr_err *err) SR_MUST_USE;

/* catalog_key_check for a caller that holds the lock. */
sr_result catalog_key_compare(catalog_key_answer *out, catalog *catalog,
                              const sr_uuid *collaboration, const uint8_t *value,
                              sr_err *err) SR_MUST_USE;

/* A text of the file into a fixed array; too long is SR_E_CORRUPT. */
sr_result catalog_read_text(char *out, size_t size, const char *text, sr_err *err) SR_MUST_USE;
sr_result catalog_read_role(principal_role *out, const char *text, sr_err *err) SR_MUST_USE;

/* The abilities of a member that has accepted; *there false, and none, for anybody else. Under the lock. */
sr_result catalog_read_abilities(unsigned *out, bool *there, catalog *catalog,
                                 const sr_uuid *collaboration, const char *member,
                                 sr_err *err) SR_MUST_USE;

#endif
