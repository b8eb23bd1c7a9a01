#include "flags.h"

#include <stddef.h>

/* One row a flag; the order is the order of the bits. */
static const struct
{
    const char *name;
    size_t offset;
} flag_rows[] = {
    {"allowCleartext", offsetof(collaboration_flags, allow_cleartext)},
    {"allowDuplicates", offsetof(collaboration_flags, allow_duplicates)},
    {"allowJoinsOnColumnsWithDifferentNames",
     offsetof(collaboration_flags, allow_joins_on_columns_with_different_names)},
    {"preserveNulls", offsetof(collaboration_flags, preserve_nulls)},
};
enum
{
    FLAG_COUNT = sizeof flag_rows / sizeof flag_rows[0]
};

static bool *flag_at(collaboration_flags *flags, size_t row)
{
    return (bool *)((char *)flags + flag_rows[row].offset);
}

static bool flag_value(const collaboration_flags *flags, size_t row)
{
    return *(const bool *)((const char *)flags + flag_rows[row].offset);
}

uint8_t flags_to_byte(const collaboration_flags *flags)
{
    unsigned byte = 0;
    for (size_t row = 0; row < FLAG_COUNT; row++)
        if (flag_value(flags, row))
            byte |= 1u << row;
    return (uint8_t)byte;
}

sr_result flags_from_byte(collaboration_flags *out, uint8_t byte, sr_err *err)
{
    *out = (collaboration_flags){false, false, false, false};
    if (byte >> FLAG_COUNT != 0)
        return sr_fail(err, SR_E_INVALID, "collaboration flags: unknown bits are set");
    for (size_t row = 0; row < FLAG_COUNT; row++)
        *flag_at(out, row) = ((unsigned)byte >> row & 1u) != 0;
    return SR_OK;
}

sr_result flags_from_json(collaboration_flags *out, const sr_json *object, sr_err *err)
{
    const char *known[FLAG_COUNT + 1] = {NULL};
    collaboration_flags flags = {false, false, false, false};
    *out = flags;
    for (size_t row = 0; row < FLAG_COUNT; row++)
        known[row] = flag_rows[row].name;
    if (sr_json_kind_of(object) != SR_JSON_OBJECT)
        return sr_fail(err, SR_E_INVALID, "expected an object with the four flags, not %s",
                       sr_json_kind_words(sr_json_kind_of(object)));
    if (sr_json_only(object, known, err) != SR_OK)
        return SR_FAIL;
    for (size_t row = 0; row < FLAG_COUNT; row++)
        if (sr_json_get_bool(object, flag_rows[row].name, false, flag_at(&flags, row), err) !=
            SR_OK)
            return SR_FAIL;
    *out = flags;
    return SR_OK;
}

sr_json *flags_to_json(const collaboration_flags *flags)
{
    sr_json *object = sr_json_object_new();
    for (size_t row = 0; row < FLAG_COUNT; row++)
        sr_json_set_bool(object, flag_rows[row].name, flag_value(flags, row));
    return object;
}
