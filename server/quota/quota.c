#include "quota.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum
{
    MEBIBYTE_BITS = 20,
    GIBIBYTE_BITS = 30,
};

static const struct
{
    const char *name;
    bool is_size;
    uint64_t otherwise;
} rows[QUOTA_COUNT_] = {
    [QUOTA_COLLABORATION_DISK] = {"maxCollaborationDisk", true, UINT64_C(100) << GIBIBYTE_BITS},
    [QUOTA_FREE_DISK] = {"minFreeDisk", true, UINT64_C(64) << MEBIBYTE_BITS},
    [QUOTA_UPLOAD_BYTES] = {"maxUploadBytes", true, UINT64_C(64) << GIBIBYTE_BITS},
    [QUOTA_UPLOAD_ROWS] = {"maxUploadRows", false, 1000000000},
    [QUOTA_UPLOADS_AT_ONCE] = {"maxUploadsAtOnce", false, 12},
    [QUOTA_COLLABORATIONS] = {"maxCollaborations", false, 100},
    [QUOTA_MEMBERS] = {"maxMembers", false, 100},
    [QUOTA_TABLES] = {"maxTables", false, 200},
    [QUOTA_TABLE_VERSIONS] = {"maxTableVersions", false, 1000},
    [QUOTA_OVERLAP_DISK] = {"maxOverlapDisk", true, UINT64_C(100) << GIBIBYTE_BITS},
    [QUOTA_OVERLAP_POINTS] = {"maxOverlapPoints", false, 50000000},
    [QUOTA_OVERLAP_SESSIONS] = {"maxOverlapSessionsPerPair", false, 100},
    [QUOTA_OVERLAP_OPEN] = {"maxOverlapSessionsOpen", false, 100},
    [QUOTA_CALLS_PER_MEMBER] = {"maxCallsPerMember", false, 16},
    [QUOTA_CALLS_PER_MINUTE] = {"maxCallsPerMinute", false, 6000},
};

const char *quota_name(quota_id id)
{
    assert((unsigned)id < QUOTA_COUNT_);
    return rows[id].name;
}

bool quota_is_size(quota_id id)
{
    assert((unsigned)id < QUOTA_COUNT_);
    return rows[id].is_size;
}

uint64_t quota_default(quota_id id)
{
    assert((unsigned)id < QUOTA_COUNT_);
    return rows[id].otherwise;
}

bool quota_allows(const quotas *in_force, quota_id id, uint64_t amount)
{
    assert(id != QUOTA_FREE_DISK);
    return in_force->limit[id] == 0 || amount <= in_force->limit[id];
}

sr_result quota_refuse(sr_err *err, quota_id id, const char *format, ...)
{
    char words[SR_ERR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(words, sizeof words, format, args);
    va_end(args);
    sr_fail(err, SR_E_LIMIT, "quota %s: %s", quota_name(id), words);
    sr_err_set_detail(err, QUOTA_REASON, quota_name(id), NULL, NULL);
    return SR_FAIL;
}
