#include "fingerprint.h"

#include <assert.h>

#include "hmac.h"
#include "random.h"

struct fingerprint_column
{
    fingerprint_options options;
    hmac_key mac;
    random_source *random; /* for NULLs that are not preserved */
    uint8_t meta;          /* of a value */
    uint8_t meta_null;
};

static sr_result check_type(cell_type type, sr_err *err)
{
    if (cell_type_representative(type) != CELL_UNKNOWN)
        return SR_OK;
    return sr_fail(err, SR_E_INVALID,
                   "a %s column cannot be a fingerprint: it has no exact equality; use sealed",
                   cell_type_name(type));
}

static sr_result column_new(fingerprint_column **out, const hmac_key *mac,
                            const fingerprint_options *options, sr_err *err)
{
    FINGERPRINT_COLUMN(column);
    cell_type type = cell_type_representative(options->type);
    column = sr_alloc(sizeof *column);
    column->options = *options;
    column->mac = *mac;
    column->meta = cell_meta(type, false);
    column->meta_null = cell_meta(type, true);
    if (!options->preserve_nulls && random_source_new(&column->random, err) != SR_OK)
        return SR_FAIL;
    *out = column;
    column = NULL;
    return SR_OK;
}

sr_result fingerprint_column_new(fingerprint_column **out, const kdf_schedule *schedule,
                                 sr_slice header, const fingerprint_options *options, sr_err *err)
{
    KDF_FINGERPRINT_KEY(key);
    HMAC_KEY(mac);
    *out = NULL;
    if (check_type(options->type, err) != SR_OK)
        return SR_FAIL;
    kdf_derive_fingerprint(&key, schedule, header, options->joins_across_names);
    hmac_key_init(&mac, sr_slice_of(key.bytes, sizeof key.bytes));
    return column_new(out, &mac, options, err);
}

sr_result fingerprint_column_clone(fingerprint_column **out, const fingerprint_column *column,
                                   sr_err *err)
{
    *out = NULL;
    return column_new(out, &column->mac, &column->options, err);
}

/* The metadata byte comes after the value here, and before it in sealed cells (C3R-FORMAT 1.5). */
static void fingerprint_value(const fingerprint_column *column, digest_value *out, sr_slice payload)
{
    uint8_t room[8];
    sr_slice value = cell_value_representative(room, column->options.type, payload);
    hmac_sha256(out, &column->mac, value, sr_slice_of(&column->meta, 1));
    sr_wipe(room, sizeof room);
}

/* Every NULL gets a fingerprint that no other cell has. */
static void fingerprint_null(const fingerprint_column *column, digest_value *out)
{
    uint8_t noise[32];
    random_source_fill(column->random, noise, sizeof noise);
    hmac_sha256(out, &column->mac, sr_slice_of(noise, sizeof noise),
                sr_slice_of(&column->meta_null, 1));
    sr_wipe(noise, sizeof noise);
}

static sr_result encrypt_one(fingerprint_column *column, cell_batch *out, const cell_input *input,
                             sr_err *err)
{
    digest_value cell;
    uint8_t *raw;
    if (input->null && column->options.preserve_nulls)
    {
        cell_batch_put_null(out);
        return SR_OK;
    }
    if (cell_value_check_payload(column->options.type, input->null, input->value, err) != SR_OK ||
        cell_batch_put(out, &raw, FINGERPRINT_SIZE, err) != SR_OK)
        return SR_FAIL;
    if (input->null)
        fingerprint_null(column, &cell);
    else
        fingerprint_value(column, &cell, input->value);
    sr_copy(raw, cell.bytes, FINGERPRINT_SIZE);
    return SR_OK;
}

sr_result fingerprint_column_encrypt(fingerprint_column *column, cell_batch *out,
                                     const cell_input *values, const cell_rows *rows, sr_err *err)
{
    cell_batch_start(out, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        if (encrypt_one(column, out, &values[i], err) != SR_OK)
            return cell_batch_fail(out, i);
    return SR_OK;
}

void fingerprint_column_free(fingerprint_column *column)
{
    if (column == NULL)
        return;
    random_source_free(column->random);
    sr_wipe(column, sizeof *column);
    sr_free(column);
}

void fingerprint_column_clear(fingerprint_column **column)
{
    fingerprint_column_free(*column);
    *column = NULL;
}
