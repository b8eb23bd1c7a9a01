/* Any bytes as an opened cell: padding comes off, and what decodes encodes to the same bytes and
 * can be shown as text. */
#include "crypto/cell_render.h"
#include "crypto/padding.h"
#include "fuzz.h"

static bool is_real(const cell_value *value)
{
    return value->type == CELL_DOUBLE || value->type == CELL_FLOAT;
}

static void decode(sr_slice encoded)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(again, 1 << 20);
    SR_BUF(text, 1 << 20);
    cell_value value;
    if (cell_value_decode(&value, encoded, &err) != SR_OK)
    {
        fuzz_check(value.type == CELL_UNKNOWN && err.code == SR_E_FORMAT);
        return;
    }
    sr_slice payload = sr_slice_sub(encoded, 1, encoded.len - 1);
    fuzz_check(cell_value_check_payload(value.type, value.null, payload, &err) == SR_OK);
    fuzz_check(cell_value_encode(&again, &value, &err) == SR_OK);
    if (!is_real(&value) || value.real == value.real) /* a NaN may come back as another NaN */
        fuzz_check(sr_slice_equal_var(sr_buf_view(&again), encoded));
    if (!value.null)
        fuzz_check(cell_render(&text, &value, &err) == SR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    sr_slice padded = sr_slice_of(data, size);
    size_t len;
    decode(padded);
    if (padding_strip(&len, padded, &err) == SR_OK)
        decode(sr_slice_sub(padded, 0, len));
    else
        fuzz_check(len == 0 && err.code == SR_E_FORMAT);
    return 0;
}
