/* Whatever unpacks must pack again, and its bytes must unpack to a message that packs the same way. The first
 * byte chooses the type. */
#include "wire/wire.h"

#include "fuzz.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "grpc/health/v1/health.pb-c.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "sealroom/v1/query.pb-c.h"
#include "sealroom/v1/table.pb-c.h"

static const void *const types[] = {
    &google__rpc__status__descriptor,
    &google__rpc__error_info__descriptor,
    &grpc__health__v1__health_check_request__descriptor,
    &sealroom__v1__collaboration__descriptor,
    &sealroom__v1__run_query_request__descriptor,
    &sealroom__v1__run_query_response__descriptor,
    &sealroom__v1__upload_request__descriptor,
    &sealroom__v1__table__descriptor,
};

/* Packed bytes may differ from those read (default values, order, unknown fields), but only once. */
static void check_again(const void *message, const void *type, size_t size)
{
    sr_err err = SR_ERR_INIT;
    void *second SR_CLEANUP(wire_clear) = NULL;
    SR_BUF(first_bytes, 10 * size + 100); /* a negative int32 takes ten bytes */
    SR_BUF(second_bytes, 10 * size + 100);
    fuzz_check(wire_pack(message, &first_bytes, &err) == SR_OK);
    fuzz_check(wire_unpack(&second, type, sr_buf_view(&first_bytes), &err) == SR_OK);
    fuzz_check(wire_pack(second, &second_bytes, &err) == SR_OK);
    fuzz_check(sr_slice_equal_var(sr_buf_view(&first_bytes), sr_buf_view(&second_bytes)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    void *message SR_CLEANUP(wire_clear) = NULL;
    if (size == 0)
        return 0;
    const void *type = types[data[0] % (sizeof types / sizeof *types)];
    if (wire_unpack(&message, type, sr_slice_of(data + 1, size - 1), &err) == SR_OK)
        check_again(message, type, size);
    else
        fuzz_check(message == NULL && err.code == SR_E_INVALID && err.text[0] != '\0');
    return 0;
}
