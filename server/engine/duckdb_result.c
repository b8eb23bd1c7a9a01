/*
 * duckdb_result.c: rows on their way out, read from chunk vectors (duckdb_value_varchar gives NULL for BLOB and
 * others). Numbers become canonical text, so that every engine says the same of the same value. A UUID column
 * is a token and never leaves.
 */
#include <string.h>

#include <duckdb.h>

#include "door.h"

__extension__ typedef __int128 wide;

/* Reads one value from a vector's data. */
typedef void (*value_reader)(data_value *out, void *data, size_t row);

typedef struct result_column
{
    value_reader read; /* NULL: text or bytes, taken as they are */
    data_type type;
    void *data;         /* of the present chunk's vector */
    uint64_t *validity; /* NULL: no NULLs */
    size_t printed_at;  /* of the present row's text in `printed` */
    size_t printed_len;
} result_column;

enum
{
    PRINTED_MOST = 1024 * 1024, /* of one row: 1,600 columns of at most 400 characters */
    WIDEST_DECIMAL = 38,
};

/* ---- one reader for each way in which DuckDB keeps a value ------------------------------------ */

static wide wide_of(duckdb_hugeint value)
{
    return ((wide)value.upper << 64) | (wide)value.lower;
}

#define INTEGER_READER(name, c_type)                                                               \
    static void name(data_value *out, void *data, size_t row)                                      \
    {                                                                                              \
        out->integer = (int64_t)((c_type *)data)[row];                                             \
    }
#define DECIMAL_READER(name, c_type)                                                               \
    static void name(data_value *out, void *data, size_t row)                                      \
    {                                                                                              \
        out->unscaled = (wide)((c_type *)data)[row];                                               \
    }
#define REAL_READER(name, c_type)                                                                  \
    static void name(data_value *out, void *data, size_t row)                                      \
    {                                                                                              \
        out->real = (double)((c_type *)data)[row];                                                 \
    }

INTEGER_READER(read_bool, bool)
INTEGER_READER(read_int8, int8_t)
INTEGER_READER(read_int16, int16_t)
INTEGER_READER(read_int32, int32_t)
INTEGER_READER(read_int64, int64_t)
INTEGER_READER(read_uint8, uint8_t)
INTEGER_READER(read_uint16, uint16_t)
INTEGER_READER(read_uint32, uint32_t)
DECIMAL_READER(read_decimal16, int16_t)
DECIMAL_READER(read_decimal32, int32_t)
DECIMAL_READER(read_decimal64, int64_t)
DECIMAL_READER(read_unsigned64, uint64_t)
REAL_READER(read_float, float)
REAL_READER(read_double, double)

static void read_huge(data_value *out, void *data, size_t row)
{
    out->unscaled = wide_of(((duckdb_hugeint *)data)[row]);
}

/* ---- columns --------------------------------------------------------------------------------- */

typedef struct
{
    duckdb_type type;
    data_kind kind;
    value_reader read;
} type_row;

static const type_row type_table[] = {
    {DUCKDB_TYPE_BOOLEAN, DATA_BOOLEAN, read_bool},
    {DUCKDB_TYPE_TINYINT, DATA_SMALLINT, read_int8},
    {DUCKDB_TYPE_SMALLINT, DATA_SMALLINT, read_int16},
    {DUCKDB_TYPE_INTEGER, DATA_INTEGER, read_int32},
    {DUCKDB_TYPE_BIGINT, DATA_BIGINT, read_int64},
    {DUCKDB_TYPE_UTINYINT, DATA_SMALLINT, read_uint8},
    {DUCKDB_TYPE_USMALLINT, DATA_INTEGER, read_uint16},
    {DUCKDB_TYPE_UINTEGER, DATA_BIGINT, read_uint32},
    {DUCKDB_TYPE_UBIGINT, DATA_DECIMAL, read_unsigned64},
    {DUCKDB_TYPE_HUGEINT, DATA_DECIMAL, read_huge},
    {DUCKDB_TYPE_FLOAT, DATA_REAL, read_float},
    {DUCKDB_TYPE_DOUBLE, DATA_DOUBLE, read_double},
    {DUCKDB_TYPE_DATE, DATA_DATE, read_int32},
    {DUCKDB_TYPE_TIMESTAMP, DATA_TIMESTAMP, read_int64},
    {DUCKDB_TYPE_VARCHAR, DATA_STRING, NULL},
    {DUCKDB_TYPE_BLOB, DATA_STRING, NULL},
};

static sr_result choose_decimal(result_column *out, duckdb_logical_type type, sr_err *err)
{
    out->type = (data_type){.kind = DATA_DECIMAL,
                            .precision = duckdb_decimal_width(type),
                            .scale = duckdb_decimal_scale(type)};
    switch (duckdb_decimal_internal_type(type))
    {
    case DUCKDB_TYPE_SMALLINT:
        out->read = read_decimal16;
        return SR_OK;
    case DUCKDB_TYPE_INTEGER:
        out->read = read_decimal32;
        return SR_OK;
    case DUCKDB_TYPE_BIGINT:
        out->read = read_decimal64;
        return SR_OK;
    case DUCKDB_TYPE_HUGEINT:
        out->read = read_huge;
        return SR_OK;
    default:
        return sr_fail(err, SR_E_INTERNAL, "DECIMAL of an unknown width");
    }
}

static sr_result choose_reader(result_column *out, duckdb_type type, sr_err *err)
{
    if (type == DUCKDB_TYPE_UUID)
        return sr_fail(err, SR_E_INTERNAL, "a token may not leave the engine");
    for (size_t i = 0; i < sizeof type_table / sizeof type_table[0]; i++)
    {
        const type_row *row = &type_table[i];
        if (row->type != type)
            continue;
        out->read = row->read;
        out->type = (data_type){.kind = row->kind,
                                .precision = row->kind == DATA_DECIMAL ? WIDEST_DECIMAL : 0};
        return SR_OK;
    }
    return sr_fail(err, SR_E_INTERNAL, "a type that has no business in a result");
}

static sr_result choose_column(engine_result *result, size_t index, sr_err *err)
{
    duckdb_logical_type type SR_CLEANUP(duckdb_destroy_logical_type) =
        duckdb_column_logical_type(result->rows, index);
    result_column *column = &result->column[index];
    duckdb_type id = duckdb_get_type_id(type);
    sr_result chosen = id == DUCKDB_TYPE_DECIMAL ? choose_decimal(column, type, err)
                                                 : choose_reader(column, id, err);
    if (chosen != SR_OK)
        return sr_fail_in(err, "result column %zu", index + 1);
    return SR_OK;
}

sr_result door_result_new(engine_result **out, void *rows, sr_err *err)
{
    *out = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = sr_alloc(sizeof *result);
    duckdb_result *kept = sr_alloc(sizeof *kept);
    *kept = *(duckdb_result *)rows;
    result->rows = kept;
    result->columns = duckdb_column_count(kept);
    result->column = sr_array(result->columns, sizeof *result->column);
    sr_buf_init(&result->printed, PRINTED_MOST);
    for (size_t i = 0; i < result->columns; i++)
        if (choose_column(result, i, err) != SR_OK)
            return SR_FAIL;
    *out = result;
    result = NULL;
    return SR_OK;
}

size_t engine_result_columns(const engine_result *result)
{
    return result->columns;
}

data_type engine_result_type(const engine_result *result, size_t column)
{
    return result->column[column].type;
}

void engine_result_free(engine_result *result)
{
    if (result == NULL)
        return;
    duckdb_data_chunk chunk = result->chunk;
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(result->rows);
    sr_free(result->rows);
    sr_free(result->column);
    sr_buf_clear(&result->printed);
    sr_free(result);
}

void engine_result_clear(engine_result **result)
{
    engine_result_free(*result);
    *result = NULL;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* False at the end. Skips empty chunks. */
static bool next_chunk(engine_result *result)
{
    do
    {
        duckdb_data_chunk chunk = result->chunk;
        duckdb_destroy_data_chunk(&chunk);
        result->row = 0;
        result->chunk_rows = 0;
        result->chunk = duckdb_fetch_chunk(*(duckdb_result *)result->rows);
        if (result->chunk == NULL)
            return false;
        result->chunk_rows = duckdb_data_chunk_get_size(result->chunk);
    } while (result->chunk_rows == 0);
    for (size_t i = 0; i < result->columns; i++)
    {
        duckdb_vector vector = duckdb_data_chunk_get_vector(result->chunk, i);
        result->column[i].data = duckdb_vector_get_data(vector);
        result->column[i].validity = duckdb_vector_get_validity(vector);
    }
    return true;
}

static bool is_null(const engine_result *result, const result_column *column)
{
    return column->validity != NULL && !duckdb_validity_row_is_valid(column->validity, result->row);
}

static sr_result print_value(engine_result *result, result_column *column, sr_err *err)
{
    data_value value = {.kind = column->type.kind};
    column->read(&value, column->data, result->row);
    column->printed_at = result->printed.len;
    if (data_value_print(&result->printed, column->type, &value, err) != SR_OK)
        return SR_FAIL;
    column->printed_len = result->printed.len - column->printed_at;
    return SR_OK;
}

/* All numbers first: while the buffer grows, it moves. */
static sr_result print_row(engine_result *result, sr_err *err)
{
    sr_buf_cut(&result->printed, 0);
    for (size_t i = 0; i < result->columns; i++)
    {
        result_column *column = &result->column[i];
        if (column->read != NULL && !is_null(result, column) &&
            print_value(result, column, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_slice cell_bytes(const engine_result *result, const result_column *column)
{
    if (column->read != NULL)
        return sr_slice_sub(sr_buf_view(&result->printed), column->printed_at, column->printed_len);
    duckdb_string_t *text = (duckdb_string_t *)column->data + result->row;
    return sr_slice_of(duckdb_string_t_data(text), duckdb_string_t_length(*text));
}

sr_result engine_result_next(engine_result *result, engine_cell *row, bool *end, sr_err *err)
{
    for (size_t i = 0; i < result->columns; i++)
        row[i] = (engine_cell){.is_null = true};
    *end = result->row >= result->chunk_rows && !next_chunk(result);
    if (*end)
        return SR_OK;
    if (print_row(result, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < result->columns; i++)
        if (!is_null(result, &result->column[i]))
            row[i] = (engine_cell){.bytes = cell_bytes(result, &result->column[i])};
    result->row++;
    return SR_OK;
}
