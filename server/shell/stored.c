#include "stored.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "grid.h"
#include "lock.h"
#include "serve.h"
#include "server/catalog/catalog.h"
#include "server/engine/pool.h"

enum
{
    SQL_MOST = 256 * 1024,
    NAME_MOST = 46,  /* columns of a terminal: two always fit into a line */
    CELL_MOST = 40,  /* a token has 36 */
    BYTES_SHOWN = 24 /* columns of hexadecimal and "…" */
};

/* ---- one table ------------------------------------------------------------------------------- */

/* As text, and one character more than is shown, so that a cut is seen. */
static sr_result put_expression(sr_buf *sql, bool bytes, size_t index, sr_err *err)
{
    if (bytes)
        return sr_buf_printf(sql, err, "lower(substr(hex(c%zu), 1, %d))", index, BYTES_SHOWN + 1);
    return sr_buf_printf(sql, err, "substr(CAST(c%zu AS VARCHAR), 1, %d)", index, CELL_MOST + 1);
}

static bool is_bytes(const room_column *column)
{
    column_storage storage = column_type_of(column->type)->storage;
    return storage == STORED_AS_BYTES || storage == STORED_AS_RANDOM_BYTES;
}

static sr_result make_sql(char **out, const catalog_table *table, unsigned rows, sr_err *err)
{
    SR_BUF(sql, SQL_MOST);
    if (sr_buf_append_text(&sql, "SELECT ", err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < table->room.column_count; i++)
        if (sr_buf_append_text(&sql, i == 0 ? "" : ", ", err) != SR_OK ||
            put_expression(&sql, is_bytes(&table->room.columns[i]), i, err) != SR_OK)
            return SR_FAIL;
    if (sr_buf_printf(&sql, err, " FROM t%" PRIu64 "_v%" PRIu32 " LIMIT %u", table->number,
                      table->room.version, rows) != SR_OK)
        return SR_FAIL;
    return sr_buf_take_text(out, &sql, err);
}

static void put_headers(grid *shown, const room_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
    {
        SR_TEXT(words);
        words = sr_text_printf("%s (%s)", table->columns[i].name,
                               column_type_of(table->columns[i].type)->name);
        grid_put(shown, sr_slice_text(words), NAME_MOST);
    }
}

static void put_row(grid *shown, const room_table *table, const engine_cell *cells)
{
    for (size_t i = 0; i < table->column_count; i++)
    {
        grid_put(shown, cells[i].is_null ? sr_slice_text("NULL") : cells[i].bytes,
                 is_bytes(&table->columns[i]) ? BYTES_SHOWN : CELL_MOST);
    }
}

static void cells_free(engine_cell **cells)
{
    sr_free(*cells);
}

static sr_result put_rows(grid *shown, const room_table *table, engine_result *result, sr_err *err)
{
    engine_cell *cells SR_CLEANUP(cells_free) = sr_array(table->column_count, sizeof *cells);
    for (;;)
    {
        bool end = false;
        if (engine_result_next(result, cells, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return SR_OK;
        put_row(shown, table, cells);
    }
}

static void print_shown(const grid *shown, const char *room, const room_table *table)
{
    SR_TEXT(heading);
    SR_TEXT(cut);
    heading = sr_text_printf("collaboration %s: %s of %s, version %" PRIu32 ", %" PRIu64 " row%s",
                             room, table->name, table->owner, table->version, table->rows,
                             table->rows == 1 ? "" : "s");
    cut = grid_clean(sr_slice_text(heading), STORED_WIDTH);
    (void)puts(cut);
    size_t left_out = grid_print(shown, stdout, STORED_WIDTH);
    if (left_out > 0)
        (void)printf("  … and %zu more column%s\n", left_out, left_out == 1 ? "" : "s");
}

static sr_result print_table(engine *from, const char *room, const catalog_table *table,
                             unsigned rows, sr_err *err)
{
    SR_TEXT(sql);
    GRID(shown, table->room.column_count);
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    put_headers(&shown, &table->room);
    if (make_sql(&sql, table, rows, err) != SR_OK ||
        engine_session_new(&session, from, err) != SR_OK ||
        engine_select(&result, session, sql, NULL, 0, err) != SR_OK ||
        put_rows(&shown, &table->room, result, err) != SR_OK)
        return sr_fail_in(err, "table \"%s\"", table->room.name);
    print_shown(&shown, room, &table->room);
    return SR_OK;
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

/* What is open while tables are printed. */
typedef struct
{
    catalog *catalog;
    engine_pool *pool;
    unsigned rows; /* of each table */
    size_t tables_seen;
} printing;

static sr_result print_room(printing *self, const room_collaboration *room, sr_err *err)
{
    tables list SR_CLEANUP(tables_clear) = {NULL, 0};
    ENGINE_LEASE(from);
    if (catalog_table_list(&list.items, &list.count, self->catalog, &room->id, err) != SR_OK)
        return SR_FAIL;
    if (list.count == 0)
        return SR_OK;
    if (engine_pool_lease(&from, self->pool, &room->id, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < list.count; i++, self->tables_seen++)
        if (print_table(from.engine, room->name, &list.items[i], self->rows, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

static sr_result print_rooms(const server_config *config, const char *catalog_path, unsigned rows,
                             sr_err *err)
{
    CATALOG(opened);
    ENGINE_POOL(pool);
    rooms list SR_CLEANUP(rooms_clear) = {NULL, 0};
    engine_pool_config engines = {
        .folder = config->data_folder,
        .memory_limit = config->memory_limit,
        .threads = (unsigned)config->threads,
    };
    if (catalog_open(&opened, catalog_path, err) != SR_OK ||
        engine_pool_new(&pool, &engines, opened, err) != SR_OK ||
        catalog_collaboration_all(&list.items, &list.count, opened, err) != SR_OK)
        return SR_FAIL;
    printing self = {.catalog = opened, .pool = pool, .rows = rows};
    for (size_t i = 0; i < list.count; i++)
        if (print_room(&self, &list.items[i], err) != SR_OK)
            return SR_FAIL;
    if (self.tables_seen == 0)
        (void)puts("no table is stored yet");
    return SR_OK;
}

sr_result stored_print(const server_config *config, unsigned rows, sr_err *err)
{
    SR_FD(lock);
    SR_TEXT(path);
    path = serve_catalog_path(config->data_folder);
    if (!sr_file_exists(path))
    {
        (void)puts("nothing is stored yet");
        return SR_OK;
    }
    if (lock_take(&lock, config->data_folder, err) != SR_OK)
        return SR_FAIL;
    return print_rooms(config, path, rows, err);
}
