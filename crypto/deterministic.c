#include "deterministic.h"

#include <assert.h>

#include "door_gcrypt.h"
#include "random.h"

struct deterministic_column
{
    deterministic_options options;
    kdf_deterministic_key key; /* for clones */
    door_cipher *siv;
    random_source *random; /* for NULLs that are not preserved */
    cell_type type;        /* the representative one */
};

static sr_slice associated_data(void)
{
    return sr_slice_text("03:det:");
}

/* ---- making ---------------------------------------------------------------------------------- */

static sr_result check_options(const deterministic_options *options, sr_err *err)
{
    const padding *pad = &options->pad;
    if (cell_type_representative(options->type) == CELL_UNKNOWN)
        return sr_fail(err, SR_E_INVALID,
                       "a %s column cannot be deterministic: it has no exact equality; use sealed",
                       cell_type_name(options->type));
    if (pad->kind == PADDING_MAX)
        return sr_fail(err, SR_E_INVALID,
                       "a deterministic column takes padding none or fixed, not max");
    if (pad->kind == PADDING_FIXED && !options->preserve_nulls &&
        pad->length < DETERMINISTIC_NULL_SIZE)
        return sr_fail(err, SR_E_INVALID,
                       "with preserveNulls=false the padding of a deterministic column is at "
                       "least %d",
                       DETERMINISTIC_NULL_SIZE);
    return padding_check(pad, err);
}

static sr_result column_new(deterministic_column **out, const kdf_deterministic_key *key,
                            const deterministic_options *options, sr_err *err)
{
    DETERMINISTIC_COLUMN(column);
    column = sr_alloc(sizeof *column);
    column->options = *options;
    column->key = *key;
    column->type = cell_type_representative(options->type);
    if (door_siv_new(&column->siv, key->bytes, err) != SR_OK)
        return SR_FAIL;
    if (!options->preserve_nulls && random_source_new(&column->random, err) != SR_OK)
        return SR_FAIL;
    *out = column;
    column = NULL;
    return SR_OK;
}

sr_result deterministic_column_new(deterministic_column **out, const kdf_schedule *schedule,
                                   sr_slice header, const deterministic_options *options,
                                   sr_err *err)
{
    KDF_DETERMINISTIC_KEY(key);
    *out = NULL;
    if (check_options(options, err) != SR_OK)
        return SR_FAIL;
    kdf_derive_deterministic(&key, schedule, header);
    return column_new(out, &key, options, err);
}

sr_result deterministic_column_clone(deterministic_column **out, const deterministic_column *column,
                                     sr_err *err)
{
    *out = NULL;
    return column_new(out, &column->key, &column->options, err);
}

void deterministic_column_free(deterministic_column *column)
{
    if (column == NULL)
        return;
    door_cipher_free(column->siv);
    random_source_free(column->random);
    sr_wipe(column, sizeof *column);
    sr_free(column);
}

void deterministic_column_clear(deterministic_column **column)
{
    deterministic_column_free(*column);
    *column = NULL;
}

/* ---- sealing --------------------------------------------------------------------------------- */

/* What is padded and sealed: META and `body`. The plaintext is laid out where the ciphertext
 * goes. */
static sr_result seal_body(deterministic_column *column, cell_batch *out, bool null, sr_slice body,
                           sr_err *err)
{
    size_t target;
    uint8_t *raw;
    if (padding_target(&target, &column->options.pad, 1 + body.len, err) != SR_OK ||
        cell_batch_put(out, &raw, target + DETERMINISTIC_OVERHEAD, err) != SR_OK)
        return SR_FAIL;
    uint8_t *plain = raw + DETERMINISTIC_SIV_SIZE;
    plain[0] = cell_meta(column->type, null);
    sr_copy(plain + 1, body.data, body.len);
    padding_fill(plain, 1 + body.len, target);
    return door_siv_seal(column->siv, raw, associated_data(),
                         sr_slice_of(plain, target + PADDING_TRAILER_SIZE), err);
}

static sr_result seal_null(deterministic_column *column, cell_batch *out, sr_err *err)
{
    uint8_t noise[DETERMINISTIC_NULL_RANDOM];
    random_source_fill(column->random, noise, sizeof noise);
    return seal_body(column, out, true, sr_slice_of(noise, sizeof noise), err);
}

static sr_result encrypt_one(deterministic_column *column, cell_batch *out, const cell_input *input,
                             sr_err *err)
{
    uint8_t room[8];
    if (input->null && column->options.preserve_nulls)
    {
        cell_batch_put_null(out);
        return SR_OK;
    }
    if (cell_value_check_payload(column->options.type, input->null, input->value, err) != SR_OK)
        return SR_FAIL;
    if (input->null)
        return seal_null(column, out, err);
    sr_slice body = cell_value_representative(room, column->options.type, input->value);
    sr_result result = seal_body(column, out, false, body, err);
    sr_wipe(room, sizeof room);
    return result;
}

sr_result deterministic_column_encrypt(deterministic_column *column, cell_batch *out,
                                       const cell_input *values, const cell_rows *rows, sr_err *err)
{
    cell_batch_start(out, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        if (encrypt_one(column, out, &values[i], err) != SR_OK)
            return cell_batch_fail(out, i);
    return SR_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* The padded plaintext was put last into `out`; leaves META || payload there, or a NULL. */
static sr_result finish(cell_batch *out, sr_slice padded, sr_err *err)
{
    size_t len;
    if (padding_strip(&len, padded, err) != SR_OK)
        return SR_FAIL;
    bool null = (padded.data[0] & 1) != 0;
    if (null && len != DETERMINISTIC_NULL_SIZE)
        return sr_fail(err, SR_E_FORMAT, "a deterministic cell with a malformed NULL");
    cell_batch_shorten(out, null ? 0 : len, null);
    return SR_OK;
}

static sr_result decrypt_one(deterministic_column *column, cell_batch *out, const cell_input *cell,
                             sr_err *err)
{
    uint8_t *plain;
    sr_slice raw = cell->value;
    if (cell->null)
    {
        cell_batch_put_null(out);
        return SR_OK;
    }
    if (raw.len < cell_kind_min_size(CELL_DETERMINISTIC))
        return sr_fail(err, SR_E_FORMAT, "a deterministic cell of a wrong length");
    size_t len = raw.len - DETERMINISTIC_SIV_SIZE;
    if (cell_batch_put(out, &plain, len, err) != SR_OK ||
        door_siv_open(column->siv, plain, associated_data(), raw, err) != SR_OK)
        return SR_FAIL;
    return finish(out, sr_slice_of(plain, len), err);
}

sr_result deterministic_column_decrypt(deterministic_column *column, cell_batch *out,
                                       const cell_input *cells, size_t count, sr_err *err)
{
    cell_batch_start(out, count);
    for (size_t i = 0; i < count; i++)
        if (decrypt_one(column, out, &cells[i], err) != SR_OK)
            return cell_batch_fail(out, i);
    return SR_OK;
}
