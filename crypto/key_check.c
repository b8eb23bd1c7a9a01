#include "key_check.h"

uint8_t key_check_flags_byte(key_check_flags flags)
{
    unsigned byte = 0;
    byte |= flags.allow_cleartext ? 1u : 0u;
    byte |= flags.allow_duplicates ? 2u : 0u;
    byte |= flags.allow_joins_on_columns_with_different_names ? 4u : 0u;
    byte |= flags.preserve_nulls ? 8u : 0u;
    return (uint8_t)byte;
}

void key_check_make(key_check_value *out, const kdf_schedule *schedule, key_check_flags flags)
{
    uint8_t byte = key_check_flags_byte(flags);
    kdf_derive(out->bytes, sizeof out->bytes, schedule, "sealroom-v1/key-check",
               sr_slice_of(&byte, 1));
}

bool key_check_equal(const key_check_value *a, const key_check_value *b)
{
    return sr_equal_ct(a->bytes, b->bytes, sizeof a->bytes);
}
