/* Any text passes the scan before the parser or is refused with a reason; nothing else. */
#include "base/bytes.h"
#include "fuzz.h"
#include "server/query/prescan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    char *sql = sr_array(size + 1, 1);
    sr_copy(sql, data, size);
    if (query_prescan(sql, &err) != SR_OK)
        fuzz_check(err.code == SR_E_REFUSED && err.detail.reason[0] != '\0');
    sr_free(sql);
    return 0;
}
