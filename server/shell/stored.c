#include "stored.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "serve.h"
#include "server/catalog/catalog.h"
#include "server/engine/pool.h"

enum
{
    SQL_MOST = 256 * 1024,
    LINE_MOST = 100,
    CELL_MOST = 40,
    HEX_SHOWN = 32, /* characters of a ciphertext */
};

/* ---- one table ------------------------------------------------------------------------------- */

static sr_result put_expression(sr_buf *sql, const room_column *column, size_t index, sr_err *err)
{
    switch (column_type_of(column->type)->storage)
    {
    case STORED_AS_BYTES:
        return sr_buf_printf(sql, err, "substr(hex(c%zu), 1, %d) || '...'", index, HEX_SHOWN);
    default:
        return sr_buf_printf(sql, err, "CAST(c%zu AS VARCHAR)", index);
    }
}

static sr_result make_sql(char **out, const catalog_table *table, unsigned rows, sr_err *err)
{
    SR_BUF(sql, SQL_MOST);
    if (sr_buf_append_text(&sql, "SELECT ", err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < table->room.column_count; i++)
        if (sr_buf_append_text(&sql, i == 0 ? "" : ", ", err) != SR_OK ||
            put_expression(&sql, &table->room.columns[i], i, err) != SR_OK)
            return SR_FAIL;
    if (sr_buf_printf(&sql, err, " FROM t%" PRIu64 "_v%" PRIu32 " LIMIT %u", table->number,
                      table->room.version, rows) != SR_OK)
        return SR_FAIL;
    return sr_buf_take_text(out, &sql, err);
}

/* A line that is cut at the width of a terminal; cells begin in columns of CELL_MOST. */
typedef struct
{
    size_t used;
} line_writer;

static void put_cell(line_writer *line, const char *text, size_t len)
{
    size_t width = len > CELL_MOST - 2 ? CELL_MOST - 2 : len;
    if (line->used + width > LINE_MOST)
        return;
    for (size_t i = 0; i < width; i++)
        (void)fputc((unsigned char)text[i] < 0x20 ? ' ' : text[i], stdout);
    line->used += width;
    for (; width < CELL_MOST && line->used < LINE_MOST; width++, line->used++)
        (void)fputc(' ', stdout);
}

static void print_headers(const room_table *table)
{
    line_writer line = {2};
    (void)fputs("  ", stdout);
    for (size_t i = 0; i < table->column_count; i++)
    {
        SR_TEXT(words);
        words = sr_text_printf("%s (%s)", table->columns[i].name,
                               column_type_of(table->columns[i].type)->name);
        put_cell(&line, words, sr_slice_text(words).len);
    }
    (void)fputc('\n', stdout);
}

static void cells_free(engine_cell **cells)
{
    sr_free(*cells);
}

static sr_result print_rows(engine_result *result, sr_err *err)
{
    size_t count = engine_result_columns(result);
    engine_cell *cells SR_CLEANUP(cells_free) = sr_array(count, sizeof *cells);
    for (;;)
    {
        line_writer line = {2};
        bool end = false;
        if (engine_result_next(result, cells, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return SR_OK;
        (void)fputs("  ", stdout);
        for (size_t i = 0; i < count; i++)
        {
            if (cells[i].is_null)
                put_cell(&line, "NULL", 4);
            else
                put_cell(&line, (const char *)cells[i].bytes.data, cells[i].bytes.len);
        }
        (void)fputc('\n', stdout);
    }
}

static sr_result print_table(engine *from, const catalog_table *table, unsigned rows, sr_err *err)
{
    SR_TEXT(sql);
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    if (make_sql(&sql, table, rows, err) != SR_OK ||
        engine_session_new(&session, from, err) != SR_OK ||
        engine_select(&result, session, sql, NULL, 0, err) != SR_OK)
        return SR_FAIL;
    (void)printf("%s of %s, version %" PRIu32 ", %" PRIu64 " rows\n", table->room.name,
                 table->room.owner, table->room.version, table->room.rows);
    print_headers(&table->room);
    return print_rows(result, err);
}

/* ---- all of them ----------------------------------------------------------------------------- */

typedef struct
{
    room_collaboration *items;
    size_t count;
} rooms;

static void rooms_clear(rooms *list)
{
    catalog_collaborations_free(list->items, list->count);
}

typedef struct
{
    catalog_table *items;
    size_t count;
} tables;

static void tables_clear(tables *list)
{
    catalog_tables_free(list->items, list->count);
}

static sr_result print_room(catalog *catalog_, engine_pool *pool, const room_collaboration *room,
                            unsigned rows, sr_err *err)
{
    tables list SR_CLEANUP(tables_clear) = {NULL, 0};
    engine *engine_ = NULL;
    if (catalog_table_list(&list.items, &list.count, catalog_, &room->id, err) != SR_OK ||
        engine_pool_get(&engine_, pool, &room->id, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < list.count; i++)
        if (print_table(engine_, &list.items[i], rows, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

sr_result stored_print(const server_config *config, unsigned rows, sr_err *err)
{
    SR_FD(lock);
    CATALOG(opened);
    ENGINE_POOL(pool);
    SR_TEXT(path);
    rooms list SR_CLEANUP(rooms_clear) = {NULL, 0};
    engine_pool_config engines = {.folder = config->data_folder,
                                  .memory_limit = config->memory_limit};
    path = serve_catalog_path(config->data_folder);
    if (serve_lock(&lock, config->data_folder, err) != SR_OK ||
        catalog_open(&opened, path, err) != SR_OK ||
        engine_pool_new(&pool, &engines, opened, err) != SR_OK ||
        catalog_collaboration_all(&list.items, &list.count, opened, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < list.count; i++)
        if (print_room(opened, pool, &list.items[i], rows, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}
