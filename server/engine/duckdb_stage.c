/*
 * duckdb_stage.c: rows on their way in. A stage is a transaction of its own that makes the table and fills
 * it by an appender; until it commits no other connection can name the table, and a rollback or a crash
 * leaves nothing. Vectors are filled directly, DuckDB's vector size of rows at a time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <duckdb.h>

#include "base/text.h"

#include "door.h"

/* Types that the standard has no word for. */
__extension__ typedef __int128 wide;

typedef struct
{
    engine_column column;
    duckdb_vector vector; /* of the chunk */
    void *data;           /* of the vector, valid for one fill */
    uint64_t *validity;   /* NULL while no cell of this fill is NULL */
} stage_column;

struct engine_stage
{
    void *connection; /* duckdb_connection, inside a transaction */
    duckdb_appender appender;
    duckdb_data_chunk chunk;
    stage_column *columns;
    size_t column_count;
    char name[ENGINE_NAME_SIZE];
    uint64_t rows;   /* appended so far */
    uint64_t before; /* rows that it began with */
    bool dead;       /* a failure happened, or it is committed */
};

enum
{
    TOKEN_SIZE = 16,
    DECIMAL_MOST_INT16 = 4, /* widest DECIMAL of each storage width */
    DECIMAL_MOST_INT32 = 9,
    DECIMAL_MOST_INT64 = 18,
};

/* ---- types ----------------------------------------------------------------------------------- */

static bool is_bytes(const engine_column *column)
{
    return column->storage == STORED_AS_BYTES || column->storage == STORED_AS_RANDOM_BYTES;
}

static duckdb_logical_type logical_type(const engine_column *column)
{
    static const duckdb_type plain[DATA_KIND_COUNT_] = {
        [DATA_STRING] = DUCKDB_TYPE_VARCHAR,      [DATA_SMALLINT] = DUCKDB_TYPE_SMALLINT,
        [DATA_INTEGER] = DUCKDB_TYPE_INTEGER,     [DATA_BIGINT] = DUCKDB_TYPE_BIGINT,
        [DATA_REAL] = DUCKDB_TYPE_FLOAT,          [DATA_DOUBLE] = DUCKDB_TYPE_DOUBLE,
        [DATA_BOOLEAN] = DUCKDB_TYPE_BOOLEAN,     [DATA_DATE] = DUCKDB_TYPE_DATE,
        [DATA_TIMESTAMP] = DUCKDB_TYPE_TIMESTAMP,
    };
    if (column->storage == STORED_AS_TOKEN)
        return duckdb_create_logical_type(DUCKDB_TYPE_UUID);
    if (is_bytes(column))
        return duckdb_create_logical_type(DUCKDB_TYPE_BLOB);
    if (column->data.kind == DATA_DECIMAL)
        return duckdb_create_decimal_type(column->data.precision, column->data.scale);
    return duckdb_create_logical_type(plain[column->data.kind]);
}

static sr_result append_sql_type(sr_buf *sql, const engine_column *column, sr_err *err)
{
    char name[DATA_TYPE_TEXT_SIZE];
    if (column->storage == STORED_AS_TOKEN)
        return sr_buf_append_text(sql, "UUID", err);
    if (column->storage == STORED_AS_BYTES)
        return sr_buf_append_text(sql, "BLOB", err);
    if (column->storage ==
        STORED_AS_RANDOM_BYTES) /* looking for what repeats costs much, finds nothing */
        return sr_buf_append_text(sql, "BLOB USING COMPRESSION uncompressed", err);
    if (column->data.kind == DATA_STRING)
        return sr_buf_append_text(sql, "VARCHAR", err);
    data_type_print(name, column->data); /* DuckDB knows our other names */
    return sr_buf_append_text(sql, name, err);
}

/* ---- making ---------------------------------------------------------------------------------- */

static sr_result create_sql(char **out, const char *name, const engine_column *columns,
                            size_t count, sr_err *err)
{
    SR_BUF(sql, 1024 * 1024);
    if (sr_buf_printf(&sql, err, "CREATE TABLE %s (", name) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < count; i++)
        if (sr_buf_printf(&sql, err, "%sc%zu ", i == 0 ? "" : ", ", i) != SR_OK ||
            append_sql_type(&sql, &columns[i], err) != SR_OK)
            return SR_FAIL;
    if (sr_buf_append_text(&sql, ")", err) != SR_OK)
        return SR_FAIL;
    return sr_buf_take_text(out, &sql, err);
}

static sr_result make_chunk(engine_stage *stage, sr_err *err)
{
    duckdb_logical_type *types = sr_array(stage->column_count, sizeof *types);
    for (size_t i = 0; i < stage->column_count; i++)
        types[i] = logical_type(&stage->columns[i].column);
    stage->chunk = duckdb_create_data_chunk(types, stage->column_count);
    for (size_t i = 0; i < stage->column_count; i++)
        duckdb_destroy_logical_type(&types[i]);
    sr_free(types);
    if (stage->chunk == NULL)
        return sr_fail(err, SR_E_INTERNAL, "stored table: no chunk for these columns");
    return SR_OK;
}

static sr_result make_table(engine_stage *stage, engine_table table, const engine_column *columns,
                            sr_err *err)
{
    SR_TEXT(sql);
    char *name = stage->name;
    door_table_name(name, table);
    if (create_sql(&sql, name, columns, stage->column_count, err) != SR_OK ||
        door_run(stage->connection, "BEGIN TRANSACTION", "stored table", err) != SR_OK ||
        door_run(stage->connection, sql, "stored table", err) != SR_OK)
        return SR_FAIL;
    if (duckdb_appender_create(stage->connection, NULL, name, &stage->appender) != DuckDBSuccess)
        return sr_fail(err, SR_E_INTERNAL, "stored table: no appender");
    return SR_OK;
}

sr_result engine_stage_new(engine_stage **out, engine *self, engine_table table,
                           const engine_column *columns, size_t column_count, sr_err *err)
{
    *out = NULL;
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = sr_alloc(sizeof *stage);
    stage->columns = sr_array(column_count, sizeof *stage->columns);
    stage->column_count = column_count;
    for (size_t i = 0; i < column_count; i++)
        stage->columns[i].column = columns[i];
    if (door_connect(&stage->connection, self, err) != SR_OK ||
        make_table(stage, table, columns, err) != SR_OK || make_chunk(stage, err) != SR_OK)
        return SR_FAIL;
    *out = stage;
    stage = NULL;
    return SR_OK;
}

sr_result engine_stage_copy(engine_stage *stage, engine_table from, sr_err *err)
{
    char name[ENGINE_NAME_SIZE];
    char sql[2 * ENGINE_NAME_SIZE + 32];
    duckdb_result result SR_CLEANUP(duckdb_destroy_result) = {0};
    door_table_name(name, from);
    snprintf(sql, sizeof sql, "INSERT INTO %s SELECT * FROM %s", stage->name, name);
    if (duckdb_query(stage->connection, sql, &result) == DuckDBSuccess)
    {
        stage->before = duckdb_rows_changed(&result);
        return SR_OK;
    }
    stage->dead = true;
    return door_fail(err, (int)duckdb_result_error_type(&result), duckdb_result_error(&result),
                     "stored table");
}

/* ---- cells ----------------------------------------------------------------------------------- */

static uint64_t big_endian(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof value; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* A UUID vector holds be64(first half) ^ 2^63 as the upper word, so that it sorts like its text. */
static sr_result put_token(stage_column *to, size_t row, sr_slice cell, sr_err *err)
{
    if (cell.len != TOKEN_SIZE)
        return sr_fail(err, SR_E_FORMAT, "expected a token of %d bytes", TOKEN_SIZE);
    duckdb_hugeint *out = to->data;
    out[row].upper = (int64_t)(big_endian(cell.data) ^ (UINT64_C(1) << 63));
    out[row].lower = big_endian(cell.data + sizeof(uint64_t));
    return SR_OK;
}

static void put_bytes(stage_column *to, size_t row, sr_slice cell)
{
    const char *data = cell.data == NULL ? "" : (const char *)cell.data;
    duckdb_vector_assign_string_element_len(to->vector, row, data, cell.len);
}

static void put_decimal(stage_column *to, size_t row, wide unscaled)
{
    unsigned precision = to->column.data.precision;
    if (precision <= DECIMAL_MOST_INT16)
        ((int16_t *)to->data)[row] = (int16_t)unscaled;
    else if (precision <= DECIMAL_MOST_INT32)
        ((int32_t *)to->data)[row] = (int32_t)unscaled;
    else if (precision <= DECIMAL_MOST_INT64)
        ((int64_t *)to->data)[row] = (int64_t)unscaled;
    else
        ((duckdb_hugeint *)to->data)[row] =
            (duckdb_hugeint){.lower = (uint64_t)unscaled, .upper = (int64_t)(unscaled >> 64)};
}

static void put_value(stage_column *to, size_t row, const data_value *value)
{
    switch (to->column.data.kind)
    {
    case DATA_SMALLINT:
        ((int16_t *)to->data)[row] = (int16_t)value->integer;
        break;
    case DATA_INTEGER:
    case DATA_DATE:
        ((int32_t *)to->data)[row] = (int32_t)value->integer;
        break;
    case DATA_BIGINT:
    case DATA_TIMESTAMP:
        ((int64_t *)to->data)[row] = value->integer;
        break;
    case DATA_DECIMAL:
        put_decimal(to, row, value->unscaled);
        break;
    case DATA_REAL:
        ((float *)to->data)[row] = (float)value->real;
        break;
    case DATA_DOUBLE:
        ((double *)to->data)[row] = value->real;
        break;
    case DATA_BOOLEAN:
        ((bool *)to->data)[row] = value->integer != 0;
        break;
    default:
        put_bytes(to, row, value->text);
        break;
    }
}

static sr_result put_text(stage_column *to, size_t row, sr_slice cell, sr_err *err)
{
    data_value value;
    if (data_value_parse(&value, to->column.data, cell, err) != SR_OK)
        return SR_FAIL;
    if (value.kind == DATA_STRING && !sr_utf8_is_valid(value.text))
        return sr_fail(err, SR_E_FORMAT, "expected UTF-8 text");
    put_value(to, row, &value);
    return SR_OK;
}

static void put_null(stage_column *to, size_t row)
{
    if (to->validity == NULL)
    {
        duckdb_vector_ensure_validity_writable(to->vector);
        to->validity = duckdb_vector_get_validity(to->vector);
    }
    duckdb_validity_set_row_invalid(to->validity, row);
}

static sr_result put_cell(stage_column *to, size_t row, sr_slice cell, sr_err *err)
{
    switch (to->column.storage)
    {
    case STORED_AS_TOKEN:
        return put_token(to, row, cell, err);
    case STORED_AS_BYTES:
    case STORED_AS_RANDOM_BYTES:
        put_bytes(to, row, cell);
        return SR_OK;
    default:
        return put_text(to, row, cell, err);
    }
}

/* ---- batches --------------------------------------------------------------------------------- */

static sr_result fill_column(engine_stage *stage, size_t index, const engine_cells *cells,
                             size_t from, size_t rows, sr_err *err)
{
    stage_column *to = &stage->columns[index];
    to->vector = duckdb_data_chunk_get_vector(stage->chunk, index);
    to->data = duckdb_vector_get_data(to->vector);
    to->validity = NULL;
    for (size_t i = 0; i < rows; i++)
    {
        if (cells->nulls != NULL && cells->nulls[from + i])
            put_null(to, i);
        else if (put_cell(to, i, cells->cells[from + i], err) != SR_OK)
            return sr_fail_in(err, "column %zu: row %" PRIu64, index, stage->rows + i + 1);
    }
    return SR_OK;
}

static sr_result fail_appender(engine_stage *stage, sr_err *err)
{
    duckdb_error_data error = duckdb_appender_error_data(stage->appender);
    door_fail(err, (int)duckdb_error_data_error_type(error), duckdb_error_data_message(error),
              "stored table");
    duckdb_destroy_error_data(&error);
    return SR_FAIL;
}

static sr_result append_chunk(engine_stage *stage, const engine_cells *columns, size_t from,
                              size_t rows, sr_err *err)
{
    duckdb_data_chunk_reset(stage->chunk);
    for (size_t i = 0; i < stage->column_count; i++)
        if (fill_column(stage, i, &columns[i], from, rows, err) != SR_OK)
            return SR_FAIL;
    duckdb_data_chunk_set_size(stage->chunk, rows);
    if (duckdb_append_data_chunk(stage->appender, stage->chunk) != DuckDBSuccess)
        return fail_appender(stage, err);
    stage->rows += rows;
    return SR_OK;
}

static sr_result check_alive(const engine_stage *stage, sr_err *err)
{
    if (stage->dead)
        return sr_fail(err, SR_E_STATE, "this upload has ended already; start a new one");
    return SR_OK;
}

sr_result engine_stage_append(engine_stage *stage, const engine_cells *columns, size_t rows,
                              sr_err *err)
{
    size_t step = duckdb_vector_size();
    if (check_alive(stage, err) != SR_OK)
        return SR_FAIL;
    for (size_t from = 0; from < rows; from += step)
    {
        size_t some = rows - from < step ? rows - from : step;
        stage->dead = append_chunk(stage, columns, from, some, err) != SR_OK;
        if (stage->dead)
            return SR_FAIL;
    }
    return SR_OK;
}

sr_result engine_stage_commit(engine_stage *stage, uint64_t *rows, sr_err *err)
{
    *rows = 0;
    if (check_alive(stage, err) != SR_OK)
        return SR_FAIL;
    stage->dead = true;
    if (duckdb_appender_close(stage->appender) != DuckDBSuccess)
        return fail_appender(stage, err);
    if (door_run(stage->connection, "COMMIT", "stored table", err) != SR_OK)
        return SR_FAIL;
    *rows = stage->before + stage->rows;
    return SR_OK;
}

void engine_stage_free(engine_stage *stage)
{
    if (stage == NULL)
        return;
    duckdb_destroy_data_chunk(&stage->chunk);
    if (stage->appender != NULL)
        duckdb_appender_destroy(&stage->appender);
    door_disconnect(&stage->connection); /* rolls back what is not committed */
    sr_free(stage->columns);
    sr_free(stage);
}

void engine_stage_clear(engine_stage **stage)
{
    engine_stage_free(*stage);
    *stage = NULL;
}
