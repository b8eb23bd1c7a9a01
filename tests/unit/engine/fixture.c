#include "fixture.h"

#include <stdlib.h>

#include "base/file.h"

void fixture_init(fixture *room)
{
    *room = (fixture){.folder = "/tmp/engine-test-XXXXXX", .memory_limit = 256 * 1024 * 1024};
    check(mkdtemp(room->folder) != NULL);
    room->file = sr_path_join(room->folder, "rows.duckdb");
    room->temp = sr_path_join(room->folder, "temp");
    fixture_open(room);
}

sr_result fixture_try_open(fixture *room, sr_err *err)
{
    engine_config config = {.file = room->file,
                            .temp_folder = room->temp,
                            .memory_limit = room->memory_limit,
                            .threads = 2};
    return engine_open(&room->engine, &config, err);
}

void fixture_open(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    check_ok(fixture_try_open(room, &err), &err);
}

void fixture_close(fixture *room)
{
    engine_clear(&room->engine);
}

void fixture_clear(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    fixture_close(room);
    check_ok(sr_folder_remove(room->folder, &err), &err);
    sr_free(room->file);
    sr_free(room->temp);
}

/* ---- putting rows in ------------------------------------------------------------------------- */

engine_column cleartext(const char *type)
{
    sr_err err = SR_ERR_INIT;
    engine_column column = {.storage = STORED_AS_DATA_TYPE};
    check_ok(data_type_parse(&column.data, type, &err), &err);
    return column;
}

engine_column token(void)
{
    return (engine_column){.storage = STORED_AS_TOKEN};
}

engine_column bytes(void)
{
    return (engine_column){.storage = STORED_AS_BYTES};
}

engine_stage *stage_of(engine *from, engine_table table, const engine_column *columns,
                       size_t column_count)
{
    sr_err err = SR_ERR_INIT;
    engine_stage *stage = NULL;
    check_ok(engine_stage_new(&stage, from, table, columns, column_count, &err), &err);
    return stage;
}

sr_result append_one(engine_stage *stage, sr_slice cell, bool null, sr_err *err)
{
    engine_cells column = {.cells = &cell, .nulls = &null};
    return engine_stage_append(stage, &column, 1, err);
}

void store(engine *from, engine_table table, const engine_column *columns, size_t column_count,
           const char *const *cells, size_t rows)
{
    sr_err err = SR_ERR_INIT;
    uint64_t stored = 0;
    engine_stage *stage SR_CLEANUP(engine_stage_clear) =
        stage_of(from, table, columns, column_count);
    engine_cells *batch = sr_array(column_count, sizeof *batch);
    sr_slice *slices = sr_array(column_count, sizeof *slices);
    bool *nulls = sr_array(column_count, sizeof *nulls);
    for (size_t i = 0; i < rows * column_count; i++)
    {
        size_t column = i % column_count;
        slices[column] = sr_slice_text(cells[i]);
        nulls[column] = cells[i] == NULL;
        batch[column] = (engine_cells){.cells = &slices[column], .nulls = &nulls[column]};
        if (column + 1 == column_count)
            check_ok(engine_stage_append(stage, batch, 1, &err), &err);
    }
    check_ok(engine_stage_commit(stage, &stored, &err), &err);
    check_int(stored, rows);
    sr_free(batch);
    sr_free(slices);
    sr_free(nulls);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void print_row(sr_buf *out, const engine_cell *row, size_t count)
{
    sr_err err = SR_ERR_INIT;
    for (size_t i = 0; i < count; i++)
    {
        sr_slice cell = row[i].is_null ? sr_slice_text("-") : row[i].bytes;
        check_ok(sr_buf_append_text(out, i == 0 ? "" : "|", &err), &err);
        check_ok(sr_buf_append(out, cell, &err), &err);
    }
    check_ok(sr_buf_append_text(out, "\n", &err), &err);
}

char *ask_in(engine_session *session, const char *sql, const engine_parameter *parameters,
             size_t count)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(out, 16 * 1024 * 1024);
    char *text = NULL;
    bool end = false;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    check_ok(engine_select(&result, session, sql, parameters, count, &err), &err);
    size_t columns = engine_result_columns(result);
    engine_cell *row = sr_array(columns, sizeof *row);
    for (;;)
    {
        check_ok(engine_result_next(result, row, &end, &err), &err);
        if (end)
            break;
        print_row(&out, row, columns);
    }
    sr_free(row);
    check_ok(sr_buf_take_text(&text, &out, &err), &err);
    return text;
}

char *ask(engine *from, const char *sql)
{
    sr_err err = SR_ERR_INIT;
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    check_ok(engine_session_new(&session, from, &err), &err);
    return ask_in(session, sql, NULL, 0);
}

void check_answer(engine *from, const char *sql, const char *expected)
{
    SR_TEXT(answer);
    answer = ask(from, sql);
    check_text(answer, expected);
}

size_t table_count(engine *from)
{
    sr_err err = SR_ERR_INIT;
    engine_table *tables = NULL;
    size_t count = 0;
    check_ok(engine_tables(from, &tables, &count, &err), &err);
    sr_free(tables);
    return count;
}
