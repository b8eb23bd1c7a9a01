/* Whatever parses must print as 36 characters that parse to the same UUID. */
#include "base/uuid.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    sr_uuid uuid;
    sr_uuid again;
    SR_TEXT(text);
    if (sr_slice_to_text(&text, sr_slice_of(data, size), &err) != SR_OK ||
        sr_uuid_parse(&uuid, text, &err) != SR_OK)
        return 0;
    sr_uuid_text printed = sr_uuid_print(&uuid);
    fuzz_check(strlen(printed.text) == 36);
    fuzz_check(sr_uuid_parse(&again, printed.text, &err) == SR_OK);
    fuzz_check(sr_uuid_equal(&uuid, &again));
    return 0;
}
