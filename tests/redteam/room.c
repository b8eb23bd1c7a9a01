#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum
{
    FILE_MOST = 1024 * 1024,
    TABLES_MOST = 8,
    COLUMNS_MOST = 32,
    MEMORY = 256 * 1024 * 1024,
};

typedef struct
{
    const char *name;
    const char *owner;
    room_column columns[COLUMNS_MOST];
    size_t column_count;
    char *rule_json;
    uint64_t rows;
} test_table;

struct test_room
{
    char folder[64];
    engine *engine;
    room_collaboration collaboration;
    test_table tables[TABLES_MOST];
    size_t table_count;
    void (*hook)(test_room *room, unsigned number);
    unsigned look_ups;
    const test_answer *answer; /* of the query that runs */
    bool hides_repeats;
};

/* ---- reading a setup ------------------------------------------------------------------------- */

static bool holds(const sr_json *list, const char *name)
{
    for (size_t i = 0; i < sr_json_size(list); i++)
        if (strcmp(sr_json_text(sr_json_item(list, i)), name) == 0)
            return true;
    return false;
}

static sr_result read_column(room_column *out, const sr_json *table, const char *name, sr_err *err)
{
    const char *data = sr_json_text(sr_json_member(sr_json_member(table, "types"), name));
    const sr_json *type = sr_json_member(sr_json_member(table, "columnTypes"), name);
    out->allowed = holds(sr_json_member(table, "allowedColumns"), name);
    out->type = strcmp(name, "user_id_hash") == 0 ? COLUMN_FINGERPRINT : COLUMN_CLEARTEXT;
    if (!sr_text_put(out->name, sizeof out->name, name))
        return sr_fail(err, SR_E_INVALID, "column name too long");
    if (type != NULL && column_type_parse(&out->type, sr_json_text(type), err) != SR_OK)
        return SR_FAIL;
    return data_type_parse(&out->data, data, err);
}

/* A token that is as good as a real one for joins: the text itself, spread over 16 bytes. */
static void fake_token(uint8_t *out, sr_slice text)
{
    for (uint64_t lane = 0; lane < 2; lane++)
    {
        uint64_t hash = 0xcbf29ce484222325u + lane * 0x9e3779b97f4a7c15u;
        for (size_t i = 0; i < text.len; i++)
            hash = (hash ^ text.data[i]) * 0x100000001b3u;
        for (unsigned i = 0; i < 8; i++)
            out[lane * 8 + i] = (uint8_t)(hash >> (8 * i));
    }
}

/* ---- loading rows ---------------------------------------------------------------------------- */

static size_t split(sr_slice *out, sr_slice line)
{
    size_t count = 0;
    size_t first = 0;
    for (size_t i = 0; i <= line.len && count < COLUMNS_MOST; i++)
        if (i == line.len || line.data[i] == ',')
        {
            out[count++] = sr_slice_sub(line, first, i - first);
            first = i + 1;
        }
    return count;
}

static sr_slice next_line(sr_slice *rest)
{
    size_t len = 0;
    while (len < rest->len && rest->data[len] != '\n')
        len++;
    sr_slice line = sr_slice_sub(*rest, 0, len);
    size_t skip = len < rest->len ? len + 1 : len;
    *rest = sr_slice_sub(*rest, skip, rest->len - skip);
    return line;
}

static sr_result append_row(engine_stage *stage, const test_table *table, sr_slice line,
                            sr_err *err)
{
    sr_slice cells[COLUMNS_MOST];
    bool nulls[COLUMNS_MOST];
    uint8_t tokens[COLUMNS_MOST][16];
    engine_cells columns[COLUMNS_MOST];
    if (split(cells, line) != table->column_count)
        return sr_fail(err, SR_E_FORMAT, "a row of table %s has the wrong width", table->name);
    for (size_t i = 0; i < table->column_count; i++)
    {
        nulls[i] = cells[i].len == 0;
        if (column_type_of(table->columns[i].type)->storage == STORED_AS_TOKEN && !nulls[i])
        {
            fake_token(tokens[i], cells[i]);
            cells[i] = sr_slice_of(tokens[i], sizeof tokens[i]);
        }
        columns[i] = (engine_cells){&cells[i], &nulls[i]};
    }
    return engine_stage_append(stage, columns, 1, err);
}

static sr_result load_rows(test_room *room, test_table *table, sr_slice rest, sr_err *err)
{
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = NULL;
    engine_column columns[COLUMNS_MOST];
    engine_table number = {.table = (uint64_t)(table - room->tables) + 1, .version = 1};
    for (size_t i = 0; i < table->column_count; i++)
        columns[i] = (engine_column){column_type_of(table->columns[i].type)->storage,
                                     table->columns[i].data};
    if (engine_stage_new(&stage, room->engine, number, columns, table->column_count, err) != SR_OK)
        return SR_FAIL;
    while (rest.len > 0)
        if (append_row(stage, table, next_line(&rest), err) != SR_OK)
            return SR_FAIL;
    return engine_stage_commit(stage, &table->rows, err);
}

static sr_result find_repeats(test_room *room, test_table *table, sr_err *err)
{
    engine_table stored = {(uint64_t)(table - room->tables) + 1, 1};
    for (size_t i = 0; i < table->column_count; i++)
    {
        bool repeats = false;
        if (engine_column_repeats(room->engine, &repeats, stored, i, err) != SR_OK)
            return SR_FAIL;
        table->columns[i].repeats = repeats ? ROOM_REPEATS_SOME : ROOM_REPEATS_NEVER;
    }
    return SR_OK;
}

static sr_result load_table(test_room *room, test_table *table, const sr_json *json,
                            const char *folder, sr_err *err)
{
    SR_BUF(bytes, FILE_MOST);
    SR_BUF(rule, FILE_MOST);
    SR_TEXT(path);
    sr_slice headers[COLUMNS_MOST];
    path = sr_path_join(folder, sr_json_text(sr_json_member(json, "file")));
    if (sr_file_read(&bytes, path, err) != SR_OK ||
        sr_json_write(sr_json_member(json, "analysisRule"), false, &rule, err) != SR_OK ||
        sr_buf_take_text(&table->rule_json, &rule, err) != SR_OK)
        return SR_FAIL;
    sr_slice rest = sr_buf_view(&bytes);
    table->name = sr_json_text(sr_json_member(json, "name"));
    table->owner = sr_json_text(sr_json_member(json, "owner"));
    table->column_count = split(headers, next_line(&rest));
    for (size_t i = 0; i < table->column_count; i++)
    {
        SR_TEXT(name);
        if (sr_slice_to_text(&name, headers[i], err) != SR_OK ||
            read_column(&table->columns[i], json, name, err) != SR_OK)
            return SR_FAIL;
    }
    return load_rows(room, table, rest, err) == SR_OK ? find_repeats(room, table, err) : SR_FAIL;
}

static sr_result open_engine(test_room *room, sr_err *err)
{
    SR_TEXT(file);
    SR_TEXT(temp);
    if (!sr_text_put(room->folder, sizeof room->folder, "/tmp/sealroom-query-XXXXXX") ||
        mkdtemp(room->folder) == NULL)
        return sr_fail(err, SR_E_IO, "no temporary folder");
    file = sr_path_join(room->folder, "engine.duckdb");
    temp = sr_path_join(room->folder, "temp");
    const engine_config config = {
        .file = file, .temp_folder = temp, .memory_limit = MEMORY, .threads = 2};
    return sr_folder_make(temp, 0700, err) == SR_OK ? engine_open(&room->engine, &config, err)
                                                    : SR_FAIL;
}

sr_result test_room_new(test_room **out, const sr_json *setup, const char *folder, sr_err *err)
{
    const sr_json *tables = sr_json_member(setup, "tables");
    *out = NULL;
    test_room *room = sr_alloc(sizeof *room);
    sr_result result = open_engine(room, err);
    for (size_t i = 0; result == SR_OK && i < sr_json_size(tables) && i < TABLES_MOST; i++)
    {
        room->table_count++;
        result = load_table(room, &room->tables[i], sr_json_item(tables, i), folder, err);
    }
    if (result == SR_OK)
        *out = room;
    else
        test_room_free(room);
    return result;
}

void test_room_free(test_room *room)
{
    sr_err err = SR_ERR_INIT;
    if (room == NULL)
        return;
    engine_free(room->engine);
    for (size_t i = 0; i < room->table_count; i++)
        sr_free(room->tables[i].rule_json);
    if (room->folder[0] != '\0' && sr_folder_remove(room->folder, &err) != SR_OK)
        fprintf(stderr, "%s\n", err.text);
    sr_free(room);
}

/* ---- what a query asks ----------------------------------------------------------------------- */

static test_table *find(test_room *room, const char *name)
{
    for (size_t i = 0; i < room->table_count; i++)
        if (strcmp(room->tables[i].name, name) == 0)
            return &room->tables[i];
    return NULL;
}

static sr_result find_table(void *context, const char *name, room_table *out, uint64_t *number,
                            sr_err *err)
{
    test_room *room = context;
    if (room->hook != NULL)
        room->hook(room, ++room->look_ups);
    const test_table *table = find(room, name);
    *out = (room_table){.version = 1};
    *number = 0;
    if (table == NULL)
        return sr_fail(err, SR_E_NOT_FOUND, "no such table");
    *number = (uint64_t)(table - room->tables) + 1;
    bool fits = sr_text_put(out->name, sizeof out->name, table->name) &&
                sr_text_put(out->owner, sizeof out->owner, table->owner);
    out->columns = sr_array(table->column_count, sizeof *out->columns);
    out->column_count = table->column_count;
    for (size_t i = 0; i < table->column_count; i++)
    {
        out->columns[i] = table->columns[i];
        if (room->hides_repeats)
            out->columns[i].repeats = ROOM_REPEATS_UNKNOWN;
    }
    out->rule_json = sr_text_copy(table->rule_json);
    return fits ? SR_OK : sr_fail(err, SR_E_INTERNAL, "a name is too long");
}

static sr_result on_submitted(void *context, sr_err *err)
{
    test_answer *answer = context;
    (void)err;
    answer->submitted = true;
    return SR_OK;
}

static sr_result on_decided(void *context, const room_table_version *tables, size_t count,
                            const sr_err *refusal, sr_err *err)
{
    test_answer *answer = context;
    (void)tables;
    (void)count;
    (void)err;
    answer->decided = answer->submitted;
    answer->refused = refusal != NULL;
    return SR_OK;
}

static sr_result on_finished(void *context, const sr_err *why, sr_err *err)
{
    test_answer *answer = context;
    (void)why;
    (void)err;
    answer->finished = true;
    return SR_OK;
}

static sr_result on_schema(void *context, const query_column *columns, size_t count, sr_err *err)
{
    test_answer *answer = context;
    (void)err;
    answer->data_before_decision = !answer->decided || answer->refused;
    answer->columns = sr_array(count, sizeof *answer->columns);
    answer->column_count = count;
    for (size_t i = 0; i < count; i++)
    {
        answer->columns[i] = columns[i];
        answer->columns[i].label = sr_text_copy(columns[i].label);
        answer->columns[i].source_header = sr_text_copy(columns[i].source_header);
    }
    return SR_OK;
}

static sr_result on_rows(void *context, const query_batch *batch, sr_err *err)
{
    test_answer *answer = context;
    size_t old = answer->row_count * answer->column_count;
    size_t more = batch->rows * batch->column_count;
    answer->cells = sr_array_grow(answer->cells, old, old + more, sizeof *answer->cells);
    answer->row_count += batch->rows;
    for (size_t i = 0; i < more; i++)
        if (!batch->cells[i].is_null &&
            sr_slice_to_text(&answer->cells[old + i], batch->cells[i].bytes, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

void test_answer_clear(test_answer *answer)
{
    for (size_t i = 0; i < answer->column_count; i++)
    {
        sr_free((void *)(uintptr_t)answer->columns[i].label);
        sr_free((void *)(uintptr_t)answer->columns[i].source_header);
    }
    for (size_t i = 0; i < answer->row_count * answer->column_count; i++)
        sr_free(answer->cells[i]);
    sr_free(answer->columns);
    sr_free(answer->cells);
    query_outcome_clear(&answer->outcome);
    *answer = (test_answer){.err = SR_ERR_INIT};
}

query_request test_room_request(test_room *room, const char *member, unsigned abilities,
                                const char *sql)
{
    query_request request = {
        .runner = {.role = ROLE_ANALYST},
        .abilities = abilities,
        .collaboration = &room->collaboration,
        .sql = sql,
        .catalog = {room, find_table},
        .record = {NULL, on_submitted, on_decided, on_finished},
        .engine = room->engine,
        .parser = {.program = SEALROOM_BINARY_DIR "/bin/sealroom-sql", .limit_ms = 5000}};
    if (!sr_text_put(request.runner.member, sizeof request.runner.member, member))
        abort();
    return request;
}

sr_result test_room_ask(test_answer *out, test_room *room, const char *member, unsigned abilities,
                        const char *sql)
{
    const query_sink sink = {out, on_schema, on_rows};
    test_answer_clear(out);
    query_request request = test_room_request(room, member, abilities, sql);
    request.record.context = out;
    room->look_ups = 0;
    return query_run(&out->outcome, &request, &sink, &out->err);
}

void test_room_set_rule(test_room *room, const char *table, const char *rule_json)
{
    test_table *found = find(room, table);
    if (found == NULL)
        abort();
    sr_free(found->rule_json);
    found->rule_json = sr_text_copy(rule_json);
}

collaboration_flags *test_room_flags(test_room *room)
{
    return &room->collaboration.flags;
}

void test_room_on_find(test_room *room, void (*hook)(test_room *room, unsigned number))
{
    room->hook = hook;
}

void test_room_hide_repeats(test_room *room, bool hidden)
{
    room->hides_repeats = hidden;
}
