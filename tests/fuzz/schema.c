/* Any text is a schema or an error; a schema's headers are well-formed and unique. */
#include "client/schema.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    if (size == 0)
        return 0;
    if (schema_parse(&schema, sr_slice_of(data + 1, size - 1), (data[0] & 1) != 0, &err) != SR_OK)
    {
        fuzz_check(schema.columns == NULL && schema.count == 0);
        fuzz_check(err.code != SR_E_NONE && err.text[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < schema.count; i++)
    {
        char header[HEADER_SIZE];
        const char *target = schema.columns[i].target;
        fuzz_check(header_normalise(header, sr_slice_text(target), &err) == SR_OK);
        fuzz_check(strcmp(header, target) == 0);
        for (size_t k = 0; k < i; k++)
            fuzz_check(strcmp(schema.columns[k].target, target) != 0);
    }
    return 0;
}
