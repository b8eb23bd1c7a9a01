#include "padding.h"

#include <assert.h>

const char *padding_kind_name(padding_kind kind)
{
    static const char *const names[] = {"none", "fixed", "max"};
    assert((unsigned)kind <= PADDING_MAX);
    return names[kind];
}

sr_result padding_check(const padding *rule, sr_err *err)
{
    if (rule->kind == PADDING_NONE)
        return SR_OK;
    if (rule->length > PADDING_LENGTH_MAX)
        return sr_fail(err, SR_E_LIMIT, "a padding length is at most %d", PADDING_LENGTH_MAX);
    if (rule->kind == PADDING_MAX && rule->longest > PADDING_TARGET_MAX - rule->length)
        return sr_fail(err, SR_E_LIMIT,
                       "the longest value and the padding length together exceed %d bytes; "
                       "use a smaller padding length",
                       PADDING_TARGET_MAX);
    return SR_OK;
}

void padding_longest_add(size_t *longest, const cell_input *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        size_t encoded = values[i].null ? 0 : 1 + values[i].value.len;
        if (encoded > *longest)
            *longest = encoded;
    }
}

sr_result padding_target(size_t *out, const padding *rule, size_t encoded_len, sr_err *err)
{
    *out = encoded_len;
    if (rule->kind == PADDING_FIXED)
        *out = rule->length;
    if (rule->kind == PADDING_MAX)
        *out = rule->length + rule->longest;
    bool fits = encoded_len <= *out && *out <= PADDING_PLAIN_MAX;
    if (fits)
        return SR_OK;
    *out = 0;
    if (rule->kind == PADDING_NONE)
        return sr_fail(err, SR_E_LIMIT, "a value is longer than %d bytes", PADDING_PLAIN_MAX - 1);
    return sr_fail(err, SR_E_LIMIT,
                   "a value does not fit its padding (fixed %u holds %u bytes of text); "
                   "use a larger padding length",
                   (unsigned)rule->length, (unsigned)(rule->length > 0 ? rule->length - 1 : 0));
}

void padding_fill(uint8_t *bytes, size_t encoded_len, size_t target)
{
    size_t zeros = target - encoded_len;
    for (size_t i = encoded_len; i < target; i++)
        bytes[i] = 0;
    bytes[target] = (uint8_t)(zeros >> 8);
    bytes[target + 1] = (uint8_t)zeros;
}

sr_result padding_strip(size_t *encoded_len, sr_slice padded, sr_err *err)
{
    *encoded_len = 0;
    if (padded.len < PADDING_TRAILER_SIZE)
        return sr_fail(err, SR_E_FORMAT, "a cell without a padding length");
    size_t target = padded.len - PADDING_TRAILER_SIZE;
    size_t zeros = (size_t)padded.data[target] << 8 | padded.data[target + 1];
    if (zeros > INT16_MAX || zeros >= target)
        return sr_fail(err, SR_E_FORMAT, "a cell with a wrong padding length");
    uint8_t any = 0;
    for (size_t i = target - zeros; i < target; i++)
        any |= padded.data[i];
    if (any != 0)
        return sr_fail(err, SR_E_FORMAT, "a cell whose padding is not zero");
    *encoded_len = target - zeros;
    return SR_OK;
}
