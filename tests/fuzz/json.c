/* Whatever parses must write, and its canonical text must parse to the same canonical text. */
#include "base/json.h"
#include "fuzz.h"

static void check_canonical(const sr_json *document)
{
    sr_err err = SR_ERR_INIT;
    SR_JSON(again);
    SR_BUF(first, 64 << 20);
    SR_BUF(second, 64 << 20);
    fuzz_check(sr_json_write_canonical(document, &first, &err) == SR_OK);
    fuzz_check(sr_json_parse_deep(&again, sr_buf_view(&first), &err) == SR_OK);
    fuzz_check(sr_json_write_canonical(again, &second, &err) == SR_OK);
    fuzz_check(sr_slice_equal_var(sr_buf_view(&first), sr_buf_view(&second)));
}

static void ask_everything(const sr_json *node)
{
    fuzz_check(sr_json_text(node) != NULL);
    (void)sr_json_int(node);
    (void)sr_json_bool(node);
    for (size_t i = 0; i < sr_json_size(node); i++)
    {
        bool is_list = sr_json_kind_of(node) == SR_JSON_ARRAY;
        const sr_json *child = is_list ? sr_json_item(node, i) : sr_json_member_at(node, i);
        fuzz_check(child != NULL);
        ask_everything(child);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    if (sr_json_parse(&document, sr_slice_of(data, size), &err) == SR_OK)
    {
        ask_everything(document);
        check_canonical(document);
    }
    else
        fuzz_check(document == NULL && err.text[0] != '\0');
    return 0;
}
