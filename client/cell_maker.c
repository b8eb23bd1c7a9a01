#include "cell_maker.h"

#include <assert.h>

#include "crypto/deterministic.h"
#include "crypto/fingerprint.h"
#include "crypto/sealed.h"

/* What each type does; `column` is the crypto/ object behind it. */
typedef struct
{
    cell_kind kind;
    sr_result (*make)(void **out, const kdf_schedule *keys, const schema_column *column,
                      const collaboration_flags *flags, sr_err *err);
    sr_result (*clone)(void **out, const void *column, sr_err *err);
    sr_result (*encrypt)(void *column, cell_batch *out, const cell_input *values,
                         const cell_rows *rows, sr_err *err);
    void (*release)(void *column);
} maker_row;

struct cell_maker
{
    const maker_row *row;
    void *column;
};

/* ---- cleartext ------------------------------------------------------------------------------- */

static sr_result cleartext_make(void **out, const kdf_schedule *keys, const schema_column *column,
                                const collaboration_flags *flags, sr_err *err)
{
    (void)keys, (void)column, (void)flags, (void)err;
    *out = NULL;
    return SR_OK;
}

static sr_result cleartext_clone(void **out, const void *column, sr_err *err)
{
    (void)column, (void)err;
    *out = NULL;
    return SR_OK;
}

static sr_result cleartext_encrypt(void *column, cell_batch *out, const cell_input *values,
                                   const cell_rows *rows, sr_err *err)
{
    (void)column;
    cell_batch_start(out, rows->count);
    for (size_t i = 0; i < rows->count; i++)
    {
        uint8_t *room = NULL;
        if (values[i].null)
        {
            cell_batch_put_null(out);
            continue;
        }
        if (cell_batch_put(out, &room, values[i].value.len, err) != SR_OK)
            return cell_batch_fail(out, i);
        sr_copy(room, values[i].value.data, values[i].value.len);
    }
    return SR_OK;
}

static void cleartext_release(void *column)
{
    (void)column;
}

/* ---- fingerprint ----------------------------------------------------------------------------- */

static sr_result fingerprint_make(void **out, const kdf_schedule *keys, const schema_column *column,
                                  const collaboration_flags *flags, sr_err *err)
{
    fingerprint_options options = {.type = cell_type_of_data(column->data),
                                   .preserve_nulls = flags->preserve_nulls,
                                   .joins_across_names =
                                       flags->allow_joins_on_columns_with_different_names};
    fingerprint_column *made = NULL;
    sr_result result =
        fingerprint_column_new(&made, keys, sr_slice_text(column->target), &options, err);
    *out = made;
    return result;
}

static sr_result fingerprint_clone(void **out, const void *column, sr_err *err)
{
    fingerprint_column *made = NULL;
    sr_result result = fingerprint_column_clone(&made, column, err);
    *out = made;
    return result;
}

static sr_result fingerprint_encrypt(void *column, cell_batch *out, const cell_input *values,
                                     const cell_rows *rows, sr_err *err)
{
    return fingerprint_column_encrypt(column, out, values, rows, err);
}

static void fingerprint_release(void *column)
{
    fingerprint_column_free(column);
}

/* ---- sealed ---------------------------------------------------------------------------------- */

static sr_result sealed_make(void **out, const kdf_schedule *keys, const schema_column *column,
                             const collaboration_flags *flags, sr_err *err)
{
    sealed_options options = {.type = cell_type_of_data(column->data),
                              .preserve_nulls = flags->preserve_nulls,
                              .pad = column->pad};
    sealed_column *made = NULL;
    sr_result result = sealed_column_new(&made, keys, sr_slice_text(column->target), &options, err);
    *out = made;
    return result;
}

static sr_result sealed_clone(void **out, const void *column, sr_err *err)
{
    sealed_column *made = NULL;
    sr_result result = sealed_column_clone(&made, column, err);
    *out = made;
    return result;
}

static sr_result sealed_encrypt(void *column, cell_batch *out, const cell_input *values,
                                const cell_rows *rows, sr_err *err)
{
    return sealed_column_encrypt(column, out, values, rows, err);
}

static void sealed_release(void *column)
{
    sealed_column_free(column);
}

/* ---- deterministic --------------------------------------------------------------------------- */

static sr_result deterministic_make(void **out, const kdf_schedule *keys,
                                    const schema_column *column, const collaboration_flags *flags,
                                    sr_err *err)
{
    deterministic_options options = {.type = cell_type_of_data(column->data),
                                     .preserve_nulls = flags->preserve_nulls,
                                     .pad = column->pad};
    deterministic_column *made = NULL;
    sr_result result =
        deterministic_column_new(&made, keys, sr_slice_text(column->target), &options, err);
    *out = made;
    return result;
}

static sr_result deterministic_clone(void **out, const void *column, sr_err *err)
{
    deterministic_column *made = NULL;
    sr_result result = deterministic_column_clone(&made, column, err);
    *out = made;
    return result;
}

static sr_result deterministic_encrypt(void *column, cell_batch *out, const cell_input *values,
                                       const cell_rows *rows, sr_err *err)
{
    return deterministic_column_encrypt(column, out, values, rows, err);
}

static void deterministic_release(void *column)
{
    deterministic_column_free(column);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const maker_row maker_table[COLUMN_TYPE_COUNT_] = {
    [COLUMN_CLEARTEXT] = {CELL_CLEARTEXT, cleartext_make, cleartext_clone, cleartext_encrypt,
                          cleartext_release},
    [COLUMN_FINGERPRINT] = {CELL_FINGERPRINT, fingerprint_make, fingerprint_clone,
                            fingerprint_encrypt, fingerprint_release},
    [COLUMN_SEALED] = {CELL_SEALED, sealed_make, sealed_clone, sealed_encrypt, sealed_release},
    [COLUMN_DETERMINISTIC] = {CELL_DETERMINISTIC, deterministic_make, deterministic_clone,
                              deterministic_encrypt, deterministic_release},
};

static const maker_row *row_of(column_type type)
{
    assert((unsigned)type < COLUMN_TYPE_COUNT_);
    return &maker_table[type];
}

cell_kind cell_kind_of_column(column_type type)
{
    return row_of(type)->kind;
}

cell_type cell_type_of_data(data_type data)
{
    static const cell_type types[DATA_KIND_COUNT_] = {
        [DATA_STRING] = CELL_STRING,   [DATA_SMALLINT] = CELL_SMALLINT,
        [DATA_INTEGER] = CELL_INT,     [DATA_BIGINT] = CELL_BIGINT,
        [DATA_DECIMAL] = CELL_DECIMAL, [DATA_REAL] = CELL_FLOAT,
        [DATA_DOUBLE] = CELL_DOUBLE,   [DATA_BOOLEAN] = CELL_BOOLEAN,
        [DATA_DATE] = CELL_DATE,       [DATA_TIMESTAMP] = CELL_TIMESTAMP,
    };
    return types[data.kind];
}

static cell_maker *wrap(const maker_row *row, void *column)
{
    cell_maker *self = sr_alloc(sizeof *self);
    self->row = row;
    self->column = column;
    return self;
}

sr_result cell_maker_new(cell_maker **out, const kdf_schedule *keys, const schema_column *column,
                         const collaboration_flags *flags, sr_err *err)
{
    const maker_row *row = row_of(column->type);
    void *made = NULL;
    *out = NULL;
    assert(keys != NULL || row->kind == CELL_CLEARTEXT);
    if (row->make(&made, keys, column, flags, err) != SR_OK)
        return sr_fail_in(err, "column \"%s\"", column->target);
    *out = wrap(row, made);
    return SR_OK;
}

sr_result cell_maker_clone(cell_maker **out, const cell_maker *self, sr_err *err)
{
    void *made = NULL;
    *out = NULL;
    if (self->row->clone(&made, self->column, err) != SR_OK)
        return SR_FAIL;
    *out = wrap(self->row, made);
    return SR_OK;
}

sr_result cell_maker_encrypt(cell_maker *self, cell_batch *out, const cell_input *values,
                             const cell_rows *rows, sr_err *err)
{
    return self->row->encrypt(self->column, out, values, rows, err);
}

void cell_maker_free(cell_maker *self)
{
    if (self == NULL)
        return;
    self->row->release(self->column);
    sr_free(self);
}
