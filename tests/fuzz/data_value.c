/* The first line is a data type, the rest a value: what is read prints, and reads back to the same print. */
#include "fuzz.h"
#include "model/data_type.h"

enum
{
    TYPE_MOST = 64,
    ROOM = 16 << 20,
};

static void check_type(data_type type)
{
    sr_err err = SR_ERR_INIT;
    data_type again;
    char name[DATA_TYPE_TEXT_SIZE];
    data_type_print(name, type);
    fuzz_check(data_type_parse(&again, name, &err) == SR_OK);
    fuzz_check(data_type_equal(type, again));
}

static void check_value(data_type type, sr_slice text)
{
    sr_err err = SR_ERR_INIT;
    data_value value;
    data_value again;
    SR_BUF(first, ROOM);
    SR_BUF(second, ROOM);
    if (data_value_parse(&value, type, text, &err) != SR_OK)
    {
        fuzz_check(err.code == SR_E_FORMAT && value.text.data == NULL);
        return;
    }
    fuzz_check(data_value_print(&first, type, &value, &err) == SR_OK);
    fuzz_check(data_value_parse(&again, type, sr_buf_view(&first), &err) == SR_OK);
    fuzz_check(data_value_print(&second, type, &again, &err) == SR_OK);
    fuzz_check(sr_slice_equal_var(sr_buf_view(&first), sr_buf_view(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    char name[TYPE_MOST] = "";
    data_type type;
    size_t line = 0;
    while (line < size && data[line] != '\n')
        line++;
    if (line >= sizeof name)
        return 0;
    sr_copy(name, data, line);
    if (data_type_parse(&type, name, &err) != SR_OK)
        return 0;
    check_type(type);
    size_t from = line < size ? line + 1 : size;
    check_value(type, sr_slice_sub(sr_slice_of(data, size), from, size - from));
    return 0;
}
