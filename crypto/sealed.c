#include "sealed.h"

#include <assert.h>

#include "door_gcrypt.h"
#include "sealed_row_keys.h"

enum
{
    HEAD_SIZE = CELL_NONCE_SIZE + SEALED_IV_SIZE,
};

struct sealed_column
{
    sealed_options options;
    digest root;   /* SHA-256 fed with ROOT: the beginning of every row key */
    digest header; /* SHA-256 fed with the header: the beginning of every IV */
    door_cipher *gcm;
};

static sr_slice associated_data(void)
{
    return sr_slice_text("02:enc:");
}

/* ---- making ---------------------------------------------------------------------------------- */

static sr_result column_new(sealed_column **out, const digest *root, const digest *header,
                            const sealed_options *options, sr_err *err)
{
    SEALED_COLUMN(column);
    column = sr_alloc(sizeof *column);
    column->options = *options;
    column->root = *root;
    column->header = *header;
    if (door_gcm_new(&column->gcm, err) != SR_OK)
        return SR_FAIL;
    *out = column;
    column = NULL;
    return SR_OK;
}

sr_result sealed_column_new(sealed_column **out, const kdf_schedule *schedule, sr_slice header,
                            const sealed_options *options, sr_err *err)
{
    digest root SR_CLEANUP(digest_clear);
    digest name SR_CLEANUP(digest_clear);
    *out = NULL;
    sealed_root_start(&root, schedule);
    digest_init(&name);
    digest_add(&name, header);
    if (options->type == CELL_UNKNOWN)
        return sr_fail(err, SR_E_INVALID, "a column of unknown type cannot be sealed");
    if (padding_check(&options->pad, err) != SR_OK)
        return SR_FAIL;
    return column_new(out, &root, &name, options, err);
}

sr_result sealed_column_clone(sealed_column **out, const sealed_column *column, sr_err *err)
{
    *out = NULL;
    return column_new(out, &column->root, &column->header, &column->options, err);
}

void sealed_column_free(sealed_column *column)
{
    if (column == NULL)
        return;
    door_cipher_free(column->gcm);
    sr_wipe(column, sizeof *column);
    sr_free(column);
}

void sealed_column_clear(sealed_column **column)
{
    sealed_column_free(*column);
    *column = NULL;
}

/* ---- sealing --------------------------------------------------------------------------------- */

static void derive_iv(const sealed_column *column, uint8_t iv[SEALED_IV_SIZE], const uint8_t *nonce)
{
    digest_value sum;
    digest_from(&sum, &column->header, sr_slice_of(nonce, CELL_NONCE_SIZE));
    sr_copy(iv, sum.bytes, SEALED_IV_SIZE);
}

static sr_result set_row_key(sealed_column *column, const cell_rows *rows, size_t index,
                             sr_err *err)
{
    if (rows->keys != NULL)
        return door_cipher_set_key(
            column->gcm, sealed_row_keys_at(rows->keys, index, &rows->nonces[index]), err);
    digest_value key;
    digest_from(&key, &column->root, sr_slice_of(rows->nonces[index].bytes, CELL_NONCE_SIZE));
    sr_result result = door_cipher_set_key(column->gcm, key.bytes, err);
    sr_wipe(&key, sizeof key);
    return result;
}

/* Writes nonce and IV, and the padded plaintext after them, which is then sealed in place. */
static void lay_out(const sealed_column *column, uint8_t *raw, const cell_nonce *nonce,
                    const cell_input *input, size_t target)
{
    uint8_t *plain = raw + HEAD_SIZE;
    sr_copy(raw, nonce->bytes, CELL_NONCE_SIZE);
    derive_iv(column, raw + CELL_NONCE_SIZE, nonce->bytes);
    plain[0] = cell_meta(column->options.type, input->null);
    sr_copy(plain + 1, input->value.data, input->value.len);
    padding_fill(plain, 1 + input->value.len, target);
}

static sr_result encrypt_one(sealed_column *column, cell_batch *out, const cell_input *input,
                             const cell_rows *rows, size_t index, sr_err *err)
{
    size_t target;
    uint8_t *raw;
    if (input->null && column->options.preserve_nulls)
    {
        cell_batch_put_null(out);
        return SR_OK;
    }
    if (cell_value_check_payload(column->options.type, input->null, input->value, err) != SR_OK ||
        padding_target(&target, &column->options.pad, 1 + input->value.len, err) != SR_OK ||
        cell_batch_put(out, &raw, target + SEALED_OVERHEAD, err) != SR_OK ||
        set_row_key(column, rows, index, err) != SR_OK)
        return SR_FAIL;
    lay_out(column, raw, &rows->nonces[index], input, target);
    uint8_t *plain = raw + HEAD_SIZE;
    return door_gcm_seal(column->gcm, plain, raw + CELL_NONCE_SIZE, associated_data(),
                         sr_slice_of(plain, target + PADDING_TRAILER_SIZE), err);
}

sr_result sealed_column_encrypt(sealed_column *column, cell_batch *out, const cell_input *values,
                                const cell_rows *rows, sr_err *err)
{
    assert(rows->count == 0 || rows->nonces != NULL);
    cell_batch_start(out, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        if (encrypt_one(column, out, &values[i], rows, i, err) != SR_OK)
            return cell_batch_fail(out, i);
    return SR_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

static sr_result open_cell(sealed_column *column, uint8_t *plain, sr_slice raw, sr_err *err)
{
    digest_value key;
    digest_from(&key, &column->root, sr_slice_sub(raw, 0, CELL_NONCE_SIZE));
    sr_result result = door_cipher_set_key(column->gcm, key.bytes, err);
    sr_wipe(&key, sizeof key);
    if (result != SR_OK)
        return SR_FAIL;
    return door_gcm_open(column->gcm, plain, raw.data + CELL_NONCE_SIZE, associated_data(),
                         sr_slice_sub(raw, HEAD_SIZE, raw.len - HEAD_SIZE), err);
}

/* The padded plaintext was put last into `out`; leaves META || payload there, or a NULL. */
static sr_result finish(cell_batch *out, sr_slice padded, sr_err *err)
{
    size_t len;
    if (padding_strip(&len, padded, err) != SR_OK)
        return SR_FAIL;
    bool null = (padded.data[0] & 1) != 0;
    cell_type type = (cell_type)(padded.data[0] >> 1);
    if (null &&
        cell_value_check_payload(type, null, sr_slice_sub(padded, 1, len - 1), err) != SR_OK)
        return sr_fail(err, SR_E_FORMAT, "a sealed cell with a malformed NULL");
    cell_batch_shorten(out, null ? 0 : len, null);
    return SR_OK;
}

static sr_result decrypt_one(sealed_column *column, cell_batch *out, const cell_input *cell,
                             sr_err *err)
{
    uint8_t *plain;
    sr_slice raw = cell->value;
    if (cell->null)
    {
        cell_batch_put_null(out);
        return SR_OK;
    }
    if (raw.len < cell_kind_min_size(CELL_SEALED))
        return sr_fail(err, SR_E_FORMAT, "a sealed cell of a wrong length");
    size_t len = raw.len - HEAD_SIZE - SEALED_TAG_SIZE;
    if (cell_batch_put(out, &plain, len, err) != SR_OK ||
        open_cell(column, plain, raw, err) != SR_OK)
        return SR_FAIL;
    return finish(out, sr_slice_of(plain, len), err);
}

sr_result sealed_column_decrypt(sealed_column *column, cell_batch *out, const cell_input *cells,
                                size_t count, sr_err *err)
{
    cell_batch_start(out, count);
    for (size_t i = 0; i < count; i++)
        if (decrypt_one(column, out, &cells[i], err) != SR_OK)
            return cell_batch_fail(out, i);
    return SR_OK;
}

bool sealed_column_made_here(const sealed_column *column, sr_slice raw)
{
    uint8_t iv[SEALED_IV_SIZE];
    if (raw.len < cell_kind_min_size(CELL_SEALED))
        return false;
    derive_iv(column, iv, raw.data);
    return sr_slice_equal_var(sr_slice_of(iv, sizeof iv),
                              sr_slice_sub(raw, CELL_NONCE_SIZE, SEALED_IV_SIZE));
}
