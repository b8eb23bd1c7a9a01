/*
 * backup.h: a copy of everything that a server stores, and back:
 *
 *     FOLDER/catalog.sqlite, FOLDER/engines/<uuid>.duckdb, FOLDER/keys/<uuid>.key, FOLDER/manifest.json
 *
 *     backup     lock → check the source → copy → close write-ahead logs (of the copy) → check the copy, every
 *                row → manifest → rename
 *     restore    manifest → every digest → lock → both folders are empty → copy beside → check the copy, every
 *                row → rename into place
 *
 * The source is only read. A backup grows as FOLDER.partial and is renamed when it is whole and on the disk;
 * a restore grows in DATA/restore.partial, and while that is there no server and no tool uses the folder
 * (lock.h). Whatever ends either, it can be run again.
 *
 * The server must be stopped: an engine's file belongs to one process, and a catalog and engine files that
 * are copied at different moments do not fit. (A snapshot of the file system is as good as a killed server,
 * if it takes data folder and keys at one moment.)
 *
 * Keys: with `keys` they lie in a folder of their own, best on another device, as the server's do (keys.h).
 * Not in a backup: the configuration, certificates, what members keep, what members have deleted, and overlap
 * sessions that are not over, which are EXPIRED in it (fresh ones cost little, and their secrets must not stay).
 */
#ifndef SEALROOM_SERVER_BACKUP_H
#define SEALROOM_SERVER_BACKUP_H

#include "consistency.h"
#include "inventory.h"
#include "server/shell/config.h"

/* What both need: folders as of server_config_load_folders, the backup, and the keys' folder or NULL. */
typedef struct
{
    const server_config *config;
    const char *folder;
    const char *keys;
} backup_request;

/* SR_E_STATE: a server runs; SR_E_NOT_FOUND: nothing is stored; SR_E_CORRUPT: what is stored is not
 * consistent (`sealroomd check` tells all); SR_E_EXISTS: a folder holds something already; SR_E_USAGE: a
 * folder lies inside of another that it must not lie in. */
sr_result backup_make(inventory *out, const backup_request *request, sr_err *err) SR_MUST_USE;

/* SR_E_NOT_FOUND: no finished backup, or one of its files is missing; SR_E_CORRUPT: a file is damaged or not
 * the backup's; SR_E_EXISTS: the data folder holds something, or the key folder a file that is not the same
 * as the backup's; SR_E_STATE: a server runs; SR_E_USAGE: keys that lie apart and no folder named for them,
 * or the other way round. */
sr_result backup_restore(inventory *out, const backup_request *request, sr_err *err) SR_MUST_USE;

/* consistency_look over a folder that has the form of a data folder, and its keys, with the configuration's
 * limits. The caller sees to it that nobody uses them. */
sr_result backup_look(consistency *out, const server_config *config, const char *folder,
                      const char *keys, bool read_rows, sr_err *err) SR_MUST_USE;
/* The lock of lock_take, with what to do about a server that runs; SR_E_NOT_FOUND: nothing is stored. */
sr_result backup_lock(int *lock, const server_config *config, sr_err *err) SR_MUST_USE;

#endif
