/* ask.c: the same join and group over tokens (what fingerprints are stored as) and over 64-bit whole
 * numbers, in the server's engine, without hidden counts and as the plan stage of a query asks it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask_plan.h"
#include "base/text.h"
#include "baselines.h"
#include "server/engine/engine.h"

enum
{
    MEASURES = ASK_MEASURES,
    COLUMNS = 2 + MEASURES, /* key, group, measures */
    BATCH = 8192,
    CELL_MOST = 24,
    SQL_MOST = 2048,
    GROUPS = 40,
    RUNS = 15, /* of each way */
};

typedef enum
{
    KEY_TOKEN = 1,
    KEY_NUMBER,
} key_kind;

typedef enum
{
    WAY_NUMBER,  /* whole numbers, no hidden counts */
    WAY_TOKEN,   /* tokens, no hidden counts */
    WAY_HIDDEN,  /* the query's plan, keys known never to repeat */
    WAY_UNKNOWN, /* the query's plan, keys may repeat */
    WAYS,
} way_of_asking;

static const char *const way_names[WAYS] = {"number", "token", "hidden", "unknown"};

typedef struct
{
    char text[COLUMNS][BATCH][CELL_MOST];
    sr_slice cells[COLUMNS][BATCH];
    bool nulls[BATCH];
} ask_batch;

typedef struct
{
    engine *engine;
    ask_batch *batch;
    uint64_t rows;
} ask_room;

static void room_clear(ask_room *room)
{
    engine_free(room->engine);
    sr_free(room->batch);
}

/* SplitMix64: keys and measures that nothing orders. */
static uint64_t mix(uint64_t value)
{
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

static void set_cell(ask_batch *batch, size_t column, size_t row, const char *prefix,
                     uint64_t value)
{
    char *text = batch->text[column][row];
    int len = snprintf(text, CELL_MOST, "%s%" PRIu64, prefix, value);
    batch->cells[column][row] = (sr_slice){.data = (const uint8_t *)text, .len = (size_t)len};
}

static void set_key(ask_batch *batch, size_t row, key_kind kind, uint64_t person)
{
    if (kind == KEY_NUMBER)
    {
        set_cell(batch, 0, row, "", mix(person) >> 1);
        return;
    }
    uint64_t halves[2] = {mix(person), mix(~person)};
    sr_copy(batch->text[0][row], halves, sizeof halves);
    batch->cells[0][row] =
        (sr_slice){.data = (const uint8_t *)batch->text[0][row], .len = sizeof halves};
}

static void fill(ask_room *room, size_t count, key_kind kind, uint64_t first)
{
    for (size_t i = 0; i < count; i++)
    {
        set_key(room->batch, i, kind, first + i);
        set_cell(room->batch, 1, i, "group", mix(first + i + 7) % GROUPS);
        for (size_t measure = 0; measure < MEASURES; measure++)
            set_cell(room->batch, 2 + measure, i, "", mix(first + i + measure) % 100000);
    }
}

/* Table t<kind * 10 + side>; the sides share half of their people. */
static sr_result store(ask_room *room, key_kind kind, unsigned side, sr_err *err)
{
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = NULL;
    engine_column columns[COLUMNS];
    engine_cells cells[COLUMNS];
    uint64_t stored = 0;
    for (size_t i = 0; i < COLUMNS; i++)
    {
        columns[i] = (engine_column){.storage = STORED_AS_DATA_TYPE,
                                     .data = {.kind = i == 1 ? DATA_STRING : DATA_BIGINT}};
        cells[i] = (engine_cells){.cells = room->batch->cells[i], .nulls = room->batch->nulls};
    }
    if (kind == KEY_TOKEN)
        columns[0].storage = STORED_AS_TOKEN;
    engine_table table = {.table = kind * 10 + side, .version = 1};
    if (engine_stage_new(&stage, room->engine, table, columns, COLUMNS, err) != SR_OK)
        return SR_FAIL;
    for (uint64_t at = 0; at < room->rows; at += BATCH)
    {
        size_t count = room->rows - at < BATCH ? (size_t)(room->rows - at) : BATCH;
        fill(room, count, kind, at + side * room->rows / 2);
        if (engine_stage_append(stage, cells, count, err) != SR_OK)
            return SR_FAIL;
    }
    return engine_stage_commit(stage, &stored, err);
}

/* The same join and group without hidden counts. */
static sr_result write_plain(char **sql, key_kind kind, size_t aggregates, sr_err *err)
{
    SR_BUF(text, SQL_MOST);
    sr_result result =
        sr_buf_append_text(&text, "CREATE TEMP TABLE grouped AS SELECT s1.c1 AS k0", err);
    for (size_t i = 0; result == SR_OK && i < aggregates; i++)
        result = sr_buf_printf(&text, err, ", sum(s0.c%zu) AS a%zu", i + 2, i);
    if (result != SR_OK ||
        sr_buf_printf(&text, err,
                      " FROM t%u0_v1 AS s0, t%u1_v1 AS s1 WHERE s0.c0 = s1.c0 GROUP BY 1", kind,
                      kind) != SR_OK)
        return SR_FAIL;
    return sr_buf_take_text(sql, &text, err);
}

/* A sum over all cells of the answer: the same for both kinds of key. */
static sr_result check_sum(uint64_t *sum, engine_session *session, size_t aggregates, sr_err *err)
{
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    engine_cell row[1 + 2 * (1 + MEASURES)];
    bool end = false;
    *sum = 0;
    if (engine_select(&result, session, "SELECT * FROM grouped ORDER BY k0", NULL, 0, err) != SR_OK)
        return SR_FAIL;
    while (engine_result_next(result, row, &end, err) == SR_OK)
    {
        if (end)
            return SR_OK;
        for (size_t i = 0; i <= aggregates; i++)
            for (size_t j = 0; j < row[i].bytes.len; j++)
                *sum = mix(*sum ^ row[i].bytes.data[j]);
    }
    return SR_FAIL;
}

static sr_result write_sql(char **sql, way_of_asking way, size_t aggregates, sr_err *err)
{
    switch (way)
    {
    case WAY_NUMBER:
        return write_plain(sql, KEY_NUMBER, aggregates, err);
    case WAY_TOKEN:
        return write_plain(sql, KEY_TOKEN, aggregates, err);
    case WAY_HIDDEN:
        return ask_plan(sql, KEY_TOKEN * 10, aggregates, ROOM_REPEATS_NEVER, err);
    default:
        return ask_plan(sql, KEY_TOKEN * 10, aggregates, ROOM_REPEATS_UNKNOWN, err);
    }
}

static sr_result ask(double *cpu, uint64_t *sum, const ask_room *room, way_of_asking way,
                     size_t aggregates, sr_err *err)
{
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    SR_TEXT(sql);
    if (write_sql(&sql, way, aggregates, err) != SR_OK ||
        engine_session_new(&session, room->engine, err) != SR_OK)
        return SR_FAIL;
    double start = baseline_cpu();
    if (engine_execute(session, sql, NULL, 0, err) != SR_OK)
        return SR_FAIL;
    *cpu = baseline_cpu() - start;
    return check_sum(sum, session, aggregates, err);
}

/* Turns about, so that whatever slows the machine slows all alike. */
static sr_result measure(const ask_room *room, size_t aggregates, sr_err *err)
{
    double cpu[WAYS][RUNS];
    uint64_t sums[WAYS];
    for (size_t run = 0; run < RUNS; run++)
    {
        for (size_t i = 0; i < WAYS; i++)
        {
            size_t turn = (run + i) % WAYS; /* none always follows the same */
            if (ask(&cpu[turn][run], &sums[turn], room, (way_of_asking)turn, aggregates, err) !=
                SR_OK)
                return SR_FAIL;
        }
        for (size_t i = 0; i < WAYS; i++)
            if (sums[i] == 0 || sums[i] != sums[0])
                return sr_fail(err, SR_E_INTERNAL, "the answers differ");
    }
    printf("{");
    for (size_t i = 0; i < WAYS; i++)
        printf("%s\"%s\": %.6f", i == 0 ? "" : ", ", way_names[i], baseline_median(cpu[i], RUNS));
    printf("}\n");
    return SR_OK;
}

/* The plan counts without DISTINCT where keys never repeat: here none does. */
static sr_result check_keys(const ask_room *room, sr_err *err)
{
    for (unsigned side = 0; side < 2; side++)
    {
        engine_table table = {.table = KEY_TOKEN * 10 + side, .version = 1};
        bool repeats = true;
        if (engine_column_repeats(room->engine, &repeats, table, 0, err) != SR_OK)
            return SR_FAIL;
        if (repeats)
            return sr_fail(err, SR_E_INTERNAL, "keys repeat");
    }
    return SR_OK;
}

sr_result baseline_ask(int count, char **words, sr_err *err)
{
    (void)count;
    ask_room room SR_CLEANUP(room_clear) = {.rows = strtoull(words[0], NULL, 10)};
    char folder[] = "/tmp/sealroom-bench-XXXXXX";
    char *rest = words[1];
    if (mkdtemp(folder) == NULL)
        return sr_fail(err, SR_E_IO, "no folder in /tmp");
    char *file SR_CLEANUP(sr_text_clear) = sr_text_printf("%s/data.duckdb", folder);
    char *spill SR_CLEANUP(sr_text_clear) = sr_text_printf("%s/spill", folder);
    engine_config config = {.file = file, .temp_folder = spill, .memory_limit = 2ULL << 30};
    room.batch = sr_alloc(sizeof *room.batch);
    if (engine_open(&room.engine, &config, err) != SR_OK)
        return SR_FAIL;
    for (unsigned side = 0; side < 2; side++)
        if (store(&room, KEY_TOKEN, side, err) != SR_OK ||
            store(&room, KEY_NUMBER, side, err) != SR_OK)
            return SR_FAIL;
    if (check_keys(&room, err) != SR_OK)
        return SR_FAIL;
    for (char *word = strtok_r(rest, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest))
    {
        size_t aggregates = strtoul(word, NULL, 10);
        if (aggregates < 1 || aggregates > MEASURES)
            return sr_fail(err, SR_E_INVALID, "1 to %d aggregates", MEASURES);
        if (measure(&room, aggregates, err) != SR_OK)
            return SR_FAIL;
    }
    engine_clear(&room.engine);
    unlink(file);
    rmdir(spill);
    rmdir(folder);
    return SR_OK;
}
