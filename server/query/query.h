/*
 * query.h: one question to the clean room, from its text to the rows that may leave.
 *
 *     parse → resolve → check → plan → execute → protect → deliver          (stages.h)
 *
 * `query_run` is the map. What it promises:
 *
 *   - The text is judged before any row is read, and the judgement is written down (query_record)
 *     before any row is read. If it cannot be written down the query fails.
 *   - A refusal, a syntax error included, is SR_E_REFUSED with details: a stable reason word, the rule
 *     field, table, column or construct, and the place "line:column" in the text. It depends on the
 *     text, the rules and the headers alone, never on a row. A column outside the allow-list and a column
 *     that does not exist are refused in the same words.
 *   - The engine sees SQL that we generated, never the user's; literals are bound parameters.
 *   - Groups under a minimum of any owner are gone before HAVING and ORDER BY run, and nobody can
 *     tell them from groups that never were.
 *   - Errors while it runs carry no data and do not depend on data.
 *
 * Threads: any number of queries at once; one query_run stays on its caller's thread, plus one watcher.
 * Ownership: everything in a request is borrowed until query_run returns.
 */
#ifndef SEALROOM_SERVER_QUERY_H
#define SEALROOM_SERVER_QUERY_H

#include "base/bytes.h"
#include "base/err.h"
#include "model/principal.h"
#include "model/room.h"

#include "../engine/engine.h"

/* Where the configured tables of the collaboration are found. */
typedef struct
{
    void *context;
    /* The current visible version of a table, with its rule, and the number under which the engine keeps
     * it. SR_E_NOT_FOUND when the collaboration has no such table. */
    sr_result (*find_table)(void *context, const char *name, room_table *out,
                            uint64_t *engine_table, sr_err *err);
} query_catalog;

/* The audit record, in the order in which it is written. A failing call ends the query. */
typedef struct
{
    void *context;
    /* SUBMITTED: before the text is looked at. */
    sr_result (*submitted)(void *context, sr_err *err);
    /* The decision, before data is touched. `refusal` NULL: accepted, the query is STARTED; otherwise
     * refused, and the query is over. `tables`: as far as they were resolved. */
    sr_result (*decided)(void *context, const room_table_version *tables, size_t count,
                         const sr_err *refusal, sr_err *err);
    /* The end of a query that was not refused. `why` NULL: success. Also called, without `decided`,
     * when the query failed before a decision for another reason than a refusal. */
    sr_result (*finished)(void *context, const sr_err *why, sr_err *err);
} query_record;

/* A column of the answer. */
typedef struct
{
    const char *label; /* as the analyst named it, or our name for it */
    column_type type;  /* cleartext, or the type of the column that it shows; never fingerprint */
    data_type data;    /* of the plaintext */
    const char *source_header; /* "" for aggregates, constants and functions */
} query_column;

enum
{
    QUERY_BATCH_ROWS = 2048,
    QUERY_BATCH_BYTES = 256 * 1024, /* a batch is passed on when it is this large */
    QUERY_TEXT_MOST = 64 * 1024,
    QUERY_LABEL_SIZE = 64, /* PostgreSQL's names, with the NUL */
};

/* Released rows: cell (row, column) is at [row * column_count + column]. */
typedef struct
{
    const engine_cell *cells;
    size_t rows;
    size_t column_count;
} query_batch;

/* Who takes the answer. Not called at all for a runner who may not receive results. A failure of the
 * sink ends the query with the sink's error. */
typedef struct
{
    void *context;
    sr_result (*schema)(void *context, const query_column *columns, size_t count, sr_err *err);
    sr_result (*rows)(void *context, const query_batch *batch, sr_err *err);
} query_sink;

/* The program that parses (sealroom-sql) and how long it may take. */
typedef struct
{
    const char *program; /* NULL: sealroom-sql beside the running program */
    unsigned limit_ms;   /* 0: QUERY_PARSE_MS */
} query_parser;

enum
{
    QUERY_PARSE_MS = 1000,
};

/* A table as the query was judged by it: what the catalog gave. Borrowed. */
typedef struct
{
    uint64_t number;
    const room_table *room;
} query_known_table;

/* Answers that were given before. `has` is asked when the decision is on record, with the tables as they were
 * judged; true: the caller has the answer to this text over these versions under these rules. Then nothing is
 * computed and the sink is not called; the rules are read again all the same. */
typedef struct
{
    void *context;
    bool (*has)(void *context, const query_known_table *tables, size_t count); /* NULL: none */
} query_memory;

typedef struct
{
    principal runner;
    unsigned abilities;                      /* of the runner's member here: ability bits */
    const room_collaboration *collaboration; /* for its flags */
    const char *sql;
    query_catalog catalog;
    query_record record;
    engine *engine;
    query_parser parser;
    query_memory memory;
    bool is_total; /* one aggregate of everything: no groups, no HAVING; anything else is refused */
    /* Polled about every 20 ms from a thread of its own, and now and then from the caller's; NULL: never
     * cancelled. */
    bool (*cancelled)(void *context);
    void *cancelled_context;
    int64_t deadline_us; /* on sr_monotonic_us; 0: none */
} query_request;

/* What became of it; also filled, as far as known, when query_run fails. */
typedef struct
{
    room_table_version *tables; /* those that the query touches, owned */
    size_t table_count;
    bool results_withheld; /* the runner may not receive results */
    char *notice;  /* the thresholds in force, in constant words; owned, NULL before a decision */
    char *warning; /* what is counted several times (stages.h); owned, NULL: nothing */
} query_outcome;

void query_outcome_clear(query_outcome *outcome);
#define QUERY_OUTCOME(name) query_outcome name SR_CLEANUP(query_outcome_clear) = {0}

/* SR_E_ROLE: the member may not query. SR_E_REFUSED: above. SR_E_CANCELLED, SR_E_TIMEOUT: stopped.
 * Anything else is a fault of the server, the catalog, the record or the sink. */
sr_result query_run(query_outcome *out, const query_request *request, const query_sink *sink,
                    sr_err *err) SR_MUST_USE;

#endif
