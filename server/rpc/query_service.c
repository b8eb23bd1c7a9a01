/*
 * QueryService.RunQuery: the audit record around the seven stages of server/query, and their rows on the
 * wire: started → schema → batch … → finished.
 */
#include <limits.h>

#include "base/text.h"
#include "convert.h"
#include "handlers.h"
#include "mentions.h"
#include "model/batch.h"
#include "sealroom/v1/query.pb-c.h"
#include "server/audit/audit.h"
#include "server/query/query.h"
#include "service.h"
#include "wire/wire.h"

typedef struct
{
    rpc_call *call;
    const service_context *service;
    room_collaboration room;
    const char *sql;
    audit_query audit;
} query_call;

static void query_call_clear(query_call *run)
{
    room_collaboration_clear(&run->room);
}

/* ---- the catalog, for resolve ---------------------------------------------------------------- */

static sr_result find_table(void *context, const char *name, room_table *out, uint64_t *number,
                            sr_err *err)
{
    query_call *run = context;
    CATALOG_TABLE(found);
    *out = (room_table){0};
    if (catalog_table_find(&found, run->service->catalog, &run->room.id, name, err) != SR_OK)
        return SR_FAIL;
    *number = found.number;
    *out = found.room;
    found.room = (room_table){0};
    return SR_OK;
}

/* ---- the record ------------------------------------------------------------------------------ */

static sr_result send_started(const query_call *run, sr_err *err)
{
    Sealroom__V1__QueryStarted started = SEALROOM__V1__QUERY_STARTED__INIT;
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    started.query_id = (char *)(uintptr_t)run->audit.query_id;
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_STARTED;
    answer.started = &started;
    return service_send(run->call, &answer, err);
}

static sr_result record_submitted(void *context, sr_err *err)
{
    query_call *run = context;
    return audit_query_begin(&run->audit, run->service->catalog, &run->room.id,
                             service_actor(run->call), run->sql, err);
}

static sr_result record_decided(void *context, const room_table_version *tables, size_t count,
                                const sr_err *refusal, sr_err *err)
{
    query_call *run = context;
    MENTIONED_TABLES(mentioned);
    if (refusal == NULL)
        return audit_query_decided(run->service->catalog, &run->audit, tables, count, NULL, err) ==
                       SR_OK
                   ? send_started(run, err)
                   : SR_FAIL;
    if (mentions_find(&mentioned, run->service->catalog, &run->room.id, run->sql, tables, count,
                      err) != SR_OK)
        return SR_FAIL;
    return audit_query_decided(run->service->catalog, &run->audit, mentioned.items, mentioned.count,
                               refusal, err);
}

static sr_result record_finished(void *context, const sr_err *why, sr_err *err)
{
    query_call *run = context;
    audit_outcome outcome = why == NULL ? AUDIT_SUCCESS : audit_outcome_of(why);
    return audit_query_finished(run->service->catalog, &run->audit, outcome, why, err);
}

/* ---- rows on the wire ------------------------------------------------------------------------ */

static Sealroom__V1__ResultColumn *make_column(const query_column *column)
{
    char data_words[DATA_TYPE_TEXT_SIZE];
    Sealroom__V1__ResultColumn *out = sr_alloc(sizeof *out);
    sealroom__v1__result_column__init(out);
    data_type_print(data_words, column->data);
    out->name = sr_text_copy(column->label);
    out->type = sr_text_copy(column_type_of(column->type)->name);
    out->data_type = sr_text_copy(data_words);
    out->source_header = sr_text_copy(column->source_header);
    return out;
}

static sr_result send_schema(void *context, const query_column *columns, size_t count, sr_err *err)
{
    const query_call *run = context;
    WIRE_MESSAGE(Sealroom__V1__ResultSchema, schema);
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    schema = sr_alloc(sizeof *schema);
    sealroom__v1__result_schema__init(schema);
    schema->columns = sr_array(count, sizeof(void *));
    for (size_t i = 0; i < count; i++)
        schema->columns[schema->n_columns++] = make_column(&columns[i]);
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_SCHEMA;
    answer.schema = schema;
    return service_send(run->call, &answer, err);
}

typedef struct
{
    batch_gatherer *gathered;
    Sealroom__V1__ColumnBatch *columns;
    Sealroom__V1__ColumnBatch **pointers;
    size_t count;
} outgoing;

static void outgoing_clear(outgoing *out)
{
    for (size_t i = 0; i < out->count; i++)
        batch_gatherer_clear(&out->gathered[i]);
    sr_free(out->gathered);
    sr_free(out->columns);
    sr_free(out->pointers);
}

static sr_result gather_column(outgoing *out, size_t index, const query_batch *batch, sr_err *err)
{
    batch_gatherer *gatherer = &out->gathered[index];
    Sealroom__V1__ColumnBatch *message = &out->columns[index];
    batch_gatherer_init(gatherer, 0, (uint32_t)batch->rows, RPC_MESSAGE_MAX);
    out->count++;
    for (size_t row = 0; row < batch->rows; row++)
    {
        engine_cell cell = batch->cells[row * batch->column_count + index];
        if (batch_gatherer_add(gatherer, cell.bytes, cell.is_null, err) != SR_OK)
            return SR_FAIL;
    }
    batch_column view = batch_gatherer_view(gatherer);
    sealroom__v1__column_batch__init(message);
    message->nulls = (ProtobufCBinaryData){view.nulls.len, (uint8_t *)(uintptr_t)view.nulls.data};
    message->n_lengths = view.length_count;
    message->lengths = (uint32_t *)(uintptr_t)view.lengths;
    message->data = (ProtobufCBinaryData){view.data.len, (uint8_t *)(uintptr_t)view.data.data};
    out->pointers[index] = message;
    return SR_OK;
}

static sr_result send_rows(void *context, const query_batch *batch, sr_err *err)
{
    const query_call *run = context;
    size_t columns = batch->column_count;
    outgoing out SR_CLEANUP(outgoing_clear) = {
        .gathered = sr_array(columns, sizeof(batch_gatherer)),
        .columns = sr_array(columns, sizeof(Sealroom__V1__ColumnBatch)),
        .pointers = sr_array(columns, sizeof(void *)),
    };
    for (size_t i = 0; i < columns; i++)
        if (gather_column(&out, i, batch, err) != SR_OK)
            return SR_FAIL;
    Sealroom__V1__ResultBatch message = SEALROOM__V1__RESULT_BATCH__INIT;
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    message.rows = (uint32_t)batch->rows;
    message.n_columns = columns;
    message.columns = out.pointers;
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_BATCH;
    answer.batch = &message;
    return service_send(run->call, &answer, err);
}

static sr_result send_finished(const query_call *run, const query_outcome *outcome, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__QueryFinished, finished);
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    finished = sr_alloc(sizeof *finished);
    sealroom__v1__query_finished__init(finished);
    finished->status = sr_text_copy("SUCCESS");
    finished->notice = sr_text_copy(outcome->notice == NULL ? "" : outcome->notice);
    if (outcome->warning != NULL)
    {
        finished->warnings = sr_array(1, sizeof(char *));
        finished->warnings[finished->n_warnings++] = sr_text_copy(outcome->warning);
    }
    finished->results_withheld = outcome->results_withheld;
    finished->tables = sr_array(outcome->table_count, sizeof(void *));
    for (size_t i = 0; i < outcome->table_count; i++)
        finished->tables[finished->n_tables++] = convert_table_version_message(&outcome->tables[i]);
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_FINISHED;
    answer.finished = finished;
    return service_send(run->call, &answer, err);
}

/* ---- the call -------------------------------------------------------------------------------- */

static bool is_cancelled(void *context)
{
    return rpc_call_cancelled(context);
}

/* The sooner of the caller's deadline and the server's limit. */
static int64_t deadline_of(const query_call *run)
{
    int64_t left_ms = rpc_call_time_left_ms(run->call);
    int64_t limit_ms = run->service->query_ms;
    return sr_monotonic_us() + 1000 * (left_ms < limit_ms ? left_ms : limit_ms);
}

/* A query that cannot even begin is on record too. */
static sr_result fail_on_record(query_call *run, sr_err *err)
{
    sr_err unrecorded = SR_ERR_INIT;
    if (record_submitted(run, &unrecorded) != SR_OK ||
        record_finished(run, err, &unrecorded) != SR_OK)
        *err = unrecorded;
    return SR_FAIL;
}

static sr_result run_query(query_call *run, query_outcome *outcome, sr_err *err)
{
    const catalog_actor *actor = service_actor(run->call);
    const room_member *member = room_member_find(&run->room, actor->who.member);
    query_request request = {
        .runner = actor->who,
        .abilities = member == NULL ? 0 : member->abilities,
        .collaboration = &run->room,
        .sql = run->sql,
        .catalog = {.context = run, .find_table = find_table},
        .record = {run, record_submitted, record_decided, record_finished},
        .parser = {.program = run->service->sql_parser},
        .cancelled = is_cancelled,
        .cancelled_context = run->call,
        .deadline_us = deadline_of(run),
    };
    query_sink sink = {.context = run, .schema = send_schema, .rows = send_rows};
    /* Before tables are looked up: what is found then is stored until the lease ends. */
    ENGINE_LEASE(lease);
    if (engine_pool_lease(&lease, run->service->engines, &run->room.id, err) != SR_OK)
        return fail_on_record(run, err);
    request.engine = lease.engine;
    return query_run(outcome, &request, &sink, err);
}

sr_result handle_query_run(rpc_call *call, void *context, sr_err *err)
{
    query_call run SR_CLEANUP(query_call_clear) = {.call = call, .service = context};
    WIRE_MESSAGE(Sealroom__V1__RunQueryRequest, request);
    QUERY_OUTCOME(outcome);
    if (service_receive(&request, call, &sealroom__v1__run_query_request__descriptor, err) !=
            SR_OK ||
        service_enter(&run.room, run.service, call, request->collaboration, 0, err) != SR_OK)
        return SR_FAIL;
    /* Whether the member may query at all is asked by query_run, so that an attempt is on record. */
    run.sql = request->sql;
    if (run_query(&run, &outcome, err) != SR_OK)
        return SR_FAIL;
    return send_finished(&run, &outcome, err);
}
