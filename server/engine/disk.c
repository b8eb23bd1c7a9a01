#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/bytes.h"

static sr_result used_blocks(uint64_t *bytes, engine *self, sr_err *err)
{
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    engine_cell cell;
    bool end = false;
    SR_TEXT(digits);
    if (engine_session_new(&session, self, err) != SR_OK ||
        engine_select(&result, session,
                      "SELECT CAST(sum(used_blocks * block_size) AS BIGINT)"
                      " FROM pragma_database_size()",
                      NULL, 0, err) != SR_OK ||
        engine_result_next(result, &cell, &end, err) != SR_OK)
        return SR_FAIL;
    if (end || cell.is_null || sr_slice_to_text(&digits, cell.bytes, err) != SR_OK)
        return sr_fail(err, SR_E_INTERNAL, "engine: its size is not known");
    *bytes = strtoull(digits, NULL, 10);
    return SR_OK;
}

sr_result engine_disk_used(uint64_t *bytes, engine *self, const char *data_folder,
                           const sr_uuid *collaboration, sr_err *err)
{
    SR_TEXT(wal);
    struct stat status;
    sr_uuid_text uuid = sr_uuid_print(collaboration);
    *bytes = 0;
    if (used_blocks(bytes, self, err) != SR_OK)
        return SR_FAIL;
    wal = sr_text_printf("%s/engines/%s.duckdb.wal", data_folder, uuid.text);
    if (stat(wal, &status) == 0) /* there is none after a checkpoint */
        *bytes += (uint64_t)status.st_size;
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
