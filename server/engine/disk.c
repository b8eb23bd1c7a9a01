#include "disk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/bytes.h"

enum
{
    SHARE_PARTS = 1000, /* a share is told in these */
};

/* A SELECT of ours that gives one whole number. */
static sr_result ask_number(uint64_t *out, engine *self, const char *sql, sr_err *err)
{
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    engine_cell cell;
    bool end = false;
    SR_TEXT(digits);
    if (engine_session_new(&session, self, err) != SR_OK ||
        engine_select(&result, session, sql, NULL, 0, err) != SR_OK ||
        engine_result_next(result, &cell, &end, err) != SR_OK)
        return SR_FAIL;
    if (end || cell.is_null || sr_slice_to_text(&digits, cell.bytes, err) != SR_OK)
        return sr_fail(err, SR_E_INTERNAL, "engine: its size is not known");
    *out = strtoull(digits, NULL, 10);
    return SR_OK;
}

sr_result engine_disk_used(uint64_t *bytes, engine *self, const char *data_folder,
                           const sr_uuid *collaboration, sr_err *err)
{
    SR_TEXT(wal);
    struct stat status;
    sr_uuid_text uuid = sr_uuid_print(collaboration);
    *bytes = 0;
    if (ask_number(bytes, self,
                   "SELECT CAST(sum(used_blocks * block_size) AS BIGINT)"
                   " FROM pragma_database_size()",
                   err) != SR_OK)
        return SR_FAIL;
    wal = sr_text_printf("%s/engines/%s.duckdb.wal", data_folder, uuid.text);
    if (stat(wal, &status) == 0) /* there is none after a checkpoint */
        *bytes += (uint64_t)status.st_size;
    return SR_OK;
}

sr_result engine_disk_table(uint64_t *bytes, engine *self, const char *data_folder,
                            const sr_uuid *collaboration, engine_table table, sr_err *err)
{
    SR_TEXT(sql);
    uint64_t parts = 0;
    uint64_t used = 0;
    *bytes = 0;
    sql = sr_text_printf("SELECT CAST(coalesce(%d * sum(estimated_size * column_count) FILTER"
                         " (table_name = 't%" PRIu64 "_v%" PRIu32
                         "') / sum(estimated_size * column_count), 0)"
                         " AS BIGINT) FROM duckdb_tables() WHERE NOT temporary AND NOT internal",
                         SHARE_PARTS, table.table, table.version);
    if (ask_number(&parts, self, sql, err) != SR_OK ||
        engine_disk_used(&used, self, data_folder, collaboration, err) != SR_OK)
        return SR_FAIL;
    *bytes = used / SHARE_PARTS * parts;
    return SR_OK;
}

sr_result engine_disk_free(uint64_t *bytes, const char *data_folder, sr_err *err)
{
    struct statvfs status;
    *bytes = 0;
    if (statvfs(data_folder, &status) != 0)
        return sr_fail_errno(err, errno, "%s", data_folder);
    *bytes = (uint64_t)status.f_bavail * status.f_frsize;
    return SR_OK;
}
