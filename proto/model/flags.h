/*
 * flags.h: the four settings of a collaboration, C3R's names and meaning (C3R-FORMAT 1.13). false is
 * AWS's default and the strictest. As a byte (key check value, column cards): bit 0 allowCleartext,
 * bit 1 allowDuplicates, bit 2 allowJoinsOnColumnsWithDifferentNames, bit 3 preserveNulls.
 */
#ifndef SEALROOM_MODEL_FLAGS_H
#define SEALROOM_MODEL_FLAGS_H

#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

typedef struct
{
    bool allow_cleartext;
    bool allow_duplicates;
    bool allow_joins_on_columns_with_different_names;
    bool preserve_nulls;
} collaboration_flags;

uint8_t flags_to_byte(const collaboration_flags *flags);
sr_result flags_from_byte(collaboration_flags *out, uint8_t byte, sr_err *err) SR_MUST_USE;
/* JSON object with the four camelCase names; unknown names are refused, missing ones are false. */
sr_result flags_from_json(collaboration_flags *out, const sr_json *object, sr_err *err) SR_MUST_USE;
sr_json *flags_to_json(const collaboration_flags *flags) SR_MUST_USE;

#endif
