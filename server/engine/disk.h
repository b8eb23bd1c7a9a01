/*
 * disk.h: what a collaboration takes on the disk, for the quotas.
 *
 * Blocks of the engine file that are free again do not count: the file stays as long as it was, and the
 * next upload fills them first. Those of an upload that was undone are free at once, those of a dropped
 * table with the engine's next checkpoint.
 */
#ifndef SEALROOM_SERVER_ENGINE_DISK_H
#define SEALROOM_SERVER_ENGINE_DISK_H

#include "engine.h"

#include "base/uuid.h"

/* Bytes of used blocks in the engine's file, and of its write-ahead log in this data folder (pool.h). */
sr_result engine_disk_used(uint64_t *bytes, engine *engine, const char *data_folder,
                           const sr_uuid *collaboration, sr_err *err) SR_MUST_USE;

/* About how many of these bytes are this table's: its share of all cells. 0 for a table that is not there. */
sr_result engine_disk_table(uint64_t *bytes, engine *engine, const char *data_folder,
                            const sr_uuid *collaboration, engine_table table,
                            sr_err *err) SR_MUST_USE;

/* Bytes that an ordinary process may still write on the file system of this folder. */
sr_result engine_disk_free(uint64_t *bytes, const char *data_folder, sr_err *err) SR_MUST_USE;

#endif
