#include "column_type.h"

#include <string.h>
#include <strings.h>

#include "base/bytes.h"

static const column_type_row rows[COLUMN_TYPE_COUNT_] = {
    [COLUMN_CLEARTEXT] = {.name = "cleartext",
                          .cell_prefix = "",
                          .storage = STORED_AS_DATA_TYPE,
                          .can_join = true,
                          .can_group = true,
                          .can_count = true,
                          .can_compare = true,
                          .can_order = true,
                          .can_return = true,
                          .can_sum = true,
                          .can_be_subject = true},
    [COLUMN_FINGERPRINT] = {.name = "fingerprint",
                            .cell_prefix = "02:hmac:",
                            .storage = STORED_AS_TOKEN,
                            .can_join = true,
                            .can_count = true,
                            .can_be_subject = true,
                            .is_encrypted = true,
                            .raw_width = 32},
    [COLUMN_SEALED] = {.name = "sealed",
                       .cell_prefix = "02:enc:",
                       .storage = STORED_AS_RANDOM_BYTES,
                       .can_return = true,
                       .has_padding = true,
                       .may_have_padding = true,
                       .is_encrypted = true},
    [COLUMN_DETERMINISTIC] = {.name = "deterministic",
                              .cell_prefix = "03:det:",
                              .storage = STORED_AS_BYTES,
                              .can_join = true,
                              .joins_same_header_only = true,
                              .can_group = true,
                              .can_count = true,
                              .can_compare = true,
                              .can_return = true,
                              .can_be_subject = true,
                              .may_have_padding = true,
                              .is_encrypted = true},
};

const column_type_row *column_type_of(column_type type)
{
    return &rows[type];
}

static bool is_name(sr_slice word, const char *name)
{
    return word.len == strlen(name) && strncasecmp((const char *)word.data, name, word.len) == 0;
}

sr_result column_type_parse(column_type *out, const char *name, sr_err *err)
{
    static const char blanks[] = " \t\r\n";
    const char *from = name + strspn(name, blanks);
    size_t len = strlen(from);
    while (len > 0 && strchr(blanks, from[len - 1]) != NULL)
        len--;
    *out = COLUMN_CLEARTEXT;
    for (int type = 0; type < COLUMN_TYPE_COUNT_; type++)
        if (is_name(sr_slice_of(from, len), rows[type].name))
        {
            *out = (column_type)type;
            return SR_OK;
        }
    return sr_fail(
        err, SR_E_INVALID,
        "column type \"%.32s\": expected cleartext, fingerprint, sealed or deterministic", name);
}
