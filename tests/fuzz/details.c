/* An error made of any bytes is printable, agrees with the status, and travels on unchanged. The first byte is the
 * status, the second says how much of the rest is the message; what follows is the trailer. */
#include "rpc/details.h"

#include "base/text.h"
#include "fuzz.h"

static void check_printable(const char *text)
{
    fuzz_check(sr_utf8_is_valid(sr_slice_text(text)));
    for (; *text != '\0'; text++)
        fuzz_check((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_travels_on(const sr_err *err)
{
    sr_err again = SR_ERR_INIT;
    SR_BUF(trailer, RPC_DETAILS_MAX);
    rpc_details_pack(&trailer, err);
    fuzz_check(trailer.len > 0);
    fuzz_check(rpc_details_unpack(&again, sr_code_grpc_status(err->code),
                                  sr_slice_text(sr_err_peer_text(err)), sr_buf_view(&trailer)));
    fuzz_check(again.code == err->code);
    if (sr_code_peer_may_read(err->code))
        fuzz_check(strcmp(again.text, err->text) == 0 &&
                   strcmp(again.detail.column, err->detail.column) == 0 &&
                   strcmp(again.detail.position, err->detail.position) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    if (size < 2)
        return 0;
    int status = data[0] % 20;
    size_t left = size - 2;
    size_t text = data[1] < left ? data[1] : left;
    rpc_details_unpack(&err, status, sr_slice_of(data + 2, text),
                       sr_slice_of(data + 2 + text, left - text));
    fuzz_check(sr_code_grpc_status(err.code) ==
               sr_code_grpc_status(sr_code_from_grpc(status >= 1 && status <= 16 ? status : 2)));
    fuzz_check(err.text[0] != '\0');
    check_printable(err.text);
    check_printable(err.detail.reason);
    check_printable(err.detail.field);
    check_printable(err.detail.table);
    check_printable(err.detail.column);
    check_printable(err.detail.position);
    check_printable(err.detail.call);
    check_travels_on(&err);
    return 0;
}
