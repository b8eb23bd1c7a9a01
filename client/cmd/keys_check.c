#include <stdio.h>

#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "crypto/key_check.h"
#include "settings.h"

static const option_row keys_check_option_table[] = {
    COMMON_KEY_OPTIONS,
    SETTINGS_COLLAB_OPTION,
    ONLINE_OPTIONS,
    {"flags", NULL, 0, OPTION_TEXT, "FILE", "the collaboration's four settings, as a JSON object"},
    COMMON_END,
};

static sr_result compare(const key_check_value *mine, const char *text, sr_err *err)
{
    key_check_value other;
    sr_err why = SR_ERR_INIT;
    if (sr_hex_decode(other.bytes, sizeof other.bytes, sr_slice_text(text), &why) != SR_OK)
        return sr_fail(err, SR_E_USAGE, "keys check: a key check value has %d hexadecimal digits",
                       2 * KEY_CHECK_SIZE);
    if (!key_check_equal(mine, &other))
        return sr_fail(err, SR_E_SECRET,
                       "the key check values differ: another secret, collaboration or settings");
    (void)puts("the key check values agree");
    return SR_OK;
}

static sr_result run_keys_check(const options *given, sr_err *err)
{
    SECRET(secret);
    KDF_SCHEDULE(keys);
    const table_schema no_schema = {.columns = NULL};
    collaboration_settings found;
    key_check_value value;
    char text[2 * KEY_CHECK_SIZE + 1];
    if (settings_find(&found, given, &no_schema, err) != SR_OK ||
        common_secret(given, &secret, err) != SR_OK ||
        kdf_schedule_new(&keys, secret, &found.id, err) != SR_OK)
        return SR_FAIL;
    const collaboration_flags *flags = &found.flags;
    key_check_flags bits = {.allow_cleartext = flags->allow_cleartext,
                            .allow_duplicates = flags->allow_duplicates,
                            .allow_joins_on_columns_with_different_names =
                                flags->allow_joins_on_columns_with_different_names,
                            .preserve_nulls = flags->preserve_nulls};
    key_check_make(&value, keys, bits);
    if (options_argument(given, 0) != NULL)
        return compare(&value, options_argument(given, 0), err);
    sr_hex_encode(text, sr_slice_of(value.bytes, sizeof value.bytes));
    (void)puts(text);
    return SR_OK;
}

const command_row command_keys_check = {
    .noun = "keys",
    .verb = "check",
    .line = "show or compare the key check value of secret, collaboration and settings",
    .usage = "[VALUE] (--collab NAME | --id UUID --flags FILE) [options]",
    .about =
        "The key check value is the same for all who hold the same secret, collaboration id and\n"
        "settings, and tells nothing of any key. Given another member's VALUE, compares the two.\n"
        "Partners read it to each other by telephone: when it agrees, fingerprints will meet.\n"
        "\n"
        "  sealroom keys check --collab spring --secret-file room.key\n"
        "  sealroom keys check --id 12345678-1234-1234-1234-1234567890ab --flags flags.json \\\n"
        "      --secret-file room.key",
    .options = keys_check_option_table,
    .arguments = 1,
    .run = run_keys_check,
};
