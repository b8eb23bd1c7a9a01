/* Whatever decodes must encode to the same text again (padding apart). */
#include "base/text.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    size_t room = sr_base64_decoded_max(size);
    uint8_t *bytes = sr_alloc(room);
    size_t len;
    if (sr_base64_decode(bytes, &len, sr_slice_of(data, size), &err) == SR_OK)
    {
        size_t text_len = sr_base64_encoded_len(len);
        char *text = sr_alloc(text_len);
        fuzz_check(len <= room);
        sr_base64_encode(text, sr_slice_of(bytes, len));
        fuzz_check(text_len >= size && text_len - size <= 2);
        fuzz_check(size == 0 || memcmp(text, data, size) == 0);
        sr_free(text);
    }
    else
        fuzz_check(len == 0 && err.code == SR_E_FORMAT);
    sr_free(bytes);
    return 0;
}
